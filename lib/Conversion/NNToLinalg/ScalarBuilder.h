//===----------------------------------------------------------------------===//
// Scalar code inside of lowerings: arithmetic by type, loops, conditions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOLINALG_SCALARBUILDER_H
#define NNC_LIB_CONVERSION_NNTOLINALG_SCALARBUILDER_H

#include "LoweringBuilder.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <functional>

namespace mlir::nnc {

/// Creates at the builder's insertion point, also inside of the bodies that it
/// and LoweringBuilder open. Both operands have one type: index, a signless
/// integer taken as signed, or a float.
class ScalarBuilder {
public:
  ScalarBuilder(OpBuilder &builder, Location loc)
      : builder(builder), loc(loc) {}
  explicit ScalarBuilder(LoweringBuilder &b) : builder(b.builder), loc(b.loc) {}

  Value index(int64_t number);
  /// A number of an index, integer or float type.
  Value number(Type type, double value);
  Value numberLike(Value other, double value) {
    return number(other.getType(), value);
  }

  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  /// Of floats.
  Value div(Value a, Value b);
  Value floor(Value a) { return math::FloorOp::create(builder, loc, a); }
  Value ceil(Value a) { return math::CeilOp::create(builder, loc, a); }
  Value abs(Value a) { return math::AbsFOp::create(builder, loc, a); }
  Value minimum(Value a, Value b);
  /// Of a NaN and a number gives the number, as minimum does.
  Value maximum(Value a, Value b);
  Value clamp(Value a, Value low, Value high) {
    return minimum(maximum(a, low), high);
  }

  /// False if one is NaN, `notEqual` true.
  Value less(Value a, Value b);
  Value lessEqual(Value a, Value b);
  Value equal(Value a, Value b);
  Value notEqual(Value a, Value b);
  Value both(Value a, Value b);
  Value either(Value a, Value b);
  Value negate(Value condition);
  Value select(Value condition, Value a, Value b);

  /// The order of search and sorting: NaN above all numbers, equal to NaN.
  Value isBelow(Value a, Value b, bool isUnsigned);
  Value isSame(Value a, Value b);

  /// Between index, integers and floats. To integers truncates and saturates.
  Value convert(Value value, Type type, bool isUnsigned = false);

  using LoopBody = function_ref<SmallVector<Value>(Value iv, ValueRange state)>;
  /// for iv in [begin, end): state = body(iv, state).
  SmallVector<Value> loop(Value begin, Value end, ValueRange state,
                          LoopBody body);
  /// Loops over all positions of `shape`, in row-major order.
  SmallVector<Value>
  loops(ValueRange shape, ValueRange state,
        function_ref<SmallVector<Value>(ValueRange, ValueRange)> body);
  /// The values of `then` if the condition holds, else `otherwise`.
  SmallVector<Value> onlyIf(Value condition, ValueRange otherwise,
                            function_ref<SmallVector<Value>()> then);

  Value load(Value tensor, ValueRange indices) {
    return tensor::ExtractOp::create(builder, loc, tensor, indices);
  }
  Value store(Value scalar, Value tensor, ValueRange indices) {
    return tensor::InsertOp::create(builder, loc, scalar, tensor, indices);
  }
  /// The one element of a tensor of that many.
  Value only(Value tensor);

  OpBuilder &builder;
  Location loc;
};

/// The type that arithmetic on elements of a type is done in: f64 for it and
/// for integers, else f32.
Type getFloatComputeType(Type elementType);

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOLINALG_SCALARBUILDER_H
