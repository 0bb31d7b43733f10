//===----------------------------------------------------------------------===//
// What zip archives need of zlib.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DATAIO_DEFLATE_H
#define NNC_LIB_DATAIO_DEFLATE_H

#include "nnc/DataIO/FileBytes.h"

namespace nncio {

/// The CRC-32 of what `sum` is the CRC-32 of, followed by `bytes`; 0 is that of
/// nothing.
uint32_t addToChecksum(uint32_t sum, Span bytes);

/// Inflates `packed` into the `size` bytes at `out`. The message of a failure
/// goes on from "zip member 'x' "; other sizes than these are one.
Status inflateExactly(Span packed, uint8_t *out, size_t size);

} // namespace nncio

#endif // NNC_LIB_DATAIO_DEFLATE_H
