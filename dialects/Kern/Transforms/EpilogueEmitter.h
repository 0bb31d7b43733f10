//===----------------------------------------------------------------------===//
// Vector code of epilogues.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_EPILOGUEEMITTER_H
#define NNC_DIALECTS_KERN_TRANSFORMS_EPILOGUEEMITTER_H

#include "LoopBuilder.h"
#include "dialects/Kern/IR/KernDialect.h"

namespace mlir::nnc::kern {

/// A run of elements of the result: the indices of the first, along the last
/// axis. With a mask only some exist.
struct ResultRun {
  SmallVector<Value> indices;
  Value mask; ///< vector<lanes x i1>, null: all exist.
};

/// The vector form of a region over scalars: its first argument is `sums`, the
/// others are elements of `extras`, read by `maps` at the elements of `run`.
/// Returns what the region yields.
Value applyRegion(LoopBuilder &loops, Region &region, ValueRange extras,
                  ArrayAttr maps, Value sums, const ResultRun &run);

/// Fails if applyRegion has no vector form of the region or of the maps.
LogicalResult verifyRegion(Operation *op, Region &region, ArrayAttr maps);

/// Fails if an operand is not contiguous, but for those of `strided`.
LogicalResult verifyContiguous(Operation *op, ValueRange strided = {});

/// Finishes sums and writes results. Nothing but sums is kept in registers.
class EpilogueEmitter {
public:
  EpilogueEmitter(LoopBuilder &loops, EpilogueOpInterface op, int64_t lanes)
      : loops(loops), op(op), lanes(lanes) {}

  /// Fails if an extra operand has no vector form or memory is not contiguous,
  /// but for operands of `strided`.
  LogicalResult verify(ValueRange strided = {});

  /// The results of the epilogue for a vector of sums.
  Value apply(Value sums, const ResultRun &run);
  /// Applies the epilogue to a vector of sums and writes the results.
  void finish(Value sums, const ResultRun &run);

  /// Partial sums in the place of the result; only if both have one type.
  Value loadPartial(const ResultRun &run);
  void storePartial(Value sums, const ResultRun &run);
  bool canHoldPartial();

private:
  LoopBuilder &loops;
  EpilogueOpInterface op;
  int64_t lanes;
};

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_EPILOGUEEMITTER_H
