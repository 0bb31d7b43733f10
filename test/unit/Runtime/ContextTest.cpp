//===----------------------------------------------------------------------===//
// Runs of an entry with fixed shapes: values, checks of inputs and outputs,
// memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AllocationCount.h"
#include "FakeModel.h"

#include <cstring>

namespace {

constexpr size_t count = 16;

struct Fixture : testing::Test {
  std::vector<float> x = fake::ramp(count),
                     y = std::vector<float>(count, -1.0f);
  std::vector<nnc_value> inputs = {nnc::tensor(x.data(), {2, 8})};
  std::vector<nnc_value> outputs = {nnc::tensor(y.data(), {2, 8})};
  fake::Context context;

  nnc_status run() { return context.run(fake::staticEntry, inputs, outputs); }

  void expectFailure(nnc_status status, const char *message) {
    int before = fake::hostRuns();
    EXPECT_EQ(run(), status) << context.message();
    EXPECT_EQ(context.message(), message);
    EXPECT_EQ(context.error.status, status);
    EXPECT_EQ(fake::hostRuns(), before);
    EXPECT_EQ(y, std::vector<float>(count, -1.0f)) << "has been written";
  }

  void expectResult(const void *data) {
    std::vector<float> got(count);
    std::memcpy(got.data(), data, count * sizeof(float));
    for (size_t i = 0; i < count; ++i)
      EXPECT_EQ(got[i], x[i] * 2.0f + 1.0f) << i;
  }
};

using Inputs = Fixture;
using Outputs = Fixture;
using Memory = Fixture;

TEST_F(Inputs, ComputesInPlace) {
  ASSERT_EQ(run(), NNC_OK) << context.message();
  expectResult(y.data());
  EXPECT_EQ(context.message(), "");
  EXPECT_EQ(context.error.status, NNC_OK);
  EXPECT_EQ(outputs[0].data, y.data());
}

TEST_F(Inputs, ANullErrorIsFine) {
  inputs[0].rank = 1;
  EXPECT_EQ(
      nnc_context_run(context, 0, inputs.data(), 1, outputs.data(), 1, nullptr),
      NNC_SHAPE_MISMATCH);
}

TEST_F(Inputs, Count) {
  inputs.push_back(inputs[0]);
  expectFailure(NNC_INVALID_ARGUMENT,
                "entry 'static': expects 1 inputs but got 2");
  inputs.clear();
  expectFailure(NNC_INVALID_ARGUMENT,
                "entry 'static': expects 1 inputs but got 0");
}

TEST_F(Inputs, NullPointers) {
  nnc_error error;
  EXPECT_EQ(nnc_context_run(context, 0, nullptr, 1, outputs.data(), 1, &error),
            NNC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "entry 'static': inputs are a null pointer");
  EXPECT_EQ(nnc_context_run(context, 0, inputs.data(), 1, nullptr, 1, &error),
            NNC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "entry 'static': outputs are a null pointer");
  EXPECT_EQ(
      nnc_context_run(nullptr, 0, inputs.data(), 1, outputs.data(), 1, &error),
      NNC_INVALID_ARGUMENT);
}

TEST_F(Inputs, UnknownEntry) {
  EXPECT_EQ(context.run(5, inputs, outputs), NNC_INVALID_ARGUMENT);
  EXPECT_EQ(context.message(),
            "the model has 5 entry points but number 5 is asked for");
  EXPECT_EQ(context.run(SIZE_MAX, inputs, outputs), NNC_INVALID_ARGUMENT);
}

TEST_F(Inputs, Kind) {
  inputs[0].kind = NNC_ABSENT;
  expectFailure(NNC_INVALID_ARGUMENT,
                "input 'x': expects a tensor value but got kind 0");
}

TEST_F(Inputs, Type) {
  inputs[0].type = NNC_INT32;
  expectFailure(NNC_TYPE_MISMATCH,
                "input 'x': expects element type f32 but got i32");
  inputs[0].type = static_cast<nnc_type>(77);
  expectFailure(NNC_TYPE_MISMATCH,
                "input 'x': expects element type f32 but got unknown");
}

TEST_F(Inputs, Rank) {
  inputs[0].rank = 3;
  expectFailure(NNC_SHAPE_MISMATCH, "input 'x': expects rank 2 but got 3");
  inputs[0].rank = -1;
  expectFailure(NNC_SHAPE_MISMATCH, "input 'x': expects rank 2 but got -1");
  inputs[0].rank = INT32_MAX;
  expectFailure(NNC_SHAPE_MISMATCH,
                "input 'x': expects rank 2 but got 2147483647");
}

TEST_F(Inputs, Dims) {
  inputs[0].dims[1] = 9;
  expectFailure(NNC_SHAPE_MISMATCH,
                "input 'x': expects dims [2,8] but got [2,9]");
}

TEST_F(Inputs, NullData) {
  inputs[0].data = nullptr;
  expectFailure(NNC_INVALID_ARGUMENT,
                "input 'x': expects data of 64 bytes but got a null pointer");
}

TEST_F(Inputs, BytesTooSmall) {
  inputs[0].bytes = 63;
  expectFailure(NNC_INVALID_ARGUMENT,
                "input 'x': its dims need 64 bytes but 'bytes' is 63");
}

TEST_F(Inputs, Unaligned) {
  std::vector<char> bytes(80);
  auto address = reinterpret_cast<uintptr_t>(bytes.data());
  inputs[0].data = bytes.data() + (4 - address % 4) + 1;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  EXPECT_NE(context.message().find("input 'x': expects data aligned to its "
                                   "element of 4 bytes but got the address"),
            std::string::npos);
}

TEST_F(Inputs, ElementAlignmentIsEnough) {
  std::vector<float> shifted(count + 1);
  std::copy(x.begin(), x.end(), shifted.begin() + 1);
  inputs[0].data = shifted.data() + 1;
  ASSERT_EQ(run(), NNC_OK) << context.message();
  expectResult(y.data());
}

TEST_F(Outputs, Count) {
  outputs.push_back(outputs[0]);
  expectFailure(NNC_INVALID_ARGUMENT,
                "entry 'static': expects 1 outputs but got 2");
}

TEST_F(Outputs, TooSmallSetsTheShape) {
  outputs[0] = nnc::tensor(y.data(), NNC_UNDEFINED, {});
  outputs[0].bytes = 63;
  expectFailure(NNC_BUFFER_TOO_SMALL,
                "output 'y': needs 64 bytes but 'bytes' is 63");
  EXPECT_EQ(outputs[0].type, NNC_FLOAT32);
  EXPECT_EQ(outputs[0].rank, 2);
  EXPECT_EQ(outputs[0].dims[0], 2);
  EXPECT_EQ(outputs[0].dims[1], 8);
  EXPECT_EQ(outputs[0].bytes, 63u);
  outputs[0].bytes = 64;
  EXPECT_EQ(run(), NNC_OK);
}

TEST_F(Outputs, Unaligned) {
  outputs[0].data = reinterpret_cast<char *>(y.data()) + 1;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  EXPECT_NE(context.message().find("output 'y': expects data aligned"),
            std::string::npos);
}

TEST_F(Outputs, OverlapWithAnInput) {
  outputs[0].data = x.data();
  expectFailure(NNC_INVALID_ARGUMENT, "output 'y' overlaps input 'x'; give "
                                      "them memory of their own");
  std::vector<float> both = fake::ramp(31);
  inputs[0].data = both.data();
  outputs[0].data = both.data() + 15;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  both = fake::ramp(32);
  inputs[0].data = both.data();
  outputs[0].data = both.data() + 16;
  EXPECT_EQ(run(), NNC_OK) << "neighbours do not overlap";
}

TEST_F(Outputs, OwnedByTheLibrary) {
  outputs[0] = nnc::libraryOwned();
  ASSERT_EQ(run(), NNC_OK) << context.message();
  ASSERT_NE(outputs[0].data, nullptr);
  EXPECT_EQ(outputs[0].bytes, 64u);
  EXPECT_EQ(outputs[0].dims[1], 8);
  expectResult(outputs[0].data);
  EXPECT_EQ(nnc_context_bytes(context), 64u + 128u + 64u);

  void *first = outputs[0].data;
  ASSERT_EQ(run(), NNC_OK) << "passed back unchanged";
  EXPECT_EQ(outputs[0].data, first);
  outputs[0] = nnc_value();
  ASSERT_EQ(run(), NNC_OK) << "zero-initialized";
  EXPECT_EQ(outputs[0].data, first) << "kept warm";
}

TEST_F(Outputs, OwnedByTheLibraryIsNoInputOfTheNextRun) {
  outputs[0] = nnc::libraryOwned();
  ASSERT_EQ(run(), NNC_OK);
  inputs[0].data = outputs[0].data;
  outputs[0] = nnc::libraryOwned();
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  outputs[0] = nnc::tensor(y.data(), {2, 8});
  EXPECT_EQ(run(), NNC_OK) << "it is not written now";
}

TEST_F(Memory, WorkspaceOfTheCaller) {
  size_t bytes = 0;
  nnc_error error;
  ASSERT_EQ(
      nncrt_workspace_bytes(&fake::tables(), 0, nullptr, 0, 1, &bytes, &error),
      NNC_OK);
  EXPECT_EQ(bytes, 64u + 128u + 63u);
  for (size_t shift : {0, 1, 17, 63}) {
    std::vector<char> memory(bytes + shift + 1, 'z');
    nnc_context_options options = nnc::Context::options();
    options.workspace = memory.data() + shift;
    options.workspace_bytes = bytes;
    fake::Context own(options);
    ASSERT_EQ(own.run(0, inputs, outputs), NNC_OK) << own.message();
    expectResult(y.data());
    EXPECT_EQ(memory.back(), 'z');
    EXPECT_EQ(nnc_context_bytes(own), 192u);
    inputs[0].data = memory.data() + (64 - shift) % 64;
    EXPECT_EQ(own.run(0, inputs, outputs), NNC_INVALID_ARGUMENT);
    inputs[0].data = x.data();
  }
}

TEST_F(Memory, WorkspaceTooSmall) {
  alignas(64) char memory[191];
  nnc_context_options options = nnc::Context::options();
  options.workspace = memory;
  options.workspace_bytes = sizeof memory;
  fake::Context own(options);
  EXPECT_EQ(own.run(0, inputs, outputs), NNC_BUFFER_TOO_SMALL);
  EXPECT_EQ(own.message(),
            "the workspace has 191 bytes but this run needs 192 bytes at an "
            "address that is a multiple of 64; see nnc_workspace_bytes");
}

TEST_F(Memory, WarmRunsDoNotAllocate) {
  outputs[0] = nnc::libraryOwned();
  ASSERT_EQ(run(), NNC_OK);
  int64_t before = allocationCount();
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(run(), NNC_OK);
  EXPECT_EQ(allocationCount(), before);
}

#ifndef NNC_TEST_OWN_ALLOCATOR
TEST_F(Memory, ReportsAllocationsThatFail) {
  ASSERT_GT(allocationCount(), 0) << "the wrapper is not in use";
  outputs[0] = nnc::libraryOwned();
  failAllocationsAbove(100);
  nnc_status arena = run();
  std::string arenaMessage = context.message();
  nnc_context *none;
  nnc_status create =
      nncrt_context_create(&fake::tables(), nullptr, &none, nullptr);
  failAllocationsAbove(0);
  EXPECT_EQ(arena, NNC_OUT_OF_MEMORY);
  EXPECT_EQ(arenaMessage, "no memory for an arena of 192 bytes");
  EXPECT_EQ(outputs[0].data, nullptr);
  EXPECT_EQ(create, NNC_OUT_OF_MEMORY);
  EXPECT_EQ(none, nullptr);
  ASSERT_EQ(run(), NNC_OK) << "works again with memory";
  expectResult(outputs[0].data);
}
#endif

struct Pair : testing::Test {
  float x[2] = {3, 4}, out[4] = {};
  std::vector<nnc_value> inputs = {nnc::tensor(x, {2}), nnc_value()};
  std::vector<nnc_value> outputs = {nnc::tensor(out, {2}),
                                    nnc::tensor(out + 2, {2})};
  fake::Context context;
};

TEST_F(Pair, TwoOutputsAndAnAbsentInput) {
  ASSERT_EQ(context.run(fake::pairEntry, inputs, outputs), NNC_OK)
      << context.message();
  EXPECT_EQ(out[1], 4);
  EXPECT_EQ(out[3], -4);
  inputs[1] = inputs[0];
  EXPECT_EQ(context.run(fake::pairEntry, inputs, outputs),
            NNC_INVALID_ARGUMENT);
  EXPECT_EQ(context.message(),
            "input 'bias': expects an absent value but got kind 1");
}

TEST_F(Pair, OutputsMustNotOverlap) {
  outputs[1].data = out + 1;
  EXPECT_EQ(context.run(fake::pairEntry, inputs, outputs),
            NNC_INVALID_ARGUMENT);
  EXPECT_EQ(context.message(),
            "output 'q' overlaps output 'p'; give them memory of their own");
}

TEST_F(Pair, AllShapesAreToldAtOnce) {
  outputs[0] = nnc::tensor(out, {1});
  outputs[1] = nnc::tensor(out + 2, {1});
  EXPECT_EQ(context.run(fake::pairEntry, inputs, outputs),
            NNC_BUFFER_TOO_SMALL);
  EXPECT_EQ(context.message(), "output 'p': needs 8 bytes but 'bytes' is 4");
  EXPECT_EQ(outputs[0].dims[0], 2);
  EXPECT_EQ(outputs[1].dims[0], 2);
}

TEST_F(Pair, AnOwnedOutputIsNotTheOtherOne) {
  outputs = {nnc::libraryOwned(), nnc::libraryOwned()};
  ASSERT_EQ(context.run(fake::pairEntry, inputs, outputs), NNC_OK);
  EXPECT_NE(outputs[0].data, outputs[1].data);
  std::swap(outputs[0], outputs[1]);
  EXPECT_EQ(context.run(fake::pairEntry, inputs, outputs), NNC_OK)
      << "each is memory of its own";
  EXPECT_EQ(static_cast<float *>(outputs[1].data)[0], -3);
  outputs[1] = nnc::libraryOwned();
  outputs[0] = nnc::libraryOwned();
  ASSERT_EQ(context.run(fake::pairEntry, inputs, outputs), NNC_OK);
  outputs[1] = outputs[0];
  outputs[0] = nnc::libraryOwned();
  EXPECT_EQ(context.run(fake::pairEntry, inputs, outputs),
            NNC_INVALID_ARGUMENT);
}

nnc_status createWith(const nnc_context_options &options,
                      std::string &message) {
  nnc_context *context;
  nnc_error error;
  nnc_status status =
      nncrt_context_create(&fake::tables(), &options, &context, &error);
  message = error.message;
  nnc_context_destroy(context);
  return status;
}

TEST(ContextOptions, AreChecked) {
  std::string message;
  nnc_context_options options = {};
  EXPECT_EQ(createWith(options, message), NNC_INVALID_ARGUMENT);
  EXPECT_NE(message.find("expects 'struct_size' to be"), std::string::npos);
  options = nnc::Context::options(-1);
  EXPECT_EQ(createWith(options, message), NNC_INVALID_ARGUMENT);
  EXPECT_EQ(message, "options: expects 0 to 4096 threads but got -1");
  options = nnc::Context::options(4097);
  EXPECT_EQ(createWith(options, message), NNC_INVALID_ARGUMENT);
  options = nnc::Context::options(0);
  EXPECT_EQ(createWith(options, message), NNC_OK);
  options.workspace_bytes = 7;
  EXPECT_EQ(createWith(options, message), NNC_INVALID_ARGUMENT);
}

TEST(ContextOptions, OfALaterVersion) {
  struct {
    nnc_context_options known;
    int64_t later;
  } options = {nnc::Context::options(), 0};
  options.known.struct_size = sizeof options;
  std::string message;
  EXPECT_EQ(createWith(options.known, message), NNC_OK);
  options.later = 1;
  EXPECT_EQ(createWith(options.known, message), NNC_INVALID_ARGUMENT);
  EXPECT_NE(message.find("an option that this version does not know"),
            std::string::npos);
}

} // namespace
