//===----------------------------------------------------------------------===//
// One-shot bufferization of the kern dialect.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/KernNarrow.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace {
/// All ops alike: everything but the destination is read, the destination is
/// written whole.
template <typename OpTy>
struct KernBufferization
    : DstBufferizableOpInterfaceExternalModel<KernBufferization<OpTy>, OpTy> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return cast<DestinationStyleOpInterface>(op).isDpsInput(&operand);
  }

  bool bufferizesToMemoryWrite(Operation *op, OpOperand &operand,
                               const AnalysisState &) const {
    return cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    if (op->getNumResults() == 0)
      return success();
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    rewriter.setInsertionPoint(op);
    OperationState copy(op->getLoc(), op->getName(), buffers, TypeRange(),
                        op->getDiscardableAttrDictionary().getValue());
    copy.propertiesAttr = op->getPropertiesAsAttribute();
    for (Region &region : op->getRegions())
      copy.addRegion()->takeBody(region);
    Operation *created = rewriter.create(copy);
    Value init = cast<DestinationStyleOpInterface>(created).getDpsInits()[0];
    replaceOpWithBufferizedValues(rewriter, op, init);
    return success();
  }
};
} // namespace

void mlir::nnc::kern::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, KernDialect *) {
    AttentionOp::attachInterface<KernBufferization<AttentionOp>>(*context);
    GemmOp::attachInterface<KernBufferization<GemmOp>>(*context);
    ConvOp::attachInterface<KernBufferization<ConvOp>>(*context);
    DepthwiseOp::attachInterface<KernBufferization<DepthwiseOp>>(*context);
    NormalizeOp::attachInterface<KernBufferization<NormalizeOp>>(*context);
    SparseOp::attachInterface<KernBufferization<SparseOp>>(*context);
    NarrowGemmOp::attachInterface<KernBufferization<NarrowGemmOp>>(*context);
    WinogradOp::attachInterface<KernBufferization<WinogradOp>>(*context);
  });
}
