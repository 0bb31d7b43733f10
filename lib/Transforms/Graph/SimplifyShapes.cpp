//===----------------------------------------------------------------------===//
// Reduces shape arithmetic to what the inputs' dimensions need.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "GraphUtils.h"
#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Analysis/SymbolicShapes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_SIMPLIFYSHAPESPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Writes expressions as index arithmetic at the begin of a function, each
/// once.
class Materializer {
public:
  Materializer(Block &block, SymbolicShapes &shapes)
      : shapes(shapes), builder(block.getParentOp()->getContext()),
        loc(block.getParentOp()->getLoc()) {
    builder.setInsertionPointToStart(&block);
  }

  /// The number as an index; null if it depends on more than the dimensions of
  /// the inputs.
  Value getIndex(const IndexExpr &expr);
  /// The same as an integer or index of `type`.
  Value getScalar(const IndexExpr &expr, Type type);
  Value getInputDim(const SymbolicShapes::InputDim &dim);
  /// Ends the run with `message` where `expr predicate number` is false.
  void require(Value index, arith::CmpIPredicate predicate, int64_t number,
               const Twine &message);

private:
  bool isFromInputs(const IndexExpr &expr);
  Value create(const IndexExpr &expr);
  Value createMonomial(const IndexExpr::Monomial &monomial, int64_t factor);
  Value createAtom(unsigned atom);
  Value createConstant(int64_t number) { return getIndex(IndexExpr(number)); }
  template <typename OpTy>
  Value combine(Value a, Value b) {
    return a ? builder.createOrFold<OpTy>(loc, a, b) : b;
  }

  SymbolicShapes &shapes;
  OpBuilder builder;
  Location loc;
  std::map<IndexExpr, Value> indices;
  DenseMap<std::pair<Value, Type>, Value> casts;
};

class ShapeSimplifier {
public:
  ShapeSimplifier(func::FuncOp function, bool reshapeTransposes)
      : block(function.getBody().front()), shapes(function),
        values(block, shapes), reshapeTransposes(reshapeTransposes) {}

  void run();

private:
  void requireRanges();
  void simplifyScalar(Operation *op);
  void narrowResults(Operation *op);
  bool removeIdentity(Operation *op);
  bool keepsOrder(nn::TransposeOp op);
  void simplifyReshape(Operation *op);
  Value createReshape(Operation *place, Value root, ArrayRef<IndexExpr> to);
  void replace(Value from, Value to);

  Block &block;
  SymbolicShapes shapes;
  Materializer values;
  bool reshapeTransposes;
};
} // namespace

//===----------------------------------------------------------------------===//
// Materializer
//===----------------------------------------------------------------------===//

bool Materializer::isFromInputs(const IndexExpr &expr) {
  for (const auto &[monomial, factor] : expr.getTerms())
    for (unsigned number : monomial) {
      const IndexAtom &atom = shapes.getExprs().getAtom(number);
      bool isSymbol = atom.kind == IndexAtom::Kind::Symbol;
      if (isSymbol ? !shapes.getInputDim(number)
                   : !llvm::all_of(atom.operands, [&](const IndexExpr &part) {
                       return isFromInputs(part);
                     }))
        return false;
    }
  return true;
}

Value Materializer::getIndex(const IndexExpr &expr) {
  auto known = indices.find(expr);
  if (known != indices.end())
    return known->second;
  if (!isFromInputs(expr))
    return {};
  Value value = create(expr);
  indices[expr] = value;
  return value;
}

Value Materializer::getScalar(const IndexExpr &expr, Type type) {
  Value index = getIndex(expr);
  if (!index || type.isIndex())
    return index;
  Value &cast = casts[{index, type}];
  if (!cast)
    cast = builder.createOrFold<arith::IndexCastOp>(loc, type, index);
  return cast;
}

Value Materializer::getInputDim(const SymbolicShapes::InputDim &dim) {
  Value axis = createConstant(dim.axis);
  return builder.createOrFold<tensor::DimOp>(loc, dim.tensor, axis);
}

