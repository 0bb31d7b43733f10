//===----------------------------------------------------------------------===//
// Models for a GPU on a driver that is none: copies, launches, failures.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FakeModel.h"

#include <cstdlib>
#include <dlfcn.h>

namespace {

constexpr char driverPath[] = NNC_TEST_FOLDER "/NNCFakeDriver.so";

alignas(NNCRT_ALIGNMENT) const float weights[] = {1};

/// y = 2 x + w, with the slot in between: t = 2 x + w, then y = 2 t + u where u
/// is twice what the host reads of t.
int32_t runModel(nnc_context *c) {
  auto toInt = [](const void *p) { return reinterpret_cast<int64_t>(p); };
  const void *x = nncrt_input(c, 0);
  int64_t count = nncrt_input_dim(c, 0, 0);
  void *y = nncrt_output(c, 0, &count);
  if (!y)
    return nncrt_status(c);
  void *slot = nncrt_arena(c);
  int64_t first[] = {toInt(x), toInt(slot), toInt(nncrt_weights(c))};
  nncrt_parallel(c, 0, first, &count);
  auto *read =
      static_cast<const float *>(nncrt_to_host(c, slot, sizeof(float)));
  if (!read)
    return nncrt_status(c);
  float twice = 2 * *read;
  void *number = nncrt_to_device(c, &twice, sizeof twice);
  if (!number)
    return nncrt_status(c);
  int64_t second[] = {toInt(slot), toInt(y), toInt(number)};
  nncrt_parallel(c, 1, second, &count);
  return NNC_OK;
}

const int64_t any[] = {-1};
const nnc_value_info in[] = {
    {"x", NNC_TENSOR, NNC_FLOAT32, 1, 0, any, nullptr}};
const nnc_value_info out[] = {
    {"y", NNC_TENSOR, NNC_FLOAT32, 1, 0, any, nullptr}};
const nncrt_entry entries[] = {
    {{"main", 1, in, 1, out}, runModel, 4096, 0, nullptr, 0, 0}};
const nncrt_kernel kernels[] = {
    {"first", "A", nullptr, -1, -1, -1.0, NNCRT_BOUND_UNKNOWN, 1},
    {"second", "B", nullptr, -1, -1, -1.0, NNCRT_BOUND_UNKNOWN, 1}};
const nncrt_device_phase phases[] = {{"scale", 3, NNCRT_PHASE_SCRATCH, 0, 0},
                                     {"scale", 3, 0, 64, 1 << 16}};
const nncrt_image images[] = {{"other", 6}, {"good", 5}};
const nncrt_device device = {80, 0, images, phases, 2, 2};

nncrt_model makeTables(const nncrt_device *own = &device) {
  nncrt_model model = fake::tables();
  model.target = "triple cuda:sm_80";
  model.weights = reinterpret_cast<const uint8_t *>(weights);
  model.weights_bytes = sizeof weights;
  model.num_entries = 1;
  model.num_kernels = 2;
  model.entries = entries;
  model.kernels = kernels;
  model.device = own;
  return model;
}

class Device : public testing::Test {
protected:
  void SetUp() override {
    setenv("NNC_CUDA_DRIVER", driverPath, 1);
    unsetenv("NNC_FAKE_FAIL");
    unsetenv("NNC_FAKE_CAPABILITY");
  }
  void TearDown() override { SetUp(); }

  /// A number that the driver counts.
  int count(const char *name) {
    void *library = dlopen(driverPath, RTLD_NOW | RTLD_NODELETE);
    auto *function = reinterpret_cast<int (*)()>(dlsym(library, name));
    int result = function();
    dlclose(library);
    return result;
  }
  /// Blocks of memory that the driver has given out.
  int blocks() { return count("fakeBlocks"); }

  /// What making a context says.
  nnc_status create(const nncrt_model &model, std::string &message) {
    nnc_context *context = nullptr;
    nnc_error error = {};
    nnc_status status = nncrt_context_create(&model, nullptr, &context, &error);
    EXPECT_EQ(error.status, status);
    message = error.message;
    nnc_context_destroy(context);
    return status;
  }

