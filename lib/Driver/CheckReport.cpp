//===----------------------------------------------------------------------===//
// What nnc check has found, as text and as JSON.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CheckReport.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

int64_t CheckReport::neededBytes() const {
  if (!cost || cost->totals.peakBytes < 0)
    return -1;
  return cost->totals.peakBytes +
         (budgetHasWeights ? cost->totals.weightBytes : 0);
}

std::optional<bool> CheckReport::fits() const {
  int64_t needed = neededBytes();
  if (!budget || needed < 0)
    return std::nullopt;
  return needed <= *budget;
}

std::string CheckReport::dimHint() const {
  std::string hint;
  if (!facts)
    return hint;
  for (const std::string &name : facts->freeDims)
    hint += (hint.empty() ? " " : " --dim ") + name + "=N";
  return hint;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static void printValues(const char *title, ArrayRef<nncrun::ValueInfo> values) {
  llvm::outs() << title << "\n";
  for (const nncrun::ValueInfo &info : values)
    llvm::outs() << "  " << info.text() << "\n";
}

/// "1234567 bytes (1.2 MiB)".
static std::string bytesText(int64_t bytes) {
  std::string text = std::to_string(bytes) + " bytes";
  if (bytes >= 1048576)
    text += llvm::formatv(" ({0:F1} MiB)", double(bytes) / 1048576).str();
  else if (bytes >= 1024)
    text += llvm::formatv(" ({0:F1} KiB)", double(bytes) / 1024).str();
  return text;
}

static void printFacts(const ModelFacts &facts, const std::string &dimHint) {
  printValues("inputs", facts.signature.inputs);
  printValues("outputs", facts.signature.outputs);
  llvm::outs() << "ops\n";
  std::vector<std::pair<std::string, int64_t>> sorted(facts.histogram.begin(),
                                                      facts.histogram.end());
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  for (const auto &[name, count] : sorted)
    llvm::outs() << llvm::formatv("  {0,6} {1}\n", count, name);
  llvm::outs() << "parameters " << facts.parameters << "\nweights "
               << bytesText(facts.weightBytes) << "\nflops " << facts.flops;
  if (facts.unknownFlops)
    llvm::outs() << " and those of " << facts.unknownFlops
                 << " ops with dynamic dimensions; fix them with --dim"
                 << dimHint;
  llvm::outs() << "\n";
}

static void printCost(const CostFacts &cost, const std::string &dimHint) {
  const CostTotals &totals = cost.totals;
  std::string hint = "unknown, depends on dynamic dimensions; fix them with "
                     "--dim" +
                     dimHint;
  llvm::outs() << "target " << cost.target << ", " << cost.threads
               << (cost.threads == 1 ? " thread" : " threads") << cost.bounds
               << "\n";
  llvm::outs() << "kernels " << cost.kernels << "\npredicted time ";
  if (totals.predictedUs < 0)
    llvm::outs() << hint << "\n";
  else
    llvm::outs() << llvm::formatv(
        "{0:F1} us on one thread ({1:F1} to {2:F1})\n", totals.predictedUs,
        totals.lowUs, totals.highUs);
  llvm::outs() << "peak memory ";
  if (totals.peakBytes < 0)
    llvm::outs() << hint << "\n";
  else
    llvm::outs() << bytesText(totals.peakBytes) << ": arena " << cost.arenaBytes
                 << " (at least " << totals.arenaLowerBound << "), scratch "
                 << cost.scratchBytes << " a thread\n";
  if (cost.pools)
    llvm::outs() << "besides, " << cost.pools
                 << " tensors whose size depends on data\n";
}

void driver::printReport(const CheckReport &report) {
  if (report.facts)
    printFacts(*report.facts, report.dimHint());
  if (report.cost)
    printCost(*report.cost, report.dimHint());
  if (std::optional<bool> fits = report.fits())
    llvm::outs() << (*fits ? "fits" : "does not fit") << " in "
                 << bytesText(*report.budget) << "\n";
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Array toJson(ArrayRef<nncrun::ValueInfo> values) {
  llvm::json::Array list;
  for (const nncrun::ValueInfo &info : values) {
    llvm::json::Array names;
    for (const std::string &name : info.dimNames)
      names.push_back(llvm::json::fixUTF8(name));
    list.push_back(llvm::json::Object{{"name", llvm::json::fixUTF8(info.name)},
                                      {"type", nncio::elementName(info.type)},
                                      {"dims", llvm::json::Array(info.dims)},
                                      {"dim_names", std::move(names)}});
  }
  return list;
}

static llvm::json::Value countOrNull(int64_t value) {
  if (value < 0)
    return nullptr;
  return value;
}

static void addFacts(const ModelFacts &facts, llvm::json::Object &report) {
  llvm::json::Object ops;
  for (const auto &[name, count] : facts.histogram)
    ops[name] = count;
  llvm::json::Array dims;
  for (const std::string &name : facts.freeDims)
    dims.push_back(llvm::json::fixUTF8(name));
  report["inputs"] = toJson(facts.signature.inputs);
  report["outputs"] = toJson(facts.signature.outputs);
  report["ops"] = std::move(ops);
  report["parameters"] = facts.parameters;
  report["weight_bytes"] = facts.weightBytes;
  report["flops"] = facts.flops;
  report["ops_of_unknown_flops"] = facts.unknownFlops;
  report["free_dims"] = std::move(dims);
}

static llvm::json::Object toJson(const CostFacts &cost) {
  const CostTotals &totals = cost.totals;
  llvm::json::Value time = nullptr;
  if (totals.predictedUs >= 0)
    time = totals.predictedUs;
  return llvm::json::Object{
      {"target", cost.target},
      {"threads", cost.threads},
      {"kernels", cost.kernels},
      {"predicted_us", std::move(time)},
      {"bytes", countOrNull(totals.bytes)},
      {"arena_bytes", countOrNull(cost.isDynamic ? -1 : cost.arenaBytes)},
      {"arena_lower_bound_bytes", countOrNull(totals.arenaLowerBound)},
      {"scratch_bytes", countOrNull(cost.isDynamic ? -1 : cost.scratchBytes)},
      {"peak_bytes", countOrNull(totals.peakBytes)},
      {"tensors_of_unknown_size", cost.pools},
      {"at_bounds", !cost.bounds.empty()}};
}

std::string driver::reportJson(const CheckReport &report) {
  llvm::json::Array errors;
  for (const std::string &error : report.errors)
    errors.push_back(llvm::json::fixUTF8(error));
  llvm::json::Object object{{"version", 1},
                            {"supported", report.cost.has_value()},
                            {"errors", std::move(errors)}};
  if (report.facts)
    addFacts(*report.facts, object);
  if (report.cost)
    object["cost"] = toJson(*report.cost);
  if (report.budget)
    object["memory_budget"] = *report.budget;
  if (std::optional<bool> fits = report.fits())
    object["fits"] = *fits;
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(object)));
}
