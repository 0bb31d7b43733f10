//===----------------------------------------------------------------------===//
// Merges normalizations into the products that read them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_MERGENORMSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// The normalization that is all the work of `kernel`, if rows can be made of
/// it: f32 along a last axis of known size.
static nn::NormalizeOp findNorm(nn::KernelOp kernel) {
  SmallVector<Operation *> work = getWork(kernel);
  auto norm = work.size() == 1 ? dyn_cast<nn::NormalizeOp>(work.front())
                               : nn::NormalizeOp();
  if (!norm || kernel->getNumResults() != 1)
    return {};
  auto type = cast<RankedTensorType>(norm.getInput().getType());
  auto isRow = [&](Value parameter) {
    auto own = parameter ? cast<RankedTensorType>(parameter.getType())
                         : RankedTensorType();
    return !own || (own.getRank() == 1 && own.getElementType().isF32() &&
                    own.getDimSize(0) == type.getShape().back());
  };
  bool isAlongRows = norm.getAxes() == ArrayRef<int64_t>{type.getRank() - 1};
  if (!type.getElementType().isF32() || !isAlongRows ||
      ShapedType::isDynamic(type.getShape().back()) ||
      type.getShape().back() < 1 || !isRow(norm.getScale()) ||
      !isRow(norm.getBias()))
    return {};
  return norm;
}

/// The products of `kernel` that have `argument` as their left operand; none if
/// anything else reads it.
static SmallVector<kern::GemmOp> findProducts(BlockArgument argument) {
  SmallVector<kern::GemmOp> products;
  for (OpOperand &use : argument.getUses()) {
    if (isa<tensor::DimOp>(use.getOwner()))
      continue;
    auto gemm = dyn_cast<kern::GemmOp>(use.getOwner());
    if (!gemm || &use != &gemm.getLhsMutable() || gemm.getBatch() ||
        !gemm.getSumType().isF32())
      return {};
    products.push_back(gemm);
  }
  return products;
}

/// Why the products should not normalize their rows themselves, or "".
static std::string findObstacle(nn::NormalizeOp norm,
                                ArrayRef<kern::GemmOp> products,
                                hw::TargetAttr target) {
  int64_t bytes = 0;
  for (kern::GemmOp product : products) {
    if (!cast<ShapedType>(product.getRhs().getType()).hasStaticShape())
      return "sizes are not known";
    bytes += getTensorBytes(product.getRhs());
  }
  // Units are rows alone then, and few of them leave threads without work.
  constexpr int64_t fewestRows = 64;
  auto type = cast<RankedTensorType>(norm.getInput().getType());
  if (type.hasStaticShape() &&
      type.getNumElements() / type.getShape().back() < fewestRows)
    return (Twine(type.getNumElements() / type.getShape().back()) +
            " rows are too few to be shared out")
        .str();
  return explainHeavyWeights(bytes, target);
}

/// What the merged kernel's products read: the op of their own level.
static void lower(nn::NormalizeOp norm) {
  OpBuilder builder(norm);
  Location loc = norm.getLoc();
  auto type = cast<RankedTensorType>(norm.getInput().getType());
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.isDynamicDim(axis))
      sizes.push_back(
          tensor::DimOp::create(builder, loc, norm.getInput(), axis));
  Value empty = tensor::EmptyOp::create(builder, loc, type, sizes);
  auto lowered = kern::NormalizeOp::create(
      builder, loc, TypeRange(empty.getType()), norm.getInput(),
      norm.getScale(), norm.getBias(), empty, norm.getEpsilonAttr(),
      norm.getUncenteredAttr());
  norm.getResult().replaceAllUsesWith(lowered->getResult(0));
  norm.erase();
}

namespace {
struct MergeNorms : nnc::impl::MergeNormsPassBase<MergeNorms> {
  using MergeNormsPassBase::MergeNormsPassBase;

  void runOnOperation() override {
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    SmallVector<nn::KernelOp> norms;
    getOperation().walk([&](nn::KernelOp kernel) {
      if (findNorm(kernel))
        norms.push_back(kernel);
    });
    for (nn::KernelOp kernel : norms)
      merge(kernel, machine);
  }

private:
  /// Puts a normalization into the kernel of the products that read it.
  void merge(nn::KernelOp kernel, hw::TargetAttr machine) {
    auto made = cast<OpResult>(kernel->getResult(0));
    auto reader = made.hasOneUse()
                      ? dyn_cast<nn::KernelOp>(*made.getUsers().begin())
                      : nn::KernelOp();
    if (!reader || reader->getBlock() != kernel->getBlock() ||
        !canMoveTo(made, reader))
      return;
    unsigned number = made.getUses().begin()->getOperandNumber();
    if (number >= reader.getInputs().size())
      return;
    SmallVector<kern::GemmOp> products =
        findProducts(reader.getBody().getArgument(number));
    if (products.empty())
      return;
    auto options =
        remark::RemarkOpts::name("MergeNorms").category("nnc-merge-norms");
    std::string why = findObstacle(findNorm(kernel), products, machine);
    MergeForecast forecast;
    if (why.empty()) {
      forecast = forecastMerge(CostModel(machine), made, reader);
      if (!forecast.pays())
        why = forecast.describe();
    }
    if (!why.empty()) {
      remark::missed(reader.getLoc(), options)
          << kernel.getName().str() + " stays a kernel: " + why;
      return;
    }
    remark::passed(reader.getLoc(), options)
        << (reader.getName() + " normalizes the rows of " + kernel.getName() +
            " as it reads them: " + forecast.describe())
               .str();
    nn::KernelOp merged = mergeKernels(made, reader);
    for (auto norm :
         llvm::make_early_inc_range(merged.getBody().getOps<nn::NormalizeOp>()))
      lower(norm);
    ++numMerged;
  }
};
} // namespace
