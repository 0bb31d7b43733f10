//===----------------------------------------------------------------------===//
// Code in the memory of this process; the tables, read through the structures
// of the runtime.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/JITModel.h"

#include "TestModule.h"

#include <cmath>
#include <cstring>

using namespace mlir::nnc;
using namespace nnctest;

namespace {

std::unique_ptr<JITModel> load(TestModule &module,
                               const TargetOptions &options = target()) {
  auto model = JITModel::create(*module, options);
  if (model)
    return std::move(*model);
  ADD_FAILURE() << messageOf(model.takeError());
  return nullptr;
}

void expectRuns(const JITModel &jit, int32_t threads) {
  nnc_model *model = nullptr;
  nnc_error error = {};
  ASSERT_EQ(nncrt_model_wrap(jit.tables(), &model, &error), NNC_OK)
      << error.message;
  expectGoodResults(model, threads);
  nnc_model_close(model);
}

TEST(JITModel, RunsAtEveryLevel) {
  TestModule module;
  for (int level = 0; level <= 3; ++level) {
    TargetOptions options = target();
    options.optLevel = level;
    auto model = load(module, options);
    ASSERT_TRUE(model);
    EXPECT_GT(model->codeBytes(), 0u);
    expectRuns(*model, 1);
    expectRuns(*model, 2);
  }
}

TEST(JITModel, TwoAtOnce) {
  TestModule module;
  auto first = load(module), second = load(module);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->tables(), second->tables());
  first.reset();
  expectRuns(*second, 1);
}

TEST(JITModel, RootTable) {
  TestModule module;
  auto model = load(module);
  ASSERT_TRUE(model);
  const nncrt_model &t = *model->tables();
  EXPECT_EQ(t.magic, NNCRT_MAGIC);
  EXPECT_EQ(t.abi_version, uint32_t(NNCRT_ABI_VERSION));
  EXPECT_EQ(std::string(t.compiler_version).find("nnc "), 0u);
  EXPECT_NE(std::string(t.target).find("-linux-gnu host"), std::string::npos);
  std::vector<std::string> features;
  for (const char *const *name = t.cpu_features; *name; ++name)
    features.push_back(*name);
  EXPECT_EQ(features, target().features);
  EXPECT_EQ(t.num_entries, 2);
  EXPECT_EQ(t.num_kernels, 2);
  ASSERT_EQ(t.weights_bytes, 84u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(t.weights) % NNCRT_ALIGNMENT, 0u);
  EXPECT_EQ(t.weights[2], 7);
  EXPECT_EQ(t.weights[3], 0);
  float last;
  std::memcpy(&last, t.weights + 80, sizeof last);
  EXPECT_EQ(last, 5.0f);
  EXPECT_STREQ(
      t.signature_json,
      R"({"version":1,"entries":[{"name":"main","inputs":[)"
      R"({"name":"x","type":"float32","shape":[5]},)"
      R"({"name":"y \"*/","type":"float32","shape":[5]}],)"
      R"("outputs":[{"name":"z","type":"float32","shape":[5]}]},)"
      R"({"name":"exp","inputs":[{"name":"x","type":"float32","shape":["n"]}],)"
      R"("outputs":[{"name":"e","type":"float32","shape":[null]}]}]})");
}

TEST(JITModel, EntryTable) {
  TestModule module;
  auto model = load(module);
  ASSERT_TRUE(model);
  const nncrt_entry &main = model->tables()->entries[0];
  EXPECT_STREQ(main.signature.name, "main");
  ASSERT_EQ(main.signature.num_inputs, 2u);
  EXPECT_STREQ(main.signature.inputs[1].name, "y \"*/");
  EXPECT_EQ(main.signature.inputs[1].kind, NNC_TENSOR);
  EXPECT_EQ(main.signature.inputs[1].type, NNC_FLOAT32);
  EXPECT_EQ(main.signature.inputs[1].rank, 1);
  EXPECT_EQ(main.signature.inputs[1].dims[0], 5);
  EXPECT_EQ(main.signature.inputs[1].dim_names, nullptr);
  EXPECT_EQ(main.arena_bytes, 0);
  EXPECT_EQ(main.scratch_bytes, 64);
  EXPECT_EQ(main.lifetimes, nullptr);
  const nncrt_entry &exp = model->tables()->entries[1];
  EXPECT_STREQ(exp.signature.name, "exp");
  ASSERT_EQ(exp.signature.num_outputs, 1u);
  EXPECT_EQ(exp.signature.inputs[0].dims[0], -1);
  EXPECT_STREQ(exp.signature.inputs[0].dim_names[0], "n");
  EXPECT_EQ(exp.signature.outputs[0].dim_names, nullptr);
  EXPECT_EQ(exp.arena_bytes, 256);
  EXPECT_EQ(exp.num_slots, 2);
  EXPECT_EQ(exp.num_pool_slots, 3);
  EXPECT_EQ(exp.lifetimes[1].first, 1);
  EXPECT_EQ(exp.lifetimes[1].last, 2);
}

