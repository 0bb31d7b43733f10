//===----------------------------------------------------------------------===//
// Tests of pictures as inputs: options, sizes, colors, layouts, ranges.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Picture.h"

#include "TestSupport.h"

using namespace nncio;
using namespace nncio::test;

static Tensor picture(std::vector<int64_t> shape, std::vector<int64_t> values) {
  return Tensor::fromInts(ElementType::U8, std::move(shape), values);
}

static Tensor prepare(const Tensor &tensor, const std::string &options) {
  Result<PictureOptions> parsed = parsePictureOptions(options);
  EXPECT_TRUE(parsed) << parsed.error();
  Result<Tensor> result = preparePicture(tensor, *parsed);
  EXPECT_TRUE(result) << result.error();
  return *result;
}

static std::string refusal(const std::string &options) {
  Result<PictureOptions> parsed = parsePictureOptions(options);
  EXPECT_FALSE(parsed) << options;
  return parsed.error();
}

TEST(Picture, LayoutsAndColors) {
  const Tensor in = picture({1, 2, 3}, {10, 20, 30, 40, 50, 60});
  const Tensor planes = prepare(in, "layout=nchw");
  EXPECT_EQ(planes.type(), ElementType::U8);
  EXPECT_EQ(planes.shape(), (std::vector<int64_t>{1, 3, 1, 2}));
  EXPECT_EQ(planes.toInts(), (std::vector<int64_t>{10, 40, 20, 50, 30, 60}));
  EXPECT_EQ(prepare(in, "layout=nhwc").shape(),
            (std::vector<int64_t>{1, 1, 2, 3}));
  EXPECT_EQ(prepare(in, "layout=chw,color=bgr").toInts(),
            (std::vector<int64_t>{30, 60, 20, 50, 10, 40}));
  EXPECT_EQ(prepare(in, "color=gray").toInts(), (std::vector<int64_t>{18, 48}));
  // Gray with alpha, and RGB with alpha.
  EXPECT_EQ(prepare(picture({1, 1, 2}, {7, 255}), "color=rgb").toInts(),
            (std::vector<int64_t>{7, 7, 7}));
  EXPECT_EQ(prepare(picture({1, 1, 4}, {1, 2, 3, 9}), "color=bgr").toInts(),
            (std::vector<int64_t>{3, 2, 1}));
}

TEST(Picture, Ranges) {
  const Tensor in = picture({1, 1, 3}, {0, 51, 255});
  EXPECT_EQ(prepare(in, "type=f32").toDoubles(),
            (std::vector<double>{0, 51, 255}));
  const std::vector<double> all =
      prepare(in, "scale=255,mean=0.5,std=0.5").toDoubles();
  EXPECT_FLOAT_EQ(float(all[0]), -1.0f);
  EXPECT_FLOAT_EQ(float(all[1]), -0.6f);
  EXPECT_FLOAT_EQ(float(all[2]), 1.0f);
  EXPECT_EQ(prepare(in, "mean=0/1/5,std=1/10/25").toDoubles(),
            (std::vector<double>{0, 5, 10}));
}

TEST(Picture, Sizes) {
  const Tensor row = picture({1, 4, 1}, {0, 40, 80, 120});
  EXPECT_EQ(prepare(row, "resize=1x4").toInts(), row.toInts());
  // Triangles of radius 2 around 1 and 3: weights 3, 3, 1 and 1, 3, 3 of 7.
  EXPECT_EQ(prepare(row, "resize=1x2").toInts(),
            (std::vector<int64_t>{29, 91}));
  // Between the centers, and constant behind the outer ones.
  EXPECT_EQ(prepare(picture({1, 2, 1}, {0, 100}), "resize=1x4").toInts(),
            (std::vector<int64_t>{0, 25, 75, 100}));
  // Both axes, each channel by itself.
  const Tensor flat = prepare(picture({2, 2, 2}, {8, 1, 8, 1, 8, 1, 8, 1}),
                              "resize=3x5,layout=chw");
  EXPECT_EQ(flat.shape(), (std::vector<int64_t>{2, 3, 5}));
  for (int64_t i = 0; i < 15; ++i) {
    EXPECT_EQ(flat.getInt(i), 8);
    EXPECT_EQ(flat.getInt(15 + i), 1);
  }
  EXPECT_EQ(prepare(picture({3, 1, 1}, {0, 90, 180}), "resize=1x1").toInts(),
            (std::vector<int64_t>{90}));
}

TEST(Picture, Refusals) {
  EXPECT_EQ(refusal("resize=0x4"),
            "picture option 'resize' expects HEIGHTxWIDTH, each from 1 to "
            "4096, but found '0x4'");
  for (const char *text : {"resize=4", "resize=4x", "resize=4x4x4",
                           "resize=-1x4", "resize=4x99999", "resize="})
    EXPECT_TRUE(contains(refusal(text), "expects HEIGHTxWIDTH")) << text;
  EXPECT_TRUE(contains(refusal("color=cmyk"), "expects gray, rgb or bgr"));
  EXPECT_TRUE(contains(refusal("layout=wh"), "expects hwc, chw, nhwc or nchw"));
  EXPECT_TRUE(contains(refusal("type=f16"), "expects f32 or u8"));
  for (const char *text :
       {"scale=0", "scale=", "scale=1/2", "scale=x", "scale=inf"})
    EXPECT_TRUE(contains(refusal(text), "expects a number that is not 0"));
  EXPECT_TRUE(contains(refusal("mean=1//2"), "expects numbers such as"));
  EXPECT_TRUE(contains(refusal("std=1/0/2"), "none of them 0"));
  EXPECT_TRUE(contains(refusal("type=u8,scale=255"), "leaves no place"));
  for (const char *text : {"", "resize", "size=4x4", "type=f32,"})
    EXPECT_TRUE(contains(refusal(text), "expected options of a picture"));

  Result<PictureOptions> two = parsePictureOptions("mean=1/2");
  Result<Tensor> result = preparePicture(picture({1, 1, 3}, {1, 2, 3}), *two);
  EXPECT_FALSE(result);
  EXPECT_TRUE(contains(result.error(), "one for each of the 3 channels, but "
                                       "found 2"));
  EXPECT_FALSE(preparePicture(picture({2}, {1, 2}), PictureOptions()));
}
