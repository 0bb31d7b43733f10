//===----------------------------------------------------------------------===//
// How much arithmetic a function on scalars is.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/ScalarWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::nnc;

/// Exponentials that a function of the math dialect takes as long as, by the
/// operations of its expansion (docs/Math.md); 0 for what one instruction does.
static double countExponentials(StringRef name) {
  return llvm::StringSwitch<double>(name)
      .Cases({"absf", "absi", "ceil", "copysign", "floor", "fma", "isfinite",
              "isinf", "isnan", "isnormal", "round", "roundeven", "trunc"},
             0)
      .Cases({"exp", "exp2"}, 1)
      .Cases({"expm1", "log", "log2", "log10", "log1p"}, 1.9)
      .Cases({"tanh", "erf", "sin", "cos"}, 1.4)
      .Cases({"powf", "fpowi", "ipowi"}, 4)
      .Default(2);
}

/// A division of whole numbers in cycles: vectors have none.
static constexpr double integerDivisionCycles = 12;

/// Greatest and least that keep NaN: two comparisons and a choice; one
/// instruction where one of both is a number that is known.
static double countMaximum(Operation &op) {
  bool hasKnown = llvm::any_of(op.getOperands(), [](Value operand) {
    Operation *source = operand.getDefiningOp();
    return source && source->hasTrait<OpTrait::ConstantLike>();
  });
  return hasKnown ? 1 : 3;
}

/// Divisions by 1 are none, those by powers of two multiplications.
static void addDivision(Operation &op, ScalarWork &work) {
  FloatAttr divisor;
  if (isa<arith::RemFOp>(op) ||
      !matchPattern(op.getOperand(1), m_Constant(&divisor))) {
    ++work.divisions;
    return;
  }
  llvm::APFloat value = divisor.getValue();
  if (value.isExactlyValue(1.0))
    return;
  ++(value.getExactInverse(nullptr) ? work.arithmetic : work.divisions);
}

static bool isArithmetic(Operation &op) {
  return op.getName().getDialectNamespace() ==
         arith::ArithDialect::getDialectNamespace();
}

static void addWork(Operation &op, ScalarWork &work) {
  if (isArithmetic(op)) {
    if (op.hasTrait<OpTrait::ConstantLike>())
      return;
    if (isa<arith::DivFOp, arith::RemFOp>(op))
      addDivision(op, work);
    else if (isa<arith::MaximumFOp, arith::MinimumFOp>(op))
      work.arithmetic += countMaximum(op);
    else if (op.getName().stripDialect().starts_with("div") ||
             op.getName().stripDialect().starts_with("rem"))
      work.serial += integerDivisionCycles;
    else
      ++work.arithmetic;
    return;
  }
  if (op.getName().getDialectNamespace() !=
      math::MathDialect::getDialectNamespace())
    return;
  if (isa<math::SqrtOp, math::RsqrtOp>(op)) {
    ++work.divisions;
    return;
  }
  double exponentials = countExponentials(op.getName().stripDialect());
  work.functions += exponentials;
  if (exponentials == 0)
    ++work.arithmetic;
}

ScalarWork mlir::nnc::countScalarWork(Block &block) {
  ScalarWork work;
  block.walk([&](Operation *op) { addWork(*op, work); });
  return work;
}

ScalarWork mlir::nnc::countScalarWork(ScalarOpInterface op) {
  Block block;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToStart(&block);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    Type type = getStorageType(getElementTypeOrSelf(operand.getType()));
    // Numbers that are known may make the function simpler.
    SplatElementsAttr known;
    if (isa<FloatType>(type) && matchPattern(operand, m_Constant(&known)))
      operands.push_back(arith::ConstantOp::create(
          builder, op.getLoc(), known.getSplatValue<TypedAttr>()));
    else
      operands.push_back(block.addArgument(type, op.getLoc()));
  }
  op.buildScalar(builder, op.getLoc(), operands);
  ScalarWork work = countScalarWork(block);
  block.dropAllReferences();
  block.clear();
  return work;
}
