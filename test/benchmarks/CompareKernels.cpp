//===----------------------------------------------------------------------===//
// Holds what the compiler has decided against what it has not, kernel by
// kernel: by measurement and by prediction.
//
//   nnc-compare-kernels [--same] FOLDER CHOSEN OTHER
//
// FOLDER holds, for each model M, the JSON of `nnc bench --report` of several
// rounds, M.CHOSEN.rK.json and M.OTHER.rK.json. Kernels that share nodes of the
// model are one decision. --same: kernels of the same nodes, which differ in
// their tiling; else those that are not the same, which differ in fusion.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <map>
#include <set>

namespace cl = llvm::cl;
using llvm::StringRef;

static cl::opt<std::string> folder(cl::Positional, cl::Required,
                                   cl::desc("FOLDER"));
static cl::opt<std::string> chosen(cl::Positional, cl::Required,
                                   cl::desc("CHOSEN"));
static cl::opt<std::string> other(cl::Positional, cl::Required,
                                  cl::desc("OTHER"));
static cl::opt<bool> same("same", cl::desc("kernels of the same nodes"));
static cl::opt<bool> verbose("list", cl::desc("print every decision"));

namespace {
/// A kernel over all rounds.
struct Kernel {
  std::set<std::string> nodes;
  double predicted = 0;
  /// The least of every second round, and of the others.
  double measured[2] = {INFINITY, INFINITY};
};
using Kernels = std::map<std::string, Kernel>;

/// Microseconds of one side of a decision.
struct Side {
  double predicted = 0, measured[2] = {0, 0};
  std::set<std::set<std::string>> kernels;

  void add(const Kernel &kernel) {
    predicted += kernel.predicted;
    for (int i : {0, 1})
      measured[i] += kernel.measured[i];
    kernels.insert(kernel.nodes);
  }
  double least() const { return std::min(measured[0], measured[1]); }
  double noise() const {
    return std::fabs(measured[0] - measured[1]) / least();
  }
};
struct Decision {
  std::string name;
  Side chosen, other;
};
} // namespace

static bool readRound(const std::string &path, int half, Kernels &kernels) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return false;
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse((*buffer)->getBuffer());
  if (!value) {
    llvm::consumeError(value.takeError());
    return false;
  }
  const auto *root = value->getAsObject();
  const auto *results = root ? root->getArray("results") : nullptr;
  if (!results || results->empty())
    return false;
  for (const llvm::json::Value &entry :
       *results->front().getAsObject()->getArray("kernels")) {
    const llvm::json::Object &object = *entry.getAsObject();
    std::string name = object.getString("name").value_or("").str();
    Kernel &kernel = kernels[name];
    for (const llvm::json::Value &node : *object.getArray("nodes"))
      kernel.nodes.insert(node.getAsString().value_or("").str());
    if (kernel.nodes.empty())
      kernel.nodes.insert(name);
    kernel.predicted = object.getNumber("predicted_us").value_or(0);
    std::optional<double> us = object.getNumber("min_us");
    if (!us)
      us = object.getNumber("median_us");
    kernel.measured[half] = std::min(kernel.measured[half], us.value_or(0));
  }
  return true;
}

static bool readSide(StringRef model, StringRef side, Kernels &kernels) {
  int round = 1;
  while (readRound(
      llvm::formatv("{0}/{1}.{2}.r{3}.json", folder, model, side, round),
      round % 2, kernels))
    ++round;
  for (auto &[name, kernel] : kernels)
    for (int i : {0, 1})
      kernel.measured[i] = std::isinf(kernel.measured[i])
                               ? kernel.measured[1 - i]
                               : kernel.measured[i];
  return round > 1;
}

