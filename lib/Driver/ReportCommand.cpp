//===----------------------------------------------------------------------===//
// nnc report: a page about what a model becomes and what it costs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CostReport.h"
#include "PhaseProgress.h"
#include "RemarkLog.h"
#include "ReportData.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

static int runReport(const Arguments &arguments) {
  if (!arguments.has("o"))
    return reportError("nnc report: expected -o FILE.html", nncrun::ExitUsage);
  CompileRequest request;
  if (int code = readCompileRequest(arguments, request))
    return code;
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), nncrun::ExitUsage);
  request.compiler.threads = *threads;
  nncrun::Progress progress("importing");
  followPhases(request, progress);
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadGraphModel(session, arguments, "nnc report", module))
    return code;
  RemarkLog remarks;
  if (failed(remarks.attach(session.getContext())))
    return reportError("cannot collect the remarks of passes",
                       nncrun::ExitInternal);
  llvm::json::Object schedule;
  watchSchedule(request, schedule);
  ArtifactInfo info;
  if (int code = predictArtifact(*module, request, info))
    return code;
  remarks.stop();
  if (schedule.empty())
    return reportError("the module has no entry point", nncrun::ExitInput);
  if (arguments.has("measured"))
    if (int code = addMeasurements(arguments.get("measured"), schedule))
      return code;
  return writeText(arguments.get("o"),
                   makeHtmlReport(arguments.operands[0], std::move(schedule),
                                  sumCosts(info, int(*threads)),
                                  remarks.toJson()));
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "report",
      "MODEL",
      1,
      1,
      "Writes a page about what a model becomes: its kernels as a graph, their "
      "predicted cost, memory over time, and what each pass did or declined. "
      "The page is one file and needs no network.",
      "nnc report model.onnx --dim batch=1 -o report.html",
      {{"o", "FILE.html", "the file to write; '-' is stdout"},
       {"measured", "FILE.json",
        "show times of 'nnc bench --report' beside the predicted ones"},
       {"threads", "N", "threads of the prediction (1)"},
       dimOption,
       shapeOption}};
  llvm::append_range(spec.options, targetOptions());
  return spec;
}

Command driver::getReportCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runReport};
}
