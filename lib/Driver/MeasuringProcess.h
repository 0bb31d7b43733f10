//===----------------------------------------------------------------------===//
// The child process that measures libraries, and what is made for it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_MEASURINGPROCESS_H
#define NNC_LIB_DRIVER_MEASURINGPROCESS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace mlir::nnc::driver {

/// A file that goes with the object.
class TemporaryFile {
public:
  /// Has no path if there can be none.
  explicit TemporaryFile(StringRef extension);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;

  bool isThere() const { return !path.empty(); }
  std::string str() const { return path.str().str(); }

private:
  llvm::SmallString<128> path;
};

/// Runs 'RUNNER --bench' on libraries with these words of options, where RUNNER
/// is nnc-run, or an emulator with it (readRunner). Its
/// "results" go to `results`, one a library, and the machine's name to
/// `target`. Returns an exit code; failures have been reported.
int measureLibraries(ArrayRef<std::string> runner,
                     ArrayRef<std::string> options,
                     ArrayRef<std::string> libraries, std::string &target,
                     llvm::json::Array &results);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_MEASURINGPROCESS_H