/// Kernels of both sides that share nodes, together.
static void findDecisions(StringRef model, const Kernels &a, const Kernels &b,
                          std::vector<Decision> &decisions) {
  llvm::StringMap<unsigned> numbers;
  auto number = [&](const std::string &node) {
    return numbers.try_emplace(node, numbers.size()).first->second;
  };
  llvm::EquivalenceClasses<unsigned> nodes;
  for (const Kernels *side : {&a, &b})
    for (const auto &[name, kernel] : *side)
      for (const std::string &node : kernel.nodes)
        nodes.unionSets(number(*kernel.nodes.begin()), number(node));
  std::map<unsigned, Decision> byLeader;
  auto leader = [&](const Kernel &kernel) {
    return nodes.getLeaderValue(number(*kernel.nodes.begin()));
  };
  for (const auto &[name, kernel] : a)
    byLeader[leader(kernel)].chosen.add(kernel);
  for (const auto &[name, kernel] : b)
    byLeader[leader(kernel)].other.add(kernel);
  for (auto &[number, decision] : byLeader) {
    bool isSame = decision.chosen.kernels == decision.other.kernels;
    if (decision.chosen.kernels.empty() || decision.other.kernels.empty() ||
        isSame != same || decision.chosen.least() < 1)
      continue;
    decision.name =
        (model + " " + *decision.chosen.kernels.begin()->begin()).str();
    decisions.push_back(std::move(decision));
  }
}

static void tellDecision(const Decision &d) {
  llvm::outs() << llvm::formatv(
      "{0}: measured {1:F1} against {2:F1} us, predicted {3:F1} against "
      "{4:F1}\n",
      d.name, d.chosen.least(), d.other.least(), d.chosen.predicted,
      d.other.predicted);
}

/// What fusion gains, where that is more than 5 % and than the noise.
static void judgeFusion(const std::vector<Decision> &decisions) {
  size_t clear = 0, right = 0;
  for (const Decision &d : decisions) {
    double gain = 1 - d.chosen.least() / d.other.least();
    double noise = std::max(d.chosen.noise(), d.other.noise());
    if (verbose)
      tellDecision(d);
    if (std::fabs(gain) <= std::max(0.05, noise))
      continue;
    ++clear;
    if ((d.chosen.predicted < d.other.predicted) == (gain > 0)) {
      ++right;
      continue;
    }
    llvm::outs() << "wrong: ";
    tellDecision(d);
  }
  llvm::outs() << llvm::formatv(
      "{0} decisions, {1} with a gain or loss of more than 5 % and the noise; "
      "sign right for {2} ({3:P1})\n",
      decisions.size(), clear, right,
      clear ? double(right) / double(clear) : 1);
}

/// By how much the chosen kernels are slower than the others.
static void judgeTiles(const std::vector<Decision> &decisions) {
  std::vector<double> ratios;
  size_t near = 0;
  double logs = 0, noise = 0;
  for (const Decision &d : decisions) {
    double ratio =
        d.chosen.least() / std::min(d.other.least(), d.chosen.least());
    ratios.push_back(ratio);
    logs += std::log(ratio);
    noise += std::max(d.chosen.noise(), d.other.noise());
    near += ratio <= 1.05;
    if (verbose || ratio > 1.05)
      tellDecision(d);
  }
  double count = std::max<double>(1, double(ratios.size()));
  llvm::outs() << llvm::formatv(
      "{0} kernels, the chosen tile within 5 % of the best for {1} ({2:P1}); "
      "on average {3:F3} times its time (noise {4:P1})\n",
      ratios.size(), near, double(near) / count, std::exp(logs / count),
      noise / count);
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv);
  std::set<std::string> models;
  std::string end = "." + chosen + ".r1.json";
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), last;
       it != last && !error; it.increment(error)) {
    StringRef name = llvm::sys::path::filename(it->path());
    if (name.consume_back(end))
      models.insert(name.str());
  }
  if (models.empty()) {
    llvm::errs() << "error: expected reports *" << end << " in '" << folder
                 << "', but found none\n";
    return 2;
  }
  std::vector<Decision> decisions;
  for (const std::string &model : models) {
    Kernels a, b;
    if (readSide(model, chosen, a) && readSide(model, other, b))
      findDecisions(model, a, b, decisions);
  }
  same ? judgeTiles(decisions) : judgeFusion(decisions);
  return 0;
}
