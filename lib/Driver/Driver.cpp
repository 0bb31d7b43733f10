//===----------------------------------------------------------------------===//
// The command line driver: finds the sub-command and runs it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Driver/Driver.h"

#include "Commands.h"
#include "nnc/Runner/Data.h"
#include "llvm/Config/llvm-config.h"

#include <csignal>
#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

std::vector<Command> driver::listCommands() {
  return {getBenchCommand(),
          getCalibrateCommand(),
          getCalibrateTargetCommand(),
          getCheckCommand(),
          getCompareCommand(),
          getCompileCommand(),
          getCompletionCommand(),
          getCostCommand(),
          getEvalCommand(),
          getImportCommand(),
          getReportCommand(),
          getRunCommand(),
          getSensitivityCommand(),
          getSolveCommand(),
          getTestCommand()};
}

int driver::writeText(const std::string &path, const std::string &text) {
  nncio::Status written = nncrun::writeWhole(path, {nncio::Span(text)});
  if (!written)
    return reportError(written.error(), nncrun::ExitInput);
  return nncrun::ExitDone;
}

std::string driver::versionText() {
  return "nnc " NNC_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
}

static std::string overview() {
  std::string text = "usage: nnc COMMAND ...\n\nCompiles neural networks ahead "
                     "of time.\n\ncommands:\n";
  for (const Command &command : listCommands()) {
    std::string name = std::string("  ") + command.spec->name;
    name.resize(20, ' ');
    std::string summary = command.spec->summary;
    text += name + summary.substr(0, summary.find(". ")) + "\n";
  }
  return text + "\n'nnc COMMAND --help' tells more.\n\nexample:\n"
                "  nnc check model.onnx\n";
}

static int runCommand(const Command &command,
                      const std::vector<std::string> &words) {
  std::string tool = std::string("nnc ") + command.spec->name;
  nncio::Result<Arguments> arguments =
      nncrun::parseArguments(*command.spec, words);
  if (!arguments)
    return reportError(tool + ": " + arguments.error(), nncrun::ExitUsage);
  if (arguments->has("help") || arguments->has("version")) {
    std::string text = arguments->has("help")
                           ? nncrun::helpText(*command.spec, tool)
                           : versionText();
    std::fputs(text.c_str(), stdout);
    return nncrun::ExitDone;
  }
  return command.run(*arguments);
}

int mlir::nnc::runDriver(int argc, char **argv) {
  nncrun::installCrashHandler(argc, argv);
  std::vector<std::string> words(argv + (argc > 0), argv + argc);
  if (words.empty()) {
    std::fputs(overview().c_str(), stderr);
    return nncrun::ExitUsage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "--version") {
    std::string text = words[0] == "--version" ? versionText() : overview();
    std::fputs(text.c_str(), stdout);
    return nncrun::ExitDone;
  }
  std::vector<std::string> names;
  for (const Command &command : listCommands()) {
    if (words[0] == command.spec->name) {
      words.erase(words.begin());
      return runCommand(command, words);
    }
    names.push_back(command.spec->name);
  }
  std::string similar = nncrun::findSimilar(words[0], names);
  return reportError("unknown command '" + words[0] + "'" +
                         (similar.empty()
                              ? "; see 'nnc --help'"
                              : "; did you mean '" + similar + "'?"),
                     nncrun::ExitUsage);
}
