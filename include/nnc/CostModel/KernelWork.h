//===----------------------------------------------------------------------===//
// What a kernel, or a group of ops that could be one, has to do.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_KERNELWORK_H
#define NNC_COSTMODEL_KERNELWORK_H

#include "dialects/HW/IR/HWDialect.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace mlir::nnc {

/// A tensor that a kernel reads.
struct KernelOperand {
  Value value; ///< Outside of the kernel.
  std::optional<int64_t> bytes;
  bool isWeight = false; ///< Constant from run to run.
  /// How often all of it is read, by the order of the loops.
  double reads = 1;
  /// Bytes that are read of it; all if it is not known to be less.
  std::optional<int64_t> touched;
};

/// Counts on one core of a machine. Cycles and vectors count those of all
/// units.
struct KernelWork {
  /// Operations of the model's arithmetic; nullopt if a size is not known.
  std::optional<int64_t> flops;
  /// False if a size that time depends on is not known.
  bool isKnown = true;

  double productCycles = 0, stripCycles = 0, windowCycles = 0;
  double transformCycles = 0;
  double broadcasts = 0; ///< Factors of products, loaded to all lanes.
  double arithmetic = 0; ///< Vectors.
  double divisions = 0, functions = 0, scalars = 0; ///< Elements.
  double moves = 0;       ///< Vectors loaded or stored.
  double shuffles = 0;    ///< Elements.
  double lines = 0;       ///< Innermost loops.
  double units = 1;       ///< Parts that threads can share out.
  double steps = 1;       ///< Parts that wait for each other.
  double serialSteps = 0; ///< Steps of a recurrence, of all sequences.
  bool hasContraction = false;

  SmallVector<KernelOperand> operands;
  std::optional<int64_t> outputBytes;
  /// Of tensors that no other kernel sees and that registers do not hold.
  int64_t insideBytes = 0;
};

/// Looks at `ops`, in order, of one block: in an `nn.kernel`, or anywhere
/// before kernels are formed. Values that are used by other ops, a terminator
/// included, are results; all others stay inside. Needs the arith and math
/// dialects loaded; does not modify the ops.
KernelWork countKernelWork(ArrayRef<Operation *> ops, hw::TargetAttr target);

/// nullopt for a dynamic shape; 0 for what is no tensor.
std::optional<int64_t> countBytes(Type type);

/// True for values that do not change from run to run, through views.
bool isConstantTensor(Value value);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_KERNELWORK_H
