//===----------------------------------------------------------------------===//
// Threads of a GPU's block that do one thing together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_DEVICE_BLOCKREDUCTION_H
#define NNC_LIB_TRANSFORMS_DEVICE_BLOCKREDUCTION_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::nnc {

/// Threads that run in step.
inline constexpr int64_t warpThreads = 32;

/// The threads of a block, as those who make code for them see them.
class BlockThreads {
public:
  /// Code of all threads begins at the builder's place. `count`: a warp or a
  /// multiple of it.
  BlockThreads(OpBuilder &builder, Location loc, int64_t count);

  int64_t getCount() const { return count; }
  /// The number of this thread, an index.
  Value getNumber() const { return number; }

  /// All threads wait for all, and see what these have written.
  void createBarrier(OpBuilder &builder, Location loc) const;

  /// Runs `body` in the first thread.
  void runInFirst(OpBuilder &builder, Location loc,
                  function_ref<void(OpBuilder &)> body) const;

  /// `values` of all threads combined by `combiners`, an op of two operands
  /// each, in an order that depends on the number of threads alone. Only the
  /// first thread's results have a meaning. All threads must come here.
  SmallVector<Value> reduce(OpBuilder &builder, Location loc,
                            SmallVector<Value> values,
                            ArrayRef<Operation *> combiners) const;

private:
  SmallVector<Value> reduceInWarp(OpBuilder &builder, Location loc,
                                  SmallVector<Value> values,
                                  ArrayRef<Operation *> combiners) const;

  int64_t count;
  Value number;
};

/// The value of the lane whose number differs in the bits of `distance`.
Value exchangeInWarp(OpBuilder &builder, Location loc, Value value,
                     int64_t distance);

/// What `combiner`, an op of two operands, makes of these.
Value combine(OpBuilder &builder, Operation *combiner, Value a, Value b);

/// Uninitialized memory that the threads of a block share, for the code of the
/// kernel that `op` lies in; of a size that is known.
Value createSharedMemory(OpBuilder &builder, Operation *op,
                         SymbolTable &symbols, ArrayRef<int64_t> shape,
                         Type element);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_DEVICE_BLOCKREDUCTION_H
