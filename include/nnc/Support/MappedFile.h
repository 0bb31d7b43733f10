//===----------------------------------------------------------------------===//
// Files mapped for reading, each once a process.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_SUPPORT_MAPPEDFILE_H
#define NNC_SUPPORT_MAPPEDFILE_H

#include "nnc/DataIO/Tensor.h"
#include <memory>
#include <string>

namespace mlir::nnc {

/// A regular file's bytes, mapped read-only. Pages count as memory of the
/// process only once they are read. Safe to open from several threads.
class MappedFile {
public:
  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  /// The mapping of `path`, shared with every other holder. Fails for what is
  /// missing, unreadable or not a regular file; the message names it.
  static nncio::Result<std::shared_ptr<const MappedFile>>
  open(const std::string &path);

  const uint8_t *data() const { return begin; }
  uint64_t size() const { return length; }
  const std::string &path() const { return name; }

private:
  MappedFile() = default;

  std::string name;
  const uint8_t *begin = nullptr;
  uint64_t length = 0;
};

} // namespace mlir::nnc

#endif // NNC_SUPPORT_MAPPEDFILE_H
