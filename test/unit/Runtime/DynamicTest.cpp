//===----------------------------------------------------------------------===//
// Entries whose sizes are known at the run only: placement, outputs of unknown
// size, the query for the workspace.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AllocationCount.h"
#include "FakeModel.h"

namespace {

struct Dynamic {
  int64_t rows, columns;
  std::vector<float> a, b, y;
  std::vector<nnc_value> inputs, outputs;

  Dynamic(int64_t rows, int64_t columns)
      : rows(rows), columns(columns),
        a(fake::ramp(static_cast<size_t>(rows * columns))),
        b(fake::ramp(static_cast<size_t>(rows), 3.0f)), y(a.size(), -1.0f),
        inputs({nnc::tensor(a.data(), {rows, columns}),
                nnc::tensor(b.data(), {rows})}),
        outputs({nnc::tensor(y.data(), {rows, columns})}) {}

  void expectResult() const {
    auto *got = static_cast<const float *>(outputs[0].data);
    for (size_t i = 0; i < a.size(); ++i)
      ASSERT_EQ(got[i], (a[i] + b[i / static_cast<size_t>(columns)]) * 2 + 1)
          << i;
  }

  nnc_status query(size_t &bytes, nnc_error &error, int32_t threads = 1) const {
    return nncrt_workspace_bytes(&fake::tables(), fake::dynamicEntry,
                                 inputs.data(), inputs.size(), threads, &bytes,
                                 &error);
  }
};

TEST(DynamicRun, GrowsAndShrinks) {
  fake::Context context;
  for (auto [rows, columns] : {std::pair(1, 1),
                               {3, 5},
                               {40, 70},
                               {2, 2},
                               {40, 70},
                               {41, 71},
                               {1, 1000}}) {
    SCOPED_TRACE(rows);
    Dynamic d(rows, columns);
    ASSERT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs), NNC_OK)
        << context.message();
    d.expectResult();
    EXPECT_EQ(d.outputs[0].dims[0], rows);
    EXPECT_EQ(d.outputs[0].dims[1], columns);
  }
}

TEST(DynamicRun, EmptyDimensions) {
  fake::Context context;
  Dynamic d(0, 5);
  d.inputs[0].data = nullptr;
  d.inputs[1].data = nullptr;
  d.outputs[0] = nnc::libraryOwned();
  ASSERT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs), NNC_OK)
      << context.message();
  EXPECT_NE(d.outputs[0].data, nullptr);
  EXPECT_EQ(d.outputs[0].bytes, 0u);
  EXPECT_EQ(d.outputs[0].dims[0], 0);
  EXPECT_EQ(d.outputs[0].dims[1], 5);
}

TEST(DynamicRun, WarmRunsDoNotAllocate) {
  fake::Context context;
  Dynamic small(3, 5), large(30, 50);
  small.outputs[0] = large.outputs[0] = nnc::libraryOwned();
  ASSERT_EQ(context.run(fake::dynamicEntry, large.inputs, large.outputs),
            NNC_OK);
  ASSERT_EQ(context.run(fake::dynamicEntry, small.inputs, small.outputs),
            NNC_OK);
  int64_t before = allocationCount();
  for (int i = 0; i < 1000; ++i) {
    Dynamic &d = i % 2 ? small : large;
    ASSERT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs), NNC_OK);
  }
  EXPECT_EQ(allocationCount(), before);
  small.expectResult();
}

TEST(DynamicRun, SymbolicDimsMustAgree) {
  fake::Context context;
  Dynamic d(3, 5);
  d.inputs[1].dims[0] = 2;
  EXPECT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs),
            NNC_SHAPE_MISMATCH);
  EXPECT_EQ(context.message(),
            "dim 'N' must be the same everywhere, but is 3 in input 'a' (axis "
            "0) and 2 in input 'b' (axis 0)");
}

