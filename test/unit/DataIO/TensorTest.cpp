//===----------------------------------------------------------------------===//
// Tests of the host tensor and of the 16-bit float conversions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "TestSupport.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace nncio;
using namespace nncio::test;

static const double infinity = std::numeric_limits<double>::infinity();

/// The value of a float of `mantissaBits` and `exponentBits` by its definition.
static double definedValue(uint16_t bits, int exponentBits, int mantissaBits) {
  const double sign = bits & 0x8000 ? -1 : 1;
  const int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
  const int mantissa = bits & ((1 << mantissaBits) - 1);
  const int bias = (1 << (exponentBits - 1)) - 1;
  if (exponent == (1 << exponentBits) - 1)
    return mantissa ? std::nan("") : sign * infinity;
  if (exponent == 0)
    return sign * std::ldexp(mantissa, 1 - bias - mantissaBits);
  return sign * std::ldexp((1 << mantissaBits) + mantissa,
                           exponent - bias - mantissaBits);
}

template <typename Widen, typename Narrow>
static void checkAllBits(int exponentBits, int mantissaBits, Widen widen,
                         Narrow narrow) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const uint16_t narrowBits = static_cast<uint16_t>(bits);
    const float wide = widen(narrowBits);
    const double expected =
        definedValue(narrowBits, exponentBits, mantissaBits);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(wide)) << bits;
      ASSERT_TRUE(std::isnan(widen(narrow(wide)))) << bits;
      continue;
    }
    ASSERT_EQ(wide, expected) << bits;
    ASSERT_EQ(std::signbit(wide), std::signbit(expected)) << bits;
    ASSERT_EQ(narrow(wide), narrowBits) << bits;
  }
}

/// Between all neighbours: the midpoint goes to the even one, the numbers next
/// to it to the nearer one; from float and straight from double.
template <typename Narrow>
static void checkAllMidpoints(ElementType type, uint16_t infinityBits,
                              int exponentBits, int mantissaBits,
                              Narrow narrow) {
  Tensor cell(type, {});
  const auto narrowDouble = [&](double value) {
    cell.setDouble(0, value);
    uint16_t bits;
    std::memcpy(&bits, cell.data(), 2);
    return bits;
  };
  for (uint16_t low = 0; low < infinityBits; ++low) {
    const uint16_t high = low + 1;
    const double below = definedValue(low, exponentBits, mantissaBits);
    // Infinity rounds as the power of two that would follow.
    const double above =
        high == infinityBits
            ? below +
                  (below - definedValue(low - 1, exponentBits, mantissaBits))
            : definedValue(high, exponentBits, mantissaBits);
    const double middle = (below + above) / 2;
    const uint16_t even = low & 1 ? high : low;
    ASSERT_EQ(narrowDouble(middle), even) << low;
    ASSERT_EQ(narrowDouble(std::nextafter(middle, 0)), low) << low;
    ASSERT_EQ(narrowDouble(std::nextafter(middle, infinity)), high) << low;
    ASSERT_EQ(narrowDouble(-middle), even | 0x8000) << low;
    const float mid = static_cast<float>(middle);
    if (mid != middle)
      continue;
    ASSERT_EQ(narrow(mid), even) << low;
    ASSERT_EQ(narrow(-mid), even | 0x8000) << low;
    ASSERT_EQ(narrow(std::nextafter(mid, 0.0f)), low) << low;
    ASSERT_EQ(narrow(std::nextafter(mid, HUGE_VALF)), high) << low;
  }
}

TEST(Half, AllBitsRoundTrip) { checkAllBits(5, 10, halfToFloat, floatToHalf); }

TEST(Half, AllMidpointsRoundToEven) {
  checkAllMidpoints(ElementType::F16, 0x7c00, 5, 10, floatToHalf);
}

