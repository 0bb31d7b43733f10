//===----------------------------------------------------------------------===//
// Many runs of a compiled model from many threads: MODEL.so [THREADS] [RUNS].
// Each thread opens the model now and then anew while the others run. Every
// output must have the bytes of the first run; memory is printed as it goes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/CommandLine.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Runner/Data.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace nncrun;

/// Runs of a thread on one opened model.
static constexpr int64_t runsOfModel = 10000;

static int64_t residentKiB() {
  std::ifstream file("/proc/self/statm");
  int64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static bool isSame(const Tensors &a, const Tensors &b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i].shape() != b[i].shape() ||
        (!a[i].empty() && std::memcmp(a[i].data(), b[i].data(), a[i].bytes())))
      return false;
  return a.size() == b.size();
}

static std::string runMany(const std::string &path, const Tensors &inputs,
                           const Tensors &expected, int64_t runs,
                           std::atomic<int64_t> &done) {
  while (runs > 0) {
    auto model = CompiledModel::open(path, 1);
    if (!model)
      return model.error();
    for (int64_t i = std::min(runs, runsOfModel); i > 0; --i, --runs, ++done) {
      auto outputs = (*model)->run(inputs);
      if (!outputs)
        return outputs.error();
      if (!isSame(*outputs, expected))
        return "another result";
    }
  }
  return "";
}

int main(int argc, char **argv) {
  if (argc < 2)
    return reportError("expects MODEL.so [THREADS] [RUNS]", ExitUsage);
  std::string path = argv[1];
  int64_t threads = argc > 2 ? std::atoll(argv[2]) : 8;
  int64_t runs = argc > 3 ? std::atoll(argv[3]) : 1000000;
  auto model = CompiledModel::open(path, 1);
  if (!model || threads < 1)
    return reportError(model ? "no threads" : model.error(), ExitInput);
  InputRequest request;
  request.seed = 1;
  Tensors inputs;
  if (int code = gatherInputs((*model)->signature(), request, inputs))
    return code;
  auto expected = (*model)->run(inputs);
  if (!expected)
    return reportError(expected.error(), ExitInput);
  std::atomic<int64_t> done{0};
  std::atomic<bool> failed{false};
  std::vector<std::string> errors(size_t(threads), "");
  std::vector<std::thread> workers;
  for (std::string &error : errors)
    workers.emplace_back([&] {
      error = runMany(path, inputs, *expected, runs / threads, done);
      failed = failed || !error.empty();
    });
  int64_t wanted = runs / threads * threads;
  for (int64_t shown = 0, tenth = std::max<int64_t>(1, wanted / 10);
       done < wanted && shown < 10;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (; shown < done / tenth; ++shown)
      std::printf("%lld runs, %lld KiB\n", static_cast<long long>(done),
                  static_cast<long long>(residentKiB()));
    if (failed)
      break;
  }
  for (std::thread &worker : workers)
    worker.join();
  for (const std::string &error : errors)
    if (!error.empty())
      return reportError(error, ExitDiffers);
  std::printf("%lld runs on %lld threads, all of the same bytes, %lld KiB\n",
              static_cast<long long>(done), static_cast<long long>(threads),
              static_cast<long long>(residentKiB()));
  return ExitDone;
}
