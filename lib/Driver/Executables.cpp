//===----------------------------------------------------------------------===//
// Models as something that runs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Launcher.h"
#include "nnc/Analysis/NodeNames.h"
#include "nnc/Interfaces/CostOpInterface.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/CompiledModel.h"

#include <chrono>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
using ExecutableResult = nncio::Result<std::shared_ptr<nncrun::Executable>>;

namespace {

class ReferenceExecutable : public nncrun::Executable {
public:
  ReferenceExecutable(func::FuncOp function, nncrun::Signature signature)
      : interpreter(function), description(std::move(signature)) {}

  const nncrun::Signature &signature() const override { return description; }
  nncio::Result<nncrun::Tensors> run(const nncrun::Tensors &inputs) override;
  void setProfile(std::vector<nncrun::KernelEvent> *list) override {
    events = list;
  }

private:
  Interpreter interpreter;
  nncrun::Signature description;
  std::vector<nncrun::KernelEvent> *events = nullptr;
};

} // namespace

static int64_t now() {
  return std::chrono::steady_clock::now().time_since_epoch() /
         std::chrono::nanoseconds(1);
}

nncio::Result<nncrun::Tensors>
ReferenceExecutable::run(const nncrun::Tensors &inputs) {
  if (!events)
    return interpreter.run(inputs);
  int64_t begin = now();
  return interpreter.run(inputs,
                         [&](Operation *op, ArrayRef<nncio::Tensor> operands,
                             MutableArrayRef<nncio::Tensor> results) {
                           nncrun::KernelEvent event;
                           event.name = op->getName().getStringRef().str();
                           for (StringRef node : getNodeNames(op->getLoc()))
                             event.nodes.push_back(node.str());
                           event.beginNs = begin;
                           event.endNs = begin = now();
                           event.bytes = 0;
                           for (const nncio::Tensor &tensor : operands)
                             event.bytes += int64_t(tensor.bytes());
                           for (const nncio::Tensor &tensor : results)
                             event.bytes += int64_t(tensor.bytes());
                           if (auto cost = dyn_cast<CostOpInterface>(op))
                             event.flops = cost.getFlops().value_or(-1);
                           events->push_back(std::move(event));
                         });
}

ExecutableResult driver::makeReferenceExecutable(ModuleOp module) {
  func::FuncOp entry = findEntry(module);
  if (!entry)
    return ExecutableResult::failure(
        "the module has no entry point: expected a function with 'nn.entry' or "
        "one public function");
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  if (!signature)
    return ExecutableResult::failure(signature.error());
  return std::shared_ptr<nncrun::Executable>(
      new ReferenceExecutable(entry, std::move(*signature)));
}

static int openLibrary(const Arguments &arguments, OpenedModel &opened) {
  if (arguments.has("reference"))
    return reportError("--reference needs a model, but '" + opened.path.path +
                           "' is compiled",
                       nncrun::ExitUsage);
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), nncrun::ExitUsage);
  std::optional<Launcher> none;
  TargetOptions target = readLibraryTarget(opened.path.path);
  if (int code = readLauncher(arguments, target, none))
    return code;
  auto library = nncrun::CompiledModel::open(opened.path.path, int(*threads),
                                             arguments.get("variant"),
                                             arguments.get("weights-file"));
  if (!library)
    return reportError("'" + opened.path.path + "': " + library.error(),
                       nncrun::ExitInput);
  opened.executable = *library;
  return nncrun::ExitDone;
}

/// Compiles for what --target says, to be run here or by --run-with.
static ExecutableResult makeExecutable(ModuleOp module, CompileRequest &request,
                                       const std::optional<Launcher> &launcher,
                                       int threads) {
  if (!launcher)
    return makeCompiledExecutable(module, request, threads);
  return makeLaunchedExecutable(module, request, *launcher,
                                std::make_shared<TemporaryFolder>(), threads);
}

int driver::openModel(const std::string &path, const Arguments &arguments,
                      OpenedModel &opened) {
  nncio::Result<ModelPath> model = findModel(path);
  if (!model)
    return reportError(model.error(), nncrun::ExitInput);
  opened.path = *model;
  if (model->kind == ModelKind::Library)
    return openLibrary(arguments, opened);
  for (const char *option : {"variant", "weights-file"})
    if (arguments.has(option))
      return reportError("--" + std::string(option) +
                             " needs a compiled library, but '" + path +
                             "' is a model",
                         nncrun::ExitUsage);
  nncio::Result<int64_t> threads = arguments.getInt("threads", 1, 1, 1024);
  if (!threads)
    return reportError(threads.error(), nncrun::ExitUsage);
  CompileRequest request;
  if (int code = readCompileRequest(arguments, request))
    return code;
  std::optional<Launcher> launcher;
  if (!arguments.has("reference"))
    if (int code = readLauncher(arguments, request.target, launcher))
      return code;
  opened.session = std::make_unique<Session>();
  if (int code = loadModule(*opened.session, path, arguments, opened.module))
    return code;
  ExecutableResult executable =
      arguments.has("reference")
          ? makeReferenceExecutable(*opened.module)
          : makeExecutable(*opened.module, request, launcher, int(*threads));
  if (!executable)
    return reportError(executable.error(), nncrun::ExitInput);
  opened.executable = *executable;
  return nncrun::ExitDone;
}
