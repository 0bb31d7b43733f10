//===----------------------------------------------------------------------===//
// Compiled libraries in a process of nnc-run, started by a program of the
// user's choice: an emulator of the target, or a tool that watches or confines
// a run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_LAUNCHER_H
#define NNC_LIB_DRIVER_LAUNCHER_H

#include "Compile.h"

namespace mlir::nnc::driver {

/// A folder of its own, removed with all that is in it.
class TemporaryFolder {
public:
  /// In the folder for temporary files, or in `parent`.
  explicit TemporaryFolder(StringRef parent = "");
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  /// Empty if it could not be made.
  const std::string &getPath() const { return path; }

private:
  std::string path;
};

/// The option --run-with.
extern const nncrun::OptionSpec runWithOption;

/// How nnc-run is started: a program with its arguments, nnc-run the last.
struct Launcher {
  std::vector<std::string> words;
};

/// What runs the compiled library at `path`, by its architecture; the host for
/// a file that does not tell.
TargetOptions readLibraryTarget(StringRef path);

/// Reads --run-with, for code of `target`: the program must be
/// there, and so must the target's nnc-run. Without the option the code must
/// run on this machine. Returns an exit code, after reporting what is wrong.
int readLauncher(const Arguments &arguments, const TargetOptions &target,
                 std::optional<Launcher> &launcher);

/// The same for measurements, which always are those of nnc-run: what starts it
/// with the option or without.
int readRunner(const Arguments &arguments, const TargetOptions &target,
               std::vector<std::string> &words);

/// Runs `words` and waits for the end, which comes with this process's at the
/// latest. A path is a file for what the program prints; empty leaves it alone.
/// Returns the exit code, or a failure that tells why there is none.
nncio::Result<int> runProgram(const std::vector<std::string> &words,
                              const std::string &output,
                              const std::string &errors);

/// Lowers `module` and writes a library into `folder`; each run of it is one of
/// nnc-run, with files in `folder`.
nncio::Result<std::shared_ptr<nncrun::Executable>>
makeLaunchedExecutable(ModuleOp module, CompileRequest &request,
                       const Launcher &launcher,
                       std::shared_ptr<TemporaryFolder> folder, int threads);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_LAUNCHER_H
