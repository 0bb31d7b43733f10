//===----------------------------------------------------------------------===//
// Checks the contract of the graph phase.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/SignatureTypes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_VERIFYGRAPHPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static LogicalResult verifySignature(func::FuncOp function) {
  auto check = [&](StringRef what, unsigned number, Type type,
                   Attribute name) -> LogicalResult {
    std::optional<nn::SignatureType> signature = nn::getSignatureType(type);
    if (!signature || !toElementType(signature->tensor.getElementType()))
      return function.emitOpError("expects a ranked tensor of a supported "
                                  "element type as ")
             << what << " " << number << ", but got " << type;
    if (!isa_and_nonnull<StringAttr>(name))
      return function.emitOpError("expects a name, '")
             << nn::NNDialect::nameAttrName << "', for " << what << " "
             << number;
    return success();
  };
  for (auto [number, type] : llvm::enumerate(function.getArgumentTypes()))
    if (failed(check("argument", number, type,
                     function.getArgAttr(number, nn::NNDialect::nameAttrName))))
      return failure();
  for (auto [number, type] : llvm::enumerate(function.getResultTypes()))
    if (failed(
            check("result", number, type,
                  function.getResultAttr(number, nn::NNDialect::nameAttrName))))
      return failure();
  return success();
}

/// Channels that a group's loops count are factors of an index, so they must be
/// numbers.
static LogicalResult verifyGroups(Operation &op, int64_t group, Value filter) {
  auto type = cast<RankedTensorType>(filter.getType());
  if (group == 1 || (!type.isDynamicDim(0) && !type.isDynamicDim(1)))
    return success();
  return op.emitOpError("expects a filter of known channels where group is "
                        "above 1, but got ")
         << type;
}

static LogicalResult verifyBlock(Block &block) {
  for (Operation &op : block) {
    if (auto conv = dyn_cast<nn::ConvOp>(op);
        conv && failed(verifyGroups(op, conv.getGroup(), conv.getFilter())))
      return failure();
    if (auto conv = dyn_cast<nn::ConvTransposeOp>(op);
        conv && failed(verifyGroups(op, conv.getGroup(), conv.getFilter())))
      return failure();
    if (op.getNumRegions() && isa<scf::SCFDialect>(op.getDialect())) {
      for (Region &region : op.getRegions())
        for (Block &nested : region)
          if (failed(verifyBlock(nested)))
            return failure();
      continue;
    }
    if (isa<ShapeOpInterface, nn::ConstantOp, nn::WeightOp, nn::AssertOp>(op) ||
        nn::isHostOp(&op) || op.hasTrait<OpTrait::IsTerminator>() ||
        isa<arith::ArithDialect>(op.getDialect()) ||
        isa<tensor::DimOp, tensor::ExtractOp, tensor::FromElementsOp,
            tensor::CastOp>(op))
      continue;
    return op.emitOpError("can not be scheduled: expects a graph op, a "
                          "constant, control flow, or a host op on scalars");
  }
  return success();
}

static LogicalResult verifyEntry(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("expects one block");
  if (failed(verifySignature(function)))
    return failure();
  return verifyBlock(function.getBody().front());
}

namespace {
struct VerifyGraph : nnc::impl::VerifyGraphPassBase<VerifyGraph> {
  void runOnOperation() override {
    bool hasEntry = false;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!function->hasAttr(nn::NNDialect::entryAttrName))
        continue;
      hasEntry = true;
      if (failed(verifyEntry(function)))
        return signalPassFailure();
    }
    if (!hasEntry) {
      getOperation()->emitError("expects a function with '")
          << nn::NNDialect::entryAttrName << "', an entry point";
      return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }
};
} // namespace
