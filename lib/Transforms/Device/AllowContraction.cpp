//===----------------------------------------------------------------------===//
// Lets sums of products be rounded once.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "nnc/Transforms/Passes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ALLOWCONTRACTIONPASS
#include "nnc/Transforms/DevicePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct AllowContraction
    : nnc::impl::AllowContractionPassBase<AllowContraction> {
  void runOnOperation() override {
    if (!getOperation()->hasAttr(kernelAttrName))
      return;
    getOperation().walk([](arith::ArithFastMathInterface op) {
      if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op))
        return;
      arith::FastMathFlags flags = op.getFastMathFlagsAttr().getValue();
      op->setAttr(
          op.getFastMathAttrName(),
          arith::FastMathFlagsAttr::get(
              op->getContext(), flags | arith::FastMathFlags::contract));
    });
  }
};
} // namespace
