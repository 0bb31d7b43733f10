//===----------------------------------------------------------------------===//
// nnc compile: a model as a library, an object or a text.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compile.h"
#include "Compression.h"
#include "CostReport.h"
#include "CustomPipeline.h"
#include "DimBounds.h"
#include "JudgeOptions.h"
#include "MemoryBudget.h"
#include "PhaseProgress.h"
#include "PrecisionLimits.h"
#include "Quantization.h"
#include "RemarkLog.h"
#include "ReportData.h"
#include "TileSearch.h"
#include "WeightOptions.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Data.h"
#include "nnc/Target/CPU/Emit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <chrono>
#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
/// What is written.
struct OutputPlan {
  std::string path;
  /// nullopt: the module's text after `phase`.
  std::optional<OutputKind> kind;
  Phase phase = Phase::LLVM;
  /// An ONNX model with conversions to bytes.
  bool isQdq = false;
  WeightsPlace weights = WeightsPlace::Embed;

  /// Is it code for a linker or loader, and no text?
  bool isLinked() const {
    return kind == OutputKind::SharedLibrary || kind == OutputKind::Archive ||
           kind == OutputKind::Object;
  }
};
} // namespace

/// "so", "a", ...: by --emit, else by the extension of the file.
static int planOutput(const Arguments &arguments, OutputPlan &plan) {
  if (!arguments.has("o"))
    return reportError("nnc compile: expected -o OUT", nncrun::ExitUsage);
  plan.path = arguments.get("o");
  std::string form = arguments.get("emit");
  if (form.empty())
    form = llvm::sys::path::extension(plan.path).drop_front(
        plan.path == "-" ? 0 : !llvm::sys::path::extension(plan.path).empty());
  bool phaseGiven = arguments.has("compile-to");
  plan.isQdq = form == "onnx-qdq";
  if (plan.isQdq && !phaseGiven)
    return nncrun::ExitDone;
  if (form.empty() && phaseGiven)
    form = "mlir";
  if (form != "mlir") {
    plan.kind = getOutputKind("x." + form);
    if (!plan.kind)
      return reportError("cannot tell what to write from '" + plan.path +
                             "': expected .so, .a, .o, .s, .ll, .ptx or .mlir, "
                             "or --emit with one of them",
                         nncrun::ExitUsage);
  }
  if (!phaseGiven)
    return nncrun::ExitDone;
  std::optional<Phase> phase = parsePhase(arguments.get("compile-to"));
  if (!phase)
    return reportError("--compile-to expects import, graph, schedule, loops "
                       "or llvm, but found '" +
                           arguments.get("compile-to") + "'",
                       nncrun::ExitUsage);
  if (plan.kind)
    return reportError("--compile-to writes a module: expected -o FILE.mlir",
                       nncrun::ExitUsage);
  plan.phase = *phase;
  return nncrun::ExitDone;
}

/// Where the weights go, for a form that is planned.
static int planWeights(const Arguments &arguments, OutputPlan &plan) {
  std::string place = arguments.get("weights");
  if (!arguments.has("weights") || place == "embed")
    return nncrun::ExitDone;
  if (place != "file")
    return reportError("--weights expects embed or file, but found '" + place +
                           "'",
                       nncrun::ExitUsage);
  if (plan.kind != OutputKind::SharedLibrary || plan.path == "-")
    return reportError("--weights=file is for shared libraries, which find the "
                       "file beside themselves: expected -o FILE.so",
                       nncrun::ExitUsage);
  plan.weights = WeightsPlace::File;
  return nncrun::ExitDone;
}

/// Writes each phase's module to a folder, or one in it for each of several
/// targets.
static int prepareDumps(const Arguments &arguments, bool isOnly,
                        CompileRequest &request) {
  if (!arguments.has("dump-ir-dir"))
    return nncrun::ExitDone;
  std::string folder = arguments.get("dump-ir-dir");
  if (!isOnly)
    folder += "/" + request.target.name;
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return reportError("cannot make folder '" + folder +
                           "': " + error.message(),
                       nncrun::ExitInput);
  request.compiler.afterPhase = [folder, before = request.compiler.afterPhase](
                                    Phase phase, ModuleOp module) {
    if (before)
      before(phase, module);
    std::string file = folder + "/" + std::to_string(int(phase)) + "-" +
                       stringifyPhase(phase).str() + ".mlir";
    (void)writeText(file, printModule(module));
  };
  return nncrun::ExitDone;
}

