//===----------------------------------------------------------------------===//
// nnc bench: measures models in a child process that links no LLVM.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Launcher.h"
#include "MeasuringProcess.h"
#include "nnc/DataIO/DataSpec.h"
#include "nnc/Runner/Data.h"
#include "nnc/Target/CPU/Emit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <chrono>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {

/// A model as a library that the child can open.
struct BenchSubject {
  std::string name;
  std::string library;
  /// The library, if it was made for this measurement.
  std::unique_ptr<TemporaryFile> temporary;
  /// Negative for a library that was there.
  double compileMs = -1;
  /// A folder with data sets, or empty.
  std::string folder;
  /// nnc-run, and what starts it.
  std::vector<std::string> runner;
};

} // namespace

static int prepareSubject(const std::string &path, const Arguments &arguments,
                          BenchSubject &subject) {
  subject.name = path;
  nncio::Result<ModelPath> model = findModel(path);
  if (!model)
    return reportError(model.error(), nncrun::ExitInput);
  subject.library = model->path;
  subject.folder = model->folder;
  if (model->kind == ModelKind::Library)
    return readRunner(arguments, readLibraryTarget(model->path),
                      subject.runner);
  CompileRequest request;
  if (int code = readCompileRequest(arguments, request))
    return code;
  if (int code = readRunner(arguments, request.target, subject.runner))
    return code;
  subject.temporary = std::make_unique<TemporaryFile>("so");
  if (!subject.temporary->isThere())
    return reportError("cannot make a temporary file", nncrun::ExitInput);
  subject.library = subject.temporary->str();
  auto begin = std::chrono::steady_clock::now();
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadModule(session, path, arguments, module))
    return code;
  if (int code = lowerModule(*module, Phase::LLVM, request))
    return code;
  llvm::Expected<EmitResult> emitted = emitArtifact(
      *module, request.target, OutputKind::SharedLibrary, subject.library);
  if (!emitted)
    return reportError(llvm::toString(emitted.takeError()), nncrun::ExitInput);
  std::chrono::duration<double, std::milli> spent =
      std::chrono::steady_clock::now() - begin;
  subject.compileMs = spent.count();
  return nncrun::ExitDone;
}

/// Whether there are data sets in the folder.
static bool hasData(const std::string &folder) {
  return !folder.empty() && bool(nncio::listTestDataSets(folder));
}

/// Runs the child on one or two libraries; its results go to `results`.
static int runChild(const Arguments &arguments,
                    ArrayRef<const BenchSubject *> subjects,
                    const std::string &threads, std::string &target,
                    llvm::json::Array &results) {
  std::vector<std::string> words{"--threads", threads};
  for (const char *option : {"time-limit", "max-runs"})
    if (arguments.has(option))
      words.insert(words.end(),
                   {std::string("--") + option, arguments.get(option)});
  if (arguments.has("flush-subnormals"))
    words.push_back("--flush-subnormals");
  for (const std::string &spec : arguments.getAll("inputs"))
    words.insert(words.end(), {"--inputs", spec});
  if (!arguments.has("inputs") && hasData(subjects[0]->folder))
    words.insert(words.end(), {"--inputs", subjects[0]->folder});
  std::vector<std::string> libraries;
  for (const BenchSubject *subject : subjects)
    libraries.push_back(subject->library);
  llvm::json::Array list;
  if (int code =
          measureLibraries(subjects[0]->runner, words, libraries, target, list))
    return code;
  for (auto [entry, subject] : llvm::zip(list, subjects)) {
    llvm::json::Object &result = *entry.getAsObject();
    result["model"] = llvm::json::fixUTF8(subject->name);
    if (subject->compileMs >= 0)
      result["compile_ms"] = subject->compileMs;
    results.push_back(std::move(entry));
  }
  return nncrun::ExitDone;
}

static std::string cell(const llvm::json::Object &object, StringRef key) {
  std::optional<double> number = object.getNumber(key);
  return number ? llvm::formatv("{0:F3}", *number).str() : "-";
}

static void printKernels(const llvm::json::Object &result) {
  llvm::outs() << llvm::formatv("    {0,12} {1,12} {2,8}  {3}\n", "median us",
                                "predicted us", "bound", "kernel");
  for (const llvm::json::Value &value : *result.getArray("kernels")) {
    const llvm::json::Object &kernel = *value.getAsObject();
    std::string nodes;
    for (const llvm::json::Value &node : *kernel.getArray("nodes"))
      nodes += " " + node.getAsString().value_or("").str();
    llvm::outs() << llvm::formatv(
        "    {0,12} {1,12} {2,8}  {3}{4}\n", cell(kernel, "median_us"),
        cell(kernel, "predicted_us"), kernel.getString("bound").value_or(""),
        kernel.getString("name").value_or(""), nodes);
  }
}

