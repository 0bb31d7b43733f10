//===----------------------------------------------------------------------===//
// The options of a command as a table, parsed the same way in every tool.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_COMMANDLINE_H
#define NNC_RUNNER_COMMANDLINE_H

#include "nnc/DataIO/Tensor.h"

namespace nncrun {

/// What tools return; scripts depend on the numbers.
enum ExitCode : int {
  ExitDone = 0,
  /// A result differs from the expected one.
  ExitDiffers = 1,
  ExitUsage = 2,
  /// The input is invalid or unsupported.
  ExitInput = 3,
  /// A budget, constraint or assertion is not met.
  ExitUnmet = 4,
  ExitInternal = 5
};

/// An option of a command.
struct OptionSpec {
  /// Without dashes. One letter is written "-o", more "--opt".
  const char *name;
  /// What its value is called in the help; null for a flag.
  const char *value;
  const char *help;
};

/// A command, or a tool without commands.
struct CommandSpec {
  const char *name;
  /// The words after the options, for the help: "MODEL", "DIR...".
  const char *operands;
  size_t minOperands;
  size_t maxOperands;
  const char *summary;
  const char *example;
  std::vector<OptionSpec> options;
};

/// Options in the order given, and what is no option.
class Arguments {
public:
  std::vector<std::string> operands;

  bool has(const std::string &name) const;
  /// The last value; empty if the option is not given.
  std::string get(const std::string &name) const;
  std::vector<std::string> getAll(const std::string &name) const;
  void add(std::string name, std::string value) {
    given.emplace_back(std::move(name), std::move(value));
  }

  /// The last value as an integer within [low, high], `otherwise` if the option
  /// is not given. A failure's message names the option.
  nncio::Result<int64_t> getInt(const std::string &name, int64_t otherwise,
                                int64_t low, int64_t high) const;
  /// The same for a finite number that is not negative.
  nncio::Result<double> getNumber(const std::string &name,
                                  double otherwise) const;

private:
  std::vector<std::pair<std::string, std::string>> given;
};

/// The options that every command has.
const std::vector<OptionSpec> &commonOptions();

/// Takes "--opt=value", "--opt value", "-o value", "-ovalue"; "--" ends the
/// options, "-" is an operand. --help, --version and -v are always there. The
/// message of a failure suggests the option that was likely meant.
nncio::Result<Arguments> parseArguments(const CommandSpec &spec,
                                        const std::vector<std::string> &words);

/// `tool` is "nnc run", say; "" as the command's name is left out.
std::string helpText(const CommandSpec &spec, const std::string &tool);

/// The most similar candidate; empty if none is similar.
std::string findSimilar(const std::string &word,
                        const std::vector<std::string> &candidates);

/// Prints "error: " and the message to stderr; returns `code`.
int reportError(const std::string &message, int code);

/// Turns a crash into a message that says how to reproduce it and exit code 5.
/// The words must stay where they are until the program ends.
void installCrashHandler(int argc, char **argv);

/// Crashes end the process with their signal again.
void removeCrashHandler();

} // namespace nncrun

#endif // NNC_RUNNER_COMMANDLINE_H