TEST(DynamicRun, HostileDims) {
  fake::Context context;
  Dynamic d(3, 5);
  d.inputs[0].dims[1] = -5;
  EXPECT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs),
            NNC_SHAPE_MISMATCH);
  EXPECT_EQ(context.message(), "input 'a': expects dims [N,?] but got [3,-5]");
  d.inputs[0].dims[1] = INT64_MAX / 2;
  EXPECT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs),
            NNC_SHAPE_MISMATCH);
  EXPECT_EQ(context.message(),
            "input 'a': dims [3,4611686018427387903] have more bytes than can "
            "be counted");
}

TEST(DynamicRun, OutputTooSmallTellsTheShape) {
  fake::Context context;
  Dynamic d(3, 5);
  d.outputs[0].bytes = 59;
  d.outputs[0].dims[0] = 77;
  EXPECT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs),
            NNC_BUFFER_TOO_SMALL);
  EXPECT_EQ(context.message(), "output 'y': needs 60 bytes but 'bytes' is 59");
  EXPECT_EQ(d.outputs[0].dims[0], 3);
  EXPECT_EQ(d.outputs[0].dims[1], 5);
  EXPECT_EQ(d.y, std::vector<float>(15, -1.0f));
}

TEST(DynamicQuery, IsEnoughAndNoMore) {
  for (int32_t threads : {1, 3}) {
    Dynamic d(7, 11);
    nnc_error error;
    size_t bytes = 0;
    d.inputs[0].data = nullptr;
    ASSERT_EQ(d.query(bytes, error, threads), NNC_OK) << error.message;
    // Two slots of 7 * 11 * 4 = 308 bytes, scratch of 100 bytes.
    EXPECT_EQ(bytes, 320u + 320u + static_cast<size_t>(threads) * 128u + 63u);
    d.inputs[0].data = d.a.data();

    nnc_context_options options = nnc::Context::options(threads);
    // An executor, so that the number of CPUs does not matter.
    options.executor = [](void *, int32_t count, void (*task)(void *, int32_t),
                          void *data) {
      for (int32_t i = 0; i < count; ++i)
        task(data, i);
    };
    std::vector<char> memory(bytes);
    options.workspace = memory.data();
    options.workspace_bytes = bytes;
    fake::Context context(options);
    ASSERT_EQ(context.run(fake::dynamicEntry, d.inputs, d.outputs), NNC_OK)
        << context.message();
    d.expectResult();

    options.workspace_bytes = bytes - 64;
    fake::Context tight(options);
    EXPECT_EQ(tight.run(fake::dynamicEntry, d.inputs, d.outputs),
              NNC_BUFFER_TOO_SMALL);
  }
}

TEST(DynamicQuery, ChecksItsArguments) {
  nnc_error error;
  size_t bytes = 1;
  Dynamic d(3, 5);
  d.inputs[1].dims[0] = 4;
  EXPECT_EQ(d.query(bytes, error), NNC_SHAPE_MISMATCH);
  EXPECT_EQ(bytes, 0u);
  d.inputs.clear();
  EXPECT_EQ(d.query(bytes, error), NNC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "entry 'dynamic': the shape of input 'a' is not "
                              "fixed; give the shapes of all inputs");
  auto ask = [&](const nncrt_model *model, size_t entry, int32_t threads,
                 size_t *result) {
    return nncrt_workspace_bytes(model, entry, nullptr, 0, threads, result,
                                 &error);
  };
  EXPECT_EQ(ask(nullptr, 0, 1, &bytes), NNC_INVALID_ARGUMENT);
  EXPECT_EQ(ask(&fake::tables(), 5, 1, &bytes), NNC_INVALID_ARGUMENT);
  EXPECT_EQ(ask(&fake::tables(), 0, -1, &bytes), NNC_INVALID_ARGUMENT);
  EXPECT_EQ(ask(&fake::tables(), 0, 1, nullptr), NNC_INVALID_ARGUMENT);
  EXPECT_EQ(ask(&fake::tables(), 0, 2, &bytes), NNC_OK);
  EXPECT_EQ(bytes, 64u + 2u * 128u + 63u);
  EXPECT_EQ(ask(&fake::tables(), fake::nonzeroEntry, 2, &bytes), NNC_OK);
  EXPECT_EQ(bytes, 0u);
}

