//===----------------------------------------------------------------------===//
// Predicted costs as JSON, and what is asserted of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/CostReport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir::nnc;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

template <typename T>
static llvm::json::Value knownOrNull(T value) {
  if (value < 0)
    return nullptr;
  return value;
}

std::vector<std::string> mlir::nnc::makeCostKeys(llvm::ArrayRef<CostRow> rows) {
  llvm::StringMap<int> used;
  std::vector<std::string> keys;
  for (const CostRow &row : rows) {
    std::string key = llvm::join(row.nodes, "+");
    if (key.empty())
      key = StringRef(row.name).rtrim("0123456789").rtrim("_").str();
    int count = ++used[key];
    keys.push_back(count == 1 ? key : key + "#" + std::to_string(count));
  }
  return keys;
}

llvm::json::Value mlir::nnc::makeCostReport(StringRef target,
                                            const CostTotals &totals,
                                            llvm::ArrayRef<CostRow> rows,
                                            llvm::json::Array remarks) {
  llvm::json::Array kernels;
  for (const auto &[row, key] : llvm::zip(rows, makeCostKeys(rows))) {
    llvm::json::Array nodes;
    for (const std::string &node : row.nodes)
      nodes.push_back(llvm::json::fixUTF8(node));
    kernels.push_back(
        llvm::json::Object{{"key", llvm::json::fixUTF8(key)},
                           {"name", llvm::json::fixUTF8(row.name)},
                           {"nodes", std::move(nodes)},
                           {"predicted_us", knownOrNull(row.us)},
                           {"lo_us", knownOrNull(row.lowUs)},
                           {"hi_us", knownOrNull(row.highUs)},
                           {"flops", knownOrNull(row.flops)},
                           {"bytes", knownOrNull(row.bytes)},
                           {"bound", row.bound}});
  }
  llvm::json::Object sums{
      {"predicted_us", knownOrNull(totals.predictedUs)},
      {"lo_us", knownOrNull(totals.lowUs)},
      {"hi_us", knownOrNull(totals.highUs)},
      {"flops", knownOrNull(totals.flops)},
      {"bytes", knownOrNull(totals.bytes)},
      {"peak_bytes", knownOrNull(totals.peakBytes)},
      {"arena_bytes", knownOrNull(totals.arenaBytes)},
      {"arena_lower_bound_bytes", knownOrNull(totals.arenaLowerBound)},
      {"weight_bytes", knownOrNull(totals.weightBytes)}};
  // What an artifact does not say.
  for (auto [key, value] : {std::pair("first_us", totals.firstUs),
                            std::pair("modelled_energy_uj", totals.energyUj),
                            std::pair("modelled_co2_ug", totals.co2Ug)})
    if (value >= 0)
      sums[key] = value;
  return llvm::json::Object{{"version", 1},
                            {"target", target},
                            {"totals", std::move(sums)},
                            {"kernels", std::move(kernels)},
                            {"remarks", std::move(remarks)}};
}

//===----------------------------------------------------------------------===//
// Assertions
//===----------------------------------------------------------------------===//

/// A number and its unit.
static bool splitUnit(StringRef text, double &number, StringRef &unit) {
  size_t end = text.find_first_not_of("0123456789.");
  StringRef digits = text.substr(0, end);
  unit = end == StringRef::npos ? "" : text.substr(end).trim();
  return !digits.empty() && !digits.getAsDouble(number);
}

using Unit = std::pair<StringRef, double>;

/// The number times the factor of its unit.
static std::optional<double> parseQuantity(StringRef text,
                                           llvm::ArrayRef<Unit> units) {
  double number = 0;
  StringRef unit;
  if (!splitUnit(text.trim(), number, unit))
    return std::nullopt;
  for (const auto &[name, factor] : units)
    if (unit == name)
      return number * factor;
  return std::nullopt;
}

