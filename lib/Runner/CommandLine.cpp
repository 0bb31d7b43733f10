//===----------------------------------------------------------------------===//
// Parsing of the command line.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/CommandLine.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace nncrun;
using ParseResult = nncio::Result<Arguments>;

bool Arguments::has(const std::string &name) const {
  for (const auto &entry : given)
    if (entry.first == name)
      return true;
  return false;
}

std::string Arguments::get(const std::string &name) const {
  std::vector<std::string> values = getAll(name);
  return values.empty() ? "" : values.back();
}

std::vector<std::string> Arguments::getAll(const std::string &name) const {
  std::vector<std::string> values;
  for (const auto &entry : given)
    if (entry.first == name)
      values.push_back(entry.second);
  return values;
}

nncio::Result<int64_t> Arguments::getInt(const std::string &name,
                                         int64_t otherwise, int64_t low,
                                         int64_t high) const {
  if (!has(name))
    return otherwise;
  const std::string text = get(name);
  char *end = nullptr;
  errno = 0;
  const long long value = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end || errno || value < low || value > high)
    return nncio::Result<int64_t>::failure(
        "--" + name + " expects an integer from " + std::to_string(low) +
        " to " + std::to_string(high) + ", but found '" + text + "'");
  return static_cast<int64_t>(value);
}

nncio::Result<double> Arguments::getNumber(const std::string &name,
                                           double otherwise) const {
  if (!has(name))
    return otherwise;
  const std::string text = get(name);
  char *end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end || !std::isfinite(value) || value < 0)
    return nncio::Result<double>::failure("--" + name +
                                          " expects a number of at least 0, "
                                          "but found '" +
                                          text + "'");
  return value;
}

const std::vector<OptionSpec> &nncrun::commonOptions() {
  static const std::vector<OptionSpec> options = {
      {"help", nullptr, "print this text"},
      {"v", nullptr, "tell what is done, on stderr"},
      {"version", nullptr, "print the version"}};
  return options;
}

static std::string spell(const std::string &name) {
  return (name.size() == 1 ? "-" : "--") + name;
}

static const OptionSpec *findOption(const CommandSpec &spec,
                                    const std::string &name) {
  for (const auto *list : {&spec.options, &commonOptions()})
    for (const OptionSpec &option : *list)
      if (name == option.name)
        return &option;
  return nullptr;
}

static std::string unknownOption(const CommandSpec &spec,
                                 const std::string &word) {
  std::vector<std::string> names;
  for (const auto *list : {&spec.options, &commonOptions()})
    for (const OptionSpec &option : *list)
      names.push_back(spell(option.name));
  std::string message = "unknown option '" + word + "'";
  const std::string similar = findSimilar(word, names);
  if (!similar.empty())
    return message + "; did you mean '" + similar + "'?";
  return message + "; see --help";
}

/// A word that starts with a dash, taken apart.
struct SplitWord {
  std::string name;
  std::string value;
  bool hasValue = false;
};

static SplitWord splitWord(const std::string &word) {
  SplitWord result;
  if (word.compare(0, 2, "--") == 0) {
    const size_t equals = word.find('=');
    result.hasValue = equals != std::string::npos;
    result.name = word.substr(2, result.hasValue ? equals - 2 : equals);
    if (result.hasValue)
      result.value = word.substr(equals + 1);
    return result;
  }
  result.name = word.substr(1, 1);
  result.hasValue = word.size() > 2;
  result.value = word.substr(std::min<size_t>(2, word.size()));
  return result;
}

ParseResult nncrun::parseArguments(const CommandSpec &spec,
                                   const std::vector<std::string> &words) {
  Arguments result;
  bool onlyOperands = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string &word = words[i];
    if (onlyOperands || word.size() < 2 || word[0] != '-') {
      result.operands.push_back(word);
      continue;
    }
    if (word == "--") {
      onlyOperands = true;
      continue;
    }
    SplitWord split = splitWord(word);
    if (word == "-h")
      split.name = "help";
    const OptionSpec *option = findOption(spec, split.name);
    // One dash takes one letter only: "-target" is no "-t arget".
    if (!option || (split.name.size() == 1 && word[1] == '-'))
      return ParseResult::failure(unknownOption(spec, word));
    if (!option->value && split.hasValue)
      return ParseResult::failure(
          word[1] == '-' ? "option '" + spell(split.name) + "' takes no value"
                         : unknownOption(spec, word));
    if (option->value && !split.hasValue) {
      if (i + 1 == words.size())
        return ParseResult::failure("option '" + spell(split.name) +
                                    "' expects a value, " + option->value);
      split.value = words[++i];
    }
    result.add(split.name, split.value);
  }
  if (result.has("help") || result.has("version"))
    return result;
  if (result.operands.size() < spec.minOperands)
    return ParseResult::failure(std::string("expected ") + spec.operands +
                                "; see --help");
  if (result.operands.size() > spec.maxOperands)
    return ParseResult::failure(
        "unexpected '" + result.operands[spec.maxOperands] + "'; see --help");
  return result;
}

/// `text` in lines of at most 79 columns, each after the first indented.
static std::string wrap(const std::string &text, size_t indent) {
  std::string result;
  size_t column = indent, begin = 0;
  while (begin < text.size()) {
    size_t end = std::min(text.find(' ', begin), text.size());
    if (column > indent && column + 1 + end - begin > 79) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += text.substr(begin, end - begin);
    column += end - begin;
    begin = end + 1;
  }
  return result;
}

std::string nncrun::helpText(const CommandSpec &spec, const std::string &tool) {
  std::string text = "usage: " + tool + " " + spec.operands + " [options]\n\n" +
                     wrap(spec.summary, 0) + "\n\noptions:\n";
  for (const auto *list : {&spec.options, &commonOptions()})
    for (const OptionSpec &option : *list) {
      std::string left = "  " + spell(option.name);
      if (option.value)
        left += (left.size() > 4 ? "=" : " ") + std::string(option.value);
      const size_t indent = 30;
      if (left.size() + 1 > indent)
        left += "\n" + std::string(indent, ' ');
      else
        left.resize(indent, ' ');
      text += left + wrap(option.help, indent) + "\n";
    }
  return text + "\nexample:\n  " + spec.example + "\n";
}

/// Levenshtein's distance.
static size_t editDistance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min(
          {above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nncrun::findSimilar(const std::string &word,
                                const std::vector<std::string> &candidates) {
  const std::string plain =
      word.substr(0, std::min(word.find('='), size_t(64)));
  std::string best;
  size_t bestDistance = plain.size() / 3 + 1;
  for (const std::string &candidate : candidates) {
    if (candidate.size() < 3)
      continue;
    const size_t distance = editDistance(plain, candidate);
    if (distance < bestDistance || (best.empty() && distance == bestDistance)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

int nncrun::reportError(const std::string &message, int code) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return code;
}
