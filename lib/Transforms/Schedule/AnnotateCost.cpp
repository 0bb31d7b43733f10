//===----------------------------------------------------------------------===//
// Predicts the cost of every kernel by a roofline.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/NN/IR/NNOps.h"
#include "nnc/Interfaces/ElementTypes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ANNOTATECOSTPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Bytes of the tensors among `types`; nullopt if one is dynamic.
static std::optional<int64_t> countBytes(TypeRange types) {
  int64_t bytes = 0;
  for (Type type : types) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      continue;
    if (!tensor.hasStaticShape())
      return std::nullopt;
    bytes += tensor.getNumElements() *
             nncio::elementBytes(*toElementType(tensor.getElementType()));
  }
  return bytes;
}

/// Sum over the body's ops; nullopt if one is unknown.
static std::optional<int64_t> countFlops(nn::KernelOp kernel) {
  int64_t flops = 0;
  for (Operation &op : kernel.getBody().front()) {
    auto cost = dyn_cast<CostOpInterface>(op);
    if (!cost)
      continue;
    std::optional<int64_t> own = cost.getFlops();
    if (!own)
      return std::nullopt;
    flops += *own;
  }
  return flops;
}

static hw::CostAttr predict(nn::KernelOp kernel, hw::TargetAttr target) {
  std::optional<int64_t> flops = countFlops(kernel);
  std::optional<int64_t> in = countBytes(kernel.getInputs().getTypes());
  std::optional<int64_t> out = countBytes(kernel.getResultTypes());
  std::optional<int64_t> bytes;
  if (in && out)
    bytes = *in + *out;
  std::optional<hw::Number> time;
  hw::Bound bound = hw::Bound::unknown;
  double gflops = target.getGflops(), gbps = target.getDramGbps();
  if (flops && bytes && gflops > 0 && gbps > 0) {
    double compute = *flops / gflops * 1e-3, memory = *bytes / gbps * 1e-3;
    double launch = target.getLaunchUs();
    time = std::max(compute, memory) + launch;
    bound = launch > std::max(compute, memory) ? hw::Bound::launch
            : compute > memory                 ? hw::Bound::compute
                                               : hw::Bound::memory;
  }
  return hw::CostAttr::get(kernel.getContext(), flops, bytes, time, bound);
}

namespace {
struct AnnotateCost : nnc::impl::AnnotateCostPassBase<AnnotateCost> {
  using AnnotateCostPassBase::AnnotateCostPassBase;

  void runOnOperation() override {
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    getOperation().walk([&](nn::KernelOp kernel) {
      kernel.setCostAttr(predict(kernel, machine));
    });
  }
};
} // namespace
