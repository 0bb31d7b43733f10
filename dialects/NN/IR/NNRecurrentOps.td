#ifndef NNC_DIALECTS_NN_IR_NNRECURRENTOPS_TD
#define NNC_DIALECTS_NN_IR_NNRECURRENTOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupRecurrent : OpDocGroup {
  let summary = "Recurrent cells";
  let description = "LSTM, GRU and RNN over a time axis.";
}

let opDocGroup = OpGroupRecurrent in {

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNRECURRENTOPS_TD
