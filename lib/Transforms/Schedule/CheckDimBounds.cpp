//===----------------------------------------------------------------------===//
// Makes the bounds of symbolic dimensions checks of the run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_CHECKDIMBOUNDSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Asserts that dimension `axis` of `argument` is `bound` at most.
static void createCheck(OpBuilder &builder, BlockArgument argument,
                        int64_t axis, StringRef name, IntegerAttr bound) {
  Location loc = argument.getLoc();
  Value size = tensor::DimOp::create(builder, loc, argument, axis);
  Value most = arith::ConstantIndexOp::create(builder, loc, bound.getInt());
  Value holds = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ule,
                                      size, most);
  nn::AssertOp::create(
      builder, loc, holds,
      ("dimension '" + name + "' is over its bound of " + Twine(bound.getInt()))
          .str());
}

static LogicalResult checkBounds(func::FuncOp function) {
  Attribute attribute = function->getAttr(dimBoundsAttrName);
  if (!attribute)
    return success();
  auto bounds = dyn_cast<DictionaryAttr>(attribute);
  if (!bounds || !llvm::all_of(bounds, [](NamedAttribute bound) {
        auto number = dyn_cast<IntegerAttr>(bound.getValue());
        return number && number.getValue().isSignedIntN(64) &&
               number.getInt() >= 0;
      }))
    return function.emitOpError("expects '")
           << dimBoundsAttrName
           << "' to be a dictionary of integers of at least 0, but got "
           << attribute;
  auto builder = OpBuilder::atBlockBegin(&function.getBody().front());
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    auto names = function.getArgAttrOfType<ArrayAttr>(
        argument.getArgNumber(), nn::NNDialect::dimNamesAttrName);
    if (!type || !names)
      continue;
    for (auto [axis, name] : llvm::enumerate(names.getAsRange<StringAttr>())) {
      auto bound = bounds.getAs<IntegerAttr>(name);
      if (bound && int64_t(axis) < type.getRank() && type.isDynamicDim(axis))
        createCheck(builder, argument, axis, name, bound);
    }
  }
  return success();
}

namespace {
struct CheckDimBounds : nnc::impl::CheckDimBoundsPassBase<CheckDimBounds> {
  void runOnOperation() override {
    if (failed(checkBounds(getOperation())))
      signalPassFailure();
  }
};
} // namespace
