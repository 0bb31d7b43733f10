//===----------------------------------------------------------------------===//
// One pattern lowers every element-wise op.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

#include "dialects/NN/IR/SameDims.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// An op with ScalarOpInterface becomes one linalg.generic over the broadcast
/// shape, its body the op's scalar function. A constant of one value becomes a
/// scalar of the body. An operand's dimension that may be 1 at run time only is
/// indexed by hand.
struct LowerElementwise : OpInterfaceConversionPattern<ScalarOpInterface> {
  using OpInterfaceConversionPattern::OpInterfaceConversionPattern;

  LogicalResult
  matchAndRewrite(ScalarOpInterface op, ArrayRef<Value> operands,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder b(rewriter, op.getLoc());
    auto type = cast<RankedTensorType>(
        getTypeConverter()->convertType(op->getResult(0).getType()));
    FailureOr<SmallVector<Dim>> known = getShape(op, operands, type, b);
    if (failed(known))
      return rewriter.notifyMatchFailure(op, "operands do not broadcast");
    SmallVector<Dim> shape = std::move(*known);
    Value output = b.empty(shape, type.getElementType());
    Value result = build(op, operands, shape, output, b);
    if (result.getType() != type)
      result = tensor::CastOp::create(rewriter, op.getLoc(), type, result);
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  /// The dimensions of the result: what its type says, else an operand's.
  static FailureOr<SmallVector<Dim>> getShape(ScalarOpInterface op,
                                              ArrayRef<Value> operands,
                                              RankedTensorType type,
                                              LoweringBuilder &b) {
    SmallVector<Dim> shape;
    bool haveSameDims = op->hasAttr(nn::sameDimsAttrName);
    if (haveSameDims)
      shape.resize(type.getRank());
    llvm::SmallPtrSet<Value, 4> seen;
    for (Value operand : operands) {
      // One that occurs twice has the same dimensions twice.
      if (!seen.insert(operand).second)
        continue;
      SmallVector<Dim> dims = b.shape(operand);
      if (haveSameDims) {
        for (auto [dim, own] :
             llvm::zip(llvm::reverse(shape), llvm::reverse(dims)))
          if (dim.isUnknown() && !own.getConstant())
            dim = own;
        continue;
      }
      FailureOr<SmallVector<Dim>> both = b.dims.broadcast(shape, dims);
      if (failed(both))
        return failure();
      shape = std::move(*both);
    }
    for (auto [dim, size] : llvm::zip(shape, type.getShape()))
      if (!ShapedType::isDynamic(size))
        dim = Dim(size);
    // Operands may have become known where the result has not.
    if (haveSameDims)
      setUnknown(shape, operands);
    return shape;
  }

  /// Dimensions that no operand has at run time are the constants of operands,
  /// of which 1 is the weakest.
  static void setUnknown(MutableArrayRef<Dim> shape, ArrayRef<Value> operands) {
    SmallVector<int64_t> sizes(shape.size(), 1);
    for (Value operand : operands)
      for (auto [size, own] :
           llvm::zip(llvm::reverse(sizes),
                     llvm::reverse(
                         cast<RankedTensorType>(operand.getType()).getShape())))
        if (own != 1 && !ShapedType::isDynamic(own))
          size = own;
    for (auto [dim, size] : llvm::zip(shape, sizes))
      if (dim.isUnknown())
        dim = Dim(size);
  }

  static Value build(ScalarOpInterface op, ArrayRef<Value> operands,
                     ArrayRef<Dim> shape, Value output, LoweringBuilder &b) {
    MLIRContext *context = op.getContext();
    unsigned rank = shape.size();
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    // For each operand its number among the inputs, or -1 if read by hand.
    SmallVector<int> inputNumbers;
    for (Value operand : operands) {
      if (auto known = llvm::find(inputs, operand); known != inputs.end()) {
        inputNumbers.push_back(known - inputs.begin());
        continue;
      }
      std::optional<AffineMap> map;
      if (!getSplat(operand))
        map = getMap(operand, shape, op->hasAttr(nn::sameDimsAttrName));
      inputNumbers.push_back(map ? int(inputs.size()) : -1);
      if (!map)
        continue;
      inputs.push_back(operand);
      maps.push_back(*map);
    }
    maps.push_back(AffineMap::getMultiDimIdentityMap(rank, context));
    return b.generic(
        inputs, output, maps,
        [&](OpBuilder &inner, Location loc, ValueRange args) {
          SmallVector<Value> scalars;
          for (auto [operand, number] : llvm::zip(operands, inputNumbers)) {
            if (number >= 0)
              scalars.push_back(args[number]);
            else if (TypedAttr splat = getSplat(operand))
              scalars.push_back(arith::ConstantOp::create(inner, loc, splat));
            else
              scalars.push_back(loadBroadcast(inner, loc, operand, rank));
          }
          return op.buildScalar(inner, loc, scalars);
        });
  }

  /// The one value of a constant's elements, or null.
  static TypedAttr getSplat(Value operand) {
    DenseElementsAttr elements;
    if (!matchPattern(operand, m_Constant(&elements)) || !elements.isSplat())
      return {};
    return cast<TypedAttr>(elements.getSplatValue<Attribute>());
  }

  /// The affine map of an operand of the broadcast, if it is sure which of its
  /// dimensions are 1.
  static std::optional<AffineMap> getMap(Value operand, ArrayRef<Dim> shape,
                                         bool haveSameDims) {
    MLIRContext *context = operand.getContext();
    auto type = cast<RankedTensorType>(operand.getType());
    unsigned lag = shape.size() - type.getRank();
    SmallVector<AffineExpr> exprs;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      if (type.getDimSize(axis) == 1 && !shape[lag + axis].isConstant(1)) {
        exprs.push_back(getAffineConstantExpr(0, context));
        continue;
      }
      if (type.isDynamicDim(axis) && !haveSameDims &&
          !isOwnDim(shape[lag + axis], operand, axis))
        return std::nullopt;
      exprs.push_back(getAffineDimExpr(lag + axis, context));
    }
    return AffineMap::get(shape.size(), 0, exprs, context);
  }

  /// True if `dim` is this very dimension of `operand`.
  static bool isOwnDim(Dim dim, Value operand, int64_t axis) {
    auto op = dim.getValue() ? dim.getValue().getDefiningOp<tensor::DimOp>()
                             : tensor::DimOp();
    return op && op.getSource() == operand && op.getConstantIndex() == axis;
  }

  static Value loadBroadcast(OpBuilder &builder, Location loc, Value operand,
                             unsigned rank) {
    auto type = cast<RankedTensorType>(operand.getType());
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    SmallVector<Value> indices;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      Value at =
          linalg::IndexOp::create(builder, loc, rank - type.getRank() + axis);
      Value size = tensor::DimOp::create(builder, loc, operand, axis);
      Value isOne = arith::CmpIOp::create(builder, loc,
                                          arith::CmpIPredicate::eq, size, one);
      indices.push_back(arith::SelectOp::create(builder, loc, isOne, zero, at));
    }
    return tensor::ExtractOp::create(builder, loc, operand, indices);
  }
};
} // namespace

void mlir::nnc::populateNNElementwiseToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerElementwise>(converter, patterns.getContext());
}
