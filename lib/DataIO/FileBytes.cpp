//===----------------------------------------------------------------------===//
// Whole files in memory. Files are read, not mapped: a file that shrinks while
// it is in use then cannot raise a signal.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/FileBytes.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>

namespace nncio {

namespace {

struct FileCloser {
  void operator()(FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, FileCloser>;

} // namespace

template <typename T>
static Result<T> systemError(const char *action, const std::string &path) {
  return Result<T>::failure(std::string("cannot ") + action + " '" + path +
                            "': " + std::strerror(errno));
}

Result<FileBytes> allocateBytes(size_t size, uint8_t *&data) {
  std::shared_ptr<void> memory(std::malloc(std::max<size_t>(size, 1)),
                               std::free);
  if (!memory)
    return Result<FileBytes>::failure("not enough memory for " +
                                      std::to_string(size) + " bytes");
  data = static_cast<uint8_t *>(memory.get());
  FileBytes bytes;
  bytes.span = Span(data, size);
  bytes.owner = std::move(memory);
  return bytes;
}

Result<FileBytes> readFile(const std::string &path) {
  File file(std::fopen(path.c_str(), "rb"));
  if (!file)
    return systemError<FileBytes>("open", path);
  struct stat info;
  if (fstat(fileno(file.get()), &info) != 0)
    return systemError<FileBytes>("examine", path);
  if (!S_ISREG(info.st_mode))
    return Result<FileBytes>::failure("expected a regular file, but '" + path +
                                      "' is none");
  uint8_t *data = nullptr;
  Result<FileBytes> bytes =
      allocateBytes(static_cast<size_t>(info.st_size), data);
  if (!bytes)
    return Result<FileBytes>::failure("cannot read '" + path +
                                      "': " + bytes.error());
  const size_t got = std::fread(data, 1, bytes->span.size, file.get());
  if (std::ferror(file.get()))
    return systemError<FileBytes>("read", path);
  bytes->span.size = got;
  return bytes;
}

Status writeFile(const std::string &path, const std::vector<Span> &pieces) {
  File file(std::fopen(path.c_str(), "wb"));
  if (!file)
    return systemError<Success>("create", path);
  for (const Span &piece : pieces)
    if (piece.size != 0 &&
        std::fwrite(piece.data, 1, piece.size, file.get()) != piece.size)
      return systemError<Success>("write", path);
  if (std::fclose(file.release()) != 0)
    return systemError<Success>("write", path);
  return Success();
}

} // namespace nncio
