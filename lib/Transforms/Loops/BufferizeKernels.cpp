//===----------------------------------------------------------------------===//
// Turns the kernels' tensors into memrefs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/Transforms/Bufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_BUFFERIZEKERNELSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static LogicalResult bufferizeKernel(func::FuncOp kernel) {
  bufferization::OneShotBufferizationOptions options;
  options.setFunctionBoundaryTypeConversion(
      bufferization::LayoutMapOption::IdentityLayoutMap);
  options.bufferAlignment = 64;
  IRRewriter rewriter(kernel.getContext());
  // Results are computed where they end up, not copied there.
  bufferization::OneShotAnalysisState analysis(kernel, options);
  if (failed(bufferization::analyzeOp(kernel, analysis)) ||
      failed(bufferization::eliminateEmptyTensors(rewriter, kernel, analysis)))
    return failure();
  bufferization::BufferizationState state;
  return bufferization::runOneShotBufferize(kernel, options, state);
}

namespace {
struct BufferizeKernels
    : nnc::impl::BufferizeKernelsPassBase<BufferizeKernels> {
  void runOnOperation() override {
    // One after the other: constants become globals of the module.
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr(kernelAttrName) &&
          failed(bufferizeKernel(function)))
        return signalPassFailure();
  }
};
} // namespace
