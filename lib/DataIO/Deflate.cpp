//===----------------------------------------------------------------------===//
// Unpacking by zlib.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Deflate.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace nncio {

uint32_t addToChecksum(uint32_t sum, Span bytes) {
  // A null pointer would reset the sum.
  if (bytes.size == 0)
    return sum;
  return static_cast<uint32_t>(crc32_z(sum, bytes.data, bytes.size));
}

Status inflateExactly(Span packed, uint8_t *out, size_t size) {
  z_stream stream;
  std::memset(&stream, 0, sizeof(stream));
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return Status::failure("cannot be unpacked: zlib does not start");
  // zlib counts in 32 bits. One spare byte tells too much data from enough.
  constexpr size_t chunk = size_t(1) << 30;
  uint8_t spare = 0;
  size_t written = 0;
  size_t read = 0;
  bool tooMuch = false;
  int code = Z_OK;
  while (code == Z_OK && !tooMuch) {
    const size_t in = std::min(chunk, packed.size - read);
    const size_t room = std::min(chunk, size - written);
    stream.next_in = const_cast<Bytef *>(packed.data + read);
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = room != 0 ? out + written : &spare;
    stream.avail_out = room != 0 ? static_cast<uInt>(room) : 1;
    code = inflate(&stream, Z_NO_FLUSH);
    read += in - stream.avail_in;
    if (room != 0)
      written += room - stream.avail_out;
    else
      tooMuch = stream.avail_out == 0;
  }
  inflateEnd(&stream);
  if (code != Z_STREAM_END || tooMuch || written != size || read != packed.size)
    return Status::failure("does not unpack to the " + std::to_string(size) +
                           " bytes that the directory says");
  return Success();
}

} // namespace nncio
