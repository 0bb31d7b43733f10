//===----------------------------------------------------------------------===//
// Tests in the form of ONNX's backend tests: one test, judged in a process of
// its own.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_BACKENDTEST_H
#define NNC_LIB_DRIVER_BACKENDTEST_H

#include "Commands.h"
#include "nnc/DataIO/Compare.h"

#include <map>
#include <optional>

namespace mlir::nnc::driver {

enum class Outcome { Pass, Fail, Unsupported, Skipped };

/// "pass", "fail", "unsupported", "skipped".
const char *outcomeName(Outcome outcome);
std::optional<Outcome> parseOutcome(StringRef name);

/// How close outputs must be.
struct TestTolerance {
  nncio::Tolerance tolerance;
  /// The largest element of each row must be at the same place.
  bool sameTop1 = false;
};

/// A folder with model.onnx.
struct BackendTest {
  /// Path relative to the folder that was searched.
  std::string name;
  std::string folder;
  /// From --tolerances; nullopt: by the size of the model.
  std::optional<TestTolerance> tolerance;
};

struct TestResult {
  Outcome outcome = Outcome::Fail;
  /// Empty for a pass.
  std::string reason;
};

/// How a test's model becomes something that runs.
using MakeExecutable =
    std::function<nncio::Result<std::shared_ptr<nncrun::Executable>>(
        ModuleOp module)>;

/// Runs all data sets of a test in this process.
TestResult runBackendTest(const BackendTest &test, const MakeExecutable &make);

/// Runs `run` on each number below `count`, each in a process of its own, up to
/// `jobs` at once, and hands over the results in order. A crash and a run of
/// more than `seconds` are failures.
void runIsolated(size_t count, unsigned jobs, double seconds,
                 const std::function<TestResult(size_t)> &run,
                 const std::function<void(size_t, const TestResult &)> &done);

/// All folders with model.onnx in or below `directory`, by name. An error if
/// there are none.
nncio::Result<std::vector<BackendTest>>
findBackendTests(const std::string &directory);

/// Reads --tolerances: {"NAME": {"rtol", "atol_of_max", "quantized"}}.
nncio::Result<std::map<std::string, TestTolerance>>
readTolerances(const std::string &path);

/// Known outcomes: {"version": 1, "tests": {"NAME": "pass"}}.
using Expectations = std::map<std::string, Outcome>;
nncio::Result<Expectations> readExpectations(const std::string &path);
std::string expectationsText(const Expectations &expectations);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_BACKENDTEST_H