/// One line about what nobody has asked for.
static void tellAssumptions(const Arguments &arguments, ModuleOp module,
                            ArrayRef<CompileRequest> requests) {
  std::string text = requests.size() == 1 ? "target " : "targets ";
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(requests, stream, [&](const CompileRequest &request) {
    stream << request.target.name;
  });
  if (!arguments.has("target"))
    text += " (" + requests.front().target.tuneCpu + ")";
  text += ", -O" + std::to_string(requests.front().target.optLevel);
  func::FuncOp entry = findEntry(module);
  nncio::Result<nncrun::Signature> signature =
      entry ? readSignature(entry) : nncrun::Signature();
  std::string dims;
  std::vector<std::string> seen;
  for (const nncrun::ValueInfo &info : signature->inputs)
    for (auto [size, name] : llvm::zip(info.dims, info.dimNames))
      if (size < 0 && !name.empty() && !llvm::is_contained(seen, name)) {
        seen.push_back(name);
        dims += (dims.empty() ? "" : ", ") + name;
      }
  if (!dims.empty())
    text += ", any " + dims;
  std::fprintf(stderr, "nnc: %s\n", text.c_str());
}

namespace {
/// A module lowered for one target, and what it says.
struct Lowered {
  OwningOpRef<ModuleOp> module;
  ArtifactInfo info;
};
} // namespace

static int writeArtifact(ArrayRef<Lowered> lowered, const OutputPlan &plan,
                         MutableArrayRef<CompileRequest> requests) {
  std::vector<ArtifactVariant> variants;
  for (auto [one, request] : llvm::zip(lowered, requests))
    variants.push_back({*one.module, request.target});
  llvm::Expected<EmitResult> emitted =
      emitArtifact(variants, *plan.kind, plan.path, plan.weights);
  if (!emitted)
    return reportError(llvm::toString(emitted.takeError()), nncrun::ExitInput);
  llvm::append_range(requests.back().times, emitted->times);
  if (!plan.isLinked() || plan.path == "-")
    return nncrun::ExitDone;
  llvm::SmallString<128> header(plan.path);
  llvm::sys::path::replace_extension(header, ".h");
  if (llvm::Error error =
          emitCHeader(lowered.front().info, emitted->prefix, header))
    return reportError(llvm::toString(std::move(error)), nncrun::ExitInput);
  return nncrun::ExitDone;
}

static void tellTimes(ArrayRef<CompileRequest> requests) {
  double sum = 0;
  for (const CompileRequest &request : requests)
    for (const auto &[name, milliseconds] : request.times) {
      std::fprintf(stderr, "%10.1f ms %s\n", milliseconds, name.c_str());
      sum += milliseconds;
    }
  std::fprintf(stderr, "%10.1f ms in all\n", sum);
}

/// The costs with every bounded dimension at its bound, for what they are held
/// against.
static int sumCostsAtBounds(const Arguments &arguments, CompileRequest &request,
                            int threads, CostTotals &totals) {
  DimBounds bounds;
  if (int code = readDimBounds(arguments, bounds))
    return code;
  if (bounds.empty())
    return nncrun::ExitDone;
  Session session(/*quiet=*/true);
  OwningOpRef<ModuleOp> module;
  ArtifactInfo info;
  CompileRequest plain = request;
  plain.compiler.afterPhase = nullptr;
  if (int code = loadAtBounds(session, arguments.operands[0], arguments, bounds,
                              module))
    return code;
  if (int code = runPipeline(arguments, *module))
    return code;
  if (int code = predictArtifact(*module, plain, info))
    return code;
  totals = sumCosts(info, threads);
  return nncrun::ExitDone;
}

/// Costs are checked, for each target, before anything is written. `totals`
/// gets those of the first one.
static int checkAllCosts(const Arguments &arguments, ArrayRef<Lowered> lowered,
                         MutableArrayRef<CompileRequest> requests, int threads,
                         CostTotals &totals) {
  for (auto [i, one] : llvm::enumerate(lowered)) {
    CostTotals own = sumCosts(one.info, threads);
    if (i == 0)
      totals = own;
    CostTotals most = own;
    if (int code = sumCostsAtBounds(arguments, requests[i], threads, most))
      return code;
    if (int code = checkCosts(arguments, one.info, most))
      return code;
  }
  return nncrun::ExitDone;
}

