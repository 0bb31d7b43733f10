//===----------------------------------------------------------------------===//
// nnc calibrate: what activations hold on data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compile.h"
#include "nnc/Compression/Calibration.h"
#include "nnc/Runner/Progress.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

static int readOptions(const Arguments &arguments, CalibrationOptions &options,
                       int64_t &samples) {
  std::string name =
      arguments.has("calibrator") ? arguments.get("calibrator") : "auto";
  options.calibrator = parseCalibrator(name);
  if (!options.calibrator && name != "auto")
    return reportError("--calibrator expects auto, minmax, percentile, entropy "
                       "or mse, but found '" +
                           name + "'",
                       nncrun::ExitUsage);
  nncio::Result<double> percent = arguments.getNumber("percentile", 99.99);
  if (!percent || *percent <= 50 || *percent > 100)
    return reportError(percent ? "--percentile expects a number above 50 and "
                                 "of 100 at most, but found '" +
                                     arguments.get("percentile") + "'"
                               : percent.error(),
                       nncrun::ExitUsage);
  options.share = *percent / 100;
  nncio::Result<int64_t> limit =
      arguments.getInt("samples", 1024, 1, INT64_MAX);
  if (!limit)
    return reportError(limit.error(), nncrun::ExitUsage);
  samples = *limit;
  for (const char *needed : {"data", "o"})
    if (!arguments.has(needed))
      return reportError("nnc calibrate: expected " +
                             std::string(needed[1] ? "--data SPEC" : "-o FILE"),
                         nncrun::ExitUsage);
  return nncrun::ExitDone;
}

static int runCalibrate(const Arguments &arguments) {
  CalibrationOptions options;
  int64_t samples = 0;
  if (int code = readOptions(arguments, options, samples))
    return code;
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadGraphModel(session, arguments, "nnc calibrate", module))
    return code;
  llvm::Expected<DataSet> data =
      loadDataSet(arguments.getAll("data"), *module, samples);
  if (!data)
    return reportError("--data: " + llvm::toString(data.takeError()),
                       nncrun::ExitInput);
  CompileRequest request;
  if (int code = lowerModule(*module, Phase::Graph, request))
    return code;
  nncrun::Progress progress("calibrating");
  options.progress = [&](const char *what) { progress.tell(what); };
  llvm::Expected<CalibrationData> found = calibrate(*module, *data, options);
  if (!found)
    return reportError(llvm::toString(found.takeError()), nncrun::ExitInput);
  return writeText(arguments.get("o"), found->toJson());
}

Command driver::getCalibrateCommand() {
  static const CommandSpec spec = {
      "calibrate",
      "MODEL",
      1,
      1,
      "Runs a model on data and writes which ranges of numbers its tensors "
      "have, for nnc compile --quantize. The first axis of the data counts "
      "samples.",
      "nnc calibrate model.onnx --data images=@x.npy -o cal.json",
      {{"data", "SPEC", "a folder of test_data_set_N, or INPUT=@FILE for each"},
       {"o", "FILE.json", "the file to write; '-' is stdout"},
       {"calibrator", "NAME",
        "auto (of each tensor the one with which the products that read it "
        "have the best signal to noise ratio), minmax, percentile, entropy or "
        "mse"},
       {"percentile", "P",
        "of the numbers that percentile keeps at each side (99.99)"},
       {"samples", "N", "the first N samples of each data set alone (1024)"},
       dimOption,
       shapeOption}};
  return {&spec, runCalibrate};
}
