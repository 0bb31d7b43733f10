//===----------------------------------------------------------------------===//
// What storing weights in few bits is predicted to gain.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "WeightGain.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/CostModel/NarrowTiling.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// A product on arguments of a function that is never run.
class TrialProduct {
public:
  TrialProduct(MLIRContext *context, int64_t rows, int64_t depth,
               int64_t columns)
      : builder(context), module(ModuleOp::create(builder.getUnknownLoc())),
        result(RankedTensorType::get({rows, columns}, builder.getF32Type())) {
    builder.setInsertionPointToStart(module->getBody());
    auto function =
        func::FuncOp::create(builder, builder.getUnknownLoc(), "trial",
                             builder.getFunctionType({}, {}));
    builder.setInsertionPointToStart(function.addEntryBlock());
    lhs = add({rows, depth}, builder.getF32Type());
    init = tensor::EmptyOp::create(builder, builder.getUnknownLoc(),
                                   result.getShape(), result.getElementType());
  }

  /// A weight of the product.
  Value add(ArrayRef<int64_t> shape, Type type) {
    Block *block = builder.getInsertionBlock();
    return block->addArgument(RankedTensorType::get(shape, type),
                              builder.getUnknownLoc());
  }

  void fill(Region &epilogue) {
    OpBuilder::InsertionGuard guard(builder);
    Block *body = builder.createBlock(&epilogue, {}, builder.getF32Type(),
                                      builder.getUnknownLoc());
    kern::YieldOp::create(builder, builder.getUnknownLoc(),
                          body->getArgument(0));
  }

  OpBuilder builder;
  OwningOpRef<ModuleOp> module;
  RankedTensorType result;
  Value lhs, init;
};
} // namespace

/// With weights as far away as the run's other weights make them.
static std::optional<double> estimate(const CostModel &model, Operation *op,
                                      Value rows, double distance) {
  auto ofOperand = [&](Value operand) {
    return operand == rows ? 0 : distance;
  };
  Surroundings around;
  around.operandDistance = ofOperand;
  return model.estimate(ArrayRef<Operation *>(op), around).us;
}

static std::optional<double> predictFloat(const CostModel &model, int64_t rows,
                                          int64_t depth, int64_t columns,
                                          double distance) {
  hw::TargetAttr target = model.getTarget();
  TrialProduct trial(target.getContext(), rows, depth, columns);
  OpBuilder &b = trial.builder;
  Value weights = trial.add({depth, columns}, b.getF32Type());
  auto gemm = kern::GemmOp::create(
      b, b.getUnknownLoc(), TypeRange(trial.result), trial.lhs, weights,
      ValueRange(), trial.init, kern::RhsLayout::Rows, 0, b.getArrayAttr({}),
      hw::TilingAttr());
  trial.fill(gemm.getEpilogue());
  gemm.setTilingAttr(
      rankTilings(target, gemm.getExtents(), b.getF32Type(), 4).front().tiling);
  return estimate(model, gemm, trial.lhs, distance);
}

static std::optional<double> predictNarrow(const CostModel &model,
                                           const WeightFormat &format,
                                           int64_t rows, int64_t depth,
                                           int64_t columns, double distance) {
  hw::TargetAttr target = model.getTarget();
  TrialProduct trial(target.getContext(), rows, depth, columns);
  OpBuilder &b = trial.builder;
  int64_t group = format.group ? std::min(format.group, depth) : depth;
  if (!format.hasScales())
    group = depth;
  int64_t groups = llvm::divideCeil(depth, group);
  Type stored = fromElementType(b.getContext(), format.getElementType());
  Value weights = trial.add({groups, group, columns}, stored), scale, point;
  if (format.hasScales())
    scale = trial.add({groups, columns}, b.getF16Type());
  if (format.hasZeroPoints)
    point = trial.add({groups, columns}, b.getI8Type());
  auto gemm = kern::NarrowGemmOp::create(
      b, b.getUnknownLoc(), TypeRange(trial.result), trial.lhs, weights, scale,
      point, ValueRange(), trial.init, stored, group, /*packed=*/false,
      b.getArrayAttr({}), hw::TilingAttr());
  trial.fill(gemm.getEpilogue());
  gemm.setTilingAttr(chooseNarrowTiling(target, gemm).tiling);
  // As it will lie in memory.
  kern::Packing packing = gemm.getWeightsPacking();
  gemm.getWeightsMutable().assign(
      trial.add(packing.type.getShape().take_front(4),
                gemm.getCodesPerElement() > 1 ? b.getI32Type()
                : format.hasScales()          ? Type(b.getI8Type())
                                              : stored));
  gemm.setPacked(true);
  return estimate(model, gemm, trial.lhs, distance);
}

std::optional<WeightGain>
mlir::nnc::predictWeightGain(const CostModel &model, const WeightFormat &format,
                             int64_t rows, int64_t depth, int64_t columns,
                             int64_t weightBytes) {
  double share = format.countBits(depth) / 32;
  std::optional<double> before =
      predictFloat(model, rows, depth, columns, double(weightBytes));
  std::optional<double> after = predictNarrow(
      model, format, rows, depth, columns, double(weightBytes) * share);
  if (!before || !after)
    return std::nullopt;
  return WeightGain{*before, *after};
}
