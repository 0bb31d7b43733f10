//===----------------------------------------------------------------------===//
// The ops that can compute some rows of their result.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_ROWBANDOPS_H
#define NNC_DIALECTS_NN_IR_ROWBANDOPS_H

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace mlir::nnc::nn {

/// Gives the ops their RowBandOpInterface. The dialect calls it when it is
/// loaded.
void attachRowBandOpInterface(MLIRContext &context);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_ROWBANDOPS_H
