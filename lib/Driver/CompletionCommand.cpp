//===----------------------------------------------------------------------===//
// nnc completion: scripts that let a shell complete commands and options.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Commands.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// All options of a command, those that every command has included.
static std::vector<nncrun::OptionSpec> listOptions(const CommandSpec &spec) {
  std::vector<nncrun::OptionSpec> options = spec.options;
  llvm::append_range(options, nncrun::commonOptions());
  return options;
}

/// "--threads=", "-o", "--report=".
static std::string spell(const nncrun::OptionSpec &option) {
  std::string name = option.name;
  if (name.size() == 1)
    return "-" + name;
  return "--" + name + (option.value ? "=" : "");
}

static std::string firstSentence(StringRef text) {
  return text.substr(0, text.find(". ")).rtrim('.').str();
}

/// Puts a backslash before each of `special`.
static std::string escape(StringRef text, StringRef special) {
  std::string escaped;
  for (char c : text) {
    if (special.contains(c))
      escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// In single quotes, for a POSIX shell and zsh.
static std::string quote(StringRef text) {
  std::string quoted = "'";
  for (char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

static std::string bashScript(ArrayRef<Command> commands) {
  std::string names, cases;
  for (const Command &command : commands) {
    names += (names.empty() ? "" : " ") + std::string(command.spec->name);
    cases += std::string("  ") + command.spec->name + ") options=\"";
    for (const nncrun::OptionSpec &option : listOptions(*command.spec))
      cases += spell(option) + " ";
    cases += "\" ;;\n";
  }
  // The shell splits words at '=': what follows it is a file.
  return "# bash completion of nnc: source <(nnc completion bash)\n"
         "_nnc() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} options=\n"
         "  COMPREPLY=()\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W \"" +
         names +
         " --help --version\" -- \"$cur\"))\n"
         "    return\n"
         "  fi\n"
         "  [[ $cur == -* ]] || return 0\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
         "  [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null || "
         ":\n"
         "}\n"
         "complete -o default -F _nnc nnc\n";
}

static std::string zshScript(ArrayRef<Command> commands) {
  std::string names, cases;
  for (const Command &command : commands) {
    names += "    " +
             quote(escape(command.spec->name, ":") + ":" +
                   firstSentence(command.spec->summary)) +
             "\n";
    cases += std::string("  ") + command.spec->name + ")\n    _arguments \\\n";
    for (const nncrun::OptionSpec &option : listOptions(*command.spec)) {
      std::string text =
          "*" + spell(option) + "[" + escape(option.help, "[]\\:") + "]";
      if (option.value)
        text += ":" + escape(option.value, ":\\") + ":_files";
      cases += "      " + quote(text) + " \\\n";
    }
    cases += "      '*:file:_files' ;;\n";
  }
  return "#compdef nnc\n"
         "# zsh completion of nnc: save as _nnc in a folder of $fpath\n"
         "_nnc() {\n"
         "  local -a commands=(\n" +
         names +
         "  )\n"
         "  if ((CURRENT == 2)); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=${words[2]}\n"
         "  shift words\n"
         "  ((CURRENT--))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _nnc nnc\n";
}

static std::string fishScript(ArrayRef<Command> commands) {
  // In fish's single quotes these two are escaped.
  auto fishQuote = [](StringRef text) {
    return "'" + escape(text, "\\'") + "'";
  };
  std::string text = "# fish completion of nnc: nnc completion fish | source\n";
  for (const Command &command : commands)
    text += std::string("complete -c nnc -n __fish_use_subcommand -f -a ") +
            command.spec->name + " -d " +
            fishQuote(firstSentence(command.spec->summary)) + "\n";
  for (const Command &command : commands)
    for (const nncrun::OptionSpec &option : listOptions(*command.spec)) {
      std::string name = option.name;
      text += std::string("complete -c nnc -n '__fish_seen_subcommand_from ") +
              command.spec->name + "' " + (name.size() == 1 ? "-s " : "-l ") +
              name + (option.value ? " -r" : "") + " -d " +
              fishQuote(option.help) + "\n";
    }
  return text;
}

static int runCompletion(const Arguments &arguments) {
  std::string shell = arguments.operands[0];
  std::vector<Command> commands = listCommands();
  std::string text;
  if (shell == "bash")
    text = bashScript(commands);
  else if (shell == "zsh")
    text = zshScript(commands);
  else if (shell == "fish")
    text = fishScript(commands);
  else
    return reportError("nnc completion: expected bash, zsh or fish, but found "
                       "'" +
                           shell + "'",
                       nncrun::ExitUsage);
  return writeText(arguments.has("o") ? arguments.get("o") : "-", text);
}

Command driver::getCompletionCommand() {
  static const CommandSpec spec = {
      "completion",
      "SHELL",
      1,
      1,
      "Prints a script that lets bash, zsh or fish complete commands and "
      "options.",
      "source <(nnc completion bash)",
      {{"o", "FILE", "the file to write (stdout)"}}};
  return {&spec, runCompletion};
}
