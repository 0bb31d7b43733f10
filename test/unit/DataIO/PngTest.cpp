//===----------------------------------------------------------------------===//
// Tests of PNG pictures, which libpng writes here.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Png.h"

#include "TestSupport.h"

#include <png.h>

using namespace nncio;
using namespace nncio::test;

namespace {

/// A picture to write. Rows are packed as the format packs them.
struct Picture {
  png_uint_32 width = 0;
  png_uint_32 height = 0;
  int bitDepth = 8;
  int colorType = PNG_COLOR_TYPE_GRAY;
  int interlace = PNG_INTERLACE_NONE;
  std::vector<uint8_t> samples;
  std::vector<png_color> palette;
  std::vector<png_byte> paletteAlpha;
};

} // namespace

static void appendTo(png_structp png, png_bytep data, size_t size) {
  static_cast<std::string *>(png_get_io_ptr(png))
      ->append(reinterpret_cast<const char *>(data), size);
}

static std::string encode(Picture picture) {
  std::string out;
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &out, appendTo, nullptr);
  png_set_IHDR(png, info, picture.width, picture.height, picture.bitDepth,
               picture.colorType, picture.interlace,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!picture.palette.empty())
    png_set_PLTE(png, info, picture.palette.data(),
                 static_cast<int>(picture.palette.size()));
  if (!picture.paletteAlpha.empty())
    png_set_tRNS(png, info, picture.paletteAlpha.data(),
                 static_cast<int>(picture.paletteAlpha.size()), nullptr);
  const size_t rowBytes = picture.samples.size() / picture.height;
  std::vector<png_bytep> rows;
  for (png_uint_32 y = 0; y < picture.height; ++y)
    rows.push_back(picture.samples.data() + y * rowBytes);
  png_set_rows(png, info, rows.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

static std::vector<uint8_t> ramp(size_t size) {
  std::vector<uint8_t> samples(size);
  for (size_t i = 0; i < size; ++i)
    samples[i] = static_cast<uint8_t>(i * 29 + 3);
  return samples;
}

static Picture eightBit(int colorType, int channels, png_uint_32 height,
                        png_uint_32 width) {
  Picture picture;
  picture.height = height;
  picture.width = width;
  picture.colorType = colorType;
  picture.samples =
      ramp(size_t(height) * width * static_cast<size_t>(channels));
  return picture;
}

TEST(Png, EightBitColors) {
  const std::pair<int, int> kinds[] = {{PNG_COLOR_TYPE_GRAY, 1},
                                       {PNG_COLOR_TYPE_GRAY_ALPHA, 2},
                                       {PNG_COLOR_TYPE_RGB, 3},
                                       {PNG_COLOR_TYPE_RGBA, 4}};
  for (const auto &kind : kinds)
    for (int interlace : {PNG_INTERLACE_NONE, PNG_INTERLACE_ADAM7})
      for (png_uint_32 side : {1u, 5u, 16u}) {
        Picture picture = eightBit(kind.first, kind.second, side, side + 2);
        picture.interlace = interlace;
        Result<Tensor> tensor = parsePng(encode(picture));
        ASSERT_TRUE(tensor) << tensor.error();
        EXPECT_EQ(tensor->type(), ElementType::U8);
        EXPECT_EQ(tensor->shape(),
                  (std::vector<int64_t>{side, side + 2, kind.second}));
        EXPECT_EQ(std::memcmp(tensor->data(), picture.samples.data(),
                              tensor->bytes()),
                  0);
      }
}

TEST(Png, SixteenBitIsScaled) {
  Picture picture;
  picture.height = 1;
  picture.width = 4;
  picture.bitDepth = 16;
  // 0, 65535, 0x7fff (127.498 of 255), 0x0181 (1.498 of 255).
  picture.samples = {0, 0, 0xff, 0xff, 0x7f, 0xff, 0x01, 0x81};
  Result<Tensor> tensor = parsePng(encode(picture));
  ASSERT_TRUE(tensor) << tensor.error();
  EXPECT_EQ(tensor->toInts(), (std::vector<int64_t>{0, 255, 127, 1}));
}

TEST(Png, FewBitsOfGrayFillTheRange) {
  Picture picture;
  picture.height = 1;
  picture.width = 5;
  picture.bitDepth = 2;
  picture.samples = {0x1b, 0x40};
  Result<Tensor> tensor = parsePng(encode(picture));
  ASSERT_TRUE(tensor) << tensor.error();
  EXPECT_EQ(tensor->toInts(), (std::vector<int64_t>{0, 85, 170, 255, 85}));
}

TEST(Png, PalettesBecomeColors) {
  Picture picture;
  picture.height = 1;
  picture.width = 3;
  picture.bitDepth = 1;
  picture.colorType = PNG_COLOR_TYPE_PALETTE;
  picture.palette = {{1, 2, 3}, {4, 5, 6}};
  picture.samples = {0x40};
  Result<Tensor> opaque = parsePng(encode(picture));
  ASSERT_TRUE(opaque) << opaque.error();
  EXPECT_EQ(opaque->shape(), (std::vector<int64_t>{1, 3, 3}));
  EXPECT_EQ(opaque->toInts(),
            (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 1, 2, 3}));
  picture.paletteAlpha = {7};
  Result<Tensor> clear = parsePng(encode(picture));
  ASSERT_TRUE(clear) << clear.error();
  EXPECT_EQ(clear->toInts(),
            (std::vector<int64_t>{1, 2, 3, 7, 4, 5, 6, 255, 1, 2, 3, 7}));
}

