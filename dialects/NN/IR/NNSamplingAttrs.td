#ifndef NNC_DIALECTS_NN_IR_NNSAMPLINGATTRS_TD
#define NNC_DIALECTS_NN_IR_NNSAMPLINGATTRS_TD

include "mlir/IR/EnumAttr.td"

class NN_SamplingEnum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::nnc::nn";
}

def NN_Interpolation : NN_SamplingEnum<"Interpolation",
    "how a value between elements is made", [
  I32EnumAttrCase<"nearest", 0>, I32EnumAttrCase<"linear", 1>,
  I32EnumAttrCase<"cubic", 2>]>;

def NN_CoordinateMode : NN_SamplingEnum<"CoordinateMode",
    "where in the input a result position lies", [
  I32EnumAttrCase<"half_pixel", 0>, I32EnumAttrCase<"half_pixel_symmetric", 1>,
  I32EnumAttrCase<"pytorch_half_pixel", 2>, I32EnumAttrCase<"align_corners", 3>,
  I32EnumAttrCase<"asymmetric", 4>, I32EnumAttrCase<"tf_half_pixel_for_nn", 5>,
  I32EnumAttrCase<"tf_crop_and_resize", 6>]>;

def NN_NearestRounding : NN_SamplingEnum<"NearestRounding",
    "which of two neighbours is the nearest", [
  I32EnumAttrCase<"round_prefer_floor", 0>,
  I32EnumAttrCase<"round_prefer_ceil", 1>, I32EnumAttrCase<"floor", 2>,
  I32EnumAttrCase<"ceil", 3>]>;

def NN_SamplePadding : NN_SamplingEnum<"SamplePadding",
    "what lies outside of the input", [
  I32EnumAttrCase<"zeros", 0>, I32EnumAttrCase<"border", 1>,
  I32EnumAttrCase<"reflection", 2>]>;

def NN_RoiPooling : NN_SamplingEnum<"RoiPooling",
    "how the samples of a bin are combined", [
  I32EnumAttrCase<"avg", 0>, I32EnumAttrCase<"max", 1>]>;

#endif // NNC_DIALECTS_NN_IR_NNSAMPLINGATTRS_TD
