#ifndef NNC_DIALECTS_NN_IR_NNATTENTIONATTRS_TD
#define NNC_DIALECTS_NN_IR_NNATTENTIONATTRS_TD

include "dialects/NN/IR/NNDialect.td"

def NN_CausalNone : I32EnumAttrCase<"none", 0>;
def NN_CausalFromStart : I32EnumAttrCase<"from_start", 1>;
def NN_CausalFromEnd : I32EnumAttrCase<"from_end", 2>;
def NN_Causality : I32EnumAttr<"Causality", "which keys are too late for a query",
    [NN_CausalNone, NN_CausalFromStart, NN_CausalFromEnd]> {
  let cppNamespace = "::mlir::nnc::nn";
  let genSpecializedAttr = 0;
}
def NN_CausalityAttr : EnumAttr<NN_Dialect, NN_Causality, "causality">;

#endif // NNC_DIALECTS_NN_IR_NNATTENTIONATTRS_TD