void Materializer::require(Value index, arith::CmpIPredicate predicate,
                           int64_t number, const Twine &message) {
  Value condition = arith::CmpIOp::create(builder, loc, predicate, index,
                                          createConstant(number));
  nn::AssertOp::create(builder, loc, condition, message.str());
}

Value Materializer::create(const IndexExpr &expr) {
  if (std::optional<int64_t> number = expr.getConstant())
    return arith::ConstantIndexOp::create(builder, loc, *number);
  if (std::optional<unsigned> atom = expr.getAtom())
    return createAtom(*atom);
  Value sum;
  int64_t constant = 0;
  for (const auto &[monomial, factor] : expr.getTerms())
    if (monomial.empty())
      constant = factor;
    else if (factor > 0)
      sum = combine<arith::AddIOp>(sum, createMonomial(monomial, factor));
  if (constant > 0 || !sum)
    sum = combine<arith::AddIOp>(sum, createConstant(constant));
  for (const auto &[monomial, factor] : expr.getTerms())
    if (!monomial.empty() && factor < 0)
      sum = builder.createOrFold<arith::SubIOp>(
          loc, sum, createMonomial(monomial, -factor));
  if (constant < 0)
    sum = builder.createOrFold<arith::SubIOp>(loc, sum,
                                              createConstant(-constant));
  return sum;
}

Value Materializer::createMonomial(const IndexExpr::Monomial &monomial,
                                   int64_t factor) {
  Value product;
  for (unsigned atom : monomial)
    product = combine<arith::MulIOp>(
        product, getIndex(shapes.getExprs().getAtomExpr(atom)));
  if (factor != 1)
    product = combine<arith::MulIOp>(product, createConstant(factor));
  return product;
}

Value Materializer::createAtom(unsigned number) {
  if (const SymbolicShapes::InputDim *dim = shapes.getInputDim(number))
    return getInputDim(*dim);
  // A copy: atoms may be added below.
  IndexAtom atom = shapes.getExprs().getAtom(number);
  SmallVector<Value> operands;
  for (const IndexExpr &operand : atom.operands)
    operands.push_back(getIndex(operand));
  switch (atom.kind) {
  case IndexAtom::Kind::Min:
    return combine<arith::MinSIOp>(operands[0], operands[1]);
  case IndexAtom::Kind::Max:
    return combine<arith::MaxSIOp>(operands[0], operands[1]);
  case IndexAtom::Kind::FloorDiv:
    return combine<arith::FloorDivSIOp>(operands[0], operands[1]);
  case IndexAtom::Kind::CeilDiv:
    return combine<arith::CeilDivSIOp>(operands[0], operands[1]);
  case IndexAtom::Kind::Symbol:
  case IndexAtom::Kind::Select:
    break;
  }
  Value condition = arith::CmpIOp::create(builder, loc, atom.predicate,
                                          operands[0], operands[1]);
  return builder.createOrFold<arith::SelectOp>(loc, condition, operands[2],
                                               operands[3]);
}

//===----------------------------------------------------------------------===//
// ShapeSimplifier
//===----------------------------------------------------------------------===//

/// Checks of the run narrow what they look at themselves, so the inputs are
/// checked instead.
void ShapeSimplifier::requireRanges() {
  for (const SymbolicShapes::InputDim &dim : shapes.getInputDims()) {
    if (isa_and_nonnull<nn::AssertOp>(dim.reason))
      continue;
    std::string what = dim.name.empty()
                           ? ("dimension " + Twine(dim.axis) + " of argument " +
                              Twine(dim.tensor.getArgNumber()))
                                 .str()
                           : "dimension '" + dim.name + "'";
    if (dim.range.low > 0)
      values.require(values.getInputDim(dim), arith::CmpIPredicate::sge,
                     dim.range.low,
                     what + " must be " + Twine(dim.range.low) + " or more");
    if (dim.range.high < std::numeric_limits<int64_t>::max())
      values.require(values.getInputDim(dim), arith::CmpIPredicate::sle,
                     dim.range.high,
                     what + " must be " + Twine(dim.range.high) + " or less");
  }
}

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
  requireRanges();
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