  nnc_status run(nnc_context *context, std::vector<float> &x,
                 std::vector<float> &y, std::string &message) {
    nnc_value input = {}, output = {};
    input.kind = NNC_TENSOR;
    input.type = NNC_FLOAT32;
    input.rank = 1;
    input.dims[0] = int64_t(x.size());
    input.data = x.data();
    input.bytes = x.size() * sizeof(float);
    output.data = y.data();
    output.bytes = y.size() * sizeof(float);
    nnc_error error = {};
    nnc_status status =
        nnc_context_run(context, 0, &input, 1, &output, 1, &error);
    message = error.message;
    return status;
  }
};

TEST_F(Device, RunsAndFreesAll) {
  nncrt_model model = makeTables();
  std::string message;
  int before = blocks();
  {
    fake::Context a(nnc::Context::options(1), model),
        b(nnc::Context::options(1), model);
    for (size_t count : {3, 100, 7}) {
      std::vector<float> x(count), y(count);
      for (size_t i = 0; i < count; ++i)
        x[i] = float(i) - 1;
      for (nnc_context *context : {a.get(), b.get()}) {
        ASSERT_EQ(run(context, x, y, message), NNC_OK) << message;
        for (size_t i = 0; i < count; ++i)
          EXPECT_EQ(y[i], 2 * (2 * x[i] + 1) + 2 * (2 * x[0] + 1));
      }
    }
    EXPECT_GE(nnc_context_bytes(a), size_t(4096));
  }
  EXPECT_EQ(blocks(), before);
}

/// Inputs and outputs in the GPU's memory are copied there.
TEST_F(Device, TakesMemoryOfTheDevice) {
  nncrt_model model = makeTables();
  void *library = dlopen(driverPath, RTLD_NOW | RTLD_NODELETE);
  using Pointer = unsigned long long;
  auto get = [&](const char *name) { return dlsym(library, name); };
  auto *allocate =
      reinterpret_cast<int (*)(Pointer *, size_t)>(get("cuMemAlloc_v2"));
  auto *release = reinterpret_cast<int (*)(Pointer)>(get("cuMemFree_v2"));
  auto *toDevice =
      reinterpret_cast<int (*)(Pointer, const void *, size_t, void *)>(
          get("cuMemcpyHtoDAsync_v2"));
  auto *toHost = reinterpret_cast<int (*)(void *, Pointer, size_t, void *)>(
      get("cuMemcpyDtoHAsync_v2"));
  std::vector<float> x = {3, -1, 5}, y(x.size());
  size_t bytes = x.size() * sizeof(float);
  Pointer memory[2];
  for (Pointer &pointer : memory)
    ASSERT_EQ(allocate(&pointer, bytes), 0);
  ASSERT_EQ(toDevice(memory[0], x.data(), bytes, nullptr), 0);
  fake::Context context(nnc::Context::options(1), model);
  for (bool isOutputOnDevice : {false, true}) {
    nnc_value input = {}, output = {};
    input.kind = NNC_TENSOR;
    input.type = NNC_FLOAT32;
    input.rank = 1;
    input.dims[0] = int64_t(x.size());
    input.data = reinterpret_cast<void *>(memory[0]);
    input.bytes = bytes;
    output.data = isOutputOnDevice ? reinterpret_cast<void *>(memory[1])
                                   : static_cast<void *>(y.data());
    output.bytes = bytes;
    nnc_error error = {};
    ASSERT_EQ(nnc_context_run(context.get(), 0, &input, 1, &output, 1, &error),
              NNC_OK)
        << error.message;
    if (isOutputOnDevice) {
      ASSERT_EQ(toHost(y.data(), memory[1], bytes, nullptr), 0);
    }
    for (size_t i = 0; i < x.size(); ++i)
      EXPECT_EQ(y[i], 2 * (2 * x[i] + 1) + 2 * (2 * x[0] + 1));
    std::fill(y.begin(), y.end(), 0.0f);
  }
  for (Pointer pointer : memory)
    release(pointer);
  dlclose(library);
}

TEST_F(Device, NeedsNoWorkspace) {
  nncrt_model model = makeTables();
  size_t bytes = 1;
  EXPECT_EQ(nncrt_workspace_bytes(&model, 0, nullptr, 0, 1, &bytes, nullptr),
            NNC_OK);
  EXPECT_EQ(bytes, 0u);
}

TEST_F(Device, SaysThatThereIsNone) {
  nncrt_model model = makeTables();
  std::string message;
  setenv("NNC_CUDA_DRIVER", "/nonexistent/driver.so", 1);
  EXPECT_EQ(create(model, message), NNC_NO_DEVICE);
  EXPECT_NE(message.find("no driver of an NVIDIA GPU: /nonexistent/driver.so"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("--fallback=cpu"), std::string::npos);
  setenv("NNC_CUDA_DRIVER", NNC_TEST_FOLDER "/NNCTestModelGood.so", 1);
  EXPECT_EQ(create(model, message), NNC_NO_DEVICE);
  EXPECT_NE(message.find("has no function 'cuInit'; install a newer one"),
            std::string::npos)
      << message;
  setenv("NNC_CUDA_DRIVER", driverPath, 1);
  setenv("NNC_FAKE_FAIL", "cuInit", 1);
  EXPECT_EQ(create(model, message), NNC_NO_DEVICE);
  EXPECT_NE(message.find("has no GPU: CUDA_ERROR_NO_DEVICE (as was asked for)"),
            std::string::npos)
      << message;
}

TEST_F(Device, ComparesCapabilities) {
  nncrt_device newer = device;
  newer.capability = 90;
  nncrt_model model = makeTables(&newer);
  std::string message;
  EXPECT_EQ(create(model, message), NNC_NO_DEVICE);
  EXPECT_EQ(message, "the model is for GPUs of compute capability 9.0 or more, "
                     "but this one has 8.0");
  setenv("NNC_FAKE_CAPABILITY", "120", 1);
  EXPECT_EQ(create(model, message), NNC_OK) << message;
  newer.is_exact = 1;
  EXPECT_EQ(create(model, message), NNC_NO_DEVICE);
  EXPECT_EQ(message, "the model is for GPUs of compute capability 9.0 alone, "
                     "but this one has 12.0");
}

TEST_F(Device, TakesAnotherVariantWithoutOne) {
  nncrt_model host = fake::tables(), model = makeTables();
  model.next = &host;
  const nncrt_model *chosen = nullptr;
  EXPECT_EQ(nncrt_select_variant(&model, nullptr, &chosen, nullptr), NNC_OK);
  EXPECT_EQ(chosen, &model);
  setenv("NNC_FAKE_FAIL", "cuInit", 1);
  EXPECT_EQ(nncrt_select_variant(&model, nullptr, &chosen, nullptr), NNC_OK);
  EXPECT_EQ(chosen, &host);
}

TEST_F(Device, RefusesCodeThatItDoesNotHave) {
  nncrt_device other = device;
  other.num_images = 1;
  nncrt_model model = makeTables(&other);
  std::string message;
  EXPECT_EQ(create(model, message), NNC_DEVICE_ERROR);
  EXPECT_NE(message.find("takes none of the model's 1 images"),
            std::string::npos)
      << message;
  nncrt_device_phase unknown[] = {phases[0], {"other", 3, 0, 0, 0}};
  other = device;
  other.phases = unknown;
  EXPECT_EQ(create(model, message), NNC_DEVICE_ERROR);
  EXPECT_NE(message.find("the GPU can't run the kernel 'other'"),
            std::string::npos)
      << message;
  EXPECT_EQ(blocks(), 0);
}

TEST_F(Device, RefusesIncompleteTables) {
  nncrt_device broken = device;
  nncrt_model model = makeTables(&broken);
  std::string message;
  auto expectRefusal = [&] {
    EXPECT_EQ(create(model, message), NNC_INVALID_MODEL);
    EXPECT_EQ(message, "the model's tables for a GPU are not complete");
    broken = device;
  };
  broken.num_phases = 1;
  expectRefusal();
  broken.num_images = 0;
  expectRefusal();
  broken.images = nullptr;
  expectRefusal();
  broken.phases = nullptr;
  expectRefusal();
  nncrt_device_phase many[] = {phases[0], {"scale", 510, 0, 0, 0}};
  broken.phases = many;
  expectRefusal();
}

TEST_F(Device, ReportsFailuresOfRunsAndRecovers) {
  nncrt_model model = makeTables();
  fake::Context context(nnc::Context::options(1), model);
  std::vector<float> x(4, 1.0f), y(4);
  std::string message;
  struct {
    const char *function;
    nnc_status status;
    const char *text;
  } cases[] = {
      {"cuMemAllocAsync", NNC_OUT_OF_MEMORY, "the GPU has no memory for"},
      {"cuMemcpyHtoDAsync_v2", NNC_DEVICE_ERROR, "take data from the host"},
      {"cuLaunchKernel", NNC_DEVICE_ERROR,
       "the GPU can't start the kernel 'scale'"},
      {"cuMemcpyDtoHAsync_v2", NNC_DEVICE_ERROR, "give data to the host"},
      {"cuStreamSynchronize", NNC_DEVICE_ERROR, "finish its work"},
      {"cuCtxPushCurrent_v2", NNC_DEVICE_ERROR, "be used"}};
  for (const auto &one : cases) {
    setenv("NNC_FAKE_FAIL", one.function, 1);
    EXPECT_EQ(run(context, x, y, message), one.status) << one.function;
    EXPECT_NE(message.find(one.text), std::string::npos) << message;
    EXPECT_NE(message.find("CUDA_ERROR_FAKE"), std::string::npos) << message;
  }
  unsetenv("NNC_FAKE_FAIL");
  EXPECT_EQ(run(context, x, y, message), NNC_OK) << message;
  EXPECT_EQ(y[0], 12.0f);
}

TEST_F(Device, ReportsFailuresOfContexts) {
  nncrt_model model = makeTables();
  std::string message;
  for (const char *function :
       {"cuDevicePrimaryCtxRetain", "cuCtxPushCurrent_v2", "cuMemAlloc_v2",
        "cuMemcpyHtoDAsync_v2", "cuStreamSynchronize", "cuStreamCreate"}) {
    setenv("NNC_FAKE_FAIL", function, 1);
    EXPECT_NE(create(model, message), NNC_OK) << function;
    EXPECT_NE(message.find("CUDA_ERROR_FAKE"), std::string::npos) << message;
  }
  unsetenv("NNC_FAKE_FAIL");
  EXPECT_EQ(create(model, message), NNC_OK) << message;
  EXPECT_EQ(blocks(), 0);
}

TEST_F(Device, WorksWithoutMemoryPools) {
  setenv("NNC_FAKE_FAIL", "pools", 1);
  nncrt_model model = makeTables();
  fake::Context context(nnc::Context::options(1), model);
  std::vector<float> x(4, 1.0f), y(4);
  std::string message;
  EXPECT_EQ(run(context, x, y, message), NNC_OK) << message;
  EXPECT_EQ(y[3], 12.0f);
}

/// y = 2 x + w, of eight elements.
int32_t runFixed(nnc_context *c) {
  auto toInt = [](const void *p) { return reinterpret_cast<int64_t>(p); };
  const void *x = nncrt_input(c, 0);
  int64_t units = 8;
  void *y = nncrt_output(c, 0, &units);
  if (!y)
    return nncrt_status(c);
  int64_t args[] = {toInt(x), toInt(y), toInt(nncrt_weights(c))};
  nncrt_parallel(c, 0, args, &units);
  return NNC_OK;
}

const int64_t eight[] = {8};
const nnc_value_info fixedIn[] = {
    {"x", NNC_TENSOR, NNC_FLOAT32, 1, 0, eight, nullptr}};
const nnc_value_info fixedOut[] = {
    {"y", NNC_TENSOR, NNC_FLOAT32, 1, 0, eight, nullptr}};
const nncrt_entry fixedEntries[] = {
    {{"main", 1, fixedIn, 1, fixedOut}, runFixed, 0, 0, nullptr, 0, 0}};

nncrt_model makeFixedTables() {
  nncrt_model model = makeTables();
  model.entries = fixedEntries;
  return model;
}

TEST_F(Device, RepeatsLaunchesOfFixedShapes) {
  nncrt_model model = makeFixedTables();
  fake::Context context(nnc::Context::options(1), model);
  std::string message;
  int before = count("fakeReplays");
  for (int turn = 0; turn < 4; ++turn) {
    // Other memory of the caller's each time.
    std::vector<float> x(8, float(turn)), y(8);
    ASSERT_EQ(run(context, x, y, message), NNC_OK) << message;
    EXPECT_EQ(y, std::vector<float>(8, 2 * float(turn) + 1));
  }
  // The first run finds out that it can.
  EXPECT_EQ(count("fakeReplays") - before, 3);
}

TEST_F(Device, LaunchesOneByOneWhereTheDriverCanNotRepeat) {
  std::string message;
  for (const char *function :
       {"cuStreamBeginCapture_v2", "cuGraphInstantiateWithFlags"}) {
    setenv("NNC_FAKE_FAIL", function, 1);
    nncrt_model model = makeFixedTables();
    fake::Context context(nnc::Context::options(1), model);
    int before = count("fakeReplays");
    for (int turn = 0; turn < 3; ++turn) {
      std::vector<float> x(8, float(turn)), y(8);
      ASSERT_EQ(run(context, x, y, message), NNC_OK) << message;
      EXPECT_EQ(y, std::vector<float>(8, 2 * float(turn) + 1));
    }
    EXPECT_EQ(count("fakeReplays"), before);
  }
}

TEST_F(Device, ReportsFailuresOfRepeatedLaunches) {
  nncrt_model model = makeFixedTables();
  fake::Context context(nnc::Context::options(1), model);
  std::vector<float> x(8), y(8);
  std::string message;
  EXPECT_EQ(run(context, x, y, message), NNC_OK);
  setenv("NNC_FAKE_FAIL", "cuGraphLaunch", 1);
  EXPECT_EQ(run(context, x, y, message), NNC_DEVICE_ERROR);
  EXPECT_NE(message.find("the GPU can't start the kernels: CUDA_ERROR_FAKE"),
            std::string::npos)
      << message;
}

TEST_F(Device, TimesKernels) {
  nncrt_model model = makeTables();
  fake::Context context(nnc::Context::options(1), model);
  std::vector<std::string> names;
  nnc_context_set_profile(
      context,
      [](void *data, const nnc_profile_event *event) {
        static_cast<std::vector<std::string> *>(data)->push_back(event->kernel);
      },
      &names);
  std::vector<float> x(4, 1.0f), y(4);
  std::string message;
  EXPECT_EQ(run(context, x, y, message), NNC_OK) << message;
  EXPECT_EQ(names, (std::vector<std::string>{"first", "second"}));
}

} // namespace
