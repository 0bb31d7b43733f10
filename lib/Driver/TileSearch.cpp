//===----------------------------------------------------------------------===//
// nnc compile --tile-search: tilings by measurement.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "TileSearch.h"

#include "Launcher.h"
#include "MeasuringProcess.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/NNOps.h"
#include "nnc/CostModel/Tuning.h"
#include "nnc/Runner/Data.h"
#include "nnc/Target/CPU/Emit.h"
#include "llvm/Support/FileSystem.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Times that each library is measured, in turn with the others: a neighbour
/// on the machine disturbs some rounds, hardly the best of all.
static constexpr int numRounds = 5;
/// What another tiling must gain over the model's first, as a share of its
/// time: less cannot be told from noise.
static constexpr double leastGain = 0.03;

const std::vector<nncrun::OptionSpec> &driver::tileSearchOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"tile-search", "N",
       "measure the N best tilings of each kernel by prediction, and take the "
       "fastest (up to 64)"},
      {"tuning", "FILE.json",
       "what --tile-search measured: read, and added to by it "
       "(OUT.tuning.json)"}};
  return options;
}

namespace {
/// One tiling of a contraction and what was measured of it.
struct Trial {
  MeasuredTiling measured;
  /// Kernels that have it, each with its best time so far in microseconds.
  std::map<std::string, double> kernels;

  double sum() const {
    double result = 0;
    for (const auto &kernel : kernels)
      result += kernel.second;
    return result;
  }
};

class TileSearch {
public:
  TileSearch(ModuleOp module, const CompileRequest &request, TuningTable &table)
      : module(module), request(request), table(table) {}

  /// Compiles, measures and chooses among `count` tilings.
  int run(int count, ArrayRef<std::string> runner);

private:
  int compile(int number);
  void collect(int number, ModuleOp schedule);
  int measure(ArrayRef<std::string> runner);
  void choose();

  ModuleOp module;
  const CompileRequest &request;
  TuningTable &table;
  TemporaryFolder folder;
  std::vector<std::string> libraries;
  /// By key: the trials by the number of their library.
  std::map<std::string, std::map<int, Trial>> trials;
};
} // namespace

/// Which kernels of a schedule have which tilings.
void TileSearch::collect(int number, ModuleOp schedule) {
  schedule.walk([&](kern::EpilogueOpInterface op) {
    auto key = op->getAttrOfType<StringAttr>(tuningKeyAttrName);
    auto kernel = op->getParentOfType<nn::KernelOp>();
    if (!key || !kernel || table.find(request.compiler.target, key))
      return;
    Trial &trial = trials[key.str()][number];
    if (auto winograd = dyn_cast<kern::WinogradOp>(op.getOperation()))
      trial.measured.winogradTile = winograd.getTile();
    trial.measured.tiling = op.getTilingAttr();
    trial.kernels[kernel.getName().str()] =
        std::numeric_limits<double>::infinity();
  });
}

int TileSearch::compile(int number) {
  CompileRequest own = request;
  own.compiler.tilingCandidate = number;
  own.compiler.afterPhase = [&](Phase phase, ModuleOp lowered) {
    if (phase == Phase::Schedule)
      collect(number, lowered);
  };
  OwningOpRef<ModuleOp> copy(module.clone());
  if (int code = lowerModule(*copy, Phase::LLVM, own))
    return code;
  std::string path = folder.getPath() + "/" + std::to_string(number) + ".so";
  llvm::Expected<EmitResult> emitted =
      emitArtifact(*copy, own.target, OutputKind::SharedLibrary, path);
  if (!emitted)
    return reportError(llvm::toString(emitted.takeError()), nncrun::ExitInput);
  libraries.push_back(path);
  return nncrun::ExitDone;
}

