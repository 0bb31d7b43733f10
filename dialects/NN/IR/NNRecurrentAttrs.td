#ifndef NNC_DIALECTS_NN_IR_NNRECURRENTATTRS_TD
#define NNC_DIALECTS_NN_IR_NNRECURRENTATTRS_TD

include "dialects/NN/IR/NNDialect.td"

def NN_DirectionForward : I32EnumAttrCase<"forward", 0>;
def NN_DirectionReverse : I32EnumAttrCase<"reverse", 1>;
def NN_DirectionBoth : I32EnumAttrCase<"bidirectional", 2>;
def NN_Direction : I32EnumAttr<"Direction", "the way a recurrence runs through time",
    [NN_DirectionForward, NN_DirectionReverse, NN_DirectionBoth]> {
  let cppNamespace = "::mlir::nnc::nn";
  let genSpecializedAttr = 0;
}
def NN_DirectionAttr : EnumAttr<NN_Dialect, NN_Direction, "direction">;

class NN_ActivationCase<string name, int number> : I32EnumAttrCase<name, number>;
def NN_ActivationKind : I32EnumAttr<"ActivationKind", "a function of recurrent cells", [
    NN_ActivationCase<"affine", 0>, NN_ActivationCase<"elu", 1>,
    NN_ActivationCase<"hard_sigmoid", 2>, NN_ActivationCase<"leaky_relu", 3>,
    NN_ActivationCase<"relu", 4>, NN_ActivationCase<"scaled_tanh", 5>,
    NN_ActivationCase<"sigmoid", 6>, NN_ActivationCase<"softplus", 7>,
    NN_ActivationCase<"softsign", 8>, NN_ActivationCase<"tanh", 9>,
    NN_ActivationCase<"thresholded_relu", 10>]> {
  let cppNamespace = "::mlir::nnc::nn";
  let genSpecializedAttr = 0;
}

def NN_ActivationAttr : AttrDef<NN_Dialect, "Activation"> {
  let mnemonic = "activation";
  let summary = "a function of recurrent cells with its constants";
  let description = [{
    `affine`: alpha x + beta; `elu`: x for x >= 0, else alpha (exp x - 1);
    `hard_sigmoid`: min(max(alpha x + beta, 0), 1); `leaky_relu`: x for x >= 0,
    else alpha x; `relu`: max(x, 0); `scaled_tanh`: alpha tanh(beta x);
    `sigmoid`: 1 / (1 + exp(-x)); `softplus`: log(1 + exp x); `softsign`:
    x / (1 + |x|); `tanh`; `thresholded_relu`: x for x >= alpha, else 0.
    Constants that a function does not use are left out.

    Example: `#nn.activation<tanh>`,
    `#nn.activation<hard_sigmoid, 0.2 : f64, 0.5 : f64>`
  }];
  let parameters = (ins
    EnumParameter<NN_ActivationKind>:$kind,
    OptionalParameter<"::mlir::FloatAttr", "0 if absent">:$alpha,
    OptionalParameter<"::mlir::FloatAttr", "0 if absent">:$beta);
  let assemblyFormat = "`<` $kind (`,` $alpha^)? (`,` $beta^)? `>`";
  let extraClassDeclaration = [{
    double getAlphaValue() const {
      return getAlpha() ? getAlpha().getValueAsDouble() : 0;
    }
    double getBetaValue() const {
      return getBeta() ? getBeta().getValueAsDouble() : 0;
    }
  }];
}
def NN_ActivationArrayAttr
    : TypedArrayAttrBase<NN_ActivationAttr, "functions of a recurrent cell">;

#endif // NNC_DIALECTS_NN_IR_NNRECURRENTATTRS_TD
