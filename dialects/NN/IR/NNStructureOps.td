#ifndef NNC_DIALECTS_NN_IR_NNSTRUCTUREOPS_TD
#define NNC_DIALECTS_NN_IR_NNSTRUCTUREOPS_TD

include "dialects/HW/IR/HWAttrs.td"
include "dialects/NN/IR/NNAttrs.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def OpGroupStructure : OpDocGroup {
  let summary = "Constants, weights and the schedule";
  let description = "What holds data, and what orders work.";
}

let opDocGroup = OpGroupStructure in {

def NN_ConstantOp : NN_StructureOp<"constant", [
    Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor written in the IR";
  let description = [{
    For small tensors and splats; large ones are `nn.weight`.

    Example:

    ```mlir
    %0 = nn.constant dense<[1, -1]> : tensor<2xi64>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getType(), value);
  }]>];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def NN_WeightOp : NN_StructureOp<"weight", [Pure]> {
  let summary = "a tensor whose bytes stay in a file";
  let description = [{
    Kernels take it as an operand; the bytes go straight from the file into the
    artifact.

    Example:

    ```mlir
    %0 = nn.weight "conv1.w" <"m.onnx", offset = 64, length = 16> : tensor<4xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, NN_DataAttr:$data);
  let results = (outs NN_BitsTensor:$result);
  let assemblyFormat = "$name $data attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def NN_KernelOp : NN_StructureOp<"kernel", [
    IsolatedFromAbove, AttrSizedOperandSegments, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"::mlir::nnc::nn::YieldOp">]> {
  let summary = "one unit of the schedule";
  let description = [{
    The body computes the results from the block arguments, which are the
    `inputs` one by one: tensors, and scalars of the host. `result_dims` are the
    results' dynamic dimensions, in order. Kernels run in the order of `order`,
    which the verifier of the schedule holds against the textual order: SSA does
    not order pure ops.

    `slots`, once storage is assigned, says where each result lives; from then
    on nothing allocates. `cost` is the prediction for the chosen target.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %0 = nn.kernel "relu" order 0 (%a = %x) : (tensor<2x3xf32>) -> tensor<2x3xf32> {
        %1 = nn.relu %a : tensor<2x3xf32> -> tensor<2x3xf32>
        nn.yield %1 : tensor<2x3xf32>
      }
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins
    StrAttr:$name, OptionalAttr<I64Attr>:$order,
    Variadic<AnyType>:$inputs, Variadic<Index>:$result_dims,
    OptionalAttr<NN_SlotArrayAttr>:$slots, OptionalAttr<HW_CostAttr>:$cost);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def NN_YieldOp : NN_StructureOp<"yield", [
    Pure, ReturnLike, Terminator, HasParent<"KernelOp">]> {
  let summary = "ends a kernel's body";
  let description = [{
    Example: `nn.yield %0 : tensor<4xf32>` inside `nn.kernel`.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

def NN_PlaceOp : NN_StructureOp<"place"> {
  let summary = "places the slots of an arena whose sizes depend on shapes";
  let description = [{
    `sizes` are the bytes of each arena slot, by index, as computed from the
    inputs' dimensions; `lifetimes` holds first and last schedule position of
    each. Stands before the first kernel. Slots placed by the compiler need no
    such op.

    Example:

    ```mlir
    func.func @f(%n: index) {
      nn.place %n lifetimes [0, 1]
      return
    }
    ```
  }];
  let arguments = (ins Variadic<Index>:$sizes, DenseI64ArrayAttr:$lifetimes);
  let assemblyFormat = "$sizes `lifetimes` $lifetimes attr-dict";
  let hasVerifier = 1;
}

def NN_AssertOp : NN_StructureOp<"assert"> {
  let summary = "what the host checks before it goes on";
  let description = [{
    If `condition` is false the run ends with NNC_INVALID_VALUE and the message,
    before anything that depends on it.

    Example:

    ```mlir
    func.func @f(%c: i1) {
      nn.assert %c, "dimensions do not broadcast"
      return
    }
    ```
  }];
  let arguments = (ins I1:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict";
}

def NN_LaunchOp : NN_StructureOp<"launch", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a kernel of the schedule, its body outlined";
  let description = [{
    As `nn.kernel`, with the body in the function `callee`; equal bodies share
    one function.

    Example: `nn.launch @relu "relu_1" (%x) dims() slots [...] : ...`
  }];
  let arguments = (ins
    FlatSymbolRefAttr:$callee, StrAttr:$name,
    Variadic<AnyType>:$inputs, Variadic<Index>:$result_dims,
    NN_SlotArrayAttr:$slots, OptionalAttr<HW_CostAttr>:$cost);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $callee $name `(` $inputs `)` `dims` `(` $result_dims `)` `slots` $slots
    (`cost` $cost^)? attr-dict `:` functional-type($inputs, $results)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNSTRUCTUREOPS_TD
