//===----------------------------------------------------------------------===//
// Files mapped for reading.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Support/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::nnc;
using FileResult = nncio::Result<std::shared_ptr<const MappedFile>>;

MappedFile::~MappedFile() {
  if (begin && length)
    munmap(const_cast<uint8_t *>(begin), length);
}

FileResult MappedFile::open(const std::string &path) {
  // Holds no file open by itself: an entry expires with its last user.
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const MappedFile>> opened;
  std::lock_guard<std::mutex> lock(mutex);
  if (std::shared_ptr<const MappedFile> known = opened[path].lock())
    return known;

  auto fail = [&](const char *why) {
    return FileResult::failure("can't read '" + path + "': " + why);
  };
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return fail(std::strerror(errno));
  struct stat info;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return fail("is not a regular file");
  }
  std::shared_ptr<MappedFile> file(new MappedFile());
  file->name = path;
  file->length = static_cast<uint64_t>(info.st_size);
  if (file->length) {
    void *map = mmap(nullptr, file->length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
      ::close(fd);
      return fail(std::strerror(errno));
    }
    file->begin = static_cast<const uint8_t *>(map);
  }
  ::close(fd);
  opened[path] = file;
  return std::shared_ptr<const MappedFile>(file);
}
