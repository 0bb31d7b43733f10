//===----------------------------------------------------------------------===//
// nnc compare: finds the first layer that the compiler gets wrong.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CompareQuantized.h"
#include "Compile.h"
#include "JudgeOptions.h"
#include "LayerCuts.h"
#include "Quantization.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Data.h"
#include "nnc/Runner/Progress.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Values that lie between two quantized steps may be rounded to either, which
/// adds up over layers. In dB, with room above what was seen on quantized image
/// models: 78 of a layer, 28 of outputs.
static constexpr double quantizedLayerSqnr = 40, quantizedOutputSqnr = 20;

namespace {
/// What is compared, and with which tolerance.
struct Plan {
  CompileRequest request;
  nncio::Tolerance tolerance;
  int threads = 1;
  bool isCumulative = false;
  /// Tolerances were given: types make no difference then.
  bool isExact = false;
};

/// One line of the table.
struct Row {
  /// "layer", "graph" for outputs after the graph phase, "output" for those of
  /// the whole compiled model.
  const char *kind;
  /// ONNX nodes of a layer, the name of an output.
  std::vector<std::string> names;
  nncio::CompareResult result;
  bool isControlFlow = false;
  /// Noise that is right in spite of the tolerance; infinity: none.
  double leastSqnr = std::numeric_limits<double>::infinity();

  bool ok() const {
    return result.ok || (result.mismatch.empty() && result.sqnr >= leastSqnr);
  }
};

/// The model in its forms, and what they say.
class LayerComparison {
public:
  LayerComparison(const Plan &plan, ModuleOp imported, nncrun::Tensors inputs)
      : plan(plan), imported(imported), inputs(std::move(inputs)),
        progress("reference") {}

  /// Fills `rows`. Returns an exit code; failures have been reported.
  int run();

  std::vector<Row> rows;

private:
  int runReference(ModuleOp module, const char *what, nncrun::Tensors &outputs);
  int runCompiled(ModuleOp module, const char *what,
                  const nncrun::Tensors &values, nncrun::Tensors &outputs);
  int judgeLayers(ModuleOp graph);
  void addRow(const char *kind, std::vector<std::string> names,
              const nncio::Tensor &actual, const nncio::Tensor &expected);
  void addOutputs(const char *kind, const nncrun::Tensors &actual);

  const Plan &plan;
  ModuleOp imported;
  nncrun::Tensors inputs;
  nncrun::Tensors expected;
  nncrun::Progress progress;
  bool isQuantized = false;
  std::vector<std::vector<std::string>> kernels;
};
} // namespace

int LayerComparison::runReference(ModuleOp module, const char *what,
                                  nncrun::Tensors &outputs) {
  progress.tell(what);
  auto executable = makeReferenceExecutable(module);
  if (!executable)
    return reportError(executable.error(), nncrun::ExitInput);
  nncio::Result<nncrun::Tensors> run = (*executable)->run(inputs);
  if (!run)
    return reportError(std::string(what) + ": " + run.error(),
                       nncrun::ExitInput);
  outputs = std::move(*run);
  return nncrun::ExitDone;
}

int LayerComparison::runCompiled(ModuleOp module, const char *what,
                                 const nncrun::Tensors &values,
                                 nncrun::Tensors &outputs) {
  progress.tell(what);
  CompileRequest request = plan.request;
  auto executable = makeCompiledExecutable(module, request, plan.threads);
  if (!executable)
    return reportError(std::string(what) + ": " + executable.error(),
                       nncrun::ExitInput);
  nncio::Result<nncrun::Tensors> run = (*executable)->run(values);
  if (!run)
    return reportError(std::string(what) + ": " + run.error(),
                       nncrun::ExitInput);
  outputs = std::move(*run);
  return nncrun::ExitDone;
}

