//===----------------------------------------------------------------------===//
// Turns the kernels' tensors into memrefs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/Transforms/Bufferize.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"

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
  if (failed(bufferization::runOneShotBufferize(kernel, options, state)))
    return failure();
  // Copies become loops like all else: upstream would call a library.
  SmallVector<memref::CopyOp> copies;
  kernel.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    rewriter.setInsertionPoint(copy);
    if (copy.getSource() != copy.getTarget())
      linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                               copy.getTarget());
    rewriter.eraseOp(copy);
  }
  return success();
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
