//===----------------------------------------------------------------------===//
// Tests of floats of 8 and 4 bits and of packed elements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Packing.h"
#include "nnc/DataIO/ProtoWire.h"
#include "nnc/DataIO/TensorProto.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace nncio;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

const ElementType floats[] = {ElementType::F8E4M3FN, ElementType::F8E4M3FNUZ,
                              ElementType::F8E5M2, ElementType::F8E5M2FNUZ,
                              ElementType::F4E2M1};

TEST(NarrowElements, KnownNumbers) {
  EXPECT_EQ(decodeNarrow(ElementType::F8E4M3FN, 0x7e), 448);
  EXPECT_EQ(decodeNarrow(ElementType::F8E4M3FN, 0x01), 0x1p-9);
  EXPECT_EQ(decodeNarrow(ElementType::F8E4M3FN, 0x38), 1);
  EXPECT_EQ(decodeNarrow(ElementType::F8E4M3FNUZ, 0x7f), 240);
  EXPECT_EQ(decodeNarrow(ElementType::F8E5M2, 0x7b), 57344);
  EXPECT_EQ(decodeNarrow(ElementType::F8E5M2, 0xfc), -infinity);
  EXPECT_EQ(decodeNarrow(ElementType::F8E5M2, 0x01), 0x1p-16);
  EXPECT_EQ(decodeNarrow(ElementType::F8E5M2FNUZ, 0x7f), 57344);
  EXPECT_EQ(decodeNarrow(ElementType::F8E8M0, 0x00), 0x1p-127);
  EXPECT_EQ(decodeNarrow(ElementType::F8E8M0, 0xfe), 0x1p127);
  EXPECT_TRUE(std::isnan(decodeNarrow(ElementType::F8E8M0, 0xff)));
  EXPECT_TRUE(std::isnan(decodeNarrow(ElementType::F8E4M3FN, 0xff)));
  EXPECT_TRUE(std::isnan(decodeNarrow(ElementType::F8E4M3FNUZ, 0x80)));
  const double codes[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(decodeNarrow(ElementType::F4E2M1, uint8_t(i)), codes[i]);
    EXPECT_EQ(decodeNarrow(ElementType::F4E2M1, uint8_t(i + 8)), -codes[i]);
    // The high bits do not matter.
    EXPECT_EQ(decodeNarrow(ElementType::F4E2M1, uint8_t(i + 0xf0)), codes[i]);
  }
}

TEST(NarrowElements, CodesSurvive) {
  for (ElementType type : floats)
    for (int code = 0; code < 1 << elementBits(type); ++code) {
      double value = decodeNarrow(type, uint8_t(code));
      if (!std::isnan(value) && !std::isinf(value)) {
        EXPECT_EQ(encodeNarrow(type, value), code) << elementName(type);
      }
    }
  for (int code = 0; code < 255; ++code)
    EXPECT_EQ(encodeNarrow(ElementType::F8E8M0,
                           decodeNarrow(ElementType::F8E8M0, uint8_t(code))),
              code);
}

/// Between two neighbours the middle goes to the even code, and what lies off
/// the middle to the nearer one.
TEST(NarrowElements, RoundsToNearestEven) {
  for (ElementType type : floats)
    for (int code = 0; code + 1 < 1 << (elementBits(type) - 1); ++code) {
      double low = decodeNarrow(type, uint8_t(code));
      double high = decodeNarrow(type, uint8_t(code + 1));
      if (std::isnan(high) || std::isinf(high))
        break;
      double middle = (low + high) / 2;
      EXPECT_EQ(encodeNarrow(type, middle), code + code % 2);
      EXPECT_EQ(encodeNarrow(type, std::nextafter(middle, 0)), code);
      EXPECT_EQ(encodeNarrow(type, std::nextafter(middle, 1e9)), code + 1);
    }
}

