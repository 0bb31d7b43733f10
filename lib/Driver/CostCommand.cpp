//===----------------------------------------------------------------------===//
// nnc cost: what a change does to predicted costs; costs as functions of
// dimensions and of tokens.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CostCurves.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
/// A quantity of the totals that --fail-over can name.
struct Quantity {
  StringLiteral name, key, unit;
  /// By how much it may rise, as a share; nullopt: it may.
  std::optional<double> limit;
};

/// A report of `nnc compile --report`.
struct Report {
  std::string path;
  llvm::json::Value json = nullptr;

  const llvm::json::Object &root() const { return *json.getAsObject(); }
  std::optional<double> total(StringRef key) const {
    return root().getObject("totals")->getNumber(key);
  }
};
} // namespace

static int readReport(const std::string &path, Report &report) {
  report.path = path;
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return reportError("cannot read '" + path +
                           "': " + buffer.getError().message(),
                       nncrun::ExitInput);
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse((*buffer)->getBuffer());
  if (!value)
    return reportError(
        "'" + path + "': expected JSON: " + llvm::toString(value.takeError()),
        nncrun::ExitInput);
  report.json = std::move(*value);
  const llvm::json::Object *root = report.json.getAsObject();
  if (!root || root->getInteger("version") != 1 || !root->getObject("totals") ||
      !root->getArray("kernels"))
    return reportError("'" + path +
                           "': expected a report of 'nnc compile --report' "
                           "with version 1, totals and kernels",
                       nncrun::ExitInput);
  return nncrun::ExitDone;
}

/// "2%,peak=0": the first holds for time, others for what they name.
static int readLimits(const Arguments &arguments,
                      MutableArrayRef<Quantity> quantities) {
  if (!arguments.has("fail-over"))
    return nncrun::ExitDone;
  std::string text = arguments.get("fail-over");
  SmallVector<StringRef> parts;
  StringRef(text).split(parts, ',');
  for (StringRef part : parts) {
    StringRef name, limit;
    std::tie(name, limit) = part.split('=');
    if (limit.empty()) {
      limit = name;
      name = "time";
    }
    limit = limit.trim();
    double share = 0;
    bool percent = limit.consume_back("%");
    auto *quantity = llvm::find_if(
        quantities, [&](const Quantity &q) { return q.name == name.trim(); });
    if (quantity == quantities.end() || limit.getAsDouble(share) || share < 0 ||
        (!percent && share != 0))
      return reportError("--fail-over expects a share such as 2%, and "
                         "time=2%, flops=2%, bytes=2%, peak=0 or weights=0, "
                         "but found '" +
                             part.str() + "'",
                         nncrun::ExitUsage);
    quantity->limit = share / 100;
  }
  return nncrun::ExitDone;
}

static std::string cell(std::optional<double> number) {
  return number ? llvm::formatv("{0:F2}", *number).str() : "-";
}

static std::string change(std::optional<double> from,
                          std::optional<double> to) {
  if (!from || !to)
    return "-";
  if (*from == 0)
    return *to == 0 ? "+0.0%" : "new";
  double percent = (*to / *from - 1) * 100;
  return (percent >= 0 ? "+" : "") + llvm::formatv("{0:F1}%", percent).str();
}

static void printLine(StringRef name, std::optional<double> from,
                      std::optional<double> to) {
  llvm::outs() << llvm::formatv("{0,16} {1,16} {2,9}  {3}\n", cell(from),
                                cell(to), change(from, to), name);
}

/// Kernels that only one of both has, or whose time differs.
static void printKernels(const Report &a, const Report &b) {
  llvm::StringMap<double> before;
  auto forEach = [](const Report &report, auto function) {
    for (const llvm::json::Value &value : *report.root().getArray("kernels"))
      if (const llvm::json::Object *kernel = value.getAsObject())
        function(kernel->getString("key").value_or(""),
                 kernel->getNumber("predicted_us"));
  };
  forEach(a, [&](StringRef key, std::optional<double> us) {
    before[key] = us.value_or(-1);
  });
  forEach(b, [&](StringRef key, std::optional<double> us) {
    auto known = before.find(key);
    std::optional<double> from;
    if (known != before.end()) {
      if (known->second >= 0)
        from = known->second;
      before.erase(known);
    }
    if (from != us)
      printLine(key, from, us);
  });
  forEach(a, [&](StringRef key, std::optional<double> us) {
    if (before.erase(key))
      printLine(key, us, std::nullopt);
  });
}

