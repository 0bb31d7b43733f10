//===----------------------------------------------------------------------===//
// In place of zlib, where a build has none: sums, but nothing is unpacked.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Deflate.h"

namespace nncio {

uint32_t addToChecksum(uint32_t sum, Span bytes) {
  constexpr uint32_t reversedPolynomial = 0xedb88320;
  sum = ~sum;
  for (size_t i = 0; i < bytes.size; ++i) {
    sum ^= bytes.data[i];
    for (int bit = 0; bit < 8; ++bit)
      sum = sum >> 1 ^ (sum & 1 ? reversedPolynomial : 0);
  }
  return ~sum;
}

Status inflateExactly(Span, uint8_t *, size_t) {
  return Status::failure("is compressed, and this program is built without "
                         "zlib; store it uncompressed, as numpy.savez does");
}

} // namespace nncio
