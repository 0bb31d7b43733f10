//===----------------------------------------------------------------------===//
// What a schedule needs its arena for, for messages.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/ArenaNeed.h"

#include "ArenaPlan.h"
#include "KernelGraph.h"
#include "nnc/Analysis/NodeNames.h"

using namespace mlir;
using namespace mlir::nnc;

static ArenaNeed describe(func::FuncOp function, const ArenaPeak &peak) {
  ArenaNeed need;
  need.bytes = peak.bytes;
  nn::KernelOp running = peak.kernel;
  if (running)
    need.kernel = running.getName().str();
  for (const AliveSlot &slot : peak.alive) {
    auto kernel = cast<nn::KernelOp>(slot.result.getOwner());
    ArenaNeed::Tensor tensor;
    tensor.kernel = kernel.getName().str();
    for (StringRef node : getNodeNames(kernel.getLoc()))
      tensor.nodes.push_back(node.str());
    tensor.bytes = slot.bytes;
    need.tensors.push_back(std::move(tensor));
  }
  if (std::optional<KernelGraph> graph = KernelGraph::create(function))
    need.lowerBound = graph->getLowerBound();
  return need;
}

std::optional<ArenaNeed> mlir::nnc::findArenaNeed(ModuleOp module) {
  std::optional<ArenaNeed> most;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (!function->hasAttr(nn::NNDialect::entryAttrName))
      continue;
    std::optional<ArenaPeak> peak = findArenaPeak(function);
    if (peak && (!most || peak->bytes > most->bytes))
      most = describe(function, *peak);
  }
  return most;
}
