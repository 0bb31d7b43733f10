//===----------------------------------------------------------------------===//
// A file that appears only when it is complete.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/PendingFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"

using namespace mlir::nnc;
using llvm::Error;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static Error makeError(StringRef target, std::error_code code) {
  std::string name = target == "-" ? "stdout" : "'" + target.str() + "'";
  return llvm::createStringError(code, "cannot write " + name + ": " +
                                           code.message());
}

llvm::Expected<PendingFile> PendingFile::create(StringRef target) {
  PendingFile file;
  file.target = target.str();
  file.resolved = file.target;
  fs::file_status status;
  bool exists = target != "-" && !fs::status(target, status);
  if (exists && fs::is_directory(status))
    return makeError(target, std::make_error_code(std::errc::is_a_directory));
  file.isCopied = target == "-" || (exists && !fs::is_regular_file(status));
  llvm::SmallString<256> path;
  // A link stays one: its file is replaced.
  if (exists && !fs::real_path(target, path))
    file.resolved = path.str().str();
  int descriptor;
  std::error_code code =
      file.isCopied ? fs::createTemporaryFile("nnc", "tmp", descriptor, path)
                    : fs::createUniqueFile(file.resolved + ".%%%%%%%%.tmp",
                                           descriptor, path, fs::OF_None,
                                           fs::all_read | fs::all_write);
  if (code)
    return makeError(target, code);
  file.temporary = path.str().str();
  llvm::sys::RemoveFileOnSignal(file.temporary);
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true).flush();
  return file;
}

PendingFile::PendingFile(PendingFile &&other) noexcept
    : target(std::move(other.target)), resolved(std::move(other.resolved)),
      temporary(std::move(other.temporary)), isCopied(other.isCopied) {
  other.temporary.clear();
}

PendingFile::~PendingFile() {
  if (temporary.empty())
    return;
  fs::remove(temporary);
  llvm::sys::DontRemoveFileOnSignal(temporary);
}

Error PendingFile::write(llvm::function_ref<Error(llvm::raw_ostream &)> write) {
  std::error_code code;
  // A handler of a signal, in whatever thread, may have removed it: it must not
  // come back.
  llvm::raw_fd_ostream os(temporary, code, fs::CD_OpenExisting);
  if (code)
    return makeError(target, code);
  Error error = write(os);
  os.close();
  if (os.has_error()) {
    code = os.error();
    os.clear_error();
    llvm::consumeError(std::move(error));
    return makeError(target, code);
  }
  return error;
}

uint64_t PendingFile::bytes() const {
  uint64_t size = 0;
  return fs::file_size(temporary, size) ? 0 : size;
}

Error PendingFile::copyOut() {
  auto buffer = llvm::MemoryBuffer::getFile(temporary, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeError(target, buffer.getError());
  std::error_code code;
  llvm::raw_fd_ostream os(target, code, fs::CD_OpenExisting, fs::FA_Write,
                          fs::OF_None);
  if (code)
    return makeError(target, code);
  os << (*buffer)->getBuffer();
  os.flush();
  if (os.has_error()) {
    code = os.error();
    os.clear_error();
    return makeError(target, code);
  }
  return Error::success();
}

Error PendingFile::commit() {
  if (isCopied)
    return copyOut();
  if (std::error_code code = fs::rename(temporary, resolved))
    return makeError(target, code);
  llvm::sys::DontRemoveFileOnSignal(temporary);
  temporary.clear();
  return Error::success();
}
