//===----------------------------------------------------------------------===//
// The kernels of a function as a rematerialization problem, and back.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_KERNELGRAPH_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_KERNELGRAPH_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/Memory/Remat.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::nnc {

/// The kernels of a block are nodes, in its order. Views and what the host
/// computes from results go with the kernels that use them.
class KernelGraph {
public:
  /// Nothing if kernels stand in branches or loops, or sizes are not known.
  static std::optional<KernelGraph> create(func::FuncOp function);

  /// Sizes in bytes of the arena, durations in nanoseconds. A result that is
  /// written over the only other use of an operand's memory takes none; the
  /// operand then lives as long as it. Outputs, which are the caller's memory,
  /// take none and are made once.
  const nncmem::remat::Problem &getProblem() const { return problem; }

  /// No order and no recomputation gets below this many bytes of the arena:
  /// what one kernel reads and writes, unless it may write over what it reads.
  int64_t getLowerBound();

  /// Makes the block run `sequence`, of which `simulate` knows that it is
  /// valid. May be called again; the problem's own order gives back what was
  /// there.
  void apply(ArrayRef<uint32_t> sequence);

private:
  explicit KernelGraph(func::FuncOp function) : function(function) {}

  bool addKernels();
  std::optional<int64_t> countBytes(OpResult result);
  void addPartEdges(ArrayRef<SmallVector<uint32_t>> users);
  bool collectHostOps();
  void addEdges();
  void collectProducers(Value value, DenseSet<uint32_t> &producers);
  Operation *emit(Operation *op, ArrayRef<Value> operands, bool isFirst);
  Value resolve(Value value);

  func::FuncOp function;
  nncmem::remat::Problem problem;
  SmallVector<nn::KernelOp> kernels;
  DenseMap<Operation *, uint32_t> numbers; ///< Of kernels.
  /// Ops that depend on kernels, and kernels, with their operands as created.
  llvm::MapVector<Operation *, SmallVector<Value>> operands;
  /// By the op that joins parts, the kernel of the first.
  DenseMap<Operation *, uint32_t> firstParts;
  SmallVector<Value> returned; ///< By the function, as created.
  SmallVector<Operation *> clones;

  // Of `apply`: the latest copy of each such op.
  DenseMap<Operation *, Operation *> latest;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_KERNELGRAPH_H
