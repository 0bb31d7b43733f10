//===----------------------------------------------------------------------===//
// From a picture to what a model takes: size, colors, layout, range.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_PICTURE_H
#define NNC_DATAIO_PICTURE_H

#include "nnc/DataIO/Tensor.h"

#include <array>

namespace nncio {

/// What becomes of a picture, in the order of the members.
struct PictureOptions {
  enum class Color { Keep, Gray, RGB, BGR };
  enum class Layout { HWC, CHW, NHWC, NCHW };

  /// Height and width in pixels; 0: as they are.
  std::array<int64_t, 2> size = {0, 0};
  Color color = Color::Keep; ///< All but Keep leave transparency out.
  /// Elements become (sample / scale - mean) / std as f32, if one of the three
  /// is given. One number is for all channels.
  double scale = 1;
  std::vector<double> mean, deviation;
  bool isFloat = false;
  Layout layout = Layout::HWC;
};

/// Reads "resize=HxW,color=gray|rgb|bgr,scale=X,mean=X/X/X,std=X/X/X,
/// type=f32|u8,layout=hwc|chw|nhwc|nchw"; each may be absent. A failure's
/// message says what was expected and found.
Result<PictureOptions> parsePictureOptions(const std::string &text);

/// `picture` is a U8 tensor height x width x channels, as `readPng` gives it.
/// Resizing is separable, by triangles that are as wide as the step between
/// samples when it shrinks: each sample counts, as in Pillow's bilinear
/// filter, up to rounding. The result is U8, or F32 as the options say.
Result<Tensor> preparePicture(const Tensor &picture,
                              const PictureOptions &options);

} // namespace nncio

#endif // NNC_DATAIO_PICTURE_H
