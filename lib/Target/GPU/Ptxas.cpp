//===----------------------------------------------------------------------===//
// NVIDIA's assembler, where there is one.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPU/Ptxas.h"

#include "nnc/Target/GPU/DeviceCode.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace mlir::nnc;
using llvm::StringRef;

/// What a message quotes of the assembler's, in characters.
static constexpr size_t quotedCharacters = 1000;

std::string mlir::nnc::findPtxas() {
  llvm::SmallVector<std::string> folders;
  for (const char *variable : {"CUDA_ROOT", "CUDA_HOME", "CUDA_PATH"})
    if (std::optional<std::string> folder =
            llvm::sys::Process::GetEnv(variable))
      folders.push_back(*folder + "/bin");
  folders.push_back("/usr/local/cuda/bin");
  llvm::SmallVector<StringRef> paths(folders.begin(), folders.end());
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  if (auto found = llvm::sys::findProgramByName("ptxas", paths))
    return *found;
  return "";
}

namespace {
/// A file in the folder for temporary ones, removed at the end.
struct TemporaryFile {
  llvm::SmallString<128> path;
  std::error_code error;
  llvm::FileRemover remover;

  explicit TemporaryFile(StringRef extension)
      : error(llvm::sys::fs::createTemporaryFile("nnc", extension, path)) {
    if (!error)
      remover.setFile(path);
  }
};
} // namespace

static std::string readText(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer
             ? (*buffer)->getBuffer().trim().take_front(quotedCharacters).str()
             : "";
}

llvm::Expected<std::string> mlir::nnc::assemble(StringRef ptx,
                                                const GpuTarget &target) {
  std::string program = findPtxas();
  if (program.empty())
    return llvm::createStringError(
        "a cubin needs the program ptxas of the CUDA toolkit, which was not "
        "found in PATH, CUDA_HOME or /usr/local/cuda; ask for ptx");
  TemporaryFile input("ptx"), output("cubin"), messages("txt");
  for (const TemporaryFile *file : {&input, &output, &messages})
    if (file->error)
      return llvm::createStringError(file->error,
                                     "cannot make a temporary file");
  std::error_code error;
  {
    llvm::raw_fd_ostream os(input.path, error);
    os << ptx;
    os.close();
    if (os.has_error()) {
      error = os.error();
      os.clear_error();
    }
  }
  if (error)
    return llvm::createStringError(error, "cannot write '" + input.path +
                                              "': " + error.message());
  std::string architecture = "-arch=" + target.chip;
  StringRef arguments[] = {program,    architecture, "-O3",
                           input.path, "-o",         output.path};
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(messages.path),
                                          StringRef(messages.path)};
  std::string reason;
  int code = llvm::sys::ExecuteAndWait(program, arguments, std::nullopt,
                                       redirects, 0, 0, &reason);
  if (code != 0)
    return llvm::createStringError("ptxas failed: " + reason +
                                   readText(messages.path));
  auto buffer = llvm::MemoryBuffer::getFile(output.path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   "cannot read what ptxas has written");
  return (*buffer)->getBuffer().str();
}
