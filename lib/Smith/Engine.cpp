//===----------------------------------------------------------------------===//
// Models in memory on their way through importer, interpreter and compiler.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Engine.h"
#include "mlir/IR/Diagnostics.h"
#include "nnc/Import/ONNX/Importer.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Interfaces/DataMovementOpInterface.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Target/CPU/JITModel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::nnc;
using namespace nncsmith;
using Compiled = nncio::Result<std::shared_ptr<JITModel>>;

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

Engine::Engine() : context(makeRegistry(), MLIRContext::Threading::DISABLED) {
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      errors += (errors.empty() ? "" : "; ") + diagnostic.str();
    return success();
  });
}

std::string Engine::takeErrors() {
  std::string taken = std::move(errors);
  errors.clear();
  std::replace(taken.begin(), taken.end(), '\n', ' ');
  return taken;
}

OwningOpRef<ModuleOp> Engine::import(const onnx::ModelProto &model) {
  llvm::SmallString<128> path;
  int file = -1;
  if (llvm::sys::fs::createTemporaryFile("nnc-smith", "onnx", file, path)) {
    errors = "cannot make a temporary file";
    return nullptr;
  }
  {
    llvm::raw_fd_ostream stream(file, /*shouldClose=*/true);
    stream << model.SerializeAsString();
  }
  // The file is gone before the constants are needed.
  ImportOptions options;
  options.inlineWeights = true;
  OwningOpRef<ModuleOp> module = importONNX(&context, path, options);
  llvm::sys::fs::remove(path);
  return module;
}

bool Engine::lowerToGraph(ModuleOp module) {
  return succeeded(runPhases(module, Phase::Import, Phase::Graph, {}));
}

Compiled Engine::compile(ModuleOp module, const Variant &variant) {
  llvm::Expected<TargetOptions> target = resolveTarget(variant.target);
  if (!target)
    return Compiled::failure(llvm::toString(target.takeError()));
  target->prefix = "smith";
  target->optLevel = variant.optLevel;
  CompilerOptions options;
  options.target = target->machine;
  options.unitWork = variant.unitWork;
  options.precision = variant.precision;
  options.arenaBudget = variant.arenaBudget;
  options.checkBounds = variant.checkBounds;
  options.fuse = variant.fuse && variant.optLevel > 0;
  options.assignLayout = options.orderKernels = variant.optLevel > 0;
  if (failed(runPhases(module, Phase::Graph, Phase::LLVM, options)))
    return Compiled::failure(takeErrors());
  auto jit = JITModel::create(module, *target);
  if (!jit)
    return Compiled::failure(llvm::toString(jit.takeError()));
  return std::shared_ptr<JITModel>(std::move(*jit));
}

nncio::Result<std::shared_ptr<nncrun::CompiledModel>>
nncsmith::openCode(const std::shared_ptr<JITModel> &code, int threads) {
  return nncrun::CompiledModel::wrap(code->tables(), code, threads);
}

Outputs nncsmith::interpret(ModuleOp module, const Tensors &inputs) {
  return Interpreter(findEntry(module)).run(inputs);
}

/// Half a unit in the last place, relative.
static double roundingOf(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return 0x1p-53;
  case ElementType::F16:
    return 0x1p-11;
  case ElementType::BF16:
    return 0x1p-8;
  default:
    return 0x1p-24;
  }
}

static void addNoise(Tensor &tensor, Random &random) {
  if (tensor.isSequence() || tensor.isAbsent() ||
      !nncio::isFloat(tensor.type()) || nncio::isNarrowFloat(tensor.type()))
    return;
  // Two units, so that all but a few roundings of a short sum are covered.
  double rounding = 4 * roundingOf(tensor.type());
  for (int64_t i = 0; i < tensor.size(); ++i) {
    double value = tensor.getDouble(i);
    if (value == 0 || !std::isfinite(value))
      continue;
    tensor.setDouble(i, value * (1 + random.real(-rounding, rounding)));
  }
}

Outputs nncsmith::interpretNoisily(ModuleOp module, const Tensors &inputs,
                                   Random &random) {
  Tensors noisy = inputs;
  for (Tensor &input : noisy)
    addNoise(input, random);
  return Interpreter(findEntry(module))
      .run(noisy, [&](Operation *op, ArrayRef<Tensor>,
                      MutableArrayRef<Tensor> results) {
        if (isa<DataMovementOpInterface>(op))
          return;
        for (Tensor &result : results)
          addNoise(result, random);
      });
}

bool nncsmith::sameBits(const Tensors &a, const Tensors &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Tensor &x, const Tensor &y) {
                      if (x.isSequence() || y.isSequence())
                        return x.isSequence() == y.isSequence() &&
                               sameBits(x.elements(), y.elements());
                      return x.shape() == y.shape() && x.type() == y.type() &&
                             (x.empty() ||
                              !std::memcmp(x.data(), y.data(), x.bytes()));
                    });
}
