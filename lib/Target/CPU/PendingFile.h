//===----------------------------------------------------------------------===//
// A file that appears only when it is complete.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_CPU_PENDINGFILE_H
#define NNC_LIB_TARGET_CPU_PENDINGFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace mlir::nnc {

/// A file under a name of its own beside the one that it may become; removed
/// when this object or the process ends, unless committed.
class PendingFile {
public:
  /// For `target`, "-" for stdout, or a device; for the last two the file lies
  /// in the folder of temporary files, and committing copies it. The message
  /// of a failure names `target`.
  static llvm::Expected<PendingFile> create(llvm::StringRef target);

  PendingFile(PendingFile &&other) noexcept;
  PendingFile &operator=(PendingFile &&) = delete;
  ~PendingFile();

  /// Where the file lies until it is committed.
  const std::string &path() const { return temporary; }

  /// Writes the contents anew.
  llvm::Error write(llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write);

  /// Size in bytes now, 0 if it can't be told.
  uint64_t bytes() const;

  /// Makes it the target.
  llvm::Error commit();

private:
  PendingFile() = default;
  llvm::Error copyOut();

  std::string target;    ///< As named by the caller.
  std::string resolved;  ///< Behind symbolic links.
  std::string temporary; ///< Empty: nothing to remove.
  bool isCopied = false; ///< The target is a stream.
};

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_CPU_PENDINGFILE_H
