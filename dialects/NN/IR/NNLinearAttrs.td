#ifndef NNC_DIALECTS_NN_IR_NNLINEARATTRS_TD
#define NNC_DIALECTS_NN_IR_NNLINEARATTRS_TD

include "dialects/NN/IR/NNDialect.td"

def NN_AutoPadNotSet : I32EnumAttrCase<"NotSet", 0, "not_set">;
def NN_AutoPadSameUpper : I32EnumAttrCase<"SameUpper", 1, "same_upper">;
def NN_AutoPadSameLower : I32EnumAttrCase<"SameLower", 2, "same_lower">;
def NN_AutoPadValid : I32EnumAttrCase<"Valid", 3, "valid">;
def NN_AutoPad : I32EnumAttr<"AutoPad", "how a window op's padding is chosen",
    [NN_AutoPadNotSet, NN_AutoPadSameUpper, NN_AutoPadSameLower, NN_AutoPadValid]> {
  let cppNamespace = "::mlir::nnc::nn";
  let genSpecializedAttr = 0;
}
/// `not_set`: by the attribute `pads`. `same_upper`, `same_lower`: so that the
/// output has ceil(input / stride) elements, an odd one at the end or at the
/// begin. `valid`: none. In all but `not_set` the attribute `pads` is zero.
def NN_AutoPadAttr : EnumAttr<NN_Dialect, NN_AutoPad, "auto_pad">;
def NN_DefaultAutoPad
    : DefaultValuedAttr<NN_AutoPadAttr, "::mlir::nnc::nn::AutoPad::NotSet">;

#endif // NNC_DIALECTS_NN_IR_NNLINEARATTRS_TD
