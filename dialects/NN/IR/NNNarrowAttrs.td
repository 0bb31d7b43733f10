#ifndef NNC_DIALECTS_NN_IR_NNNARROWATTRS_TD
#define NNC_DIALECTS_NN_IR_NNNARROWATTRS_TD

include "mlir/IR/EnumAttr.td"

def NN_PowerUp : I32EnumAttrCase<"Up", 0, "up">;
def NN_PowerDown : I32EnumAttrCase<"Down", 1, "down">;
def NN_PowerNearest : I32EnumAttrCase<"Nearest", 2, "nearest">;
def NN_PowerRounding : I32EnumAttr<"PowerRounding",
    "how a number becomes a power of two",
    [NN_PowerUp, NN_PowerDown, NN_PowerNearest]> {
  let cppNamespace = "::mlir::nnc::nn";
}

#endif // NNC_DIALECTS_NN_IR_NNNARROWATTRS_TD