TEST(Half, Extremes) {
  EXPECT_EQ(floatToHalf(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(floatToHalf(-std::numeric_limits<float>::infinity()), 0xfc00);
  EXPECT_EQ(floatToHalf(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(floatToHalf(-0.0f), 0x8000);
}

TEST(BFloat, AllBitsRoundTrip) {
  checkAllBits(8, 7, bfloatToFloat, floatToBFloat);
}

TEST(BFloat, AllMidpointsRoundToEven) {
  checkAllMidpoints(ElementType::BF16, 0x7f80, 8, 7, floatToBFloat);
}

TEST(BFloat, NaNWithLowPayloadStaysNaN) {
  const uint32_t bits = 0x7f800001;
  float value;
  std::memcpy(&value, &bits, 4);
  EXPECT_TRUE(std::isnan(bfloatToFloat(floatToBFloat(value))));
  EXPECT_TRUE(std::isnan(halfToFloat(floatToHalf(value))));
}

TEST(Tensor, NumElements) {
  const int64_t big = int64_t(1) << 40;
  EXPECT_EQ(numElements({}), 1);
  EXPECT_EQ(numElements({2, 3}), 6);
  EXPECT_EQ(numElements({0}), 0);
  EXPECT_EQ(numElements({big, big, 0}), 0);
  EXPECT_EQ(numElements({big, big}), -1);
  EXPECT_EQ(numElements({-1, 0}), -1);
  EXPECT_EQ(numElements({3, -2}), -1);
}

TEST(Tensor, ImpossibleShapesGiveNoTensor) {
  EXPECT_EQ(Tensor(ElementType::F32, {-1}).type(), ElementType::Undefined);
  EXPECT_EQ(Tensor(ElementType::F64, {INT64_MAX}).type(),
            ElementType::Undefined);
  EXPECT_EQ(Tensor(ElementType::F64, {2}).reshaped({3}).type(),
            ElementType::Undefined);
}

TEST(Tensor, ZeroFilledScalarAndEmpty) {
  for (ElementType type : numberTypes()) {
    Tensor scalar(type, {});
    EXPECT_EQ(scalar.size(), 1);
    EXPECT_EQ(scalar.bytes(), elementBytes(type));
    EXPECT_EQ(scalar.getDouble(0), 0);
    Tensor none(type, {3, 0});
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.toDoubles().size(), 0u);
    EXPECT_NE(none.mutableData(), nullptr);
  }
}

TEST(Tensor, CopiesShareUntilWritten) {
  Tensor first = Tensor::fromInts(ElementType::I32, {2}, {1, 2});
  Tensor second = first;
  EXPECT_EQ(first.data(), second.data());
  second.setInt(0, 7);
  EXPECT_EQ(first.toInts(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(second.toInts(), (std::vector<int64_t>{7, 2}));
}

TEST(Tensor, ForeignMemoryIsNeverWrittenAndMayBeUnaligned) {
  auto bytes = std::make_shared<std::vector<uint8_t>>(9, 0);
  (*bytes)[1] = 5;
  Tensor tensor(ElementType::I64, {1}, bytes->data() + 1, bytes);
  EXPECT_EQ(tensor.getInt(0), 5);
  tensor.setInt(0, 9);
  EXPECT_EQ(tensor.getInt(0), 9);
  EXPECT_EQ((*bytes)[1], 5);
}

TEST(Tensor, IntegersSaturateFromDoubleAndWrapFromInt) {
  struct Case {
    ElementType type;
    int64_t low, high;
  };
  for (Case c :
       {Case{ElementType::I8, -128, 127}, Case{ElementType::U8, 0, 255},
        Case{ElementType::I16, -32768, 32767}, Case{ElementType::U16, 0, 65535},
        Case{ElementType::I32, INT32_MIN, INT32_MAX},
        Case{ElementType::U32, 0, UINT32_MAX},
        Case{ElementType::I64, INT64_MIN, INT64_MAX}}) {
    Tensor tensor = Tensor::fromDoubles(c.type, {5},
                                        {-1e30, 1e30, std::nan(""), 2.9, -0.9});
    EXPECT_EQ(tensor.toInts(), (std::vector<int64_t>{c.low, c.high, 0, 2, 0}))
        << elementName(c.type);
  }
  Tensor wide = Tensor::fromDoubles(ElementType::U64, {1}, {1e30});
  EXPECT_EQ(static_cast<uint64_t>(wide.getInt(0)), UINT64_MAX);
  EXPECT_EQ(wide.getDouble(0), 0x1p64);
  EXPECT_EQ(Tensor::fromInts(ElementType::U8, {2}, {256 + 3, -1}).toInts(),
            (std::vector<int64_t>{3, 255}));
  EXPECT_EQ(Tensor::fromInts(ElementType::I8, {1}, {200}).getInt(0), -56);
}

TEST(Tensor, FloatToIntTruncatesAndSaturates) {
  Tensor tensor = Tensor::fromDoubles(
      ElementType::F64, {5}, {-1.9, 1.9, 1e300, -infinity, std::nan("")});
  EXPECT_EQ(tensor.toInts(),
            (std::vector<int64_t>{-1, 1, INT64_MAX, INT64_MIN, 0}));
}

TEST(Tensor, BoolIsNonzero) {
  Tensor tensor =
      Tensor::fromDoubles(ElementType::Bool, {4}, {0, 0.25, -3, std::nan("")});
  EXPECT_EQ(tensor.toInts(), (std::vector<int64_t>{0, 1, 1, 1}));
  EXPECT_EQ(Tensor::fromInts(ElementType::Bool, {1}, {256}).getInt(0), 1);
}

TEST(Tensor, LargeIntegersRoundOnce) {
  // 2^56 + 2^48 + 1: over the midpoint of two bfloats only by its last bit,
  // which a rounding to float or double on the way would drop.
  const int64_t value = (int64_t(1) << 56) + (int64_t(1) << 48) + 1;
  Tensor tensor = Tensor::fromInts(ElementType::BF16, {2}, {value, -value});
  EXPECT_EQ(tensor.getDouble(0), 0x1p56 + 0x1p49);
  EXPECT_EQ(tensor.getDouble(1), -(0x1p56 + 0x1p49));
}

TEST(Tensor, StringsHaveNumbers) {
  Tensor tensor = Tensor::fromStrings({2, 1}, {"a", ""});
  EXPECT_EQ(tensor.bytes(), 16u);
  EXPECT_EQ(tensor.strings(), (std::vector<std::string>{"a", ""}));
  // Equal ones have equal numbers, and zeros are empty.
  Tensor other = Tensor::fromStrings({3}, {"", "b", "a"});
  EXPECT_EQ(std::memcmp(tensor.data(), other.data() + 16, 8), 0);
  EXPECT_NE(std::memcmp(tensor.data(), other.data() + 8, 8), 0);
  EXPECT_EQ(Tensor(ElementType::String, {2}).strings(),
            (std::vector<std::string>{"", ""}));
  std::memset(other.mutableData(), 0xff, 8);
  EXPECT_EQ(other.strings()[0], "");
  EXPECT_TRUE(Tensor(ElementType::I64, {2}).strings().empty());
  EXPECT_EQ(tensor.reshaped({2}).strings(), tensor.strings());
  EXPECT_EQ(Tensor::fromStrings({3}, {"x"}).strings().size(), 3u);
}
