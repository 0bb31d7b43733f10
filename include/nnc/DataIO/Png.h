//===----------------------------------------------------------------------===//
// PNG pictures as tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_PNG_H
#define NNC_DATAIO_PNG_H

#include "nnc/DataIO/FileBytes.h"

namespace nncio {

/// A U8 tensor of shape height x width x channels: 1 for gray, 2 for gray with
/// alpha, 3 for RGB and palettes, 4 for RGBA and palettes with transparency.
/// 16-bit samples are scaled to 8, fewer bits to the full range. An error for
/// damaged or truncated files and for pictures over 2^28 bytes or 2^20 pixels
/// on a side.
Result<Tensor> parsePng(Span bytes);
Result<Tensor> readPng(const std::string &path);

} // namespace nncio

#endif // NNC_DATAIO_PNG_H
