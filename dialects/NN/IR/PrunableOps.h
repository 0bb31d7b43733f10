//===----------------------------------------------------------------------===//
// The ops that can lose entries of some dimensions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_PRUNABLEOPS_H
#define NNC_DIALECTS_NN_IR_PRUNABLEOPS_H

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace mlir::nnc::nn {

/// Gives the ops their PrunableOpInterface. The dialect calls it when it is
/// loaded.
void attachPrunableOpInterface(MLIRContext &context);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_PRUNABLEOPS_H
