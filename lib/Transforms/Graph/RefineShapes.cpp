//===----------------------------------------------------------------------===//
// Narrows result types to what the operands' types now say.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "GraphUtils.h"
#include "dialects/NN/IR/NNOps.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_REFINESHAPESPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// `type` with the sizes that `shape` knows; fails if they contradict it.
static FailureOr<RankedTensorType> refine(RankedTensorType type,
                                          const ResultShape &shape) {
  SmallVector<int64_t> sizes(type.getShape());
  for (auto [size, dim] : llvm::zip(sizes, shape.dims)) {
    std::optional<int64_t> number = dim.getConstant();
    if (!number || *number < 0)
      continue;
    if (!ShapedType::isDynamic(size) && size != *number)
      return failure();
    size = *number;
  }
  return RankedTensorType::get(sizes, type.getElementType());
}

static LogicalResult refineOp(Operation *op) {
  auto shaped = dyn_cast<ShapeOpInterface>(op);
  if (!shaped)
    return success();
  std::string message;
  DimBuilder dims([&](const Twine &text) { message = text.str(); });
  SmallVector<ResultShape> shapes;
  if (failed(shaped.computeShapes(dims, shapes)))
    return op->emitOpError(message);
  for (auto [result, shape] : llvm::zip(op->getResults(), shapes)) {
    auto type = cast<RankedTensorType>(result.getType());
    FailureOr<RankedTensorType> narrowed = refine(type, shape);
    if (failed(narrowed))
      return op->emitOpError("computes another shape than its result type ")
             << type;
    if (*narrowed != type)
      narrowType(result, *narrowed);
  }
  return success();
}

namespace {
struct RefineShapes : nnc::impl::RefineShapesPassBase<RefineShapes> {
  void runOnOperation() override {
    WalkResult done =
        getOperation().walk<WalkOrder::PreOrder>([](Operation *op) {
          return failed(refineOp(op)) ? WalkResult::interrupt()
                                      : WalkResult::advance();
        });
    if (done.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
