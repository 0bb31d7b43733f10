//===----------------------------------------------------------------------===//
// nnc compare for quantized forms: what each product loses.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CompareQuantized.h"

#include "Quantization.h"
#include "nnc/Compression/MixedPrecision.h"
#include "nnc/DataIO/Compare.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Progress.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
struct OutputLoss {
  std::string name;
  double sqnr = 0;
};

/// All that is told.
struct Findings {
  std::vector<QuantizedLayer> layers;
  std::vector<LayerSensitivity> losses;
  std::vector<OutputLoss> outputs;

  const LayerSensitivity *find(const std::string &name) const {
    for (const LayerSensitivity &loss : losses)
      if (loss.name == name)
        return &loss;
    return nullptr;
  }
};
} // namespace

static void printFindings(const Findings &findings) {
  llvm::outs() << llvm::formatv(
      "{0,4} {1,22} {2,8} {3,8} {4,8} {5,9} {6,9}  {7}\n", "bits", "range",
      "outside", "weights", "layer dB", "us before", "us after", "product");
  for (const QuantizedLayer &layer : findings.layers) {
    const LayerSensitivity *loss = findings.find(layer.name);
    bool hasRange = layer.isQuantized && layer.range.low < layer.range.high;
    auto text = [](bool is, std::string text) { return is ? text : "-"; };
    llvm::outs() << llvm::formatv(
        "{0,4} {1,22} {2,8} {3,8} {4,8} {5,9:F1} {6,9}  {7}{8}\n", layer.bits,
        text(hasRange, llvm::formatv("{0:F3} to {1:F3}", layer.range.low,
                                     layer.range.high)),
        text(hasRange, llvm::formatv("{0:P2}", layer.saturation)),
        text(layer.isQuantized, llvm::formatv("{0:F1}", layer.weightSqnr)),
        text(loss, llvm::formatv("{0:F1}", loss ? loss->layerSqnr : 0)),
        layer.floatUs,
        text(layer.isQuantized, llvm::formatv("{0:F1}", layer.quantizedUs)),
        layer.name,
        layer.reason.empty() ? "" : " (stays float: " + layer.reason + ")");
  }
  for (const OutputLoss &output : findings.outputs)
    llvm::outs() << llvm::formatv("output '{0}': {1:F1} dB\n", output.name,
                                  output.sqnr);
  llvm::outs().flush();
}

static std::string makeReport(const Findings &findings,
                              const std::string &model) {
  llvm::json::Array layers, outputs;
  for (const QuantizedLayer &layer : findings.layers) {
    llvm::json::Object object{{"name", llvm::json::fixUTF8(layer.name)},
                              {"bits", layer.bits},
                              {"before_us", layer.floatUs}};
    if (!layer.isQuantized) {
      object["reason"] = llvm::json::fixUTF8(layer.reason);
    } else {
      object["after_us"] = layer.quantizedUs;
      object["weight_sqnr_db"] = layer.weightSqnr;
      object["saturation"] = layer.saturation;
      object["low"] = layer.range.low;
      object["high"] = layer.range.high;
    }
    if (const LayerSensitivity *loss = findings.find(layer.name))
      object["layer_sqnr_db"] = loss->layerSqnr;
    layers.push_back(std::move(object));
  }
  for (const OutputLoss &output : findings.outputs)
    outputs.push_back(llvm::json::Object{
        {"name", llvm::json::fixUTF8(output.name)}, {"sqnr_db", output.sqnr}});
  llvm::json::Value report =
      llvm::json::Object{{"version", 1},
                         {"model", llvm::json::fixUTF8(model)},
                         {"layers", std::move(layers)},
                         {"outputs", std::move(outputs)}};
  return llvm::formatv("{0:2}\n", report);
}

/// The outputs of both forms on the same data.
static llvm::Error compareOutputs(ModuleOp original, ModuleOp changed,
                                  const DataSet &data, Findings &findings) {
  auto before = Observer::create(original, {});
  if (!before)
    return before.takeError();
  auto after = Observer::create(changed, {});
  if (!after)
    return after.takeError();
  auto expected = before->compute(data.sets[0], data.batch);
  if (!expected)
    return expected.takeError();
  auto actual = after->compute(data.sets[0], data.batch);
  if (!actual)
    return actual.takeError();
  nncio::Result<nncrun::Signature> signature =
      readSignature(findEntry(original));
  for (auto [i, info] : llvm::enumerate(signature->outputs)) {
    constexpr double most = 200;
    double sqnr = nncio::compare((*actual)[i], (*expected)[i], {}).sqnr;
    findings.outputs.push_back({info.name, std::min(sqnr, most)});
  }
  return llvm::Error::success();
}

int driver::compareQuantized(const Arguments &arguments, ModuleOp module,
                             const nncrun::Tensors &inputs) {
  CompileRequest compile;
  std::optional<QuantizationRequest> request;
  if (int code = readCompileRequest(arguments, compile))
    return code;
  if (int code = readQuantization(arguments, compile.compiler.target, request))
    return code;
  if (int code = lowerModule(module, Phase::Graph, compile))
    return code;
  if (int code = findCalibration(*request, module))
    return code;
  nncrun::Progress progress("quantizing");
  auto fail = [](llvm::Error error) {
    return reportError(llvm::toString(std::move(error)), nncrun::ExitInput);
  };
  Findings findings;
  OwningOpRef<ModuleOp> changed = module.clone();
  auto layers = quantize(findEntry(*changed), request->options);
  if (!layers)
    return fail(layers.takeError());
  findings.layers = std::move(*layers);
  DataSet data;
  data.sets.emplace_back();
  data.sets[0].inputs = inputs;
  if (request->options.scheme == QuantizationScheme::Int8) {
    progress.tell("measuring what each product loses");
    auto losses = measureSensitivity(module, findings.layers, data);
    if (!losses)
      return fail(losses.takeError());
    findings.losses = std::move(*losses);
  }
  progress.tell("comparing outputs");
  if (llvm::Error error = compareOutputs(module, *changed, data, findings))
    return fail(std::move(error));
  if (arguments.get("report") != "-")
    printFindings(findings);
  if (!arguments.has("report"))
    return nncrun::ExitDone;
  return writeText(arguments.get("report"),
                   makeReport(findings, arguments.operands[0]));
}
