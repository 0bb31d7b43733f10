//===----------------------------------------------------------------------===//
// Constant answers of the C interface, and the views of the C++ wrapper.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runtime/nnc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

TEST(Status, HasATextOfItsOwn) {
  std::set<std::string> texts;
  for (int status = NNC_OK; status <= NNC_DEVICE_ERROR; ++status)
    texts.insert(nnc_status_text(static_cast<nnc_status>(status)));
  EXPECT_EQ(texts.size(), size_t(NNC_DEVICE_ERROR) + 1);
  EXPECT_STREQ(nnc_status_text(static_cast<nnc_status>(99)), "unknown status");
  EXPECT_EQ(nnc_api_version(), NNC_API_VERSION);
}

TEST(TypeBytes, OfEveryType) {
  EXPECT_EQ(nnc_type_bytes(NNC_UNDEFINED), 0u);
  EXPECT_EQ(nnc_type_bytes(NNC_STRING), 0u);
  EXPECT_EQ(nnc_type_bytes(NNC_BOOL), 1u);
  EXPECT_EQ(nnc_type_bytes(NNC_INT8), 1u);
  EXPECT_EQ(nnc_type_bytes(NNC_UINT8), 1u);
  EXPECT_EQ(nnc_type_bytes(NNC_INT16), 2u);
  EXPECT_EQ(nnc_type_bytes(NNC_UINT16), 2u);
  EXPECT_EQ(nnc_type_bytes(NNC_FLOAT16), 2u);
  EXPECT_EQ(nnc_type_bytes(NNC_BFLOAT16), 2u);
  EXPECT_EQ(nnc_type_bytes(NNC_FLOAT32), 4u);
  EXPECT_EQ(nnc_type_bytes(NNC_INT32), 4u);
  EXPECT_EQ(nnc_type_bytes(NNC_UINT32), 4u);
  EXPECT_EQ(nnc_type_bytes(NNC_FLOAT64), 8u);
  EXPECT_EQ(nnc_type_bytes(NNC_INT64), 8u);
  EXPECT_EQ(nnc_type_bytes(NNC_UINT64), 8u);
  EXPECT_EQ(nnc_type_bytes(static_cast<nnc_type>(15)), 0u);
}

TEST(Wrapper, ViewsOfTensors) {
  double data[6];
  nnc_value value = nnc::tensor(data, {2, 3});
  EXPECT_EQ(value.kind, NNC_TENSOR);
  EXPECT_EQ(value.type, NNC_FLOAT64);
  EXPECT_EQ(value.rank, 2);
  EXPECT_EQ(value.dims[1], 3);
  EXPECT_EQ(value.bytes, 48u);
  EXPECT_EQ(value.data, data);
  EXPECT_EQ(nnc::tensor(data, {}).bytes, 8u);
  EXPECT_EQ(nnc::tensor(data, {0, 3}).bytes, 0u);
  nnc_value many =
      nnc::tensor(data, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(many.rank, 17);
}

} // namespace
