//===----------------------------------------------------------------------===//
// How much arithmetic a function on scalars is.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/ScalarWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
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
      .Cases({"expm1", "log", "log2", "log10", "log1p"}, 1.3)
      .Cases({"tanh", "erf", "sin", "cos"}, 1.6)
      .Cases({"powf", "fpowi", "ipowi"}, 4)
      .Default(2);
}

/// A division of whole numbers in cycles: vectors have none.
static constexpr double integerDivisionCycles = 12;

/// Greatest and least that keep NaN: two comparisons and a choice.
static constexpr double instructionsOfMaximum = 3;

static bool isArithmetic(Operation &op) {
  return op.getName().getDialectNamespace() ==
         arith::ArithDialect::getDialectNamespace();
}

static void addWork(Operation &op, ScalarWork &work) {
  if (isArithmetic(op)) {
    if (op.hasTrait<OpTrait::ConstantLike>())
      return;
    if (isa<arith::DivFOp, arith::RemFOp>(op))
      ++work.divisions;
    else if (isa<arith::MaximumFOp, arith::MinimumFOp>(op))
      work.arithmetic += instructionsOfMaximum;
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
  for (Value operand : op->getOperands())
    block.addArgument(getStorageType(getElementTypeOrSelf(operand.getType())),
                      op.getLoc());
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToStart(&block);
  op.buildScalar(builder, op.getLoc(), block.getArguments());
  ScalarWork work = countScalarWork(block);
  block.dropAllReferences();
  block.clear();
  return work;
}
