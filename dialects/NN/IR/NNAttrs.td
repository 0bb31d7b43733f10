#ifndef NNC_DIALECTS_NN_IR_NNATTRS_TD
#define NNC_DIALECTS_NN_IR_NNATTRS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/NNRecurrentAttrs.td"
include "dialects/NN/IR/NNLinearAttrs.td"

class NN_Attr<string name, string mnemo, list<Trait> traits = []>
    : AttrDef<NN_Dialect, name, traits> {
  let mnemonic = mnemo;
}

def NN_DataAttr : NN_Attr<"Data", "data"> {
  let summary = "a weight's bytes in a file";
  let description = [{
    Row-major little-endian elements at `offset` of `file`, `length` bytes, not
    necessarily aligned. The file is mapped, never copied; a relative path is
    relative to the working directory of the compiler.

    Example: `#nn.data<"model.onnx", offset = 1184, length = 37632>`
  }];
  let parameters = (ins
    StringRefParameter<"path of the file">:$file,
    "int64_t":$offset,
    "int64_t":$length);
  let assemblyFormat = "`<` $file `,` `offset` `=` $offset `,` `length` `=` $length `>`";
  let genVerifyDecl = 1;
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

#endif // NNC_DIALECTS_NN_IR_NNATTRS_TD