void LayerComparison::addRow(const char *kind, std::vector<std::string> names,
                             const nncio::Tensor &actual,
                             const nncio::Tensor &expectedTensor) {
  nncio::Tolerance tolerance = plan.tolerance;
  if (plan.isExact) {
    rows.push_back({kind, std::move(names),
                    nncio::compare(actual, expectedTensor, tolerance)});
    return;
  }
  // Four units in the last place of the largest element: sums of numbers that
  // are rounded to so few digits differ by the order of their terms.
  // Over all layers that adds up.
  double scale = kind == StringRef("output") ? 4 : 1;
  if (actual.type() == nncio::ElementType::F16)
    tolerance.atolOfMax = std::max(tolerance.atolOfMax, 0x1p-8 * scale);
  if (actual.type() == nncio::ElementType::BF16)
    tolerance.atolOfMax = std::max(tolerance.atolOfMax, 0x1p-5 * scale);
  rows.push_back({kind, std::move(names),
                  nncio::compare(actual, expectedTensor, tolerance)});
}

void LayerComparison::addOutputs(const char *kind,
                                 const nncrun::Tensors &actual) {
  nncio::Result<nncrun::Signature> signature =
      readSignature(findEntry(imported));
  for (auto [i, info] : llvm::enumerate(signature->outputs)) {
    addRow(kind, {info.name}, actual[i], expected[i]);
    if (isQuantized)
      rows.back().leastSqnr = quantizedOutputSqnr;
  }
}

/// Layers with their inputs from the reference, or from the layers before.
int LayerComparison::judgeLayers(ModuleOp graph) {
  OwningOpRef<ModuleOp> observed = graph.clone();
  std::vector<LayerValue> layers = exposeLayers(findEntry(*observed), kernels);
  if (layers.empty())
    return nncrun::ExitDone;
  nncrun::Tensors reference, actual, values = inputs;
  if (int code = runReference(*observed, "layers by reference", reference))
    return code;
  if (!plan.isCumulative)
    for (size_t i : cutLayers(findEntry(*observed), kernels))
      values.push_back(reference[i]);
  if (int code = runCompiled(*observed, "layers, compiled", values, actual))
    return code;
  for (const LayerValue &layer : layers) {
    addRow("layer", layer.nodes, actual[layer.result], reference[layer.result]);
    rows.back().isControlFlow = layer.isControlFlow;
    if (layer.isQuantized && !plan.isExact) {
      rows.back().leastSqnr = quantizedLayerSqnr;
      isQuantized = true;
    }
  }
  return nncrun::ExitDone;
}

int LayerComparison::run() {
  OwningOpRef<ModuleOp> graph = imported.clone();
  if (int code = runReference(imported, "reference", expected))
    return code;
  CompileRequest request = plan.request;
  if (int code = lowerModule(*graph, Phase::Graph, request))
    return code;
  nncrun::Tensors outputs;
  if (int code = runReference(*graph, "after the graph phase", outputs))
    return code;
  addOutputs("graph", outputs);
  OwningOpRef<ModuleOp> whole = graph->clone();
  if (int code = lowerModule(*whole, Phase::Schedule, request))
    return code;
  kernels = listKernelNodes(*whole);
  if (int code = judgeLayers(*graph))
    return code;
  if (int code = runCompiled(*whole, "compiled model", inputs, outputs))
    return code;
  addOutputs("output", outputs);
  return nncrun::ExitDone;
}

//===----------------------------------------------------------------------===//
// What people and scripts see
//===----------------------------------------------------------------------===//

static std::string describe(const Row &row) {
  std::string text =
      row.kind == StringRef("layer") ? "" : row.kind + std::string(" '");
  for (auto [i, name] : llvm::enumerate(row.names))
    text += (i ? " + " : "") + name;
  if (row.kind != StringRef("layer"))
    text += "'";
  return text + (row.names.empty() ? "(no name)" : "") +
         (row.isControlFlow ? " (with all that is in it)" : "");
}

