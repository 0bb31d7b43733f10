//===----------------------------------------------------------------------===//
// Reduces shape arithmetic to what the inputs' dimensions need.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "GraphUtils.h"
#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Analysis/IndexMaterializer.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_SIMPLIFYSHAPESPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
class ShapeSimplifier {
public:
  ShapeSimplifier(func::FuncOp function, bool reshapeTransposes)
      : block(function.getBody().front()), shapes(function),
        values(block, shapes), reshapeTransposes(reshapeTransposes) {}

  void run();

private:
  void simplifyScalar(Operation *op);
  void narrowResults(Operation *op);
  bool removeIdentity(Operation *op);
  bool keepsOrder(nn::TransposeOp op);
  void simplifyReshape(Operation *op);
  Value createReshape(Operation *place, Value root, ArrayRef<IndexExpr> to);
  void replace(Value from, Value to);

  Block &block;
  SymbolicShapes shapes;
  IndexMaterializer values;
  bool reshapeTransposes;
};
} // namespace

//===----------------------------------------------------------------------===//
// ShapeSimplifier
//===----------------------------------------------------------------------===//

void ShapeSimplifier::replace(Value from, Value to) {
  if (from.getType() != to.getType()) {
    OpBuilder builder(from.getDefiningOp());
    to = tensor::CastOp::create(builder, from.getLoc(), from.getType(), to);
  }
  from.replaceAllUsesWith(to);
}

/// A number that leaves the arithmetic becomes one of the few that are needed.
void ShapeSimplifier::simplifyScalar(Operation *op) {
  if (!isa<tensor::DimOp>(op) && !isa<arith::ArithDialect>(op->getDialect()))
    return;
  if (op->getNumResults() != 1 || isa<arith::ConstantOp>(op))
    return;
  Value scalar = op->getResult(0);
  if (!scalar.getType().isIndex() && !scalar.getType().isInteger(64))
    return;
  for (OpOperand &use : llvm::make_early_inc_range(scalar.getUses())) {
    if (isa<arith::ArithDialect>(use.getOwner()->getDialect()) &&
        !isa<arith::CmpIOp>(use.getOwner()))
      continue;
    IndexExpr expr = shapes.getScalar(scalar);
    if (Value value = values.getScalar(expr, scalar.getType()))
      use.set(value);
  }
}

void ShapeSimplifier::narrowResults(Operation *op) {
  for (OpResult result : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || type.hasStaticShape())
      continue;
    SmallVector<int64_t> sizes(type.getShape());
    for (auto [size, expr] : llvm::zip(sizes, shapes.getShape(result)))
      if (std::optional<int64_t> number = expr.getConstant();
          number && *number >= 0 && ShapedType::isDynamic(size))
        size = *number;
    auto narrowed = RankedTensorType::get(sizes, type.getElementType());
    if (narrowed != type)
      narrowType(result, narrowed);
  }
}

/// Ops that give a part of their operand or repeat it give all of it once where
/// the shapes are equal.
bool ShapeSimplifier::removeIdentity(Operation *op) {
  auto slice = dyn_cast<nn::SliceOp>(op);
  bool isForward = slice && llvm::all_of(slice.getSteps(), [](int64_t step) {
                     return step == 1;
                   });
  if (!isForward && !isa<nn::BroadcastOp, nn::TileOp>(op))
    return false;
  Value from = op->getOperand(0), to = op->getResult(0);
  if (!shapes.areSameShapes(from, to))
    return false;
  replace(to, from);
  return true;
}

/// `root` under the shape `to`, said by constants where possible; null if that
/// takes more than the dimensions of the inputs.
Value ShapeSimplifier::createReshape(Operation *place, Value root,
                                     ArrayRef<IndexExpr> to) {
  SmallVector<IndexExpr> from = shapes.getShape(root);
  auto lowest = [&](const IndexExpr &dim) {
    return shapes.getExprs().getRange(dim).low;
  };
  // -1 for one that no other tells, where none of the others may be 0.
  SmallVector<size_t> open;
  bool mayBeEmpty = false, hasZero = false;
  for (auto [axis, dim] : llvm::enumerate(to)) {
    hasZero |= dim.getConstant() == 0;
    if (!dim.getConstant() && (axis >= from.size() || from[axis] != dim))
      open.push_back(axis);
  }
  for (auto [axis, dim] : llvm::enumerate(to))
    mayBeEmpty |= (open.empty() || axis != open.front()) && lowest(dim) < 1;
  bool isInferred = open.size() == 1 && !mayBeEmpty;
  bool isCopying = !hasZero && (open.empty() || isInferred);
  OpBuilder builder(place);
  Location loc = place->getLoc();
  SmallVector<Value> sizes;
  SmallVector<int64_t> numbers;
  for (auto [axis, dim] : llvm::enumerate(to)) {
    numbers.push_back(
        dim.getConstant().value_or(llvm::is_contained(open, axis) ? -1 : 0));
    if (!isCopying)
      sizes.push_back(values.getScalar(dim, builder.getI64Type()));
  }
  if (llvm::is_contained(sizes, Value()))
    return {};
  auto type = RankedTensorType::get({int64_t(to.size())}, builder.getI64Type());
  Value shape =
      isCopying
          ? nn::createIndexConstant(builder, loc, numbers)
          : Value(tensor::FromElementsOp::create(builder, loc, type, sizes));
  return nn::ReshapeOp::create(builder, loc, place->getResult(0).getType(),
                               root, shape, !isCopying);
}

/// True if all axes that are not 1 stay in their order.
bool ShapeSimplifier::keepsOrder(nn::TransposeOp op) {
  SmallVector<IndexExpr> from = shapes.getShape(op.getInput());
  int64_t last = -1;
  for (int64_t axis : op.getPermutation()) {
    if (from[axis].getConstant() == 1)
      continue;
    if (axis < last)
      return false;
    last = axis;
  }
  return true;
}

void ShapeSimplifier::simplifyReshape(Operation *op) {
  Value root = op->getOperand(0), result = op->getResult(0);
  while (auto before = root.getDefiningOp<nn::ReshapeOp>())
    root = before.getInput();
  SmallVector<IndexExpr> to = shapes.getShape(result);
  if (shapes.getShape(root) == to)
    return replace(result, root);
  if (Value reshaped = createReshape(op, root, to))
    result.replaceAllUsesWith(reshaped);
}

void ShapeSimplifier::run() {
  SmallVector<Operation *> work;
  for (Operation &op : block)
    work.push_back(&op);
  values.requireRanges();
  for (Operation *op : work) {
    simplifyScalar(op);
    narrowResults(op);
    if (removeIdentity(op))
      continue;
    auto transpose = dyn_cast<nn::TransposeOp>(op);
    if (isa<nn::ReshapeOp>(op) ||
        (reshapeTransposes && transpose && keepsOrder(transpose)))
      simplifyReshape(op);
  }
}

namespace {
struct SimplifyShapes : nnc::impl::SimplifyShapesPassBase<SimplifyShapes> {
  using Base::Base;

  void runOnOperation() override {
    if (getOperation().getBody().hasOneBlock())
      ShapeSimplifier(getOperation(), reshapeTransposes).run();
  }
};
} // namespace
