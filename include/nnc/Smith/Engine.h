//===----------------------------------------------------------------------===//
// Models in memory on their way through importer, interpreter and compiler.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_SMITH_ENGINE_H
#define NNC_SMITH_ENGINE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "nnc/Smith/Case.h"

namespace mlir::nnc {
class JITModel;
}
namespace nncrun {
class CompiledModel;
}

namespace nncsmith {

using Tensors = std::vector<Tensor>;
using Outputs = nncio::Result<Tensors>;

/// A way to compile a model; all must give the same results.
struct Variant {
  std::string name;
  int optLevel = 3;
  bool fuse = true;
  /// As of --target.
  std::string target = "host";
  std::string precision = "default";
  /// As of --memory-budget: small ones make the schedule recompute.
  int64_t arenaBudget = 0;
  bool checkBounds = false; ///< Kernels look before they touch memory.
  /// What a work unit costs at least. Small here, so that kernels on small
  /// tensors have several.
  int64_t unitWork = 16;
  /// Import with the dimensions of the inputs at hand instead of free ones.
  bool isStatic = false;
};

/// Imports, interprets and compiles models, with a context of its own. Keeps
/// the errors that are reported.
class Engine {
public:
  Engine();

  /// Null after errors.
  mlir::OwningOpRef<mlir::ModuleOp> import(const onnx::ModelProto &model);

  /// Runs the graph phase. False after errors.
  bool lowerToGraph(mlir::ModuleOp module);

  /// Lowers a module of the graph phase, which is changed, to code.
  nncio::Result<std::shared_ptr<mlir::nnc::JITModel>>
  compile(mlir::ModuleOp module, const Variant &variant);

  /// What was reported since the last call, on one line.
  std::string takeErrors();

private:
  mlir::MLIRContext context;
  std::string errors;
};

/// A context on code, which runs on so many threads.
nncio::Result<std::shared_ptr<nncrun::CompiledModel>>
openCode(const std::shared_ptr<mlir::nnc::JITModel> &code, int threads);

/// Computes with the reference interpreter.
Outputs interpret(mlir::ModuleOp module, const Tensors &inputs);

/// The same with each float of the inputs and of the results of operators off
/// by up to a rounding of its type: how much outputs move tells how well the
/// model determines them. Movements of elements are exact.
Outputs interpretNoisily(mlir::ModuleOp module, const Tensors &inputs,
                         Random &random);

/// Same shapes, same bytes.
bool sameBits(const Tensors &a, const Tensors &b);

} // namespace nncsmith

#endif // NNC_SMITH_ENGINE_H
