//===----------------------------------------------------------------------===//
// Dimensions and scalars of a function as expressions of its inputs'
// dimensions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Analysis/SymbolicShapes.h"

#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/SameDims.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;
using arith::CmpIPredicate;

/// What one check says may make another one say more; this often.
static constexpr unsigned roundLimit = 4;

static bool isInfinite(int64_t end) {
  return end == std::numeric_limits<int64_t>::min() ||
         end == std::numeric_limits<int64_t>::max();
}

SymbolicShapes::SymbolicShapes(func::FuncOp function)
    : function(function), builder(function.getContext()) {
  builder.setInsertionPointToEnd(&scratch);
  collect();
  for (unsigned round = 0; round < roundLimit; ++round)
    if (!deriveRanges())
      break;
}

/// Runs the shape functions of all ops.
void SymbolicShapes::collect() {
  Operation *last = nullptr;
  auto addNew = [&] {
    for (auto it = last ? std::next(Block::iterator(last)) : scratch.begin();
         it != scratch.end(); ++it) {
      llvm::append_range(order, it->getResults());
      last = &*it;
    }
  };
  for (Operation &op : function.getBody().front()) {
    SmallVector<DimBuilder::Check> conditions;
    if (auto check = dyn_cast<nn::AssertOp>(op))
      checks.push_back({check.getCondition(), &op});
    // An op whose operands do not fit is reported by other passes.
    (void)resolver.resolve(builder, &op, &conditions);
    for (Value result : op.getResults())
      if (isa<RankedTensorType>(result.getType()))
        (void)resolver.getShape(builder, result);
    addNew();
    for (DimBuilder::Check &check : conditions)
      checks.push_back({check.first, &op});
    for (Value result : op.getResults())
      if (isa<IndexType, IntegerType>(result.getType()))
        order.push_back(result);
  }
}

/// Computes all expressions from the ranges known so far; true if that narrows
/// the ranges further, so that the expressions are out of date.
bool SymbolicShapes::deriveRanges() {
  exprs = IndexExprs();
  scalars.clear();
  elements.clear();
  opaqueDims.clear();
  inputDimOfAtom.clear();
  for (Value scalar : order)
    (void)getScalar(scalar);
  bool isNarrower = false;
  for (auto [condition, op] : checks) {
    Ranges ranges;
    for (const InputDim &dim : inputDims)
      ranges.push_back(dim.range);
    // What can not hold ends every run.
    if (!assume(condition, ranges))
      continue;
    for (auto [dim, range] : llvm::zip(inputDims, ranges)) {
      if (dim.range == range)
        continue;
      dim.range = range;
      dim.reason = op;
      isNarrower = true;
    }
  }
  return isNarrower;
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

SmallVector<IndexExpr> SymbolicShapes::getShape(Value tensor) {
  SmallVector<IndexExpr> shape;
  for (Dim dim : resolver.getShape(builder, tensor))
    shape.push_back(dim.getConstant() ? IndexExpr(*dim.getConstant())
                                      : getScalar(dim.getValue()));
  return shape;
}

const SymbolicShapes::InputDim *
SymbolicShapes::getInputDim(unsigned atom) const {
  auto found = inputDimOfAtom.find(atom);
  return found == inputDimOfAtom.end() ? nullptr : &inputDims[found->second];
}

IndexExpr SymbolicShapes::getInputDimExpr(BlockArgument tensor, int64_t axis) {
  std::string name;
  auto names = function.getArgAttrOfType<ArrayAttr>(
      tensor.getArgNumber(), nn::NNDialect::dimNamesAttrName);
  if (names && axis < int64_t(names.size()))
    if (auto text = dyn_cast<StringAttr>(names[axis]))
      name = text.getValue().str();
  auto *known = llvm::find_if(inputDims, [&](const InputDim &dim) {
    return name.empty() ? dim.tensor == tensor && dim.axis == axis
                        : dim.name == name;
  });
  unsigned number = known - inputDims.begin();
  if (known == inputDims.end()) {
    InputDim dim{tensor, axis, name, {}};
    dim.range.low = 0;
    inputDims.push_back(dim);
  }
  for (auto [atom, own] : inputDimOfAtom)
    if (own == number)
      return exprs.getAtomExpr(atom);
  IndexExpr expr = exprs.symbol(Value(), inputDims[number].range);
  inputDimOfAtom[*expr.getAtom()] = number;
  return expr;
}

/// Equal elements of one tensor are one symbol.
IndexExpr SymbolicShapes::getElement(tensor::ExtractOp op) {
  std::vector<int64_t> position;
  for (Value index : op.getIndices()) {
    std::optional<int64_t> number = getConstantIndex(index);
    if (!number)
      return exprs.symbol(op, {});
    position.push_back(*number);
  }
  auto [entry, isNew] = elements.try_emplace(
      {op.getTensor().getAsOpaquePointer(), std::move(position)}, IndexExpr());
  if (isNew)
    entry->second = exprs.symbol(op, {});
  return entry->second;
}

std::optional<IndexExpr> SymbolicShapes::computeSelect(arith::SelectOp op) {
  auto compare = op.getCondition().getDefiningOp<arith::CmpIOp>();
  if (!compare || !isa<IndexType, IntegerType>(compare.getLhs().getType()))
    return std::nullopt;
  return exprs.select(compare.getPredicate(), getScalar(compare.getLhs()),
                      getScalar(compare.getRhs()), getScalar(op.getTrueValue()),
                      getScalar(op.getFalseValue()));
}

/// nullopt for an axis that is unknown or not there.
std::optional<IndexExpr> SymbolicShapes::computeDim(tensor::DimOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getSource().getType());
  std::optional<int64_t> axis = op.getConstantIndex();
  if (!type || !axis || *axis < 0 || *axis >= type.getRank())
    return std::nullopt;
  auto argument = dyn_cast<BlockArgument>(op.getSource());
  if (argument && argument.getOwner() == &function.getBody().front() &&
      type.isDynamicDim(*axis))
    return getInputDimExpr(argument, *axis);
  Dim dim = resolver.getShape(builder, op.getSource())[*axis];
  if (dim.getConstant())
    return IndexExpr(*dim.getConstant());
  auto same = dim.getValue().getDefiningOp<tensor::DimOp>();
  if (!same || same.getSource() != op.getSource())
    return getScalar(dim.getValue());
  // Nothing tells more of this tensor.
  auto [entry, isNew] = opaqueDims.try_emplace(
      {op.getSource().getAsOpaquePointer(), *axis}, IndexExpr());
  if (isNew)
    entry->second = exprs.symbol(op, {0, std::numeric_limits<int64_t>::max()});
  return entry->second;
}