TEST(JITModel, KernelTable) {
  TestModule module;
  auto model = load(module);
  ASSERT_TRUE(model);
  const nncrt_kernel *kernels = model->tables()->kernels;
  EXPECT_STREQ(kernels[0].name, "add_0");
  EXPECT_STREQ(kernels[0].nodes, "Add_0\nAdd_1");
  EXPECT_EQ(kernels[0].flops, 10);
  EXPECT_EQ(kernels[0].bytes, 80);
  EXPECT_EQ(kernels[0].predicted_us, 1.5);
  EXPECT_EQ(kernels[0].bound, NNCRT_BOUND_MEMORY);
  EXPECT_STREQ(kernels[1].name, "exp_0");
  EXPECT_EQ(kernels[1].flops, -1);
  EXPECT_EQ(kernels[1].bytes, -1);
  EXPECT_EQ(kernels[1].predicted_us, -1.0);
  EXPECT_EQ(kernels[1].bound, NNCRT_BOUND_UNKNOWN);
}

/// Runs entry 1 of a module on `x`.
std::vector<float> runOn(TestModule &module, const TargetOptions &options,
                         std::vector<float> x) {
  std::vector<float> y(x.size());
  auto model = load(module, options);
  nnc_context *context = nullptr;
  nnc_error error = {};
  if (!model || nncrt_context_create(model->tables(), nullptr, &context,
                                     &error) != NNC_OK) {
    ADD_FAILURE() << error.message;
    return y;
  }
  nnc_value in = {NNC_TENSOR,
                  NNC_FLOAT32,
                  1,
                  0,
                  {int64_t(x.size())},
                  x.data(),
                  x.size() * sizeof(float)};
  nnc_value out = in;
  out.data = y.data();
  EXPECT_EQ(nnc_context_run(context, 1, &in, 1, &out, 1, &error), NNC_OK)
      << error.message;
  nnc_context_destroy(context);
  return y;
}

/// Floats of all magnitudes, with ties of both formats, and special ones.
std::vector<float> manyFloats() {
  std::vector<float> values;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 0x1ff7)
    for (uint32_t low : {0u, 0x1000u, 0x8000u}) {
      uint32_t pattern = (uint32_t(bits) & ~0xffffu) | low;
      float value;
      std::memcpy(&value, &pattern, sizeof value);
      values.push_back(value);
    }
  for (float value : {0.0f, -0.0f, 65504.0f, 65519.9f, 65520.0f, 0x1p-24f,
                      0x1p-25f, 0x1.8p-25f, 0x1p-149f, 3.4e38f})
    values.push_back(value);
  return values;
}

void expectRoundTrip(const std::string &type, const std::string &wide,
                     float (*expected)(float), llvm::StringRef name) {
  bool isDouble = wide == "f64";
  std::string widen = isDouble ? "%d = llvm.fpext %x : f32 to f64\n" : "";
  std::string source = isDouble ? "%d" : "%x";
  TestModule module(moduleTextWith(
      "%e = llvm.call @expf(%x) : (f32) -> f32",
      widen + "%h = llvm.fptrunc " + source + " : " + wide + " to " + type +
          "\n%e = llvm.fpext %h : " + type + " to f32"));
  std::vector<float> x = manyFloats(), y = runOn(module, target(name), x);
  for (size_t i = 0; i < x.size(); ++i) {
    float want = expected(x[i]);
    // Instructions for bfloat take subnormals as zero.
    bool mayFlush = type == "bf16" && std::fabs(x[i]) < 0x1p-126f;
    if (std::isnan(want))
      ASSERT_TRUE(std::isnan(y[i])) << x[i];
    else if (!mayFlush || y[i] != 0.0f)
      ASSERT_EQ(y[i], want) << x[i] << " as " << type << " from " << wide;
  }
}

TEST(JITModel, HalfFloatsWithoutInstructions) {
  auto half = [](float x) { return nncio::halfToFloat(nncio::floatToHalf(x)); };
  auto bfloat = [](float x) {
    return nncio::bfloatToFloat(nncio::floatToBFloat(x));
  };
#if defined(__x86_64__)
  const char *const names[] = {"x86-64", "host"};
#else
  const char *const names[] = {"aarch64"};
#endif
  for (const char *name : names)
    for (const char *wide : {"f32", "f64"}) {
      expectRoundTrip("f16", wide, half, name);
      expectRoundTrip("bf16", wide, bfloat, name);
    }
}

TEST(JITModel, NoWeights) {
  TestModule module(moduleText("[]", 0));
  auto model = load(module);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->tables()->weights, nullptr);
  EXPECT_EQ(model->tables()->weights_bytes, 0u);
}

TEST(JITModel, OtherMachine) {
  TestModule module;
  TargetOptions options = target();
  options.features.push_back("warp-drive");
  EXPECT_NE(messageOf(JITModel::create(*module, options)).find("'warp-drive'"),
            std::string::npos);
}

TEST(JITModel, UndefinedFunction) {
  TestModule module(moduleTextWith("expf", "nope"));
  std::string message = messageOf(JITModel::create(*module, target()));
  EXPECT_EQ(message.find("loading the code failed: "), 0u) << message;
  EXPECT_NE(message.find("nope"), std::string::npos) << message;
}

} // namespace
