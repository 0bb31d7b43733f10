//===----------------------------------------------------------------------===//
// The text form of storage problems: tables of comma-separated values.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_MEMORY_STORAGETEXT_H
#define NNC_MEMORY_STORAGETEXT_H

#include "nnc/DataIO/FileBytes.h"
#include "nnc/Memory/Storage.h"

namespace nncmem {

/// A storage problem with the lines that it was read from.
struct StorageTable {
  std::string header;
  std::vector<std::string> rows;
  std::vector<std::string> ids; ///< By buffer.
  std::vector<Buffer> buffers;

  Problem problem() const { return {buffers.data(), buffers.size()}; }
};

/// Reads a table with the columns id, lower, upper and size, and alignment if
/// it likes, in any order: buffer `id` of `size` bytes lives in [lower, upper).
/// Other columns are kept. What comes back has passed `check`. A failure's
/// message has the line.
nncio::Result<StorageTable> parseStorage(const std::string &text);

/// The table with one more column, `offset`.
std::string printOffsets(const StorageTable &table, const int64_t *offsets);

} // namespace nncmem

#endif // NNC_MEMORY_STORAGETEXT_H
