//===----------------------------------------------------------------------===//
// Whole files in memory, read and written without exceptions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_FILEBYTES_H
#define NNC_DATAIO_FILEBYTES_H

#include "nnc/DataIO/Tensor.h"

namespace nncio {

/// Bytes that somebody else owns.
struct Span {
  const uint8_t *data = nullptr;
  size_t size = 0;

  Span() = default;
  Span(const void *data, size_t size)
      : data(static_cast<const uint8_t *>(data)), size(size) {}
  Span(const std::string &text) : Span(text.data(), text.size()) {}
};

/// Bytes with what keeps them alive.
struct FileBytes {
  Span span;
  std::shared_ptr<const void> owner;
};

/// The value of an operation that yields nothing but success or an error.
struct Success {};
using Status = Result<Success>;

/// `size` uninitialized bytes, aligned for every element type; an error when
/// the memory is not there. `data` receives the writable address.
Result<FileBytes> allocateBytes(size_t size, uint8_t *&data);

/// The whole of a regular file.
Result<FileBytes> readFile(const std::string &path);

/// Creates or overwrites `path` with the pieces, one after the other.
Status writeFile(const std::string &path, const std::vector<Span> &pieces);

} // namespace nncio

#endif // NNC_DATAIO_FILEBYTES_H
