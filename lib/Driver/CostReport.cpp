//===----------------------------------------------------------------------===//
// The cost of a compiled model by prediction.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CostReport.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Negative stands for unknown, which sums keep.
template <typename T>
static void addKnown(T &sum, T value) {
  sum = sum < 0 || value < 0 ? T(-1) : sum + value;
}

CostTotals driver::sumCosts(const ArtifactInfo &info, int threads) {
  CostTotals totals;
  for (const ArtifactKernel &kernel : info.kernels) {
    addKnown(totals.predictedUs, kernel.us);
    addKnown(totals.flops, kernel.flops);
    addKnown(totals.bytes, kernel.bytes);
  }
  for (const ArtifactEntry &entry : info.entries) {
    bool known = entry.arenaBytes >= 0 && entry.scratchBytes >= 0;
    if (!known || totals.peakBytes < 0)
      totals.peakBytes = -1;
    else
      totals.peakBytes = std::max(
          totals.peakBytes, entry.arenaBytes + entry.scratchBytes * threads);
    if (entry.arenaBytes < 0 || totals.arenaBytes < 0) {
      totals.arenaBytes = totals.arenaLowerBound = -1;
    } else if (entry.arenaBytes >= totals.arenaBytes) {
      totals.arenaBytes = entry.arenaBytes;
      totals.arenaLowerBound = entry.arenaLowerBound;
    }
  }
  totals.weightBytes = int64_t(info.weightsBytes);
  return totals;
}

static llvm::json::Value numberOrNull(double value) {
  if (value < 0)
    return nullptr;
  return value;
}

static llvm::json::Value countOrNull(int64_t value) {
  if (value < 0)
    return nullptr;
  return value;
}

static const char *boundName(int32_t bound) {
  switch (bound) {
  case NNCRT_BOUND_COMPUTE:
    return "compute";
  case NNCRT_BOUND_MEMORY:
    return "memory";
  case NNCRT_BOUND_LAUNCH:
    return "launch";
  default:
    return "unknown";
  }
}

/// The kernel's nodes, or its name without the number at its end.
static std::string makeKey(const ArtifactKernel &kernel,
                           llvm::StringMap<int> &used) {
  std::string key = kernel.nodes;
  std::replace(key.begin(), key.end(), '\n', '+');
  if (key.empty())
    key = StringRef(kernel.name).rtrim("0123456789").rtrim("_").str();
  int count = ++used[key];
  return count == 1 ? key : key + "#" + std::to_string(count);
}

std::string driver::costReportText(const ArtifactInfo &info, StringRef target,
                                   const CostTotals &totals,
                                   llvm::json::Array remarks) {
  llvm::json::Array kernels;
  llvm::StringMap<int> used;
  for (const ArtifactKernel &kernel : info.kernels) {
    llvm::json::Array nodes;
    for (const std::string &node : nncrun::splitLines(kernel.nodes))
      nodes.push_back(llvm::json::fixUTF8(node));
    kernels.push_back(
        llvm::json::Object{{"key", llvm::json::fixUTF8(makeKey(kernel, used))},
                           {"name", llvm::json::fixUTF8(kernel.name)},
                           {"nodes", std::move(nodes)},
                           {"predicted_us", numberOrNull(kernel.us)},
                           {"lo_us", nullptr},
                           {"hi_us", nullptr},
                           {"flops", countOrNull(kernel.flops)},
                           {"bytes", countOrNull(kernel.bytes)},
                           {"bound", boundName(kernel.bound)}});
  }
  llvm::json::Value report = llvm::json::Object{
      {"version", 1},
      {"target", target},
      {"totals",
       llvm::json::Object{
           {"predicted_us", numberOrNull(totals.predictedUs)},
           {"flops", countOrNull(totals.flops)},
           {"bytes", countOrNull(totals.bytes)},
           {"peak_bytes", countOrNull(totals.peakBytes)},
           {"arena_bytes", countOrNull(totals.arenaBytes)},
           {"arena_lower_bound_bytes", countOrNull(totals.arenaLowerBound)},
           {"weight_bytes", totals.weightBytes}}},
      {"kernels", std::move(kernels)},
      {"remarks", std::move(remarks)}};
  return llvm::formatv("{0:2}\n", report);
}

/// A number and its unit.
static bool splitUnit(StringRef text, double &number, StringRef &unit) {
  size_t end = text.find_first_not_of("0123456789.");
  StringRef digits = text.substr(0, end);
  unit = end == StringRef::npos ? "" : text.substr(end).trim();
  return !digits.empty() && !digits.getAsDouble(number);
}

