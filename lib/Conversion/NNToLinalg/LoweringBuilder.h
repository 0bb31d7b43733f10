//===----------------------------------------------------------------------===//
// What the lowerings of graph ops are written with.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOLINALG_LOWERINGBUILDER_H
#define NNC_LIB_CONVERSION_NNTOLINALG_LOWERINGBUILDER_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"
#include "nnc/Conversion/Passes.h"
#include "nnc/Interfaces/ElementTypes.h"

namespace mlir::nnc {

/// Builds linalg at one place. Dimensions are `Dim`s (numbers or index values,
/// never unknown here); all element types are storage types.
class LoweringBuilder {
public:
  LoweringBuilder(OpBuilder &builder, Location loc)
      : builder(builder), loc(loc), dims(builder, loc) {}

  /// Scalars.
  Value index(int64_t number);
  Value index(Dim dim);
  /// A number of an int, index or float type, converted to it.
  Value constant(Type type, double number);
  Value constantInt(Type type, int64_t number);
  /// Lowest and highest values: infinities for floats.
  Value lowest(Type type, bool isUnsigned = false);
  Value highest(Type type, bool isUnsigned = false);

  /// Tensors.
  Value empty(ArrayRef<Dim> shape, Type elementType);
  Value filled(ArrayRef<Dim> shape, Value scalar);

  using Body = function_ref<Value(OpBuilder &, Location, ValueRange)>;
  /// A tensor whose element at `indices` is body(indices): for ops that gather.
  /// All loops are parallel.
  Value byIndex(ArrayRef<Dim> shape, Type elementType, Body body);
  /// linalg.generic with one output: `maps` has one map an input and one for
  /// the output; loops absent from the output's map are reductions. The body
  /// gets the inputs' elements and the output's.
  Value generic(ValueRange inputs, Value output, ArrayRef<AffineMap> maps,
                Body body);
  /// Element of a tensor at index values.
  Value load(Value tensor, ValueRange indices);

  Dim dim(Value tensor, int64_t axis) { return dims.dim(tensor, axis); }
  SmallVector<Dim> shape(Value tensor) { return dims.shape(tensor); }

  /// The same elements under another shape, as a view; element counts equal.
  Value reshape(Value tensor, ArrayRef<Dim> shape);

  OpBuilder &builder;
  Location loc;
  DimBuilder dims;
};

/// Static sizes of `shape`, ShapedType::kDynamic where it is a value.
SmallVector<int64_t> getStaticSizes(ArrayRef<Dim> shape);

/// A lowering: derive, implement `lower`, which appends one value a result, of
/// the converted result types up to static information.
template <typename OpTy>
class NNLoweringPattern : public OpConversionPattern<OpTy> {
public:
  using OpConversionPattern<OpTy>::OpConversionPattern;

  virtual LogicalResult lower(OpTy op, typename OpTy::Adaptor adaptor,
                              LoweringBuilder &b,
                              SmallVectorImpl<Value> &results) const = 0;

  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder b(rewriter, op.getLoc());
    SmallVector<Value> results;
    if (failed(lower(op, adaptor, b, results)))
      return failure();
    for (auto [result, type] : llvm::zip(results, op->getResultTypes())) {
      Type target = this->getTypeConverter()->convertType(type);
      if (result.getType() != target)
        result = tensor::CastOp::create(rewriter, op.getLoc(), target, result);
    }
    rewriter.replaceOp(op, results);
    return success();
  }

protected:
  /// Dimensions of the results by the op's shape function, on converted
  /// operands, with what the result types know besides.
  SmallVector<SmallVector<Dim>> resultShapes(OpTy op,
                                             typename OpTy::Adaptor adaptor,
                                             LoweringBuilder &b) const {
    SmallVector<ResultShape> shapes;
    SmallVector<SmallVector<Dim>> result;
    if (failed(OpTy::inferShapes(adaptor, b.dims, shapes)))
      return result;
    for (auto [shape, type] : llvm::zip(shapes, op->getResultTypes())) {
      auto known = cast<RankedTensorType>(type);
      for (int64_t axis = 0; axis < known.getRank(); ++axis)
        if (!known.isDynamicDim(axis))
          shape.dims[axis] = Dim(known.getDimSize(axis));
      result.push_back(shape.dims);
    }
    return result;
  }
};

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOLINALG_LOWERINGBUILDER_H
