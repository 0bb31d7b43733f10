//===----------------------------------------------------------------------===//
// Merges depthwise convolutions into the products that read them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_MERGEROWSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// The only op of type `OpTy` in the kernel's body; null if there is none or
/// several.
template <typename OpTy>
static OpTy findOnly(nn::KernelOp kernel) {
  auto ops = kernel.getBody().front().getOps<OpTy>();
  if (ops.empty() || std::next(ops.begin()) != ops.end())
    return {};
  return *ops.begin();
}

namespace {
/// A product and the kernel result that is its left operand.
struct Candidate {
  kern::GemmOp gemm;
  OpResult rows;
};
} // namespace

/// The product of `kernel` if its left operand, read by nothing else, is what
/// another kernel has from a depthwise convolution.
static Candidate findCandidate(nn::KernelOp kernel) {
  kern::GemmOp gemm = findOnly<kern::GemmOp>(kernel);
  if (!gemm || gemm.getBatch() || kernel->getNumResults() != 1)
    return {};
  auto argument = dyn_cast<BlockArgument>(gemm.getLhs());
  if (!argument || argument.getOwner() != &kernel.getBody().front() ||
      llvm::any_of(argument.getUses(), [&](OpOperand &use) {
        return &use != &gemm.getLhsMutable() &&
               !isa<tensor::DimOp>(use.getOwner());
      }))
    return {};
  auto rows = dyn_cast<OpResult>(kernel.getInputs()[argument.getArgNumber()]);
  auto producer =
      rows ? dyn_cast<nn::KernelOp>(rows.getOwner()) : nn::KernelOp();
  if (!producer || producer->getBlock() != kernel->getBlock() ||
      producer->getNumResults() != 1 ||
      !findOnly<kern::DepthwiseOp>(producer) || !canMoveTo(rows, kernel) ||
      // Those have units of their own.
      kern::multipliesBytes(findOnly<kern::DepthwiseOp>(producer)))
    return {};
  return {gemm, rows};
}

/// Why each unit of `candidate` should not make its rows itself, or "".
static std::string findObstacle(Candidate candidate, hw::TargetAttr target) {
  auto rows = cast<RankedTensorType>(candidate.rows.getType());
  auto weights = cast<RankedTensorType>(candidate.gemm.getRhs().getType());
  if (rows.isDynamicDim(rows.getRank() - 1) || !weights.hasStaticShape())
    return "channels are not known";
  return explainHeavyWeights(getTensorBytes(candidate.gemm.getRhs()), target);
}

namespace {
struct MergeRows : nnc::impl::MergeRowsPassBase<MergeRows> {
  using MergeRowsPassBase::MergeRowsPassBase;

  void runOnOperation() override {
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    SmallVector<nn::KernelOp> kernels;
    getOperation().walk(
        [&](nn::KernelOp kernel) { kernels.push_back(kernel); });
    CostModel model(machine);
    for (nn::KernelOp kernel : kernels) {
      Candidate candidate = findCandidate(kernel);
      if (!candidate.gemm)
        continue;
      auto options =
          remark::RemarkOpts::name("MergeRows").category("nnc-merge-rows");
      auto producer = cast<nn::KernelOp>(candidate.rows.getOwner());
      std::string why = findObstacle(candidate, machine);
      MergeForecast forecast;
      if (why.empty()) {
        forecast = forecastMerge(model, candidate.rows, kernel);
        if (!forecast.pays())
          why = forecast.describe();
      }
      if (!why.empty()) {
        remark::missed(kernel.getLoc(), options)
            << producer.getName().str() + " stays a kernel: " + why;
        continue;
      }
      std::string saved =
          cast<RankedTensorType>(candidate.rows.getType()).hasStaticShape()
              ? std::to_string(getTensorBytes(candidate.rows)) + " bytes"
              : "rows";
      remark::passed(kernel.getLoc(), options)
          << llvm::formatv("units compute their rows of {0} themselves: {1} "
                           "are not written and read, {2}",
                           producer.getName(), saved, forecast.describe())
                 .str();
      mergeKernels(candidate.rows, kernel);
      ++numMerged;
    }
  }
};
} // namespace
