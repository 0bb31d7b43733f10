//===----------------------------------------------------------------------===//
// nnc sensitivity: what each product loses in 8 bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compile.h"
#include "Quantization.h"
#include "nnc/Compression/MixedPrecision.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Progress.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
/// A product with what it loses and brings.
struct Row {
  const QuantizedLayer *plan;
  const LayerSensitivity *loss; ///< Null where it stays as it is.
};
} // namespace

static void printRows(ArrayRef<Row> rows) {
  llvm::outs() << llvm::formatv("{0,8} {1,8} {2,10} {3,9} {4,9} {5,10}  {6}\n",
                                "SQNR dB", "own dB", "KL nats", "us f32",
                                "us int8", "bytes", "product");
  for (const Row &row : rows) {
    const QuantizedLayer &plan = *row.plan;
    auto number = [&](double value, const char *form) {
      char text[32];
      std::snprintf(text, sizeof(text), form, value);
      return std::string(row.loss ? text : "-");
    };
    double sqnr = row.loss ? row.loss->sqnr : 0;
    double own = row.loss ? row.loss->layerSqnr : 0;
    double kl = row.loss ? row.loss->kl : 0;
    llvm::outs() << llvm::formatv(
        "{0,8} {1,8} {2,10} {3,9:F1} {4,9:F1} {5,10}  {6}{7}\n",
        number(sqnr, "%.1f"), number(own, "%.1f"), number(kl, "%.2e"),
        plan.floatUs, plan.quantizedUs, plan.floatBytes, plan.name,
        plan.reason.empty() ? "" : " (stays float: " + plan.reason + ")");
  }
}

static std::string makeReport(ArrayRef<Row> rows, const std::string &model) {
  llvm::json::Array list;
  for (const Row &row : rows) {
    const QuantizedLayer &plan = *row.plan;
    llvm::json::Array nodes;
    for (const std::string &node : plan.nodes)
      nodes.push_back(llvm::json::fixUTF8(node));
    llvm::json::Object object{{"name", llvm::json::fixUTF8(plan.name)},
                              {"nodes", std::move(nodes)},
                              {"float_us", plan.floatUs},
                              {"int8_us", plan.quantizedUs},
                              {"float_bytes", plan.floatBytes}};
    if (row.loss) {
      object["sqnr_db"] = row.loss->sqnr;
      object["layer_sqnr_db"] = row.loss->layerSqnr;
      object["kl_nats"] = row.loss->kl;
    } else {
      object["reason"] = plan.reason;
    }
    list.push_back(std::move(object));
  }
  llvm::json::Value report =
      llvm::json::Object{{"version", 1},
                         {"model", llvm::json::fixUTF8(model)},
                         {"layers", std::move(list)}};
  return llvm::formatv("{0:2}\n", report);
}

/// The losses, the largest first, and then what stays as it is.
static std::vector<Row> sortRows(ArrayRef<QuantizedLayer> plans,
                                 ArrayRef<LayerSensitivity> losses) {
  std::vector<Row> rows;
  for (const QuantizedLayer &plan : plans) {
    auto found = llvm::find_if(losses, [&](const LayerSensitivity &loss) {
      return loss.name == plan.name;
    });
    rows.push_back({&plan, found == losses.end() ? nullptr : &*found});
  }
  llvm::sort(rows, [](const Row &a, const Row &b) {
    auto key = [](const Row &row) {
      return std::tuple(!row.loss, row.loss ? -row.loss->noise : 0, row.plan);
    };
    return key(a) < key(b);
  });
  return rows;
}

static int runSensitivity(const Arguments &arguments) {
  if (!arguments.has("data"))
    return reportError("nnc sensitivity: expected --data SPEC",
                       nncrun::ExitUsage);
  CompileRequest compile;
  if (int code = readCompileRequest(arguments, compile))
    return code;
  QuantizationRequest request;
  request.options.target = compile.compiler.target;
  request.options.always = arguments.has("quantize-always");
  nncio::Result<int64_t> samples =
      arguments.getInt("samples", 32, 1, INT64_MAX);
  if (!samples)
    return reportError(samples.error(), nncrun::ExitUsage);
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadGraphModel(session, arguments, "nnc sensitivity", module))
    return code;
  llvm::Expected<DataSet> data =
      loadDataSet(arguments.getAll("data"), *module, *samples);
  if (!data)
    return reportError("--data: " + llvm::toString(data.takeError()),
                       nncrun::ExitInput);
  if (int code = lowerModule(*module, Phase::Graph, compile))
    return code;
  request.calibrationData = arguments.getAll("data");
  if (int code = findCalibration(request, *module))
    return code;
  auto plans = planQuantization(findEntry(*module), request.options);
  if (!plans)
    return reportError(llvm::toString(plans.takeError()), nncrun::ExitInput);
  nncrun::Progress progress("measuring what each product loses");
  auto losses = measureSensitivity(*module, *plans, *data);
  if (!losses)
    return reportError(llvm::toString(losses.takeError()), nncrun::ExitInput);
  std::vector<Row> rows = sortRows(*plans, *losses);
  if (arguments.get("report") != "-")
    printRows(rows);
  llvm::outs().flush();
  if (!arguments.has("report"))
    return nncrun::ExitDone;
  return writeText(arguments.get("report"),
                   makeReport(rows, arguments.operands[0]));
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "sensitivity",
      "MODEL",
      1,
      1,
      "Tells what a model's outputs lose when one product at a time is done "
      "with bytes, and what that brings. The first axis of the data counts "
      "samples.",
      "nnc sensitivity model.onnx --data images=@x.npy",
      {{"data", "SPEC", "a folder of test_data_set_N, or INPUT=@FILE for each"},
       {"samples", "N", "the first N samples of each data set alone (32)"},
       {"quantize-always", nullptr, "also products without a predicted gain"},
       {"report", "FILE.json", "write the table as JSON; '-' is stdout"}}};
  llvm::append_range(spec.options, targetOptions());
  spec.options.push_back(dimOption);
  spec.options.push_back(shapeOption);
  return spec;
}

Command driver::getSensitivityCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runSensitivity};
}
