#ifndef NNC_DIALECTS_NN_IR_NNMOVEMENTOPS_TD
#define NNC_DIALECTS_NN_IR_NNMOVEMENTOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupMovement : OpDocGroup {
  let summary = "Data movement";
  let description = [{
    Ops whose results are copies of their operands' elements. `nn.reshape`
    costs nothing: its result is the same memory.
  }];
}

let opDocGroup = OpGroupMovement in {

def NN_ReshapeOp : NN_Op<"reshape", [DeclareOpInterfaceMethods<DataMovementOpInterface>]> {
  let summary = "the same elements under another shape";
  let description = [{
    `shape` holds the result's dimensions: one may be -1 and is then computed
    from the element count, one that is 0 is copied from the input's dimension
    at that place unless `allow_zero`.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x6xf32>) -> tensor<3x4xf32> {
      %s = nn.constant dense<[3, -1]> : tensor<2xi64>
      %0 = nn.reshape %x, %s : tensor<2x6xf32>, tensor<2xi64> -> tensor<3x4xf32>
      return %0 : tensor<3x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$shape, UnitAttr:$allow_zero);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $shape attr-dict `:` type($input) `,` type($shape) `->` type($result)
  }];
}

def NN_TransposeOp : NN_Op<"transpose", [DeclareOpInterfaceMethods<DataMovementOpInterface>]> {
  let summary = "permutes the axes";
  let description = [{
    Axis `i` of the result is axis `permutation[i]` of the input.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
      %0 = nn.transpose %x [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
      return %0 : tensor<3x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$input $permutation attr-dict `:` type($input) `->` type($result)";
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNMOVEMENTOPS_TD
