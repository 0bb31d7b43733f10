//===----------------------------------------------------------------------===//
// The files of nnc test: folders, tolerances, known outcomes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "BackendTest.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <filesystem>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
namespace fs = std::filesystem;

static bool holdsModel(const fs::path &folder) {
  std::error_code ignored;
  return fs::exists(folder / "model.onnx", ignored);
}

nncio::Result<std::vector<BackendTest>>
driver::findBackendTests(const std::string &directory) {
  using Out = nncio::Result<std::vector<BackendTest>>;
  std::vector<BackendTest> tests;
  fs::path root(directory);
  std::error_code error;
  if (!fs::is_directory(root, error))
    return Out::failure("'" + directory + "' is not a folder");
  if (holdsModel(root)) {
    std::string name = fs::absolute(root, error).lexically_normal().string();
    while (name.size() > 1 && name.back() == '/')
      name.pop_back();
    tests.push_back({fs::path(name).filename().string(), directory, {}});
    return tests;
  }
  auto options = fs::directory_options::follow_directory_symlink |
                 fs::directory_options::skip_permission_denied;
  fs::recursive_directory_iterator it(root, options, error);
  for (; !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    std::error_code ignored;
    // Links that lead upwards would never end.
    if (!it->is_directory(ignored) || it.depth() > 32) {
      if (it.depth() > 32)
        it.disable_recursion_pending();
      continue;
    }
    if (!holdsModel(it->path()))
      continue;
    it.disable_recursion_pending();
    tests.push_back({it->path().lexically_relative(root).generic_string(),
                     it->path().string(),
                     {}});
  }
  if (error)
    return Out::failure("cannot list '" + directory + "': " + error.message());
  if (tests.empty())
    return Out::failure("'" + directory + "' holds no folder with model.onnx");
  llvm::sort(tests, [](const BackendTest &a, const BackendTest &b) {
    return a.name < b.name;
  });
  return tests;
}

static nncio::Result<llvm::json::Object> readJson(const std::string &path) {
  using Out = nncio::Result<llvm::json::Object>;
  auto fail = [&](const std::string &why) {
    return Out::failure("cannot read '" + path + "': " + why);
  };
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return fail(buffer.getError().message());
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse((*buffer)->getBuffer());
  if (!value)
    return fail(llvm::toString(value.takeError()));
  if (!value->getAsObject())
    return fail("expected a JSON object");
  return std::move(*value->getAsObject());
}

nncio::Result<std::map<std::string, TestTolerance>>
driver::readTolerances(const std::string &path) {
  using Out = nncio::Result<std::map<std::string, TestTolerance>>;
  nncio::Result<llvm::json::Object> json = readJson(path);
  if (!json)
    return Out::failure(json.error());
  std::map<std::string, TestTolerance> tolerances;
  for (const auto &[name, value] : *json) {
    const llvm::json::Object *entry = value.getAsObject();
    if (!entry)
      return Out::failure("'" + path + "': expected an object for '" +
                          name.str() + "'");
    TestTolerance tolerance;
    tolerance.tolerance.rtol = entry->getNumber("rtol").value_or(1e-3);
    tolerance.tolerance.atol = entry->getNumber("atol").value_or(0);
    tolerance.tolerance.atolOfMax = entry->getNumber("atol_of_max").value_or(0);
    tolerance.sameTop1 = entry->getBoolean("quantized").value_or(false);
    tolerances[name.str()] = tolerance;
  }
  return tolerances;
}

nncio::Result<Expectations> driver::readExpectations(const std::string &path) {
  using Out = nncio::Result<Expectations>;
  nncio::Result<llvm::json::Object> json = readJson(path);
  if (!json)
    return Out::failure(json.error());
  const llvm::json::Object *tests = json->getObject("tests");
  if (!tests || json->getInteger("version") != 1)
    return Out::failure("'" + path +
                        "': expected {\"version\": 1, \"tests\": {...}}");
  Expectations result;
  for (const auto &[name, value] : *tests) {
    std::optional<Outcome> outcome =
        parseOutcome(value.getAsString().value_or(""));
    if (!outcome)
      return Out::failure("'" + path +
                          "': expected \"pass\", \"fail\", "
                          "\"unsupported\" or \"skipped\" for '" +
                          name.str() + "'");
    result[name.str()] = *outcome;
  }
  return result;
}

std::string driver::expectationsText(const Expectations &expectations) {
  llvm::json::Object tests;
  for (const auto &[name, outcome] : expectations)
    tests[llvm::json::fixUTF8(name)] = outcomeName(outcome);
  llvm::json::Value value =
      llvm::json::Object{{"version", 1}, {"tests", std::move(tests)}};
  return llvm::formatv("{0:1}\n", value);
}
