//===----------------------------------------------------------------------===//
// Sequences and optional values through the C interface, and the lists that
// host functions work on.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AllocationCount.h"
#include "FakeModel.h"

namespace {

/// What the host function of the model below does.
int64_t erasePosition = -1, readPosition = 0;

/// reversed[] = elements of s from the last on, without one; joined = all of s
/// along axis 0; maybe = o as it came.
int32_t runLists(nnc_context *c) {
  void *source = nncrt_input_list(c, 0);
  void *maybe = nncrt_input_list(c, 1);
  void *list = nncrt_list_create(c);
  if (!source || !list)
    return nncrt_status(c);
  for (int64_t i = 0, n = nncrt_list_length(c, source); i < n; ++i) {
    int64_t dims[] = {-1, 2};
    void *data = nncrt_list_at(c, source, i, 2, dims);
    list = data ? nncrt_list_insert(c, list, 0, data, 4, 2, dims) : nullptr;
    if (!list)
      return nncrt_status(c);
  }
  list = nncrt_list_erase(c, list, erasePosition);
  if (!list)
    return nncrt_status(c);
  int64_t element[] = {-1, -1};
  if (readPosition && !nncrt_list_at(c, list, readPosition, 2, element))
    return nncrt_status(c);
  int64_t dims[] = {-1, 2};
  void *joined = nncrt_list_join(c, source, 0, 0, 4, 2, dims);
  if (!joined)
    return nncrt_status(c);
  void *out = nncrt_output(c, 1, dims);
  if (!out)
    return nncrt_status(c);
  std::memcpy(out, joined, static_cast<size_t>(dims[0] * dims[1] * 4));
  if (int32_t status = nncrt_output_list(c, 0, list))
    return status;
  return nncrt_output_list(c, 2, maybe);
}

const int64_t pairs[] = {-1, 2}, any[] = {-1};
const nnc_value_info inputs[] = {
    {"s", NNC_SEQUENCE, NNC_FLOAT32, 2, 0, pairs, nullptr},
    {"o", NNC_TENSOR, NNC_INT64, 1, 1, any, nullptr}};
const nnc_value_info outputs[] = {
    {"reversed", NNC_SEQUENCE, NNC_FLOAT32, -1, 0, nullptr, nullptr},
    {"joined", NNC_TENSOR, NNC_FLOAT32, 2, 0, pairs, nullptr},
    {"maybe", NNC_TENSOR, NNC_INT64, 1, 1, any, nullptr}};
const nncrt_entry entries[] = {
    {{"lists", 2, inputs, 3, outputs}, runLists, 0, 0, nullptr, 0, 0}};

nncrt_model makeModel() {
  nncrt_model model = fake::tables();
  model.num_entries = 1;
  model.entries = entries;
  return model;
}

nnc_value makeTensor(nnc_type type, std::vector<int64_t> dims, void *data,
                     size_t bytes) {
  nnc_value value = {};
  value.kind = NNC_TENSOR;
  value.type = type;
  value.rank = static_cast<int32_t>(dims.size());
  std::copy(dims.begin(), dims.end(), value.dims);
  value.data = data;
  value.bytes = bytes;
  return value;
}

struct Lists : testing::Test {
  Lists() : context(nnc::Context::options(1), model) {
    erasePosition = -1;
    readPosition = 0;
    elements = {makeTensor(NNC_FLOAT32, {1, 2}, data.data(), 8),
                makeTensor(NNC_FLOAT32, {0, 2}, nullptr, 0),
                makeTensor(NNC_FLOAT32, {2, 2}, data.data() + 2, 16)};
    given.resize(2);
    update();
    results.resize(3);
  }
  void update() {
    given[0] = nnc_value();
    given[0].kind = NNC_SEQUENCE;
    given[0].rank = 1;
    given[0].dims[0] = static_cast<int64_t>(elements.size());
    given[0].data = elements.data();
  }
  nnc_status run() { return context.run(0, given, results); }

  nncrt_model model = makeModel();
  fake::Context context;
  std::vector<float> data = fake::ramp(6);
  std::vector<nnc_value> elements, given, results;
};

TEST_F(Lists, ReverseJoinAndPassOn) {
  int64_t number = 42;
  given[1] = makeTensor(NNC_INT64, {1}, &number, 8);
  ASSERT_EQ(run(), NNC_OK) << context.message();
  // The last of the reversed, the first of all, is erased.
  ASSERT_EQ(results[0].kind, NNC_SEQUENCE);
  ASSERT_EQ(results[0].dims[0], 2);
  auto *reversed = static_cast<const nnc_value *>(results[0].data);
  EXPECT_EQ(reversed[0].dims[0], 2);
  EXPECT_EQ(reversed[0].bytes, 16u);
  EXPECT_EQ(static_cast<const float *>(reversed[0].data)[3], data[5]);
  EXPECT_EQ(reversed[1].dims[0], 0);
  ASSERT_EQ(results[1].dims[0], 3);
  EXPECT_EQ(std::memcmp(results[1].data, data.data(), 24), 0);
  ASSERT_EQ(results[2].kind, NNC_TENSOR);
  EXPECT_EQ(*static_cast<const int64_t *>(results[2].data), 42);
  // Results given back are no buffers of the caller.
  EXPECT_EQ(run(), NNC_OK) << context.message();
}

TEST_F(Lists, AbsentStaysAbsent) {
  ASSERT_EQ(run(), NNC_OK) << context.message();
  EXPECT_EQ(results[2].kind, NNC_ABSENT);
}

TEST_F(Lists, EmptySequence) {
  elements.clear();
  update();
  EXPECT_EQ(run(), NNC_INVALID_VALUE);
  EXPECT_NE(context.message().find("position -1 is outside of a sequence of 0"),
            std::string::npos)
      << context.message();
}

TEST_F(Lists, PositionsOutside) {
  erasePosition = 3;
  EXPECT_EQ(run(), NNC_INVALID_VALUE);
  erasePosition = -4;
  EXPECT_EQ(run(), NNC_INVALID_VALUE);
  erasePosition = 0;
  readPosition = 2;
  EXPECT_EQ(run(), NNC_INVALID_VALUE);
  readPosition = -2;
  EXPECT_EQ(run(), NNC_OK) << context.message();
}

TEST_F(Lists, WrongInputs) {
  given[0].kind = NNC_TENSOR;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  given[0].kind = NNC_ABSENT;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  update();
  given[0].dims[0] = -1;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  update();
  given[0].data = nullptr;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  update();
  elements[1].type = NNC_INT32;
  EXPECT_EQ(run(), NNC_TYPE_MISMATCH);
  elements[1].type = NNC_FLOAT32;
  elements[1].dims[1] = 3;
  EXPECT_EQ(run(), NNC_SHAPE_MISMATCH);
  elements[1].dims[1] = 2;
  elements[2].bytes = 15;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  elements[2].bytes = 16;
  EXPECT_EQ(run(), NNC_OK) << context.message();
}

TEST_F(Lists, NoAllocationOnceWarm) {
#ifdef NNC_TEST_OWN_ALLOCATOR
  GTEST_SKIP() << "a sanitizer owns the allocator";
#endif
  ASSERT_EQ(run(), NNC_OK) << context.message();
  ASSERT_EQ(run(), NNC_OK) << context.message();
  int64_t before = allocationCount();
  size_t bytes = nnc_context_bytes(context);
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(run(), NNC_OK) << context.message();
  EXPECT_EQ(allocationCount(), before);
  EXPECT_EQ(nnc_context_bytes(context), bytes);
}

} // namespace
