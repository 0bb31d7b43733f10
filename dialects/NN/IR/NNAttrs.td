#ifndef NNC_DIALECTS_NN_IR_NNATTRS_TD
#define NNC_DIALECTS_NN_IR_NNATTRS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/NNAttentionAttrs.td"
include "dialects/NN/IR/NNSamplingAttrs.td"
include "dialects/NN/IR/NNRecurrentAttrs.td"
include "dialects/NN/IR/NNLinearAttrs.td"
include "dialects/NN/IR/NNNarrowAttrs.td"
include "dialects/NN/IR/NNWeightAttrs.td"

class NN_Attr<string name, string mnemo, list<Trait> traits = []>
    : AttrDef<NN_Dialect, name, traits> {
  let mnemonic = mnemo;
}

def NN_PadConstant : I32EnumAttrCase<"Constant", 0, "constant">;
def NN_PadEdge : I32EnumAttrCase<"Edge", 1, "edge">;
def NN_PadReflect : I32EnumAttrCase<"Reflect", 2, "reflect">;
def NN_PadWrap : I32EnumAttrCase<"Wrap", 3, "wrap">;
def NN_PadMode : I32EnumAttr<"PadMode", "what padding is filled with",
    [NN_PadConstant, NN_PadEdge, NN_PadReflect, NN_PadWrap]> {
  let cppNamespace = "::mlir::nnc::nn";
}

def NN_ScatterNone : I32EnumAttrCase<"None", 0, "none">;
def NN_ScatterAdd : I32EnumAttrCase<"Add", 1, "add">;
def NN_ScatterMul : I32EnumAttrCase<"Mul", 2, "mul">;
def NN_ScatterMax : I32EnumAttrCase<"Max", 3, "max">;
def NN_ScatterMin : I32EnumAttrCase<"Min", 4, "min">;
def NN_ScatterReduction : I32EnumAttr<"ScatterReduction",
    "how an update joins the element that is there",
    [NN_ScatterNone, NN_ScatterAdd, NN_ScatterMul, NN_ScatterMax, NN_ScatterMin]> {
  let cppNamespace = "::mlir::nnc::nn";
}

def NN_SlotArena : I32EnumAttrCase<"arena", 0>;
def NN_SlotPool : I32EnumAttrCase<"pool", 1>;
def NN_SlotOutput : I32EnumAttrCase<"output", 2>;
def NN_SlotClass : I32EnumAttr<"SlotClass", "where a kernel's result lives",
    [NN_SlotArena, NN_SlotPool, NN_SlotOutput]> {
  let cppNamespace = "::mlir::nnc::nn";
  let genSpecializedAttr = 0;
}

def NN_SlotAttr : NN_Attr<"Slot", "slot"> {
  let summary = "where a kernel's result lives";
  let description = [{
    `arena`: slot `index` of the planned arena, its size an expression of the
    signature's dimensions; `offset` in bytes when the compiler has placed it.
    `pool`: a buffer whose size is known only during the run. `output`: the
    buffer of the function's result `index`.

    Example: `#nn.slot<arena 3 at 4096>`, `#nn.slot<output 0>`
  }];
  let parameters = (ins
    EnumParameter<NN_SlotClass>:$kind,
    "int64_t":$index,
    OptionalParameter<"::std::optional<int64_t>", "bytes from the arena's base">:$offset);
  let assemblyFormat = "`<` $kind $index (`at` $offset^)? `>`";
}
def NN_SlotArrayAttr : TypedArrayAttrBase<NN_SlotAttr, "slots of the results">;

def NN_ReduceSum : I32EnumAttrCase<"Sum", 0, "sum">;
def NN_ReduceMean : I32EnumAttrCase<"Mean", 1, "mean">;
def NN_ReduceMax : I32EnumAttrCase<"Max", 2, "max">;
def NN_ReduceMin : I32EnumAttrCase<"Min", 3, "min">;
def NN_ReduceProd : I32EnumAttrCase<"Prod", 4, "prod">;
def NN_ReduceL1 : I32EnumAttrCase<"L1", 5, "l1">;
def NN_ReduceL2 : I32EnumAttrCase<"L2", 6, "l2">;
def NN_ReduceLogSum : I32EnumAttrCase<"LogSum", 7, "log_sum">;
def NN_ReduceLogSumExp : I32EnumAttrCase<"LogSumExp", 8, "log_sum_exp">;
def NN_ReduceSumSquare : I32EnumAttrCase<"SumSquare", 9, "sum_square">;
def NN_ReduceKind : I32EnumAttr<"ReduceKind", "how a reduction combines elements", [
    NN_ReduceSum, NN_ReduceMean, NN_ReduceMax, NN_ReduceMin, NN_ReduceProd,
    NN_ReduceL1, NN_ReduceL2, NN_ReduceLogSum, NN_ReduceLogSumExp,
    NN_ReduceSumSquare]> {
  let cppNamespace = "::mlir::nnc::nn";
}

def NN_SoftmaxSoft : I32EnumAttrCase<"Soft", 0, "soft">;
def NN_SoftmaxLog : I32EnumAttrCase<"Log", 1, "log">;
def NN_SoftmaxHard : I32EnumAttrCase<"Hard", 2, "hard">;
def NN_SoftmaxKind : I32EnumAttr<"SoftmaxKind", "what a softmax gives", [
    NN_SoftmaxSoft, NN_SoftmaxLog, NN_SoftmaxHard]> {
  let cppNamespace = "::mlir::nnc::nn";
}

#endif // NNC_DIALECTS_NN_IR_NNATTRS_TD