int TileSearch::measure(ArrayRef<std::string> runner) {
  for (int round = 0; round < numRounds; ++round)
    for (auto [number, library] : llvm::enumerate(libraries)) {
      std::string target;
      llvm::json::Array results;
      // The profiles that tell kernels apart follow the runs.
      if (int code = measureLibraries(runner, {"--max-runs", "1"}, {library},
                                      target, results))
        return code;
      std::map<std::string, double> times;
      if (const llvm::json::Array *kernels =
              results[0].getAsObject()->getArray("kernels"))
        for (const llvm::json::Value &value : *kernels)
          if (const llvm::json::Object *kernel = value.getAsObject())
            times[kernel->getString("name").value_or("").str()] =
                kernel->getNumber("median_us").value_or(0);
      for (auto &entry : trials) {
        auto trial = entry.second.find(int(number));
        if (trial == entry.second.end())
          continue;
        for (auto &kernel : trial->second.kernels)
          if (auto time = times.find(kernel.first); time != times.end())
            kernel.second = std::min(kernel.second, time->second);
      }
    }
  return nncrun::ExitDone;
}

void TileSearch::choose() {
  double before = 0, after = 0;
  unsigned numChanged = 0, numKeys = 0;
  for (auto &entry : trials) {
    const Trial *first = nullptr, *best = nullptr;
    for (const auto &[number, trial] : entry.second) {
      if (number == 0)
        first = best = &trial;
      else if (best && trial.sum() < best->sum())
        best = &trial;
    }
    // A kernel that no run reaches has no time.
    if (!first || !std::isfinite(first->sum()))
      continue;
    if (best->sum() > first->sum() * (1 - leastGain))
      best = first;
    MeasuredTiling measured = best->measured;
    measured.microseconds = best->sum();
    table.set(request.compiler.target, entry.first, measured);
    before += first->sum();
    after += best->sum();
    numChanged += best != first;
    ++numKeys;
  }
  std::fprintf(stderr,
               "nnc: measured %zu tilings of %u kernels: %u changed, %.0f us "
               "by the model's choice, %.0f us now\n",
               libraries.size(), numKeys, numChanged, before, after);
}

int TileSearch::run(int count, ArrayRef<std::string> runner) {
  if (folder.getPath().empty())
    return reportError("cannot make a temporary folder", nncrun::ExitInput);
  for (int number = 0; number < count; ++number) {
    if (int code = compile(number))
      return code;
    if (trials.empty())
      return nncrun::ExitDone; // all are known
  }
  if (int code = measure(runner))
    return code;
  choose();
  return nncrun::ExitDone;
}

int driver::searchTilings(const Arguments &arguments, const std::string &output,
                          ModuleOp module, CompileRequest &request) {
  nncio::Result<int64_t> count = arguments.getInt("tile-search", 0, 1, 64);
  if (!count)
    return reportError(count.error(), nncrun::ExitUsage);
  if (!arguments.has("tile-search") && !arguments.has("tuning"))
    return nncrun::ExitDone;
  std::string path = arguments.get("tuning");
  if (!arguments.has("tuning")) {
    if (output == "-")
      return reportError("--tile-search expects --tuning=FILE.json when the "
                         "output has no name",
                         nncrun::ExitUsage);
    path = output + ".tuning.json";
  }
  TuningTable table;
  if (*count == 0 || llvm::sys::fs::exists(path)) {
    llvm::Expected<TuningTable> read =
        TuningTable::load(module.getContext(), path);
    if (!read)
      return reportError(llvm::toString(read.takeError()), nncrun::ExitInput);
    table = std::move(*read);
  }
  if (*count > 0) {
    if (detectPhase(module) > Phase::Graph)
      return reportError("--tile-search: the tilings of a schedule are chosen; "
                         "expected a model or a module of an earlier phase",
                         nncrun::ExitUsage);
    std::vector<std::string> runner;
    if (int code = readRunner(arguments, request.target, runner))
      return code;
    if (int code = TileSearch(module, request, table).run(int(*count), runner))
      return code;
    if (int failed = writeText(path, table.print()))
      return failed;
  }
  request.compiler.tuning = path;
  return nncrun::ExitDone;
}
