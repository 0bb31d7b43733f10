//===----------------------------------------------------------------------===//
// nnc cost sweep: costs as functions of dimensions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CostCurves.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "nnc/CostModel/AnnotatedCosts.h"
#include "nnc/CostModel/Polynomial.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

static void readRun(ModuleOp module, const std::string &target,
                    PredictedRun &run) {
  AnnotatedCosts costs = readAnnotatedCosts(module);
  run.target = costs.target;
  run.totals = costs.totals;
  run.rows = std::move(costs.rows);
  if (hw::TargetAttr machine = hw::findTarget(module, target))
    run.memoryGbps = double(machine.getDramGbpsAll());
}

int driver::predictRun(const Arguments &arguments, const DimSizes &sizes,
                       PredictedRun &run) {
  CompileRequest request;
  if (int code = readCompileRequest(arguments, request))
    return code;
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), nncrun::ExitUsage);
  request.compiler.threads = *threads;
  Arguments fixed;
  for (const char *name : {"dim", "shape"})
    for (const std::string &text : arguments.getAll(name))
      fixed.add(name, text);
  for (const auto &[name, size] : sizes)
    fixed.add("dim", name + "=" + std::to_string(size));
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadModule(session, arguments.operands[1], fixed, module))
    return code;
  if (!findEntry(*module))
    return reportError("the module has no entry point", nncrun::ExitInput);
  if (int code = lowerModule(*module, Phase::Schedule, request))
    return code;
  readRun(*module, request.compiler.target, run);
  return nncrun::ExitDone;
}

namespace {
struct Sweep {
  std::vector<std::string> names;
  /// A size a name, and what is predicted there.
  std::vector<std::vector<int64_t>> points;
  std::vector<PredictedRun> runs;
};
/// A count that may be a polynomial of sizes.
struct Count {
  StringLiteral name, key;
  int64_t CostTotals::*field;
};
} // namespace

static constexpr Count counts[] = {
    {"flops", "flops", &CostTotals::flops},
    {"bytes", "bytes", &CostTotals::bytes},
    {"bytes of weights", "weight_bytes", &CostTotals::weightBytes},
    {"peak bytes", "peak_bytes", &CostTotals::peakBytes}};

/// "T=1,2,4": every point so far with each of these sizes.
static int addDimension(StringRef text, Sweep &sweep) {
  constexpr size_t mostPoints = 256;
  auto [name, list] = text.rsplit('=');
  SmallVector<StringRef> parts;
  list.split(parts, ',');
  std::vector<std::vector<int64_t>> points;
  for (const std::vector<int64_t> &point : sweep.points)
    for (StringRef part : parts) {
      int64_t size = -1;
      if (name.empty() || part.getAsInteger(10, size) || size < 0)
        return reportError("--over expects NAME=N,N,... with sizes of at least "
                           "0, but found '" +
                               text.str() + "'",
                           nncrun::ExitUsage);
      points.push_back(point);
      points.back().push_back(size);
    }
  if (points.size() > mostPoints)
    return reportError("--over: expected at most " +
                           std::to_string(mostPoints) +
                           " combinations of sizes, but found " +
                           std::to_string(points.size()),
                       nncrun::ExitUsage);
  sweep.names.push_back(name.str());
  sweep.points = std::move(points);
  return nncrun::ExitDone;
}

static std::optional<std::string> findExpression(const Sweep &sweep,
                                                 ArrayRef<int64_t> values) {
  if (llvm::is_contained(values, -1))
    return std::nullopt;
  std::optional<Polynomial> polynomial = Polynomial::fit(sweep.points, values);
  return polynomial ? std::optional(polynomial->print(sweep.names))
                    : std::nullopt;
}

static std::optional<std::string> findExpression(const Sweep &sweep,
                                                 const Count &count) {
  std::vector<int64_t> values;
  for (const PredictedRun &run : sweep.runs)
    values.push_back(run.totals.*count.field);
  return findExpression(sweep, values);
}

static std::string cell(double number) {
  return number < 0 ? "unknown" : llvm::formatv("{0:F1}", number).str();
}