/// The result of an op on index or i64 values, nullopt if it is not arithmetic.
std::optional<IndexExpr> SymbolicShapes::computeScalar(Operation *op) {
  auto operand = [&](unsigned number) {
    return getScalar(op->getOperand(number));
  };
  if (isa<arith::IndexCastOp, arith::ExtSIOp>(op))
    return operand(0);
  if (isa<arith::AddIOp>(op))
    return exprs.add(operand(0), operand(1));
  if (isa<arith::SubIOp>(op))
    return exprs.sub(operand(0), operand(1));
  if (isa<arith::MulIOp>(op))
    return exprs.mul(operand(0), operand(1));
  if (isa<arith::MinSIOp>(op))
    return exprs.min(operand(0), operand(1));
  if (isa<arith::MaxSIOp>(op))
    return exprs.max(operand(0), operand(1));
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return computeSelect(select);
  // Of a tensor with elements d is not 0; of others any size is right.
  auto atLeastOne = op->hasAttr(nn::freeIfEmptyAttrName)
                        ? op->getOperand(1).getDefiningOp<arith::MaxSIOp>()
                        : arith::MaxSIOp();
  if (atLeastOne && getConstantIntValue(atLeastOne.getRhs()) == 1)
    if (std::optional<IndexExpr> exact =
            exprs.divideExactly(operand(0), getScalar(atLeastOne.getLhs())))
      return exact;
  if (!isa<arith::FloorDivSIOp, arith::CeilDivSIOp, arith::DivSIOp>(op) ||
      exprs.getRange(operand(1)).low < 1)
    return std::nullopt;
  if (isa<arith::FloorDivSIOp>(op))
    return exprs.floorDiv(operand(0), operand(1));
  if (isa<arith::CeilDivSIOp>(op))
    return exprs.ceilDiv(operand(0), operand(1));
  if (exprs.getRange(operand(0)).low >= 0)
    return exprs.floorDiv(operand(0), operand(1));
  return std::nullopt;
}

/// True for index and i64: arithmetic on narrower integers wraps.
static bool isWide(Type type) { return type.isIndex() || type.isInteger(64); }

IndexExpr SymbolicShapes::getScalar(Value scalar) {
  auto known = scalars.find(scalar);
  if (known != scalars.end())
    return known->second;
  std::optional<IndexExpr> expr;
  Operation *op = scalar.getDefiningOp();
  if (std::optional<int64_t> number = getConstantIndex(scalar)) {
    expr = IndexExpr(*number);
  } else if (auto dim = dyn_cast_or_null<tensor::DimOp>(op)) {
    expr = computeDim(dim);
  } else if (auto extract = dyn_cast_or_null<tensor::ExtractOp>(op)) {
    expr = getElement(extract);
  } else if (op && isWide(scalar.getType()) && op->getNumResults() == 1) {
    expr = computeScalar(op);
  }
  if (!expr)
    expr = exprs.symbol(scalar, {});
  scalars[scalar] = *expr;
  return *expr;
}

