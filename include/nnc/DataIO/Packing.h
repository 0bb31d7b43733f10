//===----------------------------------------------------------------------===//
// Elements of less than a byte, as files hold them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_PACKING_H
#define NNC_DATAIO_PACKING_H

#include "nnc/DataIO/Tensor.h"

namespace nncio {

/// Bytes of `count` elements in a file: elements of less than 8 bits are packed
/// without gaps, the first in the lowest bits of a byte.
size_t packedBytes(ElementType type, int64_t count);
/// One byte an element from packed ones of less than 8 bits, and back. `packed`
/// has packedBytes.
void unpackElements(ElementType type, int64_t count, const uint8_t *packed,
                    uint8_t *elements);
std::vector<uint8_t> packElements(ElementType type, int64_t count,
                                  const uint8_t *elements);

} // namespace nncio

#endif // NNC_DATAIO_PACKING_H
