//===----------------------------------------------------------------------===//
// nnc compile: a model as a library, an object or a text.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compile.h"
#include "CostReport.h"
#include "DimBounds.h"
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
  if (form.empty() && phaseGiven)
    form = "mlir";
  if (form != "mlir") {
    plan.kind = getOutputKind("x." + form);
    if (!plan.kind)
      return reportError("cannot tell what to write from '" + plan.path +
                             "': expected .so, .a, .o, .s, .ll or .mlir, or "
                             "--emit with one of them",
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

/// Writes each phase's module to a folder.
static int prepareDumps(const Arguments &arguments, CompileRequest &request) {
  if (!arguments.has("dump-ir-dir"))
    return nncrun::ExitDone;
  std::string folder = arguments.get("dump-ir-dir");
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return reportError("cannot make folder '" + folder +
                           "': " + error.message(),
                       nncrun::ExitInput);
  request.compiler.afterPhase = [folder](Phase phase, ModuleOp module) {
    std::string file = folder + "/" + std::to_string(int(phase)) + "-" +
                       stringifyPhase(phase).str() + ".mlir";
    std::string text = printModule(module);
    nncio::Status written = nncrun::writeWhole(file, {nncio::Span(text)});
    if (!written)
      reportError(written.error(), nncrun::ExitInput);
  };
  return nncrun::ExitDone;
}

/// One line about what nobody has asked for.
static void tellAssumptions(const Arguments &arguments, ModuleOp module,
                            const CompileRequest &request) {
  std::string text = "target " + request.target.name;
  if (!arguments.has("target"))
    text += " (" + request.target.tuneCpu + ")";
  text += ", -O" + std::to_string(request.target.optLevel);
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

static int writeArtifact(ModuleOp module, const OutputPlan &plan,
                         CompileRequest &request, const ArtifactInfo &info) {
  llvm::Expected<EmitResult> emitted =
      emitArtifact(module, request.target, *plan.kind, plan.path);
  if (!emitted)
    return reportError(llvm::toString(emitted.takeError()), nncrun::ExitInput);
  llvm::append_range(request.times, emitted->times);
  bool linked = *plan.kind == OutputKind::SharedLibrary ||
                *plan.kind == OutputKind::Archive ||
                *plan.kind == OutputKind::Object;
  if (!linked || plan.path == "-")
    return nncrun::ExitDone;
  llvm::SmallString<128> header(plan.path);
  llvm::sys::path::replace_extension(header, ".h");
  if (llvm::Error error = emitCHeader(info, emitted->prefix, header))
    return reportError(llvm::toString(std::move(error)), nncrun::ExitInput);
  return nncrun::ExitDone;
}

static int writeText(const std::string &path, const std::string &text) {
  nncio::Status written = nncrun::writeWhole(path, {nncio::Span(text)});
  if (!written)
    return reportError(written.error(), nncrun::ExitInput);
  return nncrun::ExitDone;
}

static void tellTimes(const CompileRequest &request) {
  double sum = 0;
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
  if (int code = predictArtifact(*module, plain, info))
    return code;
  totals = sumCosts(info, threads);
  return nncrun::ExitDone;
}

/// What follows the last phase: costs are checked before anything is written.
static int finish(const Arguments &arguments, ModuleOp module,
                  const OutputPlan &plan, CompileRequest &request,
                  int threads) {
  llvm::Expected<ArtifactInfo> info = readArtifactInfo(module);
  if (!info)
    return reportError(llvm::toString(info.takeError()), nncrun::ExitInternal);
  CostTotals totals = sumCosts(*info, threads);
  CostTotals most = totals;
  if (int code = sumCostsAtBounds(arguments, request, threads, most))
    return code;
  if (int code = checkCosts(arguments, most))
    return code;
  int code = plan.kind ? writeArtifact(module, plan, request, *info)
                       : writeText(plan.path, printModule(module));
  if (code || !arguments.has("report"))
    return code;
  return writeText(arguments.get("report"),
                   costReportText(*info, request.target.name, totals));
}

static int runCompile(const Arguments &arguments) {
  OutputPlan plan;
  if (int code = planOutput(arguments, plan))
    return code;
  CompileRequest request;
  if (int code = readCompileRequest(arguments, request))
    return code;
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), nncrun::ExitUsage);
  request.target.prefix = arguments.get("symbol-prefix");
  if (!request.target.prefix.empty())
    if (llvm::Error error = checkSymbolPrefix(request.target.prefix))
      return reportError("--symbol-prefix: " + llvm::toString(std::move(error)),
                         nncrun::ExitUsage);
  Session session;
  OwningOpRef<ModuleOp> module;
  auto begin = std::chrono::steady_clock::now();
  if (int code = loadModule(session, arguments.operands[0], arguments, module))
    return code;
  std::chrono::duration<double, std::milli> spent =
      std::chrono::steady_clock::now() - begin;
  request.times.emplace_back("import", spent.count());
  tellAssumptions(arguments, *module, request);
  if (int code = prepareDumps(arguments, request))
    return code;
  if (request.compiler.afterPhase && detectPhase(*module) == Phase::Import)
    request.compiler.afterPhase(Phase::Import, *module);
  if (int code = lowerModule(*module, plan.phase, request))
    return code;
  int code = plan.phase == Phase::LLVM
                 ? finish(arguments, *module, plan, request, int(*threads))
                 : writeText(plan.path, printModule(*module));
  if (arguments.has("time-report"))
    tellTimes(request);
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
      ".mlir.",
      "nnc compile model.onnx -o model.so --dim batch=1",
      {{"o", "OUT", "the file to write; '-' is stdout"},
       {"emit", "FORM", "so, a, o, s, ll or mlir, whatever OUT is called"}}};
  llvm::append_range(spec.options, targetOptions());
  llvm::append_range(
      spec.options,
      std::vector<nncrun::OptionSpec>{
          dimOption,
          shapeOption,
          {"symbol-prefix", "NAME", "what exported symbols start with"},
          {"threads", "N", "threads that --memory-budget counts scratch for"},
          {"memory-budget", "SIZE",
           "exit code 4 if arena and scratch need more"},
          {"assert-cost", "LIST",
           "exit code 4 unless all hold: time<2ms,peak<8MiB,flops<2G"},
          {"report", "FILE.json", "write the predicted cost of each kernel"},
          {"compile-to", "PHASE",
           "stop after import, graph, schedule, loops or llvm"},
          {"dump-ir-dir", "DIR", "write the module after each phase"},
          {"time-report", nullptr, "tell the time of each phase on stderr"}});
  return spec;
}

Command driver::getCompileCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runCompile};
}
