#ifndef NNC_DIALECTS_NN_IR_NNQUANTIZEDOPS_TD
#define NNC_DIALECTS_NN_IR_NNQUANTIZEDOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupQuantized : OpDocGroup {
  let summary = "Quantization";
  let description = "Conversions between real and integer tensors and exact integer products.";
}

let opDocGroup = OpGroupQuantized in {

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNQUANTIZEDOPS_TD
