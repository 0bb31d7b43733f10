#ifndef NNC_DIALECTS_NN_IR_NNLINEAROPS_TD
#define NNC_DIALECTS_NN_IR_NNLINEAROPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupLinear : OpDocGroup {
  let summary = "Contractions and windows";
  let description = "Matrix products, convolutions and pooling of any rank.";
}

let opDocGroup = OpGroupLinear in {

def NN_MatMulOp : NN_Op<"matmul", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "matrix product";
  let description = [{
    NumPy's `matmul`: the last two axes are matrices, the axes before them
    broadcast; an operand of rank 1 is a row (left) or column (right) vector
    whose axis does not appear in the result.

    Example:

    ```mlir
    func.func @f(%a: tensor<8x2x3xf32>, %b: tensor<3x4xf32>) -> tensor<8x2x4xf32> {
      %0 = nn.matmul %a, %b : tensor<8x2x3xf32>, tensor<3x4xf32> -> tensor<8x2x4xf32>
      return %0 : tensor<8x2x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$lhs, NN_NumberTensor:$rhs);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNLINEAROPS_TD
