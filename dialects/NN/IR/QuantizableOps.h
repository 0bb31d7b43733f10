//===----------------------------------------------------------------------===//
// The ops that small integers can be given to.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_QUANTIZABLEOPS_H
#define NNC_DIALECTS_NN_IR_QUANTIZABLEOPS_H

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace mlir::nnc::nn {

/// Gives the ops their QuantizableOpInterface. The dialect calls it when it is
/// loaded.
void attachQuantizableOpInterface(MLIRContext &context);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_QUANTIZABLEOPS_H