static void printResults(const llvm::json::Array &results, size_t first,
                         bool perKernel) {
  if (first == 0)
    llvm::outs() << llvm::formatv(
        "{0,10} {1,10} {2,10} {3,10} {4,8} {5,3}  {6}\n", "median ms", "min ms",
        "p90 ms", "predicted", "runs", "thr", "model");
  for (size_t i = first; i < results.size(); ++i) {
    const llvm::json::Object &result = *results[i].getAsObject();
    llvm::outs() << llvm::formatv(
        "{0,10} {1,10} {2,10} {3,10} {4,8} {5,3}  {6}\n",
        cell(result, "median_ms"), cell(result, "min_ms"),
        cell(result, "p90_ms"), cell(result, "predicted_ms"),
        result.getInteger("runs").value_or(0),
        result.getInteger("threads").value_or(0),
        result.getString("model").value_or(""));
    if (perKernel)
      printKernels(result);
  }
  llvm::outs().flush();
}

static void printRatio(const llvm::json::Array &results, size_t first) {
  auto medianOf = [&](size_t i) {
    return results[i].getAsObject()->getNumber("median_ms").value_or(0);
  };
  double other = medianOf(first + 1);
  llvm::outs() << llvm::formatv(
      "{0,10:F3} times the median of {1}\n",
      other > 0 ? medianOf(first) / other : 0.0,
      results[first + 1].getAsObject()->getString("model").value_or(""));
  llvm::outs().flush();
}

static int readThreads(const Arguments &arguments,
                       std::vector<std::string> &counts) {
  std::string text = arguments.has("threads") ? arguments.get("threads") : "1";
  SmallVector<StringRef> parts;
  StringRef(text).split(parts, ',');
  for (StringRef part : parts) {
    int count = 0;
    if (part.getAsInteger(10, count) || count < 1 || count > 1024)
      return reportError("--threads expects numbers from 1 to 1024, but found "
                         "'" +
                             text + "'",
                         nncrun::ExitUsage);
    counts.push_back(part.str());
  }
  return nncrun::ExitDone;
}

static int writeReport(const Arguments &arguments, const std::string &target,
                       llvm::json::Array results) {
  if (!arguments.has("report"))
    return nncrun::ExitDone;
  llvm::json::Value report = llvm::json::Object{
      {"version", 1}, {"target", target}, {"results", std::move(results)}};
  std::string text = llvm::formatv("{0:2}\n", report);
  return writeText(arguments.get("report"), text);
}

static int runBenchCommand(const Arguments &arguments) {
  std::vector<std::string> threads;
  if (int code = readThreads(arguments, threads))
    return code;
  nncio::Result<double> limit = arguments.getNumber("time-limit", 10);
  if (!limit)
    return reportError(limit.error(), nncrun::ExitUsage);
  std::vector<BenchSubject> subjects(arguments.operands.size());
  for (auto [path, subject] : llvm::zip(arguments.operands, subjects))
    if (int code = prepareSubject(path, arguments, subject))
      return code;
  BenchSubject other;
  if (arguments.has("compare"))
    if (int code = prepareSubject(arguments.get("compare"), arguments, other))
      return code;
  std::string target;
  llvm::json::Array results;
  for (const BenchSubject &subject : subjects)
    for (const std::string &count : threads) {
      SmallVector<const BenchSubject *> pair{&subject};
      if (arguments.has("compare"))
        pair.push_back(&other);
      size_t first = results.size();
      if (int code = runChild(arguments, pair, count, target, results))
        return code;
      if (arguments.get("report") == "-")
        continue;
      printResults(results, first, arguments.has("per-kernel"));
      if (pair.size() == 2)
        printRatio(results, first);
    }
  return writeReport(arguments, target, std::move(results));
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "bench",
      "MODEL...",
      1,
      SIZE_MAX,
      "Measures models: warms up, then runs until the median is stable or the "
      "time is over, in a process that links no LLVM. Absent inputs are "
      "random, "
      "free dimensions 1.",
      "nnc bench model.onnx --threads=1,2 --per-kernel --report=b.json",
      {{"threads", "LIST", "numbers of threads: 1,2 (1)"},
       {"inputs", "SPEC",
        "a folder of test_data_set_N, or INPUT=@FILE for each"},
       {"compare", "MODEL", "let the runs of another model alternate"},
       {"per-kernel", nullptr, "print each kernel with its prediction"},
       {"time-limit", "S", "seconds to measure at most (10)"},
       {"max-runs", "N", "runs to measure at most (100000)"},
       {"flush-subnormals", nullptr,
        "take numbers below the normal range for 0, so that time does not "
        "depend on data"},
       runWithOption,
       {"report", "FILE.json", "write all results as JSON; '-' is stdout"}}};
  llvm::append_range(spec.options, targetOptions());
  spec.options.push_back(dimOption);
  spec.options.push_back(shapeOption);
  return spec;
}

Command driver::getBenchCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runBenchCommand};
}
