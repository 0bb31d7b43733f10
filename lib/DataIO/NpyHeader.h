//===----------------------------------------------------------------------===//
// The header of a .npy file: a Python dictionary literal of three entries.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DATAIO_NPYHEADER_H
#define NNC_LIB_DATAIO_NPYHEADER_H

#include "nnc/DataIO/FileBytes.h"

namespace nncio {

struct NpyHeader {
  ElementType type = ElementType::Undefined;
  /// Bytes of one element in the file.
  size_t itemBytes = 0;
  /// Bytes of what a big-endian file swaps: a number, or a character of 'U'.
  size_t swapUnit = 0;
  bool bigEndian = false;
  bool unicode = false;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
  /// Where the elements begin.
  size_t dataOffset = 0;
};

Result<NpyHeader> parseNpyHeader(Span bytes);

/// The header with its magic, padded so that data begins at a multiple of 64.
std::string formatNpyHeader(const std::string &descr,
                            const std::vector<int64_t> &shape);

/// The `descr` of a type; empty for strings and Undefined.
std::string npyDescr(ElementType type);

} // namespace nncio

#endif // NNC_LIB_DATAIO_NPYHEADER_H
