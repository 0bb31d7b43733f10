//===----------------------------------------------------------------------===//
// Strings at the C interface: checks of inputs, numbers in kernels, outputs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AllocationCount.h"
#include "FakeModel.h"

namespace {

using Strings = std::vector<std::string>;

/// Offsets and bytes, as nnc.h describes them.
std::vector<int64_t> pack(const Strings &strings) {
  std::vector<int64_t> offsets{0};
  std::string text;
  for (const std::string &string : strings) {
    text += string;
    offsets.push_back(static_cast<int64_t>(text.size()));
  }
  size_t head = offsets.size();
  offsets.resize(head + (text.size() + 7) / 8);
  std::copy(text.begin(), text.end(),
            reinterpret_cast<char *>(offsets.data() + head));
  return offsets;
}

Strings unpack(const nnc_value &value) {
  Strings strings;
  auto *offsets = static_cast<const int64_t *>(value.data);
  auto *text = reinterpret_cast<const char *>(offsets + value.dims[0] + 1);
  for (int64_t i = 0; i < value.dims[0]; ++i)
    strings.emplace_back(text + offsets[i], text + offsets[i + 1]);
  return strings;
}

/// The strings of x in reverse order, and which of them are the constant.
alignas(8) const int64_t wanted[] = {0, 2, 0x6261};
int32_t runReverse(nnc_context *c) {
  int64_t count = nncrt_input_dim(c, 0, 0);
  auto *x = static_cast<const int64_t *>(nncrt_input(c, 0));
  auto *constant = static_cast<const int64_t *>(nncrt_strings(c, wanted, 1));
  auto *y = static_cast<int64_t *>(nncrt_output(c, 0, &count));
  auto *e = static_cast<uint8_t *>(nncrt_output(c, 1, &count));
  if (!x || !constant || !y || !e)
    return nncrt_status(c);
  for (int64_t i = 0; i < count; ++i) {
    y[i] = x[count - 1 - i];
    e[i] = x[i] == *constant;
  }
  return count == 13 ? nncrt_fail(c, NNC_INVALID_VALUE, "thirteen") : NNC_OK;
}

const int64_t any[] = {-1};
const nnc_value_info ins[] = {
    {"x", NNC_TENSOR, NNC_STRING, 1, 0, any, nullptr}};
const nnc_value_info outs[] = {
    {"y", NNC_TENSOR, NNC_STRING, 1, 0, any, nullptr},
    {"e", NNC_TENSOR, NNC_BOOL, 1, 0, any, nullptr}};
const nncrt_entry entry = {
    {"reverse", 1, ins, 2, outs}, runReverse, 0, 0, nullptr, 0, 0};

nncrt_model makeTables(const nncrt_entry &entry) {
  nncrt_model model = fake::tables();
  model.num_entries = 1;
  model.entries = &entry;
  return model;
}

struct StringRun : testing::Test {
  nncrt_model tables = makeTables(entry);
  nnc_context_options options = nnc::Context::options(1);
  fake::Context context{options, tables};
  std::vector<int64_t> packed;
  std::vector<nnc_value> inputs{1};
  std::vector<nnc_value> outputs{nnc::libraryOwned(), nnc::libraryOwned()};