TEST(NarrowElements, Saturates) {
  EXPECT_EQ(encodeNarrow(ElementType::F8E4M3FN, 1e9), 0x7e);
  EXPECT_EQ(encodeNarrow(ElementType::F8E4M3FN, -infinity), 0xfe);
  EXPECT_EQ(encodeNarrow(ElementType::F8E4M3FN, 464, false), 0x7e);
  EXPECT_EQ(encodeNarrow(ElementType::F8E4M3FN, 465, false), 0x7f);
  EXPECT_EQ(encodeNarrow(ElementType::F8E4M3FN, -infinity, false), 0xff);
  EXPECT_EQ(encodeNarrow(ElementType::F8E5M2, infinity, false), 0x7c);
  EXPECT_EQ(encodeNarrow(ElementType::F8E5M2, -1e9, false), 0xfc);
  EXPECT_EQ(encodeNarrow(ElementType::F8E5M2FNUZ, 1e9, false), 0x80);
  EXPECT_EQ(encodeNarrow(ElementType::F8E5M2FNUZ, -1e-20), 0x00);
  EXPECT_EQ(encodeNarrow(ElementType::F8E5M2, -1e-20), 0x80);
  EXPECT_EQ(encodeNarrow(ElementType::F4E2M1, -1e9, false), 0x0f);
  EXPECT_EQ(encodeNarrow(ElementType::F8E4M3FN, NAN), 0x7f);
}

TEST(NarrowElements, Powers) {
  const ElementType type = ElementType::F8E8M0;
  EXPECT_EQ(encodeNarrow(type, 1.25, true, PowerRounding::Up), 128);
  EXPECT_EQ(encodeNarrow(type, 1.25, true, PowerRounding::Down), 127);
  EXPECT_EQ(encodeNarrow(type, 1.25, true, PowerRounding::Nearest), 127);
  EXPECT_EQ(encodeNarrow(type, -1.5, true, PowerRounding::Nearest), 128);
  EXPECT_EQ(encodeNarrow(type, 0), 0);
  EXPECT_EQ(encodeNarrow(type, 1e300), 0xfe);
  EXPECT_EQ(encodeNarrow(type, 1e300, false), 0xff);
  EXPECT_EQ(encodeNarrow(type, infinity), 0xff);
  EXPECT_EQ(encodeNarrow(type, 1e-300), 0);
}

TEST(NarrowElements, Integers) {
  Tensor tensor(ElementType::I4, {3});
  tensor.setInt(0, -8);
  tensor.setInt(1, 9);
  tensor.setDouble(2, 100);
  EXPECT_EQ(tensor.toInts(), (std::vector<int64_t>{-8, -7, 7}));
  Tensor low(ElementType::U2, {2});
  low.setInt(0, 7);
  low.setDouble(1, -3);
  EXPECT_EQ(low.toInts(), (std::vector<int64_t>{3, 0}));
}

TEST(NarrowElements, PackingKeepsElements) {
  for (ElementType type : {ElementType::U2, ElementType::I4})
    for (int64_t count : {0, 1, 2, 3, 4, 5, 9}) {
      std::vector<uint8_t> elements;
      const int mask = (1 << elementBits(type)) - 1;
      for (int64_t i = 0; i < count; ++i)
        elements.push_back(uint8_t((i * 7 + 1) & mask));
      std::vector<uint8_t> packed = packElements(type, count, elements.data());
      EXPECT_EQ(packed.size(), packedBytes(type, count));
      std::vector<uint8_t> back(elements.size());
      unpackElements(type, count, packed.data(), back.data());
      EXPECT_EQ(back, elements);
    }
  // The first element is in the low bits.
  const uint8_t two[] = {0x3, 0xa};
  EXPECT_EQ(packElements(ElementType::U4, 2, two), std::vector<uint8_t>{0xa3});
}

TEST(NarrowElements, TensorFilesArePacked) {
  Tensor tensor = Tensor::fromInts(ElementType::I4, {3}, {-8, 7, -1});
  Result<std::string> bytes = serializeTensorProto(tensor, "x");
  ASSERT_TRUE(bytes) << bytes.error();
  Result<NamedTensor> read = parseTensorProto(Span(*bytes), nullptr);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->tensor.type(), ElementType::I4);
  EXPECT_EQ(read->tensor.toInts(), tensor.toInts());
}

/// Packed elements in int32_data come a byte a number.
TEST(NarrowElements, TypedFieldIsPacked) {
  std::string message;
  wire::appendVarintField(message, 1, 3);                         // dims
  wire::appendVarintField(message, 2, uint64_t(ElementType::U4)); // data_type
  wire::appendVarintField(message, 5, 0x21);                      // int32_data
  wire::appendVarintField(message, 5, 0x03);
  Result<NamedTensor> read = parseTensorProto(Span(message), nullptr);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->tensor.toInts(), (std::vector<int64_t>{1, 2, 3}));
  wire::appendVarintField(message, 5, 0x03);
  EXPECT_FALSE(parseTensorProto(Span(message), nullptr));
}

} // namespace