static void printTable(ArrayRef<Row> rows) {
  llvm::outs() << llvm::formatv("{0,11} {1,11} {2,8}  {3,-6} {4}\n", "max abs",
                                "max rel", "SQNR dB", "", "ONNX nodes");
  for (const Row &row : rows) {
    const char *verdict = row.ok() ? "" : "wrong";
    if (!row.result.mismatch.empty()) {
      llvm::outs() << llvm::formatv("{0,11} {1,11} {2,8}  {3,-6} {4}: {5}\n",
                                    "-", "-", "-", verdict, describe(row),
                                    row.result.mismatch);
      continue;
    }
    std::string sqnr = std::isfinite(row.result.sqnr)
                           ? llvm::formatv("{0:F1}", row.result.sqnr).str()
                           : (row.result.sqnr > 0 ? "exact" : "-");
    llvm::outs() << llvm::formatv(
        "{0,11} {1,11} {2,8}  {3,-6} {4}\n",
        llvm::formatv("{0:E2}", row.result.maxAbs).str(),
        llvm::formatv("{0:E2}", row.result.maxRel).str(), sqnr, verdict,
        describe(row));
  }
}

/// The line that a person reads first.
static std::string judge(ArrayRef<Row> rows, bool isCumulative) {
  size_t layers = 0;
  const Row *first = nullptr;
  for (const Row &row : rows) {
    layers += row.kind == StringRef("layer");
    if (!row.ok() && (!first || row.kind == StringRef("graph")))
      first = first ? first : &row;
  }
  if (!first)
    return "all " + std::to_string(layers) + " layers and all outputs agree";
  std::string text =
      "first wrong: " + describe(*first) + ": " + first->result.text();
  if (first->kind == StringRef("graph"))
    return text + "; the graph phase has changed what the model computes: see "
                  "'nnc compile --dump-ir-dir', 1-graph.mlir";
  if (first->kind == StringRef("output"))
    return text +
           "; each layer alone is right, so it is what joins them "
           "(layout, order, storage): try --no-fuse and -O0" +
           (isCumulative ? "" : ", or --cumulative to see errors add up");
  return text;
}

/// JSON has no infinity.
static llvm::json::Value finiteOrNull(double value) {
  return std::isfinite(value) ? llvm::json::Value(value)
                              : llvm::json::Value(nullptr);
}

static std::string makeReport(ArrayRef<Row> rows, const std::string &model,
                              const Plan &plan) {
  llvm::json::Array list;
  for (const Row &row : rows) {
    llvm::json::Array names;
    for (const std::string &name : row.names)
      names.push_back(llvm::json::fixUTF8(name));
    list.push_back(llvm::json::Object{
        {"kind", row.kind},
        {row.kind == StringRef("layer") ? "nodes" : "outputs",
         std::move(names)},
        {"ok", row.ok()},
        {"elements", row.result.elements},
        {"mismatches", row.result.mismatches},
        {"max_abs", finiteOrNull(row.result.maxAbs)},
        {"max_rel", finiteOrNull(row.result.maxRel)},
        {"sqnr_db", finiteOrNull(row.result.sqnr)},
        {"text", llvm::json::fixUTF8(row.result.text())}});
  }
  llvm::json::Value report =
      llvm::json::Object{{"version", 1},
                         {"model", llvm::json::fixUTF8(model)},
                         {"target", plan.request.target.name},
                         {"cumulative", plan.isCumulative},
                         {"rows", std::move(list)}};
  return llvm::formatv("{0:2}\n", report);
}

static int readPlan(const Arguments &arguments, Plan &plan) {
  if (int code = readCompileRequest(arguments, plan.request))
    return code;
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), nncrun::ExitUsage);
  plan.threads = int(*threads);
  nncio::Result<double> rtol = arguments.getNumber("rtol", 1e-3);
  nncio::Result<double> atol = arguments.getNumber("atol", 1e-7);
  nncio::Result<double> ofMax = arguments.getNumber("atol-of-max", 1e-4);
  for (const auto *number : {&rtol, &atol, &ofMax})
    if (!*number)
      return reportError(number->error(), nncrun::ExitUsage);
  plan.tolerance = {*rtol, *atol, *ofMax};
  plan.isCumulative = arguments.has("cumulative");
  for (const char *option : {"rtol", "atol", "atol-of-max"})
    plan.isExact |= arguments.has(option);
  return nncrun::ExitDone;
}

