//===----------------------------------------------------------------------===//
// Runs a fuzz target on files, as they are and changed at random, without
// libFuzzer: NAME [-mutations=N] [-seed=N] PATH... A folder stands for its
// files. An input that crashes is left in NAME.crash.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FuzzTarget.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

using namespace nncfuzz;
namespace fs = std::filesystem;

/// Seconds after which an input hangs.
static constexpr unsigned timeLimit = 120;
/// Larger inputs are no seeds: their changes take too long.
static constexpr uintmax_t maxSeedBytes = 64 << 10;

static const uint8_t *current = nullptr;
static size_t currentSize = 0;
static std::string crashPath;

static void onCrash(int signal) {
  int file = open(crashPath.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && write(file, current, currentSize) >= 0)
    close(file);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

static void runOn(const std::vector<uint8_t> &input) {
  current = input.data();
  currentSize = input.size();
  alarm(timeLimit);
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

static std::vector<fs::path> listFiles(const std::vector<std::string> &paths) {
  std::vector<fs::path> files;
  for (const std::string &path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto &entry : fs::recursive_directory_iterator(path))
      if (entry.is_regular_file() && isSeed(entry.path().extension().string()))
        files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int main(int argc, char **argv) {
  uint64_t mutations = 0, seed = 1;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i)
    if (!std::strncmp(argv[i], "-mutations=", 11))
      mutations = std::strtoull(argv[i] + 11, nullptr, 10);
    else if (!std::strncmp(argv[i], "-seed=", 6))
      seed = std::strtoull(argv[i] + 6, nullptr, 10);
    else
      paths.push_back(argv[i]);
  crashPath = fs::path(argv[0]).filename().string() + ".crash";
  for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM})
    std::signal(number, onCrash);
  size_t inputs = 0;
  std::vector<fs::path> files = listFiles(paths);
  for (const fs::path &file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
    runOn(bytes);
    ++inputs;
    if (bytes.size() > maxSeedBytes)
      continue;
    for (uint64_t i = 0; i < mutations; ++i, ++inputs)
      runOn(change(bytes, seed + i));
  }
  std::printf("%zu inputs from %zu files\n", inputs, files.size());
  return files.empty();
}
