//===----------------------------------------------------------------------===//
// What expansions write loops with.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_LOOPBUILDER_H
#define NNC_DIALECTS_KERN_TRANSFORMS_LOOPBUILDER_H

#include "dialects/Kern/Transforms/Passes.h"

namespace mlir::nnc::kern {

/// Index arithmetic that folds, and structured loops with bodies as functions.
class LoopBuilder {
public:
  LoopBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value index(int64_t number);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return add(a, index(b)); }
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b) { return mul(a, index(b)); }
  /// Of numbers that are not negative.
  Value div(Value a, Value b);
  Value div(Value a, int64_t b) { return div(a, index(b)); }
  Value rem(Value a, Value b);
  Value divUp(Value a, int64_t b) { return div(add(a, b - 1), b); }
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value less(Value a, Value b); ///< Signed; an i1.
  Value equal(Value a, Value b);
  Value select(Value condition, Value a, Value b);
  Value both(Value a, Value b); ///< Of two i1.

  /// The results of a map of dimensions.
  SmallVector<Value> apply(AffineMap map, ArrayRef<Value> dims);

  /// The dimension of a memref, a constant where it is known.
  Value dim(Value memref, int64_t axis);

  using Body = function_ref<void(Value)>;
  void loop(Value begin, Value end, int64_t step, Body body);
  using CarryingBody = function_ref<SmallVector<Value>(Value, ArrayRef<Value>)>;
  SmallVector<Value> loop(Value begin, Value end, int64_t step,
                          ArrayRef<Value> init, CarryingBody body);
  /// Cuts [begin, end) into strips of `height` and what remains: body(first,
  /// number), the number known. With `total`, ranges are
  /// blocks of whole strips of [0, total), but the last.
  void strips(Value begin, Value end, int64_t height,
              function_ref<void(Value, int64_t)> body, Value total = {});
  /// Work units: independent iterations.
  void units(Value count, Body body);
  void ifTrue(Value condition, function_ref<void()> body);
  SmallVector<Value> ifElse(Value condition,
                            function_ref<SmallVector<Value>()> onTrue,
                            function_ref<SmallVector<Value>()> onFalse);

  /// The coordinates of place `position` of a row-major box.
  SmallVector<Value> delinearize(Value position, ArrayRef<Value> sizes);

  /// A mask of `lanes` of which the first `count`, an index, are set.
  Value firstLanes(Value count, int64_t lanes);
  /// `lanes` elements of a memref from `indices` along its last axis; zeros
  /// where the mask, null for all, is not set.
  Value load(Value memref, ValueRange indices, int64_t lanes, Value mask = {});
  void store(Value vector, Value memref, ValueRange indices, Value mask = {});

  /// A temporary of these sizes, on a cache line.
  Value allocate(ArrayRef<Value> sizes, Type elementType);

  /// The memref with axes [begin, end) as one.
  Value collapse(Value memref, int64_t begin, int64_t end);

  OpBuilder &builder;
  Location loc;
};

/// The number of a constant index.
std::optional<int64_t> getNumber(Value value);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_LOOPBUILDER_H
