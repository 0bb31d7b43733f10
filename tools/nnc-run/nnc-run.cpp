//===----------------------------------------------------------------------===//
// Runs compiled models. Links neither LLVM nor MLIR.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Bench.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Runner/RunCommand.h"

#include <cstdio>

using namespace nncrun;

static int runLibrary(const Arguments &arguments) {
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), ExitUsage);
  const std::string &path = arguments.operands[0];
  auto model = CompiledModel::open(path, static_cast<int>(*threads),
                                   arguments.get("variant"),
                                   arguments.get("weights-file"));
  if (!model)
    return reportError("'" + path + "': " + model.error(), ExitInput);
  if (arguments.has("info")) {
    std::fputs((*model)->infoText().c_str(), stdout);
    return ExitDone;
  }
  return runExecutable(**model, arguments, path, /*folder=*/"");
}

static int runWords(const CommandSpec &spec, int (*run)(const Arguments &),
                    const std::vector<std::string> &words) {
  nncio::Result<Arguments> arguments = parseArguments(spec, words);
  if (!arguments)
    return reportError("nnc-run: " + arguments.error(), ExitUsage);
  if (arguments->has("help") || arguments->has("version")) {
    const std::string text = arguments->has("help") ? helpText(spec, "nnc-run")
                                                    : "nnc-run " NNC_VERSION
                                                      "\n";
    std::fputs(text.c_str(), stdout);
    return ExitDone;
  }
  return run(*arguments);
}

int main(int argc, char **argv) {
  installCrashHandler(argc, argv);
  std::vector<std::string> words(argv + (argc > 0), argv + argc);
  // What 'nnc bench' starts.
  if (!words.empty() && words[0] == "--bench") {
    words.erase(words.begin());
    return runWords(benchSpec(), runBench, words);
  }
  CommandSpec spec = {"run",
                      "LIBRARY.so",
                      1,
                      1,
                      "Runs a compiled model once.",
                      "nnc-run model.so --input x=@x.npy "
                      "--output y=@y.npy",
                      runOptions()};
  spec.options.push_back(
      {"info", nullptr, "print target and signature as JSON, and do not run"});
  return runWords(spec, runLibrary, words);
}
