//===----------------------------------------------------------------------===//
// nnc check: what a model holds, and whether all of it is supported.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "dialects/NN/IR/NNOps.h"
#include "nnc/Interfaces/CostOpInterface.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Data.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <map>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
struct ModelFacts {
  nncrun::Signature signature;
  std::map<std::string, int64_t> histogram;
  int64_t parameters = 0;
  int64_t weightBytes = 0;
  int64_t flops = 0;
  /// Ops whose FLOPs depend on dynamic dimensions.
  int64_t unknownFlops = 0;
};
} // namespace

/// Float constants with an axis, and whatever is large, are parameters; shapes
/// and axes are not.
static void countConstant(Operation *op, ModelFacts &facts) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Type element = type.getElementType();
  int64_t bits = std::max(8u, element.getIntOrFloatBitWidth());
  facts.weightBytes += type.getNumElements() * (bits / 8);
  if (isa<nn::WeightOp>(op) || (isa<FloatType>(element) && type.getRank() > 0))
    facts.parameters += type.getNumElements();
}

static ModelFacts collectFacts(func::FuncOp entry) {
  ModelFacts facts;
  entry.walk([&](Operation *op) {
    if (isa<nn::ConstantOp, nn::WeightOp>(op))
      return countConstant(op, facts);
    if (!isa<nn::NNDialect>(op->getDialect()))
      return;
    ++facts.histogram[op->getName().getStringRef().str()];
    auto cost = dyn_cast<CostOpInterface>(op);
    if (!cost)
      return;
    std::optional<int64_t> flops = cost.getFlops();
    if (!flops || __builtin_add_overflow(facts.flops, *flops, &facts.flops))
      ++facts.unknownFlops;
  });
  return facts;
}

static void printValues(const char *title, ArrayRef<nncrun::ValueInfo> values) {
  llvm::outs() << title << "\n";
  for (const nncrun::ValueInfo &info : values)
    llvm::outs() << "  " << info.text() << "\n";
}

static void printFacts(const ModelFacts &facts) {
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
               << facts.weightBytes << " bytes\nflops " << facts.flops;
  if (facts.unknownFlops)
    llvm::outs() << " and those of " << facts.unknownFlops
                 << " ops with dynamic dimensions; fix them with --dim";
  llvm::outs() << "\n";
}

static llvm::json::Array toJson(ArrayRef<nncrun::ValueInfo> values) {
  llvm::json::Array list;
  for (const nncrun::ValueInfo &info : values)
    list.push_back(
        llvm::json::Object{{"name", llvm::json::fixUTF8(info.name)},
                           {"type", nncio::elementName(info.type)},
                           {"dims", llvm::json::Array(info.dims)},
                           {"dim_names", llvm::json::Array(info.dimNames)}});
  return list;
}

static int writeReport(const ModelFacts &facts, const std::string &path) {
  llvm::json::Object ops;
  for (const auto &[name, count] : facts.histogram)
    ops[name] = count;
  llvm::json::Value report =
      llvm::json::Object{{"version", 1},
                         {"inputs", toJson(facts.signature.inputs)},
                         {"outputs", toJson(facts.signature.outputs)},
                         {"ops", std::move(ops)},
                         {"parameters", facts.parameters},
                         {"weight_bytes", facts.weightBytes},
                         {"flops", facts.flops},
                         {"ops_of_unknown_flops", facts.unknownFlops}};
  std::string text = llvm::formatv("{0:2}\n", report);
  nncio::Status written = nncrun::writeWhole(path, {nncio::Span(text)});
  if (!written)
    return reportError(written.error(), nncrun::ExitInput);
  return nncrun::ExitDone;
}

static int runCheck(const Arguments &arguments) {
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadModule(session, arguments.operands[0], arguments, module))
    return code;
  func::FuncOp entry = findEntry(*module);
  if (!entry)
    return reportError("the module has no entry point", nncrun::ExitInput);
  ModelFacts facts = collectFacts(entry);
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  if (!signature)
    return reportError(signature.error(), nncrun::ExitInput);
  facts.signature = std::move(*signature);
  if (arguments.get("report") != "-")
    printFacts(facts);
  llvm::outs().flush();
  if (arguments.has("report"))
    return writeReport(facts, arguments.get("report"));
  return nncrun::ExitDone;
}

Command driver::getCheckCommand() {
  static const CommandSpec spec = {
      "check",
      "MODEL",
      1,
      1,
      "Tells before compiling whether a model is supported and what it holds. "
      "Exit code 3 lists every node that is not supported.",
      "nnc check model.onnx --dim batch=1 --report=facts.json",
      {{"report", "FILE.json", "write the facts as JSON; '-' is stdout"},
       dimOption,
       shapeOption}};
  return {&spec, runCheck};
}
