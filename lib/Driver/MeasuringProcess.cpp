//===----------------------------------------------------------------------===//
// The child process that measures libraries, and what is made for it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MeasuringProcess.h"

#include "Commands.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

TemporaryFile::TemporaryFile(StringRef extension) {
  if (llvm::sys::fs::createTemporaryFile("nnc-bench", extension, path))
    path.clear();
}

TemporaryFile::~TemporaryFile() {
  if (!path.empty())
    llvm::sys::fs::remove(path);
}

/// nnc-run, beside this program or in the path.
static std::string findRunner() {
  static int anchor;
  std::string self = llvm::sys::fs::getMainExecutable("nnc", &anchor);
  llvm::SmallString<128> path = llvm::sys::path::parent_path(self);
  llvm::sys::path::append(path, "nnc-run");
  if (llvm::sys::fs::can_execute(path))
    return path.str().str();
  llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName("nnc-run");
  return found ? *found : "";
}

int driver::measureLibraries(ArrayRef<std::string> options,
                             ArrayRef<std::string> libraries,
                             std::string &target, llvm::json::Array &results) {
  std::string runner = findRunner();
  if (runner.empty())
    return reportError("cannot find nnc-run, which must lie beside nnc",
                       nncrun::ExitInternal);
  TemporaryFile output("json");
  if (!output.isThere())
    return reportError("cannot make a temporary file", nncrun::ExitInput);
  std::vector<std::string> words{runner, "--bench"};
  llvm::append_range(words, options);
  words.push_back("--");
  llvm::append_range(words, libraries);
  std::vector<StringRef> refs(words.begin(), words.end());
  std::string file = output.str(), message;
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(file),
                                          std::nullopt};
  int code = llvm::sys::ExecuteAndWait(runner, refs, std::nullopt, redirects, 0,
                                       0, &message);
  if (code < 0)
    return reportError("the measuring process failed: " + message,
                       nncrun::ExitInternal);
  if (code)
    return code;
  auto buffer = llvm::MemoryBuffer::getFile(file);
  llvm::Expected<llvm::json::Value> json =
      llvm::json::parse(buffer ? (*buffer)->getBuffer() : "");
  if (!json) {
    llvm::consumeError(json.takeError());
    return reportError("the measuring process gave no result",
                       nncrun::ExitInternal);
  }
  llvm::json::Object *object = json->getAsObject();
  llvm::json::Array *list = object ? object->getArray("results") : nullptr;
  if (!list || list->size() != libraries.size())
    return reportError("the measuring process gave no result",
                       nncrun::ExitInternal);
  target = object->getString("target").value_or("").str();
  results = std::move(*list);
  return nncrun::ExitDone;
}