static void printSweep(const Sweep &sweep, int64_t threads) {
  llvm::outs() << "predicted for " << sweep.runs.front().target << " with "
               << threads << (threads == 1 ? " thread\n\n" : " threads\n\n");
  for (const std::string &name : sweep.names)
    llvm::outs() << llvm::formatv("{0,10}", name);
  llvm::outs() << llvm::formatv("{0,14}{1,14}{2,14}{3,14}{4,16}{5,14}{6,14}\n",
                                "us", "at least", "at most", "first", "flops",
                                "bytes", "peak");
  for (auto [point, run] : llvm::zip(sweep.points, sweep.runs)) {
    for (int64_t size : point)
      llvm::outs() << llvm::formatv("{0,10}", size);
    auto count = [](int64_t value) {
      return value < 0 ? "unknown" : std::to_string(value);
    };
    llvm::outs() << llvm::formatv(
        "{0,14}{1,14}{2,14}{3,14}{4,16}{5,14}{6,14}\n",
        cell(run.totals.predictedUs), cell(run.totals.lowUs),
        cell(run.totals.highUs), cell(run.totals.firstUs),
        count(run.totals.flops), count(run.totals.bytes),
        count(run.totals.peakBytes));
  }
  llvm::outs() << '\n';
  for (const Count &count : counts)
    llvm::outs() << count.name << " = "
                 << findExpression(sweep, count)
                        .value_or("no polynomial of degree 3 goes through more "
                                  "points than it needs")
                 << '\n';
}

/// Kernels that are the same at all points, by their keys.
static llvm::json::Array listKernels(const Sweep &sweep) {
  std::vector<std::string> keys = makeCostKeys(sweep.runs.front().rows);
  for (const PredictedRun &run : sweep.runs)
    if (makeCostKeys(run.rows) != keys)
      return {};
  llvm::json::Array kernels;
  for (const auto &[i, key] : llvm::enumerate(keys)) {
    std::vector<int64_t> flops, bytes;
    for (const PredictedRun &run : sweep.runs) {
      flops.push_back(run.rows[i].flops);
      bytes.push_back(run.rows[i].bytes);
    }
    kernels.push_back(
        llvm::json::Object{{"key", llvm::json::fixUTF8(key)},
                           {"flops", findExpression(sweep, flops)},
                           {"bytes", findExpression(sweep, bytes)}});
  }
  return kernels;
}

static std::string sweepJson(const Sweep &sweep, int64_t threads) {
  auto known = [](auto value) -> llvm::json::Value {
    return value < 0 ? llvm::json::Value(nullptr) : llvm::json::Value(value);
  };
  llvm::json::Array points;
  for (auto [point, run] : llvm::zip(sweep.points, sweep.runs))
    points.push_back(
        llvm::json::Object{{"sizes", llvm::json::Array(point)},
                           {"predicted_us", known(run.totals.predictedUs)},
                           {"lo_us", known(run.totals.lowUs)},
                           {"hi_us", known(run.totals.highUs)},
                           {"first_us", known(run.totals.firstUs)},
                           {"flops", known(run.totals.flops)},
                           {"bytes", known(run.totals.bytes)},
                           {"weight_bytes", known(run.totals.weightBytes)},
                           {"peak_bytes", known(run.totals.peakBytes)},
                           {"modelled_energy_uj", known(run.totals.energyUj)},
                           {"modelled_co2_ug", known(run.totals.co2Ug)}});
  llvm::json::Object expressions;
  for (const Count &count : counts)
    expressions[count.key] = findExpression(sweep, count);
  return llvm::formatv("{0:2}\n", llvm::json::Value(llvm::json::Object{
                                      {"version", 1},
                                      {"target", sweep.runs.front().target},
                                      {"threads", threads},
                                      {"dims", llvm::json::Array(sweep.names)},
                                      {"points", std::move(points)},
                                      {"expressions", std::move(expressions)},
                                      {"kernels", listKernels(sweep)}}))
      .str();
}

int driver::sweepCosts(const Arguments &arguments) {
  Sweep sweep;
  sweep.points.emplace_back();
  for (const std::string &text : arguments.getAll("over"))
    if (int code = addDimension(text, sweep))
      return code;
  if (sweep.names.empty())
    return reportError("nnc cost sweep: expected --over NAME=N,N,...",
                       nncrun::ExitUsage);
  for (const std::vector<int64_t> &point : sweep.points) {
    DimSizes sizes;
    for (auto [name, size] : llvm::zip(sweep.names, point))
      sizes.emplace_back(name, size);
    if (int code = predictRun(arguments, sizes, sweep.runs.emplace_back()))
      return code;
  }
  int64_t threads = *arguments.getInt("threads", 1, 1, 1024);
  if (arguments.get("report") != "-")
    printSweep(sweep, threads);
  llvm::outs().flush();
  return arguments.has("report")
             ? writeText(arguments.get("report"), sweepJson(sweep, threads))
             : int(nncrun::ExitDone);
}
