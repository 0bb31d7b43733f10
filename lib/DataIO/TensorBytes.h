//===----------------------------------------------------------------------===//
// What the readers share: tensors on raw bytes of a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DATAIO_TENSORBYTES_H
#define NNC_LIB_DATAIO_TENSORBYTES_H

#include "nnc/DataIO/FileBytes.h"

#include <cstring>

namespace nncio {

/// Most strings that a file may hold: each costs far more memory than file.
constexpr int64_t maxStringElements = int64_t(1) << 24;

/// Most dimensions that a file may give a tensor.
constexpr size_t maxRank = 1024;

/// "2x3", or "scalar" for rank 0; shortened after 16 dimensions.
std::string shapeText(const std::vector<int64_t> &shape);

/// Reverses the bytes of each of the units of `unit` bytes in place.
void swapBytes(uint8_t *data, size_t size, size_t unit);

/// A zero-filled tensor, or an error when the memory is not there.
Result<Tensor> makeTensor(ElementType type, std::vector<int64_t> shape);

/// A tensor of little-endian elements. Refers to `bytes` when they are aligned
/// and valid, copies otherwise; bool bytes become 0 or 1. The number of bytes
/// must be that of the shape.
Result<Tensor> tensorOnBytes(ElementType type, std::vector<int64_t> shape,
                             Span bytes, std::shared_ptr<const void> owner);

/// The bits of a float, and the float of bits.
inline uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
inline float floatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// The message with the file in front.
template <typename T>
Result<T> inFile(const std::string &path, Result<T> result) {
  if (result)
    return result;
  return Result<T>::failure("'" + path + "': " + result.error());
}

} // namespace nncio

#endif // NNC_LIB_DATAIO_TENSORBYTES_H
