//===----------------------------------------------------------------------===//
// Read-only mappings of regular files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ModelReaderDetail.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Process.h"
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::detail;

llvm::Error detail::makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static llvm::Error systemError(llvm::StringRef path, llvm::StringRef what) {
  return makeError(path + ": " + what + ": " + llvm::sys::StrError(errno));
}

llvm::Expected<std::shared_ptr<const FileMapping>>
FileMapping::open(llvm::StringRef path) {
  if (path.contains('\0'))
    return makeError(path.take_until([](char c) { return c == '\0'; }) +
                     ": the path contains a NUL character");
  // Non-blocking: the path may name a pipe that nobody writes to.
  int fd = llvm::sys::RetryAfterSignal(-1, ::open, path.str().c_str(),
                                       O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return systemError(path, "cannot open the file");
  struct stat status;
  if (fstat(fd, &status) != 0) {
    llvm::Error error = systemError(path, "cannot examine the file");
    close(fd);
    return std::move(error);
  }
  if (!S_ISREG(status.st_mode)) {
    close(fd);
    return makeError(
        path + ": expects a regular file, but it is " +
        (S_ISDIR(status.st_mode) ? "a directory" : "a device or pipe"));
  }
  std::shared_ptr<FileMapping> mapping(new FileMapping);
  mapping->length = static_cast<size_t>(status.st_size);
  mapping->device = status.st_dev;
  mapping->inode = status.st_ino;
  // The system maps nothing for an empty file.
  if (mapping->length != 0) {
    void *memory =
        mmap(nullptr, mapping->length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (memory == MAP_FAILED) {
      mapping->length = 0;
      llvm::Error error = systemError(path, "cannot map the file");
      close(fd);
      return std::move(error);
    }
    mapping->begin = static_cast<const uint8_t *>(memory);
  }
  close(fd);
  return std::shared_ptr<const FileMapping>(std::move(mapping));
}

FileMapping::~FileMapping() {
  if (length != 0)
    munmap(const_cast<uint8_t *>(begin), length);
}

void FileMapping::dropPages(uint64_t from, uint64_t to) const {
  uint64_t page = llvm::sys::Process::getPageSizeEstimate();
  from = llvm::alignDown(from, page);
  to = llvm::alignTo(std::min<uint64_t>(to, length), page);
  if (from < to)
    madvise(const_cast<uint8_t *>(begin) + from, to - from, MADV_DONTNEED);
}

void FileMapping::setRandomAccess(bool random) const {
  if (length != 0)
    madvise(const_cast<uint8_t *>(begin), length,
            random ? MADV_RANDOM : MADV_NORMAL);
}
