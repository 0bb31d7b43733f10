//===----------------------------------------------------------------------===//
// Lowering of contractions and windows.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// One linalg.generic: batch axes, rows, columns, depth; an operand's batch
/// axis of size 1 is read at 0.
struct LowerMatMul : NNLoweringPattern<nn::MatMulOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::MatMulOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    auto lhs = cast<RankedTensorType>(adaptor.getLhs().getType());
    auto rhs = cast<RankedTensorType>(adaptor.getRhs().getType());
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    bool isRow = lhs.getRank() == 1, isColumn = rhs.getRank() == 1;
    unsigned batch = shape.size() - !isRow - !isColumn;
    MLIRContext *context = op.getContext();
    AffineExpr depth = getAffineDimExpr(shape.size(), context);
    SmallVector<AffineExpr> lhsExprs, rhsExprs;
    if (!addBatch(lhs, isRow ? 1 : 2, batch, shape, lhsExprs) ||
        !addBatch(rhs, isColumn ? 1 : 2, batch, shape, rhsExprs))
      return op.emitOpError("has batch dimensions that may broadcast at run "
                            "time, which has no lowering");
    if (!isRow)
      lhsExprs.push_back(getAffineDimExpr(batch, context));
    lhsExprs.push_back(depth);
    rhsExprs.push_back(depth);
    if (!isColumn)
      rhsExprs.push_back(getAffineDimExpr(shape.size() - 1, context));
    unsigned loops = shape.size() + 1;
    SmallVector<AffineMap> maps{
        AffineMap::get(loops, 0, lhsExprs, context),
        AffineMap::get(loops, 0, rhsExprs, context),
        AffineMap::getMultiDimIdentityMap(loops, context).dropResult(loops - 1)};
    Type type = lhs.getElementType();
    Value output = b.filled(shape, b.constant(type, 0));
    results.push_back(b.generic(
        {adaptor.getLhs(), adaptor.getRhs()}, output, maps,
        [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          if (isa<FloatType>(type))
            return arith::AddFOp::create(
                inner, loc, args[2],
                arith::MulFOp::create(inner, loc, args[0], args[1]));
          return arith::AddIOp::create(
              inner, loc, args[2],
              arith::MulIOp::create(inner, loc, args[0], args[1]));
        }));
    return success();
  }

private:
  static bool addBatch(RankedTensorType type, unsigned matrix, unsigned batch,
                       ArrayRef<Dim> shape, SmallVectorImpl<AffineExpr> &exprs) {
    unsigned own = type.getRank() - matrix;
    for (unsigned axis = 0; axis < own; ++axis) {
      Dim dim = shape[batch - own + axis];
      bool isOne = type.getDimSize(axis) == 1;
      // A dynamic dimension against a known one above 1 may be 1 at run time.
      if (type.isDynamicDim(axis) && dim.getConstant() && !dim.isConstant(1))
        return false;
      exprs.push_back(isOne && !dim.isConstant(1)
                          ? getAffineConstantExpr(0, type.getContext())
                          : getAffineDimExpr(batch - own + axis,
                                             type.getContext()));
    }
    return true;
  }
};
} // namespace

void mlir::nnc::populateNNLinearToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerMatMul>(converter, patterns.getContext());
}
