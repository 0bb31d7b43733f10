//===----------------------------------------------------------------------===//
// --quantize for data and weights of products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Quantization.h"

#include "PrecisionLimits.h"
#include "WeightOptions.h"
#include "nnc/Export/ONNX/QdqModel.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Progress.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const std::vector<nncrun::OptionSpec> &driver::quantizationOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"quantize", "SCHEME",
       "where it is predicted to be faster: int8 (ranges by --calibration) or "
       "int8-dynamic; weights alone: int8-weights, int4-weights, int3-weights, "
       "int2-weights, fp8-weights, bf16 or fp16"},
      {"quantize-always", nullptr, "also where no gain is predicted"},
      {"quantize-keep", "NAME", "a product that stays as it is"},
      {"no-smooth", nullptr,
       "do not let weights take over ranges of channels (SmoothQuant)"}};
  return options;
}

int driver::reportScheme(const std::string &option, const std::string &name) {
  return reportError(option +
                         " expects int8, int8-dynamic, int8-weights, "
                         "int4-weights, int3-weights, int2-weights, "
                         "fp8-weights, bf16 or fp16, but found '" +
                         name + "'",
                     nncrun::ExitUsage);
}

int driver::readQuantization(const Arguments &arguments,
                             const std::string &target,
                             std::optional<QuantizationRequest> &request) {
  std::string name = arguments.get("quantize");
  if (!arguments.has("quantize") || isWeightForm(name))
    return nncrun::ExitDone;
  std::optional<QuantizationScheme> scheme = parseScheme(name);
  if (!scheme)
    return reportScheme("--quantize", name);
  request.emplace();
  request->options.scheme = *scheme;
  request->options.target = target;
  request->options.always = arguments.has("quantize-always");
  request->options.smooth = !arguments.has("no-smooth");
  for (const std::string &keep : arguments.getAll("quantize-keep"))
    request->options.keep.insert(keep);
  std::vector<std::string> specs = arguments.getAll("calibration");
  if (specs.empty() && *scheme == QuantizationScheme::Int8)
    return reportError("--quantize=int8 needs --calibration: data, or a file "
                       "of nnc calibrate; int8-dynamic needs none",
                       nncrun::ExitUsage);
  if (specs.size() != 1 || !StringRef(specs[0]).ends_with(".json")) {
    request->calibrationData = std::move(specs);
    return nncrun::ExitDone;
  }
  llvm::Expected<CalibrationData> read = CalibrationData::read(specs[0]);
  if (!read)
    return reportError("--calibration: " + llvm::toString(read.takeError()),
                       nncrun::ExitInput);
  request->calibration = std::move(*read);
  return nncrun::ExitDone;
}

int driver::findCalibration(QuantizationRequest &request, ModuleOp module) {
  if (!request.calibration && !request.calibrationData.empty()) {
    llvm::Expected<DataSet> data = loadDataSet(request.calibrationData, module);
    if (!data)
      return reportError("--calibration: " + llvm::toString(data.takeError()),
                         nncrun::ExitInput);
    nncrun::Progress progress("calibrating");
    CalibrationOptions options;
    options.progress = [&](const char *what) { progress.tell(what); };
    llvm::Expected<CalibrationData> found = calibrate(module, *data, options);
    if (!found)
      return reportError("--calibration: " + llvm::toString(found.takeError()),
                         nncrun::ExitInput);
    request.calibration = std::move(*found);
  }
  if (request.calibration)
    request.options.calibration = &*request.calibration;
  return nncrun::ExitDone;
}

/// One line about what was decided.
static void tellDecisions(ArrayRef<QuantizedLayer> layers,
                          const QuantizationOptions &options) {
  size_t count = 0;
  double before = 0, after = 0;
  for (const QuantizedLayer &layer : layers) {
    count += layer.isQuantized;
    before += std::max(layer.floatUs, 0.0);
    after +=
        std::max(layer.isQuantized ? layer.quantizedUs : layer.floatUs, 0.0);
  }
  std::fprintf(stderr, "nnc: %s\n",
               llvm::formatv("{0} of {1} products as {2}; {3:F0} us predicted "
                             "for all products, {4:F0} as f32",
                             count, layers.size(),
                             stringifyScheme(options.scheme), after, before)
                   .str()
                   .c_str());
}

static int quantizeModule(QuantizationRequest &request,
                          const PrecisionLimits &limits,
                          const CompileRequest &compile, ModuleOp module) {
  if (int code = findCalibration(request, module))
    return code;
  if (int code = meetLimits(limits, compile, module, request.options))
    return code;
  auto layers = quantize(findEntry(module), request.options);
  if (!layers)
    return reportError("--quantize: " + llvm::toString(layers.takeError()),
                       nncrun::ExitInput);
  tellDecisions(*layers, request.options);
  return nncrun::ExitDone;
}

int driver::writeQdqModel(const Arguments &arguments, const ModelPath &path,
                          ModuleOp module, CompileRequest &request,
                          const std::string &output) {
  std::optional<QuantizationRequest> read;
  if (int code = readQuantization(arguments, request.compiler.target, read))
    return code;
  if (!read || read->options.scheme != QuantizationScheme::Int8 ||
      path.kind != ModelKind::ONNX)
    return reportError("--emit=onnx-qdq writes an ONNX model with bytes in it: "
                       "expected an ONNX model and --quantize=int8",
                       nncrun::ExitUsage);
  PrecisionLimits limits;
  if (int code = readPrecisionLimits(arguments, true, limits))
    return code;
  CompileRequest plain = request;
  plain.compress = nullptr;
  if (int code = lowerModule(module, Phase::Graph, plain))
    return code;
  // The file has no place for factors.
  read->options.smooth = false;
  if (int code = findCalibration(*read, module))
    return code;
  if (int code = meetLimits(limits, plain, module, read->options))
    return code;
  auto layers = planQuantization(findEntry(module), read->options);
  if (!layers)
    return reportError("--quantize: " + llvm::toString(layers.takeError()),
                       nncrun::ExitInput);
  std::vector<QdqProduct> products;
  for (const QuantizedLayer &layer : *layers)
    if (layer.isQuantized) {
      ByteScale scale = makeByteScale(layer.range);
      products.push_back(
          {layer.nodes, scale.scale, scale.zeroPoint, layer.channelMean});
    }
  llvm::Expected<std::string> bytes = makeQdqModel(path.path, products);
  if (!bytes)
    return reportError("--emit=onnx-qdq: " + llvm::toString(bytes.takeError()),
                       nncrun::ExitInput);
  tellDecisions(*layers, read->options);
  return writeText(output, *bytes);
}

int driver::addQuantization(const Arguments &arguments,
                            CompileRequest &request) {
  std::optional<QuantizationRequest> read;
  if (int code = readQuantization(arguments, request.compiler.target, read))
    return code;
  PrecisionLimits limits;
  if (int code = readPrecisionLimits(arguments, read.has_value(), limits))
    return code;
  if (!read)
    return addWeightQuantization(arguments, request);
  auto shared = std::make_shared<QuantizationRequest>(std::move(*read));
  CompileRequest plain = request;
  request.compress = [shared, limits, plain,
                      before = request.compress](ModuleOp module) {
    if (before)
      if (int code = before(module))
        return code;
    return quantizeModule(*shared, limits, plain, module);
  };
  return nncrun::ExitDone;
}