static int diffCosts(const Arguments &arguments) {
  Quantity quantities[] = {{"time", "predicted_us", "us", std::nullopt},
                           {"flops", "flops", "", std::nullopt},
                           {"bytes", "bytes", "bytes", std::nullopt},
                           {"peak", "peak_bytes", "bytes", std::nullopt},
                           {"weights", "weight_bytes", "bytes", std::nullopt}};
  if (int code = readLimits(arguments, quantities))
    return code;
  Report a, b;
  if (int code = readReport(arguments.operands[1], a))
    return code;
  if (int code = readReport(arguments.operands[2], b))
    return code;
  llvm::outs() << llvm::formatv("{0,16} {1,16} {2,9}  predicted\n", "before",
                                "after", "change");
  printKernels(a, b);
  int code = nncrun::ExitDone;
  for (const Quantity &quantity : quantities) {
    std::optional<double> from = a.total(quantity.key);
    std::optional<double> to = b.total(quantity.key);
    printLine(("total " + quantity.name).str(), from, to);
    // A cost that can no longer be told has got worse, too.
    bool lost = quantity.limit && from && !to;
    if (lost || (quantity.limit && from && to &&
                 *to > *from * (1 + *quantity.limit) + 1e-9))
      code = reportError(
          llvm::formatv("{0} rose from {1} to {2} {3} ({4}), by more than "
                        "{5:F1}%",
                        quantity.name, cell(from), cell(to), quantity.unit,
                        change(from, to), *quantity.limit * 100)
              .str(),
          nncrun::ExitUnmet);
  }
  llvm::outs().flush();
  return code;
}

static int runCost(const Arguments &arguments) {
  std::string what = arguments.operands[0];
  size_t count = arguments.operands.size();
  if (what == "diff" && count == 3)
    return diffCosts(arguments);
  if (what == "sweep" && count == 2)
    return sweepCosts(arguments);
  if (what == "tokens" && count == 2)
    return predictTokens(arguments);
  std::string found;
  for (const std::string &word : arguments.operands)
    found += (found.empty() ? "" : " ") + word;
  return reportError("nnc cost: expected 'diff A.json B.json', 'sweep MODEL' "
                     "or 'tokens MODEL', but found '" +
                         found + "'",
                     nncrun::ExitUsage);
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "cost",
      "diff A.json B.json | sweep MODEL | tokens MODEL",
      2,
      3,
      "Compares the predicted costs of two reports of 'nnc compile --report', "
      "per kernel and in total; or predicts a model at several sizes, with the "
      "polynomials that go through its counts; or the prompt and the answer of "
      "a decoder.",
      "nnc cost diff before.json after.json --fail-over=2%,peak=0",
      {{"fail-over", "LIST",
        "diff: exit code 4 if time rises by more than a share, or what the "
        "list names: 2%,flops=2%,bytes=2%,peak=0,weights=0"},
       {"over", "NAME=N,N,...", "sweep: sizes of a symbolic dimension"},
       {"prompt", "N", "tokens: those of the prompt (128)"},
       {"output", "N", "tokens: those of the answer (128)"},
       {"sequence", "NAME", "tokens: dimension of the tokens of a run"},
       {"past", "NAME", "tokens: dimension of those of earlier runs"},
       {"threads", "N", "threads of the prediction (1)"},
       {"report", "FILE.json", "write what is printed as JSON; '-' is stdout"},
       dimOption,
       shapeOption}};
  llvm::append_range(spec.options, targetOptions());
  return spec;
}

Command driver::getCostCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runCost};
}