  void give(const Strings &strings) {
    packed = pack(strings);
    inputs[0] = nnc::tensor(packed.data(), NNC_STRING,
                            {static_cast<int64_t>(strings.size())});
    inputs[0].bytes = packed.size() * sizeof(int64_t);
  }
  nnc_status run() { return context.run(0, inputs, outputs); }
};

TEST_F(StringRun, MovesAndCompares) {
  std::string zeros("a\0b", 3);
  Strings many;
  for (int i = 0; i < 1000; ++i)
    many.push_back(std::to_string(i % 300));
  for (const Strings &strings :
       {Strings{"ab", "", "c", "ab", "\xc3\xbc", zeros}, Strings{""},
        Strings{"ab"}, many, Strings{}}) {
    SCOPED_TRACE(strings.size());
    give(strings);
    ASSERT_EQ(run(), NNC_OK) << context.message();
    EXPECT_EQ(unpack(outputs[0]), Strings(strings.rbegin(), strings.rend()));
    EXPECT_EQ(outputs[0].kind, NNC_TENSOR);
    EXPECT_EQ(outputs[0].type, NNC_STRING);
    size_t length = 0;
    for (size_t i = 0; i < strings.size(); ++i) {
      length += strings[i].size();
      EXPECT_EQ(static_cast<const uint8_t *>(outputs[1].data)[i],
                strings[i] == "ab")
          << i;
    }
    EXPECT_EQ(outputs[0].bytes,
              (strings.size() + 1) * sizeof(int64_t) + length);
  }
}

TEST_F(StringRun, WarmRunsDoNotAllocate) {
  give({"some", "strings", "", "some"});
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(run(), NNC_OK);
  int64_t before = allocationCount();
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(run(), NNC_OK);
  EXPECT_EQ(allocationCount(), before);
}

TEST_F(StringRun, NoDataForNoElements) {
  give({});
  inputs[0].data = nullptr;
  inputs[0].bytes = 0;
  ASSERT_EQ(run(), NNC_OK) << context.message();
  EXPECT_EQ(outputs[0].dims[0], 0);
  EXPECT_EQ(outputs[0].bytes, sizeof(int64_t));
}

TEST_F(StringRun, OutputsAreTheContexts) {
  give({"a", "bc"});
  int64_t own[16];
  outputs[0] = nnc::tensor(own, NNC_STRING, {2});
  outputs[0].bytes = sizeof own;
  ASSERT_EQ(run(), NNC_OK) << context.message();
  EXPECT_NE(outputs[0].data, static_cast<void *>(own));
  EXPECT_EQ(unpack(outputs[0]), (Strings{"bc", "a"}));
  // What the context owns must not be an input of the same run.
  inputs[0] = outputs[0];
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
}

TEST_F(StringRun, NothingIsLeftOfAFailure) {
  give(Strings(13, "x"));
  EXPECT_EQ(run(), NNC_INVALID_VALUE);
  EXPECT_EQ(context.message(), "thirteen");
  EXPECT_EQ(outputs[0].data, nullptr);
  EXPECT_EQ(outputs[0].bytes, 0u);
}

TEST_F(StringRun, HostileOffsets) {
  auto refuse = [&](const char *message) {
    EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
    EXPECT_EQ(context.message(), message);
  };
  give({"ab", "c"});
  packed[0] = -1;
  refuse("input 'x': expects offsets of strings that ascend from 0");
  packed[0] = 1;
  refuse("input 'x': expects offsets of strings that ascend from 0");
  packed[0] = 0;
  packed[1] = 4;
  refuse("input 'x': expects offsets of strings that ascend from 0");
  packed[1] = INT64_MIN;
  refuse("input 'x': expects offsets of strings that ascend from 0");
  packed[1] = 2;
  packed[2] = 9;
  refuse("input 'x': its strings need 9 bytes behind the offsets but 'bytes' "
         "leaves 8");
  packed[2] = 3;
  inputs[0].bytes = 23;
  refuse("input 'x': 2 strings need as many offsets and one, but 'bytes' is "
         "23");
  inputs[0].bytes = 26;
  refuse("input 'x': its strings need 3 bytes behind the offsets but 'bytes' "
         "leaves 2");
  inputs[0].bytes = 27;
  EXPECT_EQ(run(), NNC_OK) << context.message();
  inputs[0].dims[0] = INT64_MAX;
  EXPECT_EQ(run(), NNC_SHAPE_MISMATCH);
  inputs[0].dims[0] = 2;
  inputs[0].data = nullptr;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
  inputs[0].data = reinterpret_cast<char *>(packed.data()) + 4;
  EXPECT_EQ(run(), NNC_INVALID_ARGUMENT);
}

TEST(StringTables, ListsAreRefused) {
  nnc_value_info info = ins[0];
  info.optional = 1;
  nncrt_entry bad = entry;
  bad.signature.inputs = &info;
  nncrt_model model = makeTables(bad);
  nnc_model *wrapped = nullptr;
  EXPECT_EQ(nncrt_model_wrap(&model, &wrapped, nullptr), NNC_INVALID_MODEL);
  info.optional = 0;
  info.kind = NNC_SEQUENCE;
  EXPECT_EQ(nncrt_model_wrap(&model, &wrapped, nullptr), NNC_INVALID_MODEL);
}

TEST_F(StringRun, AQueryNeedsNoData) {
  give({"a", "b"});
  size_t bytes = 1;
  nnc_error error;
  EXPECT_EQ(
      nncrt_workspace_bytes(&tables, 0, inputs.data(), 1, 1, &bytes, &error),
      NNC_OK)
      << error.message;
  inputs[0].data = nullptr;
  EXPECT_EQ(
      nncrt_workspace_bytes(&tables, 0, inputs.data(), 1, 1, &bytes, &error),
      NNC_OK)
      << error.message;
}

} // namespace
