//===----------------------------------------------------------------------===//
// The conversion of graph ops to linalg.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Conversion/Passes.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"
#include "nnc/Interfaces/ElementTypes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_CONVERTNNTOLINALGPASS
#include "nnc/Conversion/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// A constant inside a kernel is code: it becomes arith's, of the storage type.
struct LowerConstant : OpConversionPattern<nn::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(nn::ConstantOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type =
        cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    auto dense = dyn_cast<DenseIntOrFPElementsAttr>(op.getValue());
    if (!dense)
      return rewriter.notifyMatchFailure(op, "is not held in the IR");
    if (dense.getType() != type)
      dense = cast<DenseIntOrFPElementsAttr>(
          DenseElementsAttr::getFromRawBuffer(type, dense.getRawData()));
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type, dense);
    return success();
  }
};

struct ConvertNNToLinalg
    : nnc::impl::ConvertNNToLinalgPassBase<ConvertNNToLinalg> {
  void runOnOperation() override {
    // An entry is the schedule; the work is in the kernels that it launches.
    if (getOperation()->hasAttr(nn::NNDialect::entryAttrName))
      return;
    MLIRContext *context = &getContext();
    TypeConverter converter;
    converter.addConversion([](Type type) { return getStorageType(type); });
    ConversionTarget target(*context);
    target.addIllegalDialect<nn::NNDialect>();
    target.addDynamicallyLegalOp<func::FuncOp>([&](func::FuncOp op) {
      return converter.isSignatureLegal(op.getFunctionType());
    });
    target.markUnknownOpDynamicallyLegal([&](Operation *op) {
      return converter.isLegal(op->getOperandTypes()) &&
             converter.isLegal(op->getResultTypes());
    });
    RewritePatternSet patterns(context);
    patterns.add<LowerConstant>(converter, context);
    populateNNElementwiseToLinalgPatterns(converter, patterns);
    populateNNLinearToLinalgPatterns(converter, patterns);
    populateNNMovementToLinalgPatterns(converter, patterns);
    populateNNQuantizedToLinalgPatterns(converter, patterns);
    populateNNRecurrentToLinalgPatterns(converter, patterns);
    populateNNReductionToLinalgPatterns(converter, patterns);
    populateNNResizeToLinalgPatterns(converter, patterns);
    populateNNSamplingToLinalgPatterns(converter, patterns);
    populateNNSelectionToLinalgPatterns(converter, patterns);
    populateNNSignalToLinalgPatterns(converter, patterns);
    populateNNSuppressionToLinalgPatterns(converter, patterns);
    populateNNUniqueToLinalgPatterns(converter, patterns);
    populateNNClassicalToLinalgPatterns(converter, patterns);
    populateNNPatchToLinalgPatterns(converter, patterns);
    populateNNRandomToLinalgPatterns(converter, patterns);
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns,
                                                                   converter);
    populateReturnOpTypeConversionPattern(patterns, converter);
    populateConversionTargetFromOperation(patterns, converter);
    if (failed(
            applyFullConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }

private:
  /// Upstream tensor ops inside of kernels only change their types.
  static void populateConversionTargetFromOperation(RewritePatternSet &patterns,
                                                    TypeConverter &converter) {
    patterns.add<ConvertTypes>(converter, patterns.getContext());
  }

  struct ConvertTypes : ConversionPattern {
    ConvertTypes(TypeConverter &converter, MLIRContext *context)
        : ConversionPattern(converter, MatchAnyOpTypeTag(), 1, context) {}

    LogicalResult
    matchAndRewrite(Operation *op, ArrayRef<Value> operands,
                    ConversionPatternRewriter &rewriter) const override {
      if (isa<nn::NNDialect, func::FuncDialect>(op->getDialect()) ||
          op->getNumRegions())
        return rewriter.notifyMatchFailure(op, "is not an upstream leaf op");
      SmallVector<Type> types;
      if (failed(getTypeConverter()->convertTypes(op->getResultTypes(), types)))
        return failure();
      // Of the same bytes with and without a sign nothing is left.
      if (isa<tensor::BitcastOp>(op) &&
          types.front() == operands.front().getType()) {
        rewriter.replaceOp(op, operands);
        return success();
      }
      OperationState state(op->getLoc(), op->getName(), operands, types,
                           op->getDiscardableAttrDictionary().getValue());
      Operation *copy = Operation::create(state);
      copy->copyProperties(op->getPropertiesStorage());
      rewriter.insert(copy);
      rewriter.replaceOp(op, copy->getResults());
      return success();
    }
  };
};
} // namespace
