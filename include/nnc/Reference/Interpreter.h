//===----------------------------------------------------------------------===//
// Runs functions of graph ops on host tensors with the reference evaluator.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_REFERENCE_INTERPRETER_H
#define NNC_REFERENCE_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/DataIO/Tensor.h"
#include "nnc/Runner/Signature.h"
#include "llvm/ADT/DenseMap.h"
#include <functional>

namespace mlir::nnc {

/// The entry point called `name`, the first one if `name` is empty: a function
/// with `nn.entry`, or the only public function. Null if there is none.
func::FuncOp findEntry(ModuleOp module, StringRef name = "");

/// What `function` takes and gives. Fails for types that host tensors do not
/// hold.
nncio::Result<nncrun::Signature> readSignature(func::FuncOp function);

/// "node 'conv1' (Conv)" for the location of an imported op, "'x'" for another
/// name, "file:line:column" for a place in a text; empty if it is not known.
std::string describeLocation(Location loc);

/// Runs a function of `nn` ops, `nn.kernel`, scf and the arith, math and tensor
/// ops that shape arithmetic uses. Slow and simple: an op at a time. A tensor
/// is freed after its last use.
class Interpreter {
public:
  /// Called after each op that gives tensors; may replace them.
  using Observer =
      std::function<void(Operation *op, ArrayRef<nncio::Tensor> operands,
                         MutableArrayRef<nncio::Tensor> results)>;

  /// The function must not change while the interpreter lives.
  explicit Interpreter(func::FuncOp function);

  /// Checks number, types and shapes of the inputs, dimensions of equal
  /// symbolic name included, then computes. The message of a failure names the
  /// ONNX node.
  nncio::Result<std::vector<nncio::Tensor>>
  run(ArrayRef<nncio::Tensor> inputs, const Observer &observer = nullptr);

private:
  void findLastUses(Region &region);

  func::FuncOp function;
  nncio::Result<nncrun::Signature> signature;
  /// Values of no use after the op.
  DenseMap<Operation *, SmallVector<Value>> dying;
};

} // namespace mlir::nnc

#endif // NNC_REFERENCE_INTERPRETER_H
