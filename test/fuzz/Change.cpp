//===----------------------------------------------------------------------===//
// Random changes of inputs, and inputs as files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FuzzTarget.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <unistd.h>

using namespace nncfuzz;

namespace {
class Dice {
public:
  explicit Dice(uint64_t seed) : engine(seed) {}
  /// Below `count`, which is not 0.
  size_t below(size_t count) { return size_t(engine() % count); }

private:
  std::mt19937_64 engine;
};
} // namespace

std::vector<uint8_t> nncfuzz::changeBytes(std::vector<uint8_t> bytes,
                                          uint64_t seed) {
  Dice dice(seed);
  for (size_t i = 1 + dice.below(5); i > 0 && !bytes.empty(); --i) {
    size_t at = dice.below(bytes.size());
    size_t length = 1 + dice.below(std::min<size_t>(bytes.size() - at, 16));
    auto begin = bytes.begin() + ptrdiff_t(at);
    switch (dice.below(6)) {
    case 0:
      *begin ^= uint8_t(1u << dice.below(8));
      break;
    case 1:
      *begin = uint8_t(dice.below(256));
      break;
    case 2:
      bytes.erase(begin, begin + ptrdiff_t(length));
      break;
    case 3: {
      std::vector<uint8_t> copy(begin, begin + ptrdiff_t(length));
      size_t to = dice.below(bytes.size());
      bytes.insert(bytes.begin() + ptrdiff_t(to), copy.begin(), copy.end());
      break;
    }
    case 4:
      std::fill(begin, begin + ptrdiff_t(length), dice.below(2) ? 0xff : 0);
      break;
    default:
      bytes.resize(at);
    }
  }
  return bytes;
}

/// Lines, or words of letters, digits and '_' with what is between them.
static std::vector<std::string> cut(const std::string &text, bool lines) {
  std::vector<std::string> pieces;
  auto isWord = [](char c) { return std::isalnum(uint8_t(c)) || c == '_'; };
  for (char c : text) {
    bool joins =
        !pieces.empty() && (lines ? pieces.back().back() != '\n'
                                  : isWord(c) && isWord(pieces.back().back()));
    if (joins)
      pieces.back() += c;
    else
      pieces.emplace_back(1, c);
  }
  return pieces;
}

std::vector<uint8_t> nncfuzz::changeText(const std::vector<uint8_t> &bytes,
                                         uint64_t seed) {
  static const char *const numbers[] = {
      "0",   "1",     "2",  "3",   "-1",         "7",
      "64",  "65537", "16", "-5",  "2147483648", "9223372036854775807",
      "1e9", "?",     "4",  "true"};
  Dice dice(seed);
  std::string text(bytes.begin(), bytes.end());
  for (size_t i = 1 + dice.below(3); i > 0; --i) {
    bool lines = dice.below(4) == 0;
    std::vector<std::string> pieces = cut(text, lines);
    if (pieces.empty())
      break;
    size_t at = dice.below(pieces.size()), other = dice.below(pieces.size());
    // Numbers are changed to numbers, mostly.
    for (size_t tries = 0;
         !lines && tries < 30 && !std::isdigit(uint8_t(pieces[at][0])); ++tries)
      at = dice.below(pieces.size());
    switch (dice.below(lines ? 3 : 6)) {
    case 0:
      pieces[at] = pieces[other];
      break;
    case 1:
      std::swap(pieces[at], pieces[other]);
      break;
    case 2:
      pieces[at].clear();
      break;
    default:
      pieces[at] = numbers[dice.below(std::size(numbers))];
    }
    text.clear();
    for (const std::string &piece : pieces)
      text += piece;
  }
  return {text.begin(), text.end()};
}

InputFile::InputFile(const uint8_t *data, size_t size, const char *extension) {
  const char *folder = std::getenv("TMPDIR");
  path = std::string(folder ? folder : "/tmp") + "/nnc-fuzz-" +
         std::to_string(getpid()) + extension;
  if (FILE *file = std::fopen(path.c_str(), "wb")) {
    std::fwrite(data, 1, size, file);
    std::fclose(file);
  }
}

InputFile::~InputFile() { std::remove(path.c_str()); }
