//===----------------------------------------------------------------------===//
// The child process that measures libraries, and what is made for it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MeasuringProcess.h"

#include "Commands.h"
#include "Launcher.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

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

int driver::measureLibraries(ArrayRef<std::string> runner,
                             ArrayRef<std::string> options,
                             ArrayRef<std::string> libraries,
                             std::string &target, llvm::json::Array &results) {
  TemporaryFile output("json");
  if (!output.isThere())
    return reportError("cannot make a temporary file", nncrun::ExitInput);
  std::vector<std::string> words = runner.vec();
  words.push_back("--bench");
  llvm::append_range(words, options);
  words.push_back("--");
  llvm::append_range(words, libraries);
  nncio::Result<int> code = runProgram(words, output.str(), "");
  if (!code)
    return reportError("the measuring process failed: " + code.error(),
                       nncrun::ExitInternal);
  if (*code)
    return *code;
  auto buffer = llvm::MemoryBuffer::getFile(output.str());
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
