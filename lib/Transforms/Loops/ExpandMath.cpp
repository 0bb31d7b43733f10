//===----------------------------------------------------------------------===//
// Replaces functions of the math dialect by arithmetic.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "MathFunctions.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static bool isHalf(Type type) { return type.isF16() || type.isBF16(); }

/// `value` with elements of `element`, another float type.
static Value convertFloat(ImplicitLocOpBuilder &ops, Value value,
                          Type element) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == element)
    return value;
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(element);
  if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(ops, type, value);
  return arith::TruncFOp::create(ops, type, value);
}

namespace {
/// Base of the patterns: a function of `numOperands` floats in f32.
template <typename OpTy>
struct ExpandPattern : OpRewritePattern<OpTy> {
  ExpandPattern(MLIRContext *context, hw::FloatInstructions machine)
      : OpRewritePattern<OpTy>(context), machine(machine) {}

  /// The result of the function on f32; a null value if the op shall stay.
  virtual Value expand(MathBuilder &b, ValueRange operands) const = 0;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Type element = getElementTypeOrSelf(op.getType());
    if (!element.isF32() && !isHalf(element))
      return rewriter.notifyMatchFailure(op, "expects f32, f16 or bf16");
    MathBuilder b = {ImplicitLocOpBuilder(op.getLoc(), rewriter), machine.fma,
                     machine.rounding, machine.scaling};
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(convertFloat(b.ops, operand, b.ops.getF32Type()));
    rewriter.replaceOp(op, convertFloat(b.ops, expand(b, operands), element));
    return success();
  }

protected:
  hw::FloatInstructions machine;
};

template <typename OpTy, MathTerm (*function)(MathTerm)>
struct ExpandUnary : ExpandPattern<OpTy> {
  using ExpandPattern<OpTy>::ExpandPattern;

  Value expand(MathBuilder &b, ValueRange operands) const override {
    return function(MathTerm{b, operands[0]}).value;
  }
};

struct ExpandPower : ExpandPattern<math::PowFOp> {
  using ExpandPattern::ExpandPattern;

  Value expand(MathBuilder &b, ValueRange operands) const override {
    MathTerm base = {b, operands[0]}, exponent = {b, operands[1]};
    FloatAttr constant;
    DenseElementsAttr splat;
    if (matchPattern(exponent.value, m_Constant(&splat)) && splat.isSplat())
      constant = splat.getSplatValue<FloatAttr>();
    if (constant || matchPattern(exponent.value, m_Constant(&constant)))
      if (Value simple = expandConstantPow(base, constant.getValueAsDouble()))
        return simple;
    return expandPow(base, exponent).value;
  }
};

/// Rounding, which keeps its type.
template <typename OpTy, MathTerm (*function)(MathTerm)>
struct ExpandRounding : OpRewritePattern<OpTy> {
  ExpandRounding(MLIRContext *context, hw::FloatInstructions machine)
      : OpRewritePattern<OpTy>(context), machine(machine) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Type element = getElementTypeOrSelf(op.getType());
    if (machine.rounding || !(element.isF32() || element.isF64()))
      return rewriter.notifyMatchFailure(op, "an instruction does it");
    MathBuilder b = {ImplicitLocOpBuilder(op.getLoc(), rewriter), machine.fma,
                     machine.rounding, machine.scaling};
    rewriter.replaceOp(op, function(MathTerm{b, op.getOperand()}).value);
    return success();
  }

private:
  hw::FloatInstructions machine;
};

struct ExpandMath : nnc::impl::ExpandMathPassBase<ExpandMath> {
  using ExpandMathPassBase::ExpandMathPassBase;

  void runOnOperation() override;
};
} // namespace

static void populateFunctions(RewritePatternSet &patterns,
                              hw::FloatInstructions machine) {
  patterns.add<ExpandPower, ExpandUnary<math::AcosOp, expandAcos>,
               ExpandUnary<math::AcoshOp, expandAcosh>,
               ExpandUnary<math::AsinOp, expandAsin>,
               ExpandUnary<math::AsinhOp, expandAsinh>,
               ExpandUnary<math::AtanOp, expandAtan>,
               ExpandUnary<math::AtanhOp, expandAtanh>,
               ExpandUnary<math::CbrtOp, expandCbrt>,
               ExpandUnary<math::CosOp, expandCos>,
               ExpandUnary<math::CoshOp, expandCosh>,
               ExpandUnary<math::ErfOp, expandErf>,
               ExpandUnary<math::Exp2Op, expandExp2>,
               ExpandUnary<math::ExpOp, expandExp>,
               ExpandUnary<math::ExpM1Op, expandExpM1>,
               ExpandUnary<math::LogOp, expandLog>,
               ExpandUnary<math::Log10Op, expandLog10>,
               ExpandUnary<math::Log1pOp, expandLog1p>,
               ExpandUnary<math::Log2Op, expandLog2>,
               ExpandUnary<math::RsqrtOp, expandRsqrt>,
               ExpandUnary<math::SinOp, expandSin>,
               ExpandUnary<math::SinhOp, expandSinh>,
               ExpandUnary<math::TanOp, expandTan>,
               ExpandUnary<math::TanhOp, expandTanh>>(patterns.getContext(),
                                                      machine);
}

static void populateRounding(RewritePatternSet &patterns,
                             hw::FloatInstructions machine) {
  patterns.add<ExpandRounding<math::CeilOp, expandCeil>,
               ExpandRounding<math::FloorOp, expandFloor>,
               ExpandRounding<math::RoundEvenOp, expandRoundEven>,
               ExpandRounding<math::TruncOp, expandTrunc>>(
      patterns.getContext(), machine);
}

void ExpandMath::runOnOperation() {
  if (!hw::findTarget(getOperation(), target))
    return signalPassFailure();
  hw::FloatInstructions machine = *hw::getFloatInstructions(target);
  RewritePatternSet patterns(&getContext());
  populateFunctions(patterns, machine);
  populateRounding(patterns, machine);
  walkAndApplyPatterns(getOperation(), std::move(patterns));
}
