//===----------------------------------------------------------------------===//
// The rules of tensor maps.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/GPUEmulator/TensorMap.h"
#include "gtest/gtest.h"

using namespace nncgpu;

namespace {
struct TensorMapTest : testing::Test {
  uint64_t extents[2] = {64, 128};
  uint64_t strides[1] = {128};
  uint32_t box[2] = {64, 64}, steps[2] = {1, 1};
  TensorMapRequest request;
  TensorMap map;

  TensorMapTest() {
    request.dataType = 6; // FLOAT16
    request.base = 4096;
    request.extents = extents;
    request.strides = strides;
    request.box = box;
    request.elementStrides = steps;
    request.swizzle = 3; // 128B
  }
  std::string encode() { return encodeTensorMap(request, map).value_or(""); }
};
} // namespace

TEST_F(TensorMapTest, Fields) {
  EXPECT_EQ(encode(), "");
  EXPECT_EQ(map.rank, 2);
  EXPECT_EQ(map.elementBytes, 2);
  EXPECT_EQ(map.swizzle, Swizzle::Bytes128);
  EXPECT_EQ(map.strides[0], 128u);
}

TEST_F(TensorMapTest, Box) {
  box[0] = 4;
  EXPECT_EQ(encode(), "expected an inner dimension of the box of a multiple of "
                      "16 bytes, found 8");
  box[0] = 128;
  EXPECT_EQ(encode(), "expected an inner dimension of the box of at most the "
                      "128 bytes of the swizzle, found 256");
  request.swizzle = 0;
  EXPECT_EQ(encode(), "");
  box[1] = 257;
  EXPECT_EQ(encode(), "expected a box of 1 to 256 elements a dimension");
  box[1] = 8, steps[1] = 9;
  EXPECT_EQ(encode(), "expected element strides of 1 to 8");
}

TEST_F(TensorMapTest, Tensor) {
  request.base = 4104;
  EXPECT_EQ(encode(), "expected an address that is a multiple of 16");
  request.base = 4096, strides[0] = 132;
  EXPECT_EQ(encode(), "expected strides that are multiples of 16 below 2^40");
  strides[0] = 128, extents[1] = 0;
  EXPECT_EQ(encode(), "expected extents of 1 to 2^32");
  request.extents = {};
  EXPECT_EQ(encode(), "expected a tensor of 1 to 5 dimensions");
}

TEST_F(TensorMapTest, Modes) {
  request.swizzle = 4;
  EXPECT_EQ(encode(), "expected a swizzle of 32, 64 or 128 bytes in pieces of "
                      "16, or none");
  request.swizzle = 0, request.interleave = 1;
  EXPECT_EQ(encode(), "expected no interleaved layout: the emulator has none");
  request.interleave = 0, request.dataType = 13;
  EXPECT_EQ(encode(), "expected an element type of 1 to 8 bytes");
  request.dataType = 3, request.fill = 1, box[0] = 4;
  EXPECT_EQ(encode(),
            "expected a float type where NaN stands for what is outside");
}

/// Eight rows of 128 bytes: each 16-byte piece of a column in another place.
TEST(Swizzle, Permutes) {
  EXPECT_EQ(applySwizzle(Swizzle::None, 0x3f0), 0x3f0u);
  EXPECT_EQ(applySwizzle(Swizzle::Bytes128, 0), 0u);
  EXPECT_EQ(applySwizzle(Swizzle::Bytes128, 128), 128u + 16);
  EXPECT_EQ(applySwizzle(Swizzle::Bytes128, 7 * 128 + 16), 7u * 128 + 96);
  EXPECT_EQ(applySwizzle(Swizzle::Bytes64, 4 * 128), 4u * 128);
  EXPECT_EQ(applySwizzle(Swizzle::Bytes32, 128), 128u + 16);
  EXPECT_EQ(applySwizzle(Swizzle::Bytes32, 256), 256u);
}
