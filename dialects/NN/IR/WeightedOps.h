//===----------------------------------------------------------------------===//
// The ops that can take factors on channels into their weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_WEIGHTEDOPS_H
#define NNC_DIALECTS_NN_IR_WEIGHTEDOPS_H

namespace mlir {
class MLIRContext;
} // namespace mlir

namespace mlir::nnc::nn {

/// Gives the ops their WeightedOpInterface. The dialect calls it when it is
/// loaded.
void attachWeightedOpInterface(MLIRContext &context);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_WEIGHTEDOPS_H
