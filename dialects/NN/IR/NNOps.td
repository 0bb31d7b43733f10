#ifndef NNC_DIALECTS_NN_IR_NNOPS_TD
#define NNC_DIALECTS_NN_IR_NNOPS_TD

include "dialects/NN/IR/NNStructureOps.td"

include "dialects/NN/IR/NNAttentionOps.td"
include "dialects/NN/IR/NNElementwiseOps.td"
include "dialects/NN/IR/NNGatherOps.td"
include "dialects/NN/IR/NNLinearOps.td"
include "dialects/NN/IR/NNMovementOps.td"
include "dialects/NN/IR/NNQuantizedOps.td"
include "dialects/NN/IR/NNRecurrentOps.td"
include "dialects/NN/IR/NNReductionOps.td"
include "dialects/NN/IR/NNSamplingOps.td"
include "dialects/NN/IR/NNSelectionOps.td"
include "dialects/NN/IR/NNSequenceOps.td"
include "dialects/NN/IR/NNSignalOps.td"

include "dialects/NN/IR/NNClassicalOps.td"
include "dialects/NN/IR/NNPatchOps.td"
include "dialects/NN/IR/NNRandomOps.td"

#endif // NNC_DIALECTS_NN_IR_NNOPS_TD