/// What follows the last phase.
static int finish(const Arguments &arguments, MutableArrayRef<Lowered> lowered,
                  const OutputPlan &plan,
                  MutableArrayRef<CompileRequest> requests, int threads,
                  const RemarkLog &remarks, llvm::json::Object schedule) {
  for (Lowered &one : lowered) {
    llvm::Expected<ArtifactInfo> info = readArtifactInfo(*one.module);
    if (!info)
      return reportError(llvm::toString(info.takeError()),
                         nncrun::ExitInternal);
    one.info = std::move(*info);
  }
  CostTotals totals;
  if (int code = checkAllCosts(arguments, lowered, requests, threads, totals))
    return code;
  int code = plan.kind ? writeArtifact(lowered, plan, requests)
                       : writeText(plan.path, printModule(*lowered[0].module));
  if (code || !arguments.has("report"))
    return code;
  if (isHtmlPath(arguments.get("report")))
    return writeText(arguments.get("report"),
                     makeHtmlReport(arguments.operands[0], std::move(schedule),
                                    totals, remarks.toJson()));
  return writeText(arguments.get("report"),
                   costReportText(lowered[0].info, requests[0].target.name,
                                  totals, remarks.toJson()));
}

/// Whether the model and the output can be for several targets.
static int checkVariants(const OutputPlan &plan, ModuleOp module) {
  if (!plan.isLinked())
    return reportError("--target: only .so, .a and .o hold code for several "
                       "targets; name one for '" +
                           plan.path + "'",
                       nncrun::ExitUsage);
  if (detectPhase(module) > Phase::Graph)
    return reportError("--target: the schedule of a module is for one target; "
                       "name one, or compile the model",
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}

/// Lowers `module` for every target; all but the last take a copy. `remarks`
/// are those of the first.
static int lowerAll(const Arguments &arguments, const OutputPlan &plan,
                    OwningOpRef<ModuleOp> module,
                    MutableArrayRef<CompileRequest> requests,
                    RemarkLog &remarks, llvm::json::Object &schedule,
                    std::vector<Lowered> &lowered) {
  for (auto [i, request] : llvm::enumerate(requests)) {
    bool isLast = i + 1 == requests.size();
    OwningOpRef<ModuleOp> own =
        isLast ? std::move(module) : OwningOpRef<ModuleOp>(module->clone());
    if (int code = prepareDumps(arguments, requests.size() == 1, request))
      return code;
    if (i == 0 && isHtmlPath(arguments.get("report")))
      watchSchedule(request, schedule);
    Phase reached = detectPhase(*own);
    if (request.compiler.afterPhase &&
        (reached == Phase::Import || arguments.has("pipeline")))
      request.compiler.afterPhase(reached, *own);
    if (int code = lowerModule(*own, plan.phase, request))
      return code;
    lowered.push_back({std::move(own), ArtifactInfo()});
    remarks.stop();
  }
  return nncrun::ExitDone;
}

/// Targets, levels and prefix.
static int readRequests(const Arguments &arguments,
                        std::vector<CompileRequest> &requests) {
  if (int code = readCompileRequests(arguments, requests))
    return code;
  for (CompileRequest &request : requests)
    if (int code = addQuantization(arguments, request))
      return code;
  if (int code = checkPipeline(arguments))
    return code;
  bool compresses = arguments.has("quantize") || arguments.has("prune") ||
                    arguments.has("recipe");
  std::vector<nncrun::OptionSpec> guides = judgeOptions();
  guides.push_back(calibrationOption);
  for (const nncrun::OptionSpec &option : guides)
    if (!compresses && arguments.has(option.name))
      return reportError("--" + std::string(option.name) +
                             " is of use with --quantize, --prune or --recipe",
                         nncrun::ExitUsage);
  std::string prefix = arguments.get("symbol-prefix");
  if (prefix.empty())
    return nncrun::ExitDone;
  if (llvm::Error error = checkSymbolPrefix(prefix))
    return reportError("--symbol-prefix: " + llvm::toString(std::move(error)),
                       nncrun::ExitUsage);
  for (CompileRequest &request : requests)
    request.target.prefix = prefix;
  return nncrun::ExitDone;
}

/// Exit code 4 if --memory-budget cannot be met for one of the targets.
static int fitBudgets(const std::optional<MemoryBudget> &budget,
                      ModuleOp module,
                      MutableArrayRef<CompileRequest> requests) {
  if (!budget)
    return nncrun::ExitDone;
  for (CompileRequest &request : requests) {
    std::string unmet;
    if (int code = fitMemoryBudget(*budget, module, request, unmet))
      return code;
    if (!unmet.empty())
      return reportError(unmet, nncrun::ExitUnmet);
  }
  return nncrun::ExitDone;
}

/// What is done to a module that was just read, once for all targets.
static int prepareModule(const Arguments &arguments, const OutputPlan &plan,
                         ModuleOp module,
                         MutableArrayRef<CompileRequest> requests) {
  if (requests.size() > 1)
    if (int code = checkVariants(plan, module))
      return code;
  if (requests.front().compress && detectPhase(module) > Phase::Graph)
    return reportError("--quantize: the weights of a module whose kernels are "
                       "formed are in use; compile the model",
                       nncrun::ExitUsage);
  if (int code = runPipeline(arguments, module))
    return code;
  return compressModule(arguments, module, requests.front());
}

static int runCompile(const Arguments &arguments) {
  OutputPlan plan;
  if (int code = planOutput(arguments, plan))
    return code;
  if (int code = planWeights(arguments, plan))
    return code;
  std::vector<CompileRequest> requests;
  if (int code = readRequests(arguments, requests))
    return code;
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), nncrun::ExitUsage);
  std::optional<MemoryBudget> budget;
  if (int code = readMemoryBudget(arguments, int(*threads), budget))
    return code;
  nncrun::Progress progress("importing");
  Session session;
  OwningOpRef<ModuleOp> module;
  auto begin = std::chrono::steady_clock::now();
  if (int code = loadModule(session, arguments.operands[0], arguments, module))
    return code;
  std::chrono::duration<double, std::milli> spent =
      std::chrono::steady_clock::now() - begin;
  requests.front().times.emplace_back("import", spent.count());
  if (plan.isQdq)
    return writeQdqModel(arguments, *findModel(arguments.operands[0]), *module,
                         requests.front(), plan.path);
  if (int code = prepareModule(arguments, plan, *module, requests))
    return code;
  tellAssumptions(arguments, *module, requests);
  progress.tell("compiling, phase graph");
  for (CompileRequest &request : requests)
    followPhases(request, progress);
  for (CompileRequest &request : requests)
    if (int code = searchTilings(arguments, plan.path, *module, request))
      return code;
  if (int code = fitBudgets(budget, *module, requests))
    return code;
  RemarkLog remarks;
  if (arguments.has("report") && failed(remarks.attach(session.getContext())))
    return reportError("cannot collect the remarks of passes",
                       nncrun::ExitInternal);
  std::vector<Lowered> lowered;
  llvm::json::Object schedule;
  if (int code = lowerAll(arguments, plan, std::move(module), requests, remarks,
                          schedule, lowered))
    return code;
  int code = plan.phase == Phase::LLVM
                 ? finish(arguments, lowered, plan, requests, int(*threads),
                          remarks, std::move(schedule))
                 : writeText(plan.path, printModule(*lowered[0].module));
  if (arguments.has("time-report"))
    tellTimes(requests);
  return code;
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "compile",
      "MODEL",
      1,
      1,
      "Compiles a model into a shared library, which needs nothing but libc, "
      "or "
      "into what the extension of the output says: .so, .a, .o, .s, .ll, "
      ".ptx, .mlir.",
      "nnc compile model.onnx -o model.so --dim batch=1 "
      "--target=x86-64-v4,x86-64-v3",
      {{"o", "OUT", "the file to write; '-' is stdout"},
       {"emit", "FORM",
        "so, a, o, s, ll, ptx or mlir, whatever OUT is called; onnx-qdq writes "
        "an ONNX model with the conversions of --quantize=int8"}}};
  llvm::append_range(spec.options, targetOptions());
  spec.options.push_back(calibrationOption);
  llvm::append_range(spec.options, judgeOptions());
  llvm::append_range(spec.options, compressionOptions());
  llvm::append_range(spec.options, quantizationOptions());
  llvm::append_range(spec.options, precisionLimitOptions());
  llvm::append_range(spec.options, tileSearchOptions());
  llvm::append_range(spec.options, weightOptions());
  llvm::append_range(
      spec.options,
      std::vector<nncrun::OptionSpec>{
          dimOption,
          shapeOption,
          {"weights", "PLACE",
           "embed: in the library; file: in a .safetensors file beside it, "
           "which is mapped when the library is opened (embed)"},
          {"symbol-prefix", "NAME", "what exported symbols start with"},
          {"fallback", "cpu",
           "with targets that are GPUs: code for this CPU too, for machines "
           "without one"},
          {"threads", "N", "threads that --memory-budget counts scratch for"},
          {"memory-budget", "SIZE",
           "what arena and scratch may take: kernels run in another order, or "
           "again, if that is needed; exit code 4 if it is not enough"},
          budgetIncludesOption,
          {"assert-cost", "LIST",
           "exit code 4 unless all hold: time<2ms,peak<8MiB,flops<2G"},
          {"report", "FILE.json",
           "write the predicted cost of each kernel, and what passes did or "
           "declined, for the first target; .html: a page as of nnc report"},
          {"compile-to", "PHASE",
           "stop after import, graph, schedule, loops or llvm"},
          pipelineOption,
          {"dump-ir-dir", "DIR", "write the module after each phase"},
          {"time-report", nullptr, "tell the time of each phase on stderr"}});
  return spec;
}

Command driver::getCompileCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runCompile};
}