TEST(DynamicQuery, OverflowIsNotEnoughMemory) {
  Dynamic d(1, 1);
  nnc_error error;
  size_t bytes;
  d.inputs[0].dims[1] = INT64_MAX / 4 - 8;
  d.inputs[0].data = nullptr;
  EXPECT_NE(d.query(bytes, error), NNC_OK);
  EXPECT_EQ(bytes, 0u);
}

TEST(DynamicQuery, ReadsDataThatShapesDependOn) {
  int64_t times = 50;
  nnc_value value = nnc::tensor(&times, {1});
  nnc_error error;
  size_t bytes = 0;
  auto ask = [&] {
    return nncrt_workspace_bytes(&fake::tables(), fake::repeatEntry, &value, 1,
                                 1, &bytes, &error);
  };
  ASSERT_EQ(ask(), NNC_OK) << error.message;
  EXPECT_EQ(bytes, 256u + 63u);
  value.data = nullptr;
  ASSERT_EQ(ask(), NNC_OK) << "reads zeros";
  EXPECT_EQ(bytes, 0u);
  // All of its dims are fixed, so no inputs are needed either.
  ASSERT_EQ(nncrt_workspace_bytes(&fake::tables(), fake::repeatEntry, nullptr,
                                  0, 1, &bytes, &error),
            NNC_OK);
  times = 101;
  value.data = &times;
  EXPECT_EQ(ask(), NNC_INVALID_VALUE);
  EXPECT_STREQ(error.message, "'times' is above 100");
}

TEST(HostFailure, IsReportedAndForgotten) {
  fake::Context context;
  int64_t times = 101;
  std::vector<nnc_value> inputs = {nnc::tensor(&times, {1})};
  std::vector<nnc_value> outputs = {nnc::libraryOwned()};
  EXPECT_EQ(context.run(fake::repeatEntry, inputs, outputs), NNC_INVALID_VALUE);
  EXPECT_EQ(context.message(), "'times' is above 100");
  EXPECT_EQ(outputs[0].data, nullptr);
  times = -1;
  EXPECT_EQ(context.run(fake::repeatEntry, inputs, outputs), NNC_INVALID_VALUE);
  EXPECT_EQ(context.message(), "entry 'repeat': for these shapes, slot 0 of -4 "
                               "bytes has a negative size");
  times = 3;
  ASSERT_EQ(context.run(fake::repeatEntry, inputs, outputs), NNC_OK);
  EXPECT_EQ(static_cast<float *>(outputs[0].data)[2], 7.0f);
}

TEST(PoolOutput, HasTheSizeThatTheRunFinds) {
  fake::Context context;
  for (int64_t count : {0, 1, 10, 5000, 10}) {
    SCOPED_TRACE(count);
    std::vector<float> x(static_cast<size_t>(count));
    std::vector<int64_t> expected;
    for (int64_t i = 0; i < count; ++i)
      if (i % 3 == 0) {
        x[static_cast<size_t>(i)] = 1.0f;
        expected.push_back(i);
      }
    std::vector<nnc_value> inputs = {nnc::tensor(x.data(), {count})};
    std::vector<nnc_value> outputs = {nnc::libraryOwned()};
    ASSERT_EQ(context.run(fake::nonzeroEntry, inputs, outputs), NNC_OK)
        << context.message();
    auto found = static_cast<size_t>(outputs[0].dims[0]);
    auto *data = static_cast<const int64_t *>(outputs[0].data);
    EXPECT_EQ(std::vector<int64_t>(data, data + found), expected);

    int64_t own[4];
    outputs[0] = nnc::tensor(own, {4});
    nnc_status status = context.run(fake::nonzeroEntry, inputs, outputs);
    EXPECT_EQ(status, found <= 4 ? NNC_OK : NNC_BUFFER_TOO_SMALL);
    EXPECT_EQ(static_cast<size_t>(outputs[0].dims[0]), found);
    EXPECT_EQ(outputs[0].data, own);
  }
  EXPECT_GE(nnc_context_bytes(context), 1667u * 8u * 2u);
}

} // namespace
