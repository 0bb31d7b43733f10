//===----------------------------------------------------------------------===//
// nnc test: folders of ONNX backend tests.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "BackendTest.h"
#include "Launcher.h"
#include "nnc/Runner/Data.h"
#include "llvm/Support/FileSystem.h"

#include <cstdio>
#include <thread>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
/// What the options say.
struct TestPlan {
  std::vector<BackendTest> tests;
  std::optional<Expectations> expected;
  /// Parts of names, of which a test's must have one; empty for all tests.
  std::vector<std::string> filters;
  unsigned jobs = 1;
  double seconds = 0;
};

/// What came out.
struct Summary {
  unsigned passed = 0;
  unsigned failed = 0;
  unsigned skipped = 0;
  Expectations outcomes;
  std::vector<std::string> changes;
};
} // namespace

static bool isWanted(const TestPlan &plan, const std::string &name) {
  return plan.filters.empty() ||
         llvm::any_of(plan.filters, [&](const std::string &part) {
           return name.find(part) != std::string::npos;
         });
}

static int readTests(const Arguments &arguments, TestPlan &plan) {
  std::map<std::string, TestTolerance> tolerances;
  if (arguments.has("tolerances")) {
    auto read = readTolerances(arguments.get("tolerances"));
    if (!read)
      return reportError(read.error(), nncrun::ExitUsage);
    tolerances = std::move(*read);
  }
  SmallVector<StringRef> parts;
  std::string filter = arguments.get("filter");
  StringRef(filter).split(parts, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  plan.filters.assign(parts.begin(), parts.end());
  for (const std::string &directory : arguments.operands) {
    auto found = findBackendTests(directory);
    if (!found)
      return reportError(found.error(), nncrun::ExitUsage);
    for (BackendTest &test : *found) {
      if (!isWanted(plan, test.name))
        continue;
      auto entry = tolerances.find(test.name);
      if (entry == tolerances.end())
        entry = tolerances.find(
            StringRef(test.name).substr(test.name.rfind('/') + 1).str());
      if (entry != tolerances.end())
        test.tolerance = entry->second;
      plan.tests.push_back(std::move(test));
    }
  }
  if (plan.tests.empty())
    return reportError("no test's name contains '" + filter + "'",
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}

static int readPlan(const Arguments &arguments, TestPlan &plan) {
  int64_t cores = std::max(1u, std::thread::hardware_concurrency());
  nncio::Result<int64_t> jobs = arguments.getInt("jobs", cores, 1, 1024);
  if (!jobs)
    return reportError(jobs.error(), nncrun::ExitUsage);
  plan.jobs = unsigned(*jobs);
  nncio::Result<double> seconds = arguments.getNumber("time-limit", 120);
  if (!seconds)
    return reportError(seconds.error(), nncrun::ExitUsage);
  plan.seconds = *seconds;
  if (arguments.has("expect")) {
    nncio::Result<Expectations> expected =
        readExpectations(arguments.get("expect"));
    if (!expected)
      return reportError(expected.error(), nncrun::ExitUsage);
    plan.expected = std::move(*expected);
  }
  return readTests(arguments, plan);
}

static void record(const TestPlan &plan, const BackendTest &test,
                   const TestResult &result, Summary &summary) {
  summary.outcomes[test.name] = result.outcome;
  bool known = false;
  if (plan.expected) {
    auto entry = plan.expected->find(test.name);
    known = entry != plan.expected->end() && entry->second == result.outcome;
    if (!known)
      summary.changes.push_back(test.name + ": expected " +
                                (entry == plan.expected->end()
                                     ? "no such test"
                                     : outcomeName(entry->second)) +
                                ", but found " + outcomeName(result.outcome));
  }
  if (result.outcome == Outcome::Pass) {
    ++summary.passed;
    return;
  }
  // What is known to be unsupported is not held against the compiler.
  if (result.outcome == Outcome::Skipped ||
      (known && result.outcome == Outcome::Unsupported)) {
    ++summary.skipped;
    return;
  }
  ++summary.failed;
  std::string reason = result.reason;
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  std::printf("%s %s: %s\n",
              result.outcome == Outcome::Fail ? "FAIL" : "UNSUPPORTED",
              test.name.c_str(), reason.c_str());
  std::fflush(stdout);
}

/// Known tests that were not found, unless a filter left them out.
static void findMissing(const TestPlan &plan, Summary &summary) {
  if (!plan.expected)
    return;
  for (const auto &[name, outcome] : *plan.expected)
    if (!summary.outcomes.count(name) && isWanted(plan, name))
      summary.changes.push_back(name + ": expected " + outcomeName(outcome) +
                                ", but found no such test");
}

/// Compiles to a library in the folder for temporary files, which is removed
/// once it is open.
static nncio::Result<std::shared_ptr<nncrun::Executable>>
makeTemporaryLibrary(ModuleOp module, CompileRequest &request) {
  using Out = nncio::Result<std::shared_ptr<nncrun::Executable>>;
  llvm::SmallString<128> path;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("nnc-test", "so", path))
    return Out::failure("cannot make a temporary file: " + error.message());
  Out result = makeLibraryExecutable(module, request, path.str().str(),
                                     /*threads=*/1);
  llvm::sys::fs::remove(path);
  return result;
}

/// Libraries in processes of their own. All files are in one folder, which goes
/// when the last test has ended, whether by itself or not.
static MakeExecutable makeLaunched(const CompileRequest &request,
                                   const Launcher &launcher) {
  auto all = std::make_shared<TemporaryFolder>();
  return [=](ModuleOp module) {
    CompileRequest own = request;
    return makeLaunchedExecutable(
        module, own, launcher,
        std::make_shared<TemporaryFolder>(all->getPath()), /*threads=*/1);
  };
}

/// How models run, by the options.
static int chooseExecutables(const Arguments &arguments, MakeExecutable &make) {
  CompileRequest request;
  if (int code = readCompileRequest(arguments, request))
    return code;
  if (arguments.has("reference") && arguments.has("aot"))
    return reportError("--reference and --aot exclude each other",
                       nncrun::ExitUsage);
  if (arguments.has("run-with") && !arguments.has("aot"))
    return reportError("--run-with runs compiled libraries and needs --aot",
                       nncrun::ExitUsage);
  std::optional<Launcher> launcher;
  if (!arguments.has("reference"))
    if (int code = readLauncher(arguments, request.target, launcher))
      return code;
  if (arguments.has("reference"))
    make = makeReferenceExecutable;
  else if (launcher)
    make = makeLaunched(request, *launcher);
  else if (arguments.has("aot"))
    make = [request](ModuleOp module) mutable {
      return makeTemporaryLibrary(module, request);
    };
  else
    make = [request](ModuleOp module) mutable {
      return makeCompiledExecutable(module, request, /*threads=*/1);
    };
  return nncrun::ExitDone;
}

static int runTests(const Arguments &arguments) {
  MakeExecutable make;
  if (int code = chooseExecutables(arguments, make))
    return code;
  TestPlan plan;
  if (int code = readPlan(arguments, plan))
    return code;
  std::fflush(stdout);
  Summary summary;
  runIsolated(
      plan.tests.size(), plan.jobs, plan.seconds,
      [&](size_t i) { return runBackendTest(plan.tests[i], make); },
      [&](size_t i, const TestResult &result) {
        record(plan, plan.tests[i], result, summary);
      });
  findMissing(plan, summary);
  if (arguments.has("write-expect")) {
    std::string text = expectationsText(summary.outcomes);
    nncio::Status written =
        nncrun::writeWhole(arguments.get("write-expect"), {nncio::Span(text)});
    if (!written)
      return reportError(written.error(), nncrun::ExitUsage);
  }
  for (const std::string &change : summary.changes)
    std::printf("CHANGED %s\n", change.c_str());
  std::printf("%u passed, %u failed, %u skipped\n", summary.passed,
              summary.failed, summary.skipped);
  bool good = plan.expected ? summary.changes.empty() : summary.failed == 0;
  return good ? nncrun::ExitDone : nncrun::ExitDiffers;
}

static CommandSpec makeSpec() {
  CommandSpec spec = {
      "test",
      "DIR...",
      1,
      SIZE_MAX,
      "Runs every folder with model.onnx in or below DIR on its data sets and "
      "compares the outputs. Models are compiled in memory. Each test has a "
      "process of its own.",
      "nnc test models --tolerances=tolerances.json --expect=known.json",
      {{"reference", nullptr, "compute by the reference interpreter"},
       {"aot", nullptr, "compile to shared libraries and run these"},
       runWithOption,
       {"tolerances", "FILE.json",
        "tolerances by name: rtol, atol, atol_of_max, quantized"},
       {"expect", "FILE.json", "known outcomes; exit code 1 on any change"},
       {"write-expect", "FILE.json", "write the outcomes of this run"},
       {"filter", "TEXT,...",
        "only tests whose name contains one of the texts"},
       {"jobs", "N", "tests at the same time (the number of CPUs)"},
       {"time-limit", "S", "seconds that one test may take (120)"}}};
  llvm::append_range(spec.options, targetOptions());
  return spec;
}

Command driver::getTestCommand() {
  static const CommandSpec spec = makeSpec();
  return {&spec, runTests};
}