std::optional<int64_t> driver::parseSize(StringRef text) {
  double number = 0;
  StringRef unit;
  if (!splitUnit(text.trim(), number, unit))
    return std::nullopt;
  static const std::pair<StringRef, double> units[] = {
      {"", 1},        {"B", 1},    {"kB", 1e3},         {"KB", 1e3},
      {"KiB", 1024},  {"K", 1024}, {"MB", 1e6},         {"MiB", 1048576},
      {"M", 1048576}, {"GB", 1e9}, {"GiB", 1073741824}, {"G", 1073741824}};
  for (const auto &[name, factor] : units)
    if (unit == name && number * factor < 9e18)
      return int64_t(number * factor);
  return std::nullopt;
}

/// Microseconds.
static std::optional<double> parseTime(StringRef text) {
  double number = 0;
  StringRef unit;
  if (!splitUnit(text.trim(), number, unit))
    return std::nullopt;
  static const std::pair<StringRef, double> units[] = {
      {"ns", 1e-3}, {"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  for (const auto &[name, factor] : units)
    if (unit == name)
      return number * factor;
  return std::nullopt;
}

/// A plain number with a power of 1000: "2G".
static std::optional<double> parseCount(StringRef text) {
  double number = 0;
  StringRef unit;
  if (!splitUnit(text.trim(), number, unit))
    return std::nullopt;
  static const std::pair<StringRef, double> units[] = {
      {"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}};
  for (const auto &[name, factor] : units)
    if (unit == name)
      return number * factor;
  return std::nullopt;
}

/// One of "time<2ms", "peak<8MiB", "weights<1MB", "bytes<…", "flops<…".
static int checkAssertion(StringRef text, const CostTotals &totals) {
  auto [name, limitText] = text.split('<');
  name = name.trim();
  std::optional<double> limit;
  double found = -1;
  if (name == "time") {
    limit = parseTime(limitText);
    found = totals.predictedUs;
  } else if (name == "flops") {
    limit = parseCount(limitText);
    found = double(totals.flops);
  } else if (name == "peak" || name == "weights" || name == "bytes") {
    if (std::optional<int64_t> size = parseSize(limitText))
      limit = double(*size);
    found = double(name == "peak"      ? totals.peakBytes
                   : name == "weights" ? totals.weightBytes
                                       : totals.bytes);
  }
  if (!limit)
    return reportError("--assert-cost expects time<2ms, peak<8MiB, "
                       "weights<1MB, bytes<1MB or flops<2G, but found '" +
                           text.str() + "'",
                       nncrun::ExitUsage);
  if (found < 0)
    return reportError("--assert-cost: '" + name.str() +
                           "' depends on dynamic dimensions; fix them with "
                           "--dim",
                       nncrun::ExitUsage);
  if (found < *limit)
    return nncrun::ExitDone;
  const char *unit = name == "time" ? " us" : name == "flops" ? "" : " bytes";
  return reportError(
      llvm::formatv("assertion '{0}' does not hold: {1} is {2:F0}{3}",
                    text.trim(), name, found, unit)
          .str(),
      nncrun::ExitUnmet);
}

static int checkBudget(const std::string &text, const CostTotals &totals) {
  std::optional<int64_t> budget = parseSize(text);
  if (!budget)
    return reportError("--memory-budget expects a size such as 8MiB, but "
                       "found '" +
                           text + "'",
                       nncrun::ExitUsage);
  if (totals.peakBytes < 0)
    return reportError("--memory-budget: the memory depends on dynamic "
                       "dimensions; fix them with --dim",
                       nncrun::ExitUsage);
  if (totals.peakBytes <= *budget)
    return nncrun::ExitDone;
  return reportError("the memory budget is " + std::to_string(*budget) +
                         " bytes, but the model needs " +
                         std::to_string(totals.peakBytes),
                     nncrun::ExitUnmet);
}

int driver::checkCosts(const Arguments &arguments, const CostTotals &totals) {
  if (arguments.has("memory-budget"))
    if (int code = checkBudget(arguments.get("memory-budget"), totals))
      return code;
  int code = nncrun::ExitDone;
  for (const std::string &list : arguments.getAll("assert-cost")) {
    SmallVector<StringRef> parts;
    StringRef(list).split(parts, ',');
    // All that fail are told; wrong usage is the graver exit code.
    for (StringRef part : parts)
      if (int one = checkAssertion(part, totals))
        code = code == nncrun::ExitUsage ? code : one;
  }
  return code;
}
