//===----------------------------------------------------------------------===//
// Expressions of dimensions as index arithmetic.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Analysis/IndexMaterializer.h"

#include "dialects/NN/IR/NNOps.h"

using namespace mlir;
using namespace mlir::nnc;

IndexMaterializer::IndexMaterializer(Block &block, SymbolicShapes &shapes)
    : shapes(shapes), builder(block.getParentOp()->getContext()),
      loc(block.getParentOp()->getLoc()) {
  builder.setInsertionPointToStart(&block);
}

template <typename OpTy>
Value IndexMaterializer::combine(Value a, Value b) {
  return a ? builder.createOrFold<OpTy>(loc, a, b) : b;
}

bool IndexMaterializer::isFromInputs(const IndexExpr &expr) {
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

Value IndexMaterializer::getIndex(const IndexExpr &expr) {
  auto known = indices.find(expr);
  if (known != indices.end())
    return known->second;
  if (!isFromInputs(expr))
    return {};
  Value value = create(expr);
  indices[expr] = value;
  return value;
}

Value IndexMaterializer::getScalar(const IndexExpr &expr, Type type) {
  Value index = getIndex(expr);
  if (!index || type.isIndex())
    return index;
  Value &cast = casts[{index, type}];
  if (!cast)
    cast = builder.createOrFold<arith::IndexCastOp>(loc, type, index);
  return cast;
}

Value IndexMaterializer::getInputDim(const SymbolicShapes::InputDim &dim) {
  Value axis = createConstant(dim.axis);
  return builder.createOrFold<tensor::DimOp>(loc, dim.tensor, axis);
}

Value IndexMaterializer::create(const IndexExpr &expr) {
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

Value IndexMaterializer::createMonomial(const IndexExpr::Monomial &monomial,
                                        int64_t factor) {
  Value product;
  for (unsigned atom : monomial)
    product = combine<arith::MulIOp>(
        product, getIndex(shapes.getExprs().getAtomExpr(atom)));
  if (factor != 1)
    product = combine<arith::MulIOp>(product, createConstant(factor));
  return product;
}

Value IndexMaterializer::createAtom(unsigned number) {
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

void IndexMaterializer::require(Value index, arith::CmpIPredicate predicate,
                                int64_t number, const Twine &message) {
  Value condition = arith::CmpIOp::create(builder, loc, predicate, index,
                                          createConstant(number));
  nn::AssertOp::create(builder, loc, condition, message.str());
}

void IndexMaterializer::requireRanges() {
  for (const SymbolicShapes::InputDim &dim : shapes.getInputDims()) {
    if (isa_and_nonnull<nn::AssertOp>(dim.reason))
      continue;
    std::string what = dim.name.empty()
                           ? ("dimension " + Twine(dim.axis) + " of argument " +
                              Twine(dim.tensor.getArgNumber()))
                                 .str()
                           : "dimension '" + dim.name + "'";
    if (dim.range.low > 0)
      require(getInputDim(dim), arith::CmpIPredicate::sge, dim.range.low,
              what + " must be " + Twine(dim.range.low) + " or more");
    if (dim.range.high < std::numeric_limits<int64_t>::max())
      require(getInputDim(dim), arith::CmpIPredicate::sle, dim.range.high,
              what + " must be " + Twine(dim.range.high) + " or less");
  }
}
