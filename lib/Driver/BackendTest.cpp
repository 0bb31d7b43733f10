//===----------------------------------------------------------------------===//
// Judges one backend test.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "BackendTest.h"

#include "nnc/DataIO/DataSpec.h"
#include "nnc/Import/ONNX/ModelReader.h"
#include "nnc/Runner/Data.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Models of more nodes than this are no tests of single operators.
static constexpr int smallTestNodes = 20;

const char *driver::outcomeName(Outcome outcome) {
  switch (outcome) {
  case Outcome::Pass:
    return "pass";
  case Outcome::Fail:
    return "fail";
  case Outcome::Unsupported:
    return "unsupported";
  case Outcome::Skipped:
    return "skipped";
  }
  return "";
}

std::optional<Outcome> driver::parseOutcome(StringRef name) {
  for (Outcome outcome :
       {Outcome::Pass, Outcome::Fail, Outcome::Unsupported, Outcome::Skipped})
    if (name == outcomeName(outcome))
      return outcome;
  return std::nullopt;
}

/// The contract's defaults.
static TestTolerance defaultTolerance(const std::string &path) {
  llvm::Expected<onnximport::LoadedModel> model = onnximport::loadModel(path);
  if (!model) {
    llvm::consumeError(model.takeError());
    return {};
  }
  TestTolerance result;
  if (model->proto->graph().node_size() > smallTestNodes)
    result.tolerance = {1e-3, 0, 1e-4};
  else
    result.tolerance = {1e-3, 1e-7, 0};
  return result;
}

/// Where the largest element of each row along the last axis is.
static std::vector<int64_t> findTop(const nncio::Tensor &tensor) {
  int64_t width = tensor.rank() ? tensor.shape().back() : 1;
  std::vector<int64_t> top;
  for (int64_t row = 0; width && row < tensor.size() / width; ++row) {
    int64_t best = 0;
    for (int64_t i = 1; i < width; ++i)
      if (tensor.getDouble(row * width + i) >
          tensor.getDouble(row * width + best))
        best = i;
    top.push_back(best);
  }
  return top;
}

static std::string judgeOutputs(const nncrun::Signature &signature,
                                const nncrun::Tensors &outputs,
                                const nncrun::Tensors &expected,
                                const TestTolerance &tolerance) {
  for (auto [i, info] : llvm::enumerate(signature.outputs)) {
    nncio::CompareResult result =
        nncio::compare(outputs[i], expected[i], tolerance.tolerance);
    if (!result.ok)
      return "output '" + info.name + "': " + result.text();
    if (tolerance.sameTop1 && !outputs[i].isSequence() &&
        nncio::isFloat(outputs[i].type()) &&
        findTop(outputs[i]) != findTop(expected[i]))
      return "output '" + info.name +
             "': the largest element of a row is at "
             "another place than expected";
  }
  return "";
}

/// The backend tests were written when files had no bf16 and hold its bits as
/// ui16.
static void restoreBFloat16(nncrun::Tensors &tensors,
                            const std::vector<nncrun::ValueInfo> &infos) {
  for (auto [tensor, info] : llvm::zip(tensors, infos))
    if (info.type == nncio::ElementType::BF16 &&
        tensor.type() == nncio::ElementType::U16) {
      auto bits = std::make_shared<nncio::Tensor>(tensor);
      tensor = nncio::Tensor(info.type, bits->shape(), bits->data(), bits);
    }
}

static TestResult runDataSet(nncrun::Executable &executable,
                             const nncio::TestDataSet &set,
                             const TestTolerance &tolerance) {
  const nncrun::Signature &signature = executable.signature();
  nncio::Result<nncrun::Tensors> inputs =
      nncrun::loadDataFiles(set.inputs, signature.inputs);
  if (!inputs)
    return {Outcome::Unsupported, "inputs: " + inputs.error()};
  nncio::Result<nncrun::Tensors> expected =
      nncrun::loadDataFiles(set.outputs, signature.outputs);
  if (!expected)
    return {Outcome::Unsupported, "outputs: " + expected.error()};
  for (auto [info, tensor] : llvm::zip(signature.inputs, *inputs))
    nncrun::adaptScalar(info, tensor);
  restoreBFloat16(*inputs, signature.inputs);
  restoreBFloat16(*expected, signature.outputs);
  nncio::Result<nncrun::Tensors> outputs = executable.run(*inputs);
  if (!outputs)
    return {Outcome::Fail, outputs.error()};
  std::string reason = judgeOutputs(signature, *outputs, *expected, tolerance);
  return {reason.empty() ? Outcome::Pass : Outcome::Fail, reason};
}

TestResult driver::runBackendTest(const BackendTest &test,
                                  const MakeExecutable &make) {
  nncio::Result<std::vector<nncio::TestDataSet>> sets =
      nncio::listTestDataSets(test.folder);
  if (!sets)
    return {Outcome::Skipped, sets.error()};
  nncio::Result<ModelPath> model = findModel(test.folder);
  if (!model)
    return {Outcome::Skipped, model.error()};
  Session session(/*quiet=*/true, /*threads=*/false);
  OwningOpRef<ModuleOp> module = session.load(*model, {});
  if (!module)
    return {Outcome::Unsupported, llvm::join(session.getErrors(), "; ")};
  nncio::Result<std::shared_ptr<nncrun::Executable>> executable = make(*module);
  if (!executable)
    return {Outcome::Fail, session.getErrors().empty()
                               ? executable.error()
                               : llvm::join(session.getErrors(), "; ")};
  TestTolerance tolerance =
      test.tolerance ? *test.tolerance : defaultTolerance(model->path);
  for (const nncio::TestDataSet &set : *sets) {
    TestResult result = runDataSet(**executable, set, tolerance);
    if (result.outcome == Outcome::Pass)
      continue;
    StringRef folder = set.folder;
    result.reason = folder.rsplit('/').second.str() + ": " + result.reason;
    return result;
  }
  return {Outcome::Pass, ""};
}