std::optional<int64_t> mlir::nnc::parseSize(StringRef text) {
  static const Unit units[] = {
      {"", 1},        {"B", 1},    {"kB", 1e3},         {"KB", 1e3},
      {"KiB", 1024},  {"K", 1024}, {"MB", 1e6},         {"MiB", 1048576},
      {"M", 1048576}, {"GB", 1e9}, {"GiB", 1073741824}, {"G", 1073741824}};
  std::optional<double> bytes = parseQuantity(text, units);
  return bytes && *bytes < 9e18 ? std::optional(int64_t(*bytes)) : std::nullopt;
}

namespace {
/// What can be asserted.
struct Quantity {
  std::optional<double> limit;
  double found = -1;
  const char *unit = "";
  /// What a kernel adds to it; null: nothing that a kernel says.
  double (*share)(const CostRow &row) = nullptr;
};
} // namespace

static Quantity getQuantity(StringRef name, StringRef limit,
                            const CostTotals &totals) {
  static const Unit times[] = {
      {"ns", 1e-3}, {"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  static const Unit counts[] = {
      {"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}};
  auto size = [&]() -> std::optional<double> {
    std::optional<int64_t> bytes = parseSize(limit);
    return bytes ? std::optional(double(*bytes)) : std::nullopt;
  };
  if (name == "time")
    return {parseQuantity(limit, times), totals.predictedUs, " us",
            [](const CostRow &row) { return row.us; }};
  if (name == "flops")
    return {parseQuantity(limit, counts), double(totals.flops), "",
            [](const CostRow &row) { return double(row.flops); }};
  if (name == "bytes")
    return {size(), double(totals.bytes), " bytes",
            [](const CostRow &row) { return double(row.bytes); }};
  if (name == "peak")
    return {size(), double(totals.peakBytes), " bytes", nullptr};
  if (name == "weights")
    return {size(), double(totals.weightBytes), " bytes", nullptr};
  return {};
}

/// "; most by 'conv1' (40 %), …", the first three.
static std::string listOffenders(const Quantity &quantity,
                                 llvm::ArrayRef<CostRow> rows) {
  constexpr size_t most = 3;
  if (!quantity.share || rows.empty() || quantity.found <= 0)
    return "";
  std::vector<const CostRow *> order;
  for (const CostRow &row : rows)
    order.push_back(&row);
  // Of equal share, the first in the schedule.
  llvm::sort(order, [&](const CostRow *a, const CostRow *b) {
    double first = quantity.share(*a), second = quantity.share(*b);
    return first != second ? first > second : a < b;
  });
  if (order.size() > most)
    order.resize(most);
  std::string text = "; most by ";
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(order, stream, [&](const CostRow *row) {
    stream << '\'' << row->name << "' ("
           << llvm::formatv("{0:P0}", quantity.share(*row) / quantity.found)
           << ')';
  });
  return text;
}

CostVerdict mlir::nnc::judgeCosts(StringRef assertions,
                                  const CostTotals &totals,
                                  llvm::ArrayRef<CostRow> rows) {
  CostVerdict verdict;
  llvm::SmallVector<StringRef> parts;
  assertions.split(parts, ',');
  for (StringRef part : parts) {
    auto [name, limit] = part.split('<');
    Quantity quantity = getQuantity(name.trim(), limit, totals);
    if (!quantity.limit)
      verdict.misuses.push_back("expects time<2ms, peak<8MiB, weights<1MB, "
                                "bytes<1MB or flops<2G, but found '" +
                                part.str() + "'");
    else if (quantity.found < 0)
      verdict.misuses.push_back("'" + name.trim().str() +
                                "' depends on dynamic dimensions; fix them "
                                "with --dim");
    else if (quantity.found >= *quantity.limit)
      verdict.failures.push_back(
          llvm::formatv("assertion '{0}' does not hold: {1} is {2:F0}{3}{4}",
                        part.trim(), name.trim(), quantity.found, quantity.unit,
                        listOffenders(quantity, rows))
              .str());
  }
  return verdict;
}
