//===----------------------------------------------------------------------===//
// nnc check: what a model holds, whether all of it is supported, what it will
// cost, and whether it fits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CheckReport.h"
#include "DimBounds.h"
#include "MemoryBudget.h"
#include "Operators.h"
#include "dialects/NN/IR/NNOps.h"
#include "nnc/Interfaces/CostOpInterface.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Data.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Float constants with an axis, and whatever is large, are parameters; shapes
/// and axes are not.
static void countConstant(Operation *op, ModelFacts &facts) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Type element = type.getElementType();
  // Of strings the text is not counted.
  std::optional<nncio::ElementType> stored = toElementType(element);
  facts.weightBytes +=
      type.getNumElements() * (stored ? nncio::elementBytes(*stored) : 1);
  if (isa<nn::WeightOp>(op) || (isa<FloatType>(element) && type.getRank() > 0))
    facts.parameters += type.getNumElements();
}

static void collectFacts(func::FuncOp entry, ModelFacts &facts) {
  entry.walk([&](Operation *op) {
    if (isa<nn::ConstantOp, nn::WeightOp>(op))
      return countConstant(op, facts);
    // Kernels, launches and the like are not what the model says.
    if (!isa<nn::NNDialect>(op->getDialect()) || isa<nn::KernelOp>(op))
      return;
    ++facts.histogram[op->getName().getStringRef().str()];
    auto cost = dyn_cast<CostOpInterface>(op);
    if (!cost)
      return;
    std::optional<int64_t> flops = cost.getFlops();
    if (!flops || __builtin_add_overflow(facts.flops, *flops, &facts.flops))
      ++facts.unknownFlops;
  });
  for (const nncrun::ValueInfo &info : facts.signature.inputs)
    for (auto [size, name] : llvm::zip(info.dims, info.dimNames))
      if (size < 0 && !name.empty() &&
          !llvm::is_contained(facts.freeDims, name))
        facts.freeDims.push_back(name);
}

/// As compile would do it under the same budget.
static int predictCost(ModuleOp module, CompileRequest request, int threads,
                       CheckReport &report, CostFacts &cost) {
  if (report.budget)
    if (int code =
            fitMemoryBudget({*report.budget, threads, report.budgetHasWeights},
                            module, request, report.unmet))
      return code;
  ArtifactInfo info;
  if (int code = predictArtifact(module, request, info))
    return code;
  cost.target = request.target.name;
  cost.threads = threads;
  cost.totals = sumCosts(info, threads);
  cost.kernels = int64_t(info.kernels.size());
  for (const ArtifactEntry &entry : info.entries) {
    cost.arenaBytes = std::max(cost.arenaBytes, entry.arenaBytes);
    cost.scratchBytes = std::max(cost.scratchBytes, entry.scratchBytes);
    if (entry.arenaBytes < 0 || entry.scratchBytes < 0)
      cost.isDynamic = true;
    cost.pools = std::max<int64_t>(cost.pools, entry.numPoolSlots);
  }
  return nncrun::ExitDone;
}

/// Reads everything that `arguments` say beside the model.
static int readPlan(const Arguments &arguments, CompileRequest &request,
                    int &threads, CheckReport &report) {
  if (int code = readCompileRequest(arguments, request))
    return code;
  nncio::Result<int64_t> count = arguments.getInt("threads", 1, 1, 1024);
  if (!count)
    return reportError(count.error(), nncrun::ExitUsage);
  threads = int(*count);
  std::optional<MemoryBudget> budget;
  if (int code = readMemoryBudget(arguments, threads, budget))
    return code;
  if (budget) {
    report.budget = budget->bytes;
    report.budgetHasWeights = budget->includesWeights;
  }
  return nncrun::ExitDone;
}

/// The facts of a model, then its cost. Exit codes as of the command.
static int inspect(const Arguments &arguments, Session &session,
                   CompileRequest &request, int threads, CheckReport &report) {
  OwningOpRef<ModuleOp> module;
  if (int code = loadModule(session, arguments.operands[0], arguments, module))
    return code;
  func::FuncOp entry = findEntry(*module);
  if (!entry)
    return reportError("the module has no entry point", nncrun::ExitInput);
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  if (!signature)
    return reportError(signature.error(), nncrun::ExitInput);
  ModelFacts facts;
  facts.signature = std::move(*signature);
  collectFacts(entry, facts);
  report.facts = std::move(facts);
  CostFacts cost;
  if (int code = predictCost(*module, request, threads, report, cost))
    return code;
  report.cost = std::move(cost);
  DimBounds bounds;
  if (int code = readDimBounds(arguments, bounds))
    return code;
  if (bounds.empty())
    return nncrun::ExitDone;
  // What is not known of any size is told of the largest.
  if (int code = loadAtBounds(session, arguments.operands[0], arguments, bounds,
                              module))
    return code;
  CostFacts most;
  if (int code = predictCost(*module, request, threads, report, most))
    return code;
  for (const auto &[name, bound] : bounds)
    most.bounds += (most.bounds.empty() ? " at " : ", ") + name + "=" +
                   std::to_string(bound);
  report.cost = std::move(most);
  return nncrun::ExitDone;
}

/// Does it fit?
static int judgeBudget(const CheckReport &report) {
  if (!report.budget || !report.cost)
    return nncrun::ExitDone;
  std::optional<bool> fits = report.fits();
  if (!fits)
    return reportError("--memory-budget: the memory depends on dynamic "
                       "dimensions; fix them with --dim" +
                           report.dimHint() + ", or bound them with NAME<=N",
                       nncrun::ExitUsage);
  if (*fits)
    return nncrun::ExitDone;
  if (!report.unmet.empty())
    return reportError(report.unmet, nncrun::ExitUnmet);
  return reportError("the memory budget is " + std::to_string(*report.budget) +
                         " bytes, but the model needs " +
                         std::to_string(report.neededBytes()),
                     nncrun::ExitUnmet);
}

static int runCheck(const Arguments &arguments) {
  if (arguments.has("list-operators"))
    return listOperators(arguments);
  if (arguments.operands.empty())
    return reportError("nnc check: expected MODEL", nncrun::ExitUsage);
  CompileRequest request;
  CheckReport report;
  int threads = 1;
  if (int code = readPlan(arguments, request, threads, report))
    return code;
  Session session;
  int code = inspect(arguments, session, request, threads, report);
  report.errors = session.getErrors();
  if (code == nncrun::ExitUsage)
    return code;
  if (arguments.get("report") != "-")
    printReport(report);
  llvm::outs().flush();
  if (arguments.has("report")) {
    std::string text = reportJson(report);
    if (int failed = writeText(arguments.get("report"), text))
      return failed;
  }
  return code ? code : judgeBudget(report);
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "check",
      "MODEL",
      0,
      1,
      "Tells before compiling whether a model is supported, what it holds, "
      "what it will cost and whether it fits. Exit code 3 lists every node "
      "that is not supported, 4 is over the budget.",
      "nnc check model.onnx --dim batch=1 --memory-budget=8MiB",
      {{"report", "FILE.json", "write the facts as JSON; '-' is stdout"},
       {"memory-budget", "SIZE", "exit code 4 if arena and scratch need more"},
       budgetIncludesOption,
       {"threads", "N", "threads that scratch is counted for (1)"},
       {"list-operators", "FORM",
        "print the operators that are supported instead: markdown or json"},
       dimOption,
       shapeOption}};
  llvm::append_range(spec.options, targetOptions());
  return spec;
}

Command driver::getCheckCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runCheck};
}
