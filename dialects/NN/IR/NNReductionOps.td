#ifndef NNC_DIALECTS_NN_IR_NNREDUCTIONOPS_TD
#define NNC_DIALECTS_NN_IR_NNREDUCTIONOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupReduction : OpDocGroup {
  let summary = "Reductions and normalizations";
  let description = "Ops that combine the elements along axes.";
}

let opDocGroup = OpGroupReduction in {

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNREDUCTIONOPS_TD