/// The data set of a folder, what --input names, random numbers for the rest.
static int readInputs(const Arguments &arguments, func::FuncOp entry,
                      nncrun::Tensors &inputs) {
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  if (!signature)
    return reportError(signature.error(), nncrun::ExitInput);
  nncrun::InputRequest request;
  if (nncio::Result<ModelPath> model = findModel(arguments.operands[0]))
    request.folder = model->folder;
  request.bindings = arguments.getAll("input");
  nncio::Result<int64_t> seed =
      arguments.getInt("random-seed", 1, 0, INT64_MAX);
  if (!seed)
    return reportError(seed.error(), nncrun::ExitUsage);
  request.seed = uint64_t(*seed);
  return nncrun::gatherInputs(*signature, request, inputs);
}

static int runCompare(const Arguments &arguments) {
  Plan plan;
  if (int code = readPlan(arguments, plan))
    return code;
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadGraphModel(session, arguments, "nnc compare", module))
    return code;
  func::FuncOp entry = findEntry(*module);
  if (!entry)
    return reportError("the module has no entry point", nncrun::ExitInput);
  nncrun::Tensors inputs;
  if (int code = readInputs(arguments, entry, inputs))
    return code;
  if (arguments.has("quantize"))
    return compareQuantized(arguments, *module, inputs);
  std::vector<Row> rows;
  {
    LayerComparison comparison(plan, *module, std::move(inputs));
    if (int code = comparison.run())
      return code;
    rows = std::move(comparison.rows);
  }
  if (arguments.get("report") != "-") {
    printTable(rows);
    llvm::outs() << judge(rows, plan.isCumulative) << "\n";
    llvm::outs().flush();
  }
  if (arguments.has("report"))
    if (int code = writeText(arguments.get("report"),
                             makeReport(rows, arguments.operands[0], plan)))
      return code;
  bool ok = llvm::all_of(rows, [](const Row &row) { return row.ok(); });
  return ok ? nncrun::ExitDone : nncrun::ExitDiffers;
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "compare",
      "MODEL",
      1,
      1,
      "Finds the first layer that is computed wrongly. Compiles every layer "
      "and "
      "runs it on what the reference interpreter gives for its inputs, so that "
      "each is judged alone. A layer is what one kernel computes. Exit code 1 "
      "if anything differs. With --quantize: what each product loses and "
      "brings.",
      "nnc compare model.onnx --input x=@x.npy",
      {{"input", "NAME=@FILE",
        "data of an input: .npy, .npz:KEY, .pb, .png; else a folder's first "
        "data set, or random numbers"},
       {"random-seed", "N", "of inputs that are not given (1)"},
       {"cumulative", nullptr,
        "give layers what the compiled layers before them have computed"},
       {"rtol", "X", "tolerance relative to the expected element (0.001)"},
       {"atol", "X", "absolute tolerance (1e-7)"},
       {"atol-of-max", "X",
        "tolerance relative to the largest expected element (1e-4; f16 2^-8, "
        "bf16 2^-5); without any tolerance given, layers that quantize are "
        "right "
        "from 40 dB on, outputs of such models from 20 dB"},
       {"threads", "N", "threads of a run (1)"},
       {"report", "FILE.json", "write the table as JSON; '-' is stdout"}}};
  llvm::append_range(spec.options, targetOptions());
  llvm::append_range(spec.options, quantizationOptions());
  spec.options.push_back(calibrationOption);
  spec.options.push_back(dimOption);
  spec.options.push_back(shapeOption);
  return spec;
}

Command driver::getCompareCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runCompare};
}