TEST(Png, ReadsFiles) {
  TempFolder folder;
  const std::string bytes = encode(eightBit(PNG_COLOR_TYPE_RGB, 3, 4, 4));
  ASSERT_TRUE(writeFile(folder / "x.png", {Span(bytes)}));
  EXPECT_TRUE(readPng(folder / "x.png"));
  EXPECT_TRUE(contains(readPng(folder / "y.png").error(), "y.png"));
}

TEST(Png, EveryTruncationFails) {
  expectAllPrefixesFail(encode(eightBit(PNG_COLOR_TYPE_RGB, 3, 3, 2)),
                        parsePng);
}

TEST(Png, FlippedBitsSurvive) {
  expectFlipsSurvive(encode(eightBit(PNG_COLOR_TYPE_RGBA, 4, 3, 2)), parsePng);
}

/// Overwrites width and height and mends the chunk's checksum.
static std::string withSize(std::string png, uint32_t width, uint32_t height) {
  for (int i = 0; i < 4; ++i) {
    png[16 + static_cast<size_t>(i)] = static_cast<char>(width >> (24 - 8 * i));
    png[20 + static_cast<size_t>(i)] =
        static_cast<char>(height >> (24 - 8 * i));
  }
  uint32_t crc = 0xffffffff;
  for (size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<uint8_t>(png[i]);
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  crc = ~crc;
  for (size_t i = 0; i < 4; ++i)
    png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  return png;
}

TEST(Png, HostileSizesAreRefused) {
  const std::string png = encode(eightBit(PNG_COLOR_TYPE_GRAY, 1, 3, 2));
  ASSERT_TRUE(parsePng(withSize(png, 2, 3)));
  EXPECT_TRUE(contains(parsePng(withSize(png, 100000, 100000)).error(),
                       "expected at most"));
  EXPECT_TRUE(
      contains(parsePng(withSize(png, 10000, 10000)).error(), "can hold"));
  EXPECT_TRUE(
      contains(parsePng(withSize(png, 0x7fffffff, 1)).error(), "damaged"));
  EXPECT_TRUE(contains(parsePng(withSize(png, 0, 3)).error(), "damaged"));
  EXPECT_FALSE(parsePng(withSize(png, 3, 3)));
  EXPECT_TRUE(
      contains(parsePng(std::string("no picture")).error(), "expected a PNG"));
}
