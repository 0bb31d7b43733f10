#ifndef NNC_DIALECTS_NN_IR_NNSELECTIONOPS_TD
#define NNC_DIALECTS_NN_IR_NNSELECTIONOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupSelection : OpDocGroup {
  let summary = "Search, sorting and sampling";
  let description = "Ops that look for positions, sort, sample or depend on values.";
}

let opDocGroup = OpGroupSelection in {

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNSELECTIONOPS_TD