//===----------------------------------------------------------------------===//
// What the checks say
//===----------------------------------------------------------------------===//

/// Of two alternatives, each with whether it is possible at all: `ranges`
/// becomes what either allows. False if neither is possible.
template <typename RangesT>
static bool joinAlternatives(bool first, RangesT &ranges, bool second,
                             const RangesT &other) {
  if (!first)
    ranges = other;
  else if (second)
    for (auto [range, added] : llvm::zip(ranges, other))
      range = {std::min(range.low, added.low),
               std::max(range.high, added.high)};
  return first || second;
}

/// Narrows `ranges` to those of the input dimensions under which `condition`
/// may hold; false if there are none.
bool SymbolicShapes::assume(Value condition, Ranges &ranges) {
  Operation *op = condition.getDefiningOp();
  if (isa_and_nonnull<arith::AndIOp>(op))
    return assume(op->getOperand(0), ranges) &&
           assume(op->getOperand(1), ranges);
  if (isa_and_nonnull<arith::OrIOp>(op)) {
    Ranges other = ranges;
    bool first = assume(op->getOperand(0), ranges);
    bool second = assume(op->getOperand(1), other);
    return joinAlternatives(first, ranges, second, other);
  }
  if (auto compare = dyn_cast_or_null<arith::CmpIOp>(op))
    return assumeCompare(compare.getPredicate(), getScalar(compare.getLhs()),
                         getScalar(compare.getRhs()), ranges);
  return true;
}

bool SymbolicShapes::assumeEqual(const IndexExpr &a, const IndexExpr &b,
                                 Ranges &ranges) {
  std::optional<unsigned> number = a.getAtom();
  if (number && exprs.getAtom(*number).kind == IndexAtom::Kind::Min) {
    // min(x, y) == b: one of them is b and the other is not less.
    IndexExpr x = exprs.getAtom(*number).operands[0];
    IndexExpr y = exprs.getAtom(*number).operands[1];
    Ranges other = ranges;
    bool first = assumeEqual(x, b, ranges) &&
                 assumeCompare(CmpIPredicate::sge, y, b, ranges);
    bool second = assumeEqual(y, b, other) &&
                  assumeCompare(CmpIPredicate::sge, x, b, other);
    return joinAlternatives(first, ranges, second, other);
  }
  return assumeNotNegative(exprs.sub(a, b), ranges) &&
         assumeNotNegative(exprs.sub(b, a), ranges);
}

bool SymbolicShapes::assumeCompare(CmpIPredicate predicate, const IndexExpr &a,
                                   const IndexExpr &b, Ranges &ranges) {
  if (std::optional<bool> known = exprs.compare(predicate, a, b))
    return *known;
  switch (predicate) {
  case CmpIPredicate::eq: {
    std::optional<unsigned> number = b.getAtom();
    bool isMin = number && exprs.getAtom(*number).kind == IndexAtom::Kind::Min;
    return isMin ? assumeEqual(b, a, ranges) : assumeEqual(a, b, ranges);
  }
  case CmpIPredicate::sge:
    return assumeNotNegative(exprs.sub(a, b), ranges);
  case CmpIPredicate::sle:
    return assumeNotNegative(exprs.sub(b, a), ranges);
  case CmpIPredicate::sgt:
    return assumeNotNegative(exprs.sub(exprs.sub(a, b), 1), ranges);
  case CmpIPredicate::slt:
    return assumeNotNegative(exprs.sub(exprs.sub(b, a), 1), ranges);
  default:
    return true;
  }
}

bool SymbolicShapes::assumeNotNegative(const IndexExpr &expr, Ranges &ranges) {
  if (exprs.getRange(expr).high < 0)
    return false;
  for (const auto &[monomial, factor] : expr.getTerms()) {
    if (monomial.size() != 1)
      continue;
    auto found = inputDimOfAtom.find(monomial.front());
    if (found == inputDimOfAtom.end() || found->second >= ranges.size())
      continue;
    // factor * dim + rest >= 0, and so factor * dim >= -most.
    IndexExpr term(IndexExpr::Terms{{monomial, factor}});
    int64_t most = exprs.getRange(exprs.sub(expr, term)).high;
    if (isInfinite(most))
      continue;
    Interval &range = ranges[found->second];
    if (factor > 0)
      range.low = std::max(range.low, llvm::divideCeilSigned(-most, factor));
    else
      range.high = std::min(range.high, llvm::divideFloorSigned(most, -factor));
    if (range.isEmpty())
      return false;
  }
  return true;
}
