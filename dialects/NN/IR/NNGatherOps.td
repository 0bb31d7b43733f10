#ifndef NNC_DIALECTS_NN_IR_NNGATHEROPS_TD
#define NNC_DIALECTS_NN_IR_NNGATHEROPS_TD

include "dialects/NN/IR/NNAttrs.td"

def OpGroupGather : OpDocGroup {
  let summary = "Gather and scatter";
  let description = [{
    Data movement by indices that are data. A negative index counts from the
    axis's end. ONNX leaves an index out of range undefined: the reference
    reports it; compiled code takes the nearest element there is when it reads,
    and skips the update when it writes.
  }];
}

let opDocGroup = OpGroupGather in {

def NN_GatherOp : NN_Op<"gather", [DeclareOpInterfaceMethods<DataMovementOpInterface>]> {
  let summary = "slices of an axis by number";
  let description = [{
    The result has the indices' dimensions in place of the input's axis `axis`,
    which is 0 or more.

    Example:

    ```mlir
    func.func @f(%x: tensor<9x4xf32>, %i: tensor<2x3xi64>) -> tensor<2x3x4xf32> {
      %0 = nn.gather %x, %i axis 0 : tensor<9x4xf32>, tensor<2x3xi64> -> tensor<2x3x4xf32>
      return %0 : tensor<2x3x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $indices `axis` $axis attr-dict `:` type($input) `,` type($indices)
    `->` type($result)
  }];
}

def NN_GatherElementsOp : NN_Op<"gather_elements", [DeclareOpInterfaceMethods<DataMovementOpInterface>]> {
  let summary = "one element of an axis for each index";
  let description = [{
    The result has the indices' shape. An element of it is the input's at the
    same position, but along `axis` at the index. Indices and input have one
    rank; except along `axis` no dimension of the indices exceeds the input's.

    Example:

    ```mlir
    func.func @f(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>) -> tensor<3x2xf32> {
      %0 = nn.gather_elements %x, %i axis 1 : tensor<3x4xf32>, tensor<3x2xi64> -> tensor<3x2xf32>
      return %0 : tensor<3x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$indices, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $indices `axis` $axis attr-dict `:` type($input) `,` type($indices)
    `->` type($result)
  }];
}

def NN_GatherNDOp : NN_Op<"gather_nd", [DeclareOpInterfaceMethods<DataMovementOpInterface>]> {
  let summary = "slices by tuples of indices";
  let description = [{
    The last axis of the indices, of fixed size, holds tuples that name positions
    in the input's axes behind the first `batch_dims`, which both operands share.
    The result has the indices' dimensions but the last, and then the input's
    that no tuple reaches.

    Example:

    ```mlir
    func.func @f(%x: tensor<3x4x5xf32>, %i: tensor<7x2xi64>) -> tensor<7x5xf32> {
      %0 = nn.gather_nd %x, %i batch_dims 0 : tensor<3x4x5xf32>, tensor<7x2xi64> -> tensor<7x5xf32>
      return %0 : tensor<7x5xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$indices, I64Attr:$batch_dims);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $indices `batch_dims` $batch_dims attr-dict `:` type($input) `,`
    type($indices) `->` type($result)
  }];
}

def NN_ScatterElementsOp : NN_Op<"scatter_elements", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "the input with single elements of an axis updated";
  let description = [{
    Each update joins the element at its own position, but along `axis` at the
    index, by `reduction`: it replaces it, or sum, product, maximum or minimum of
    the two does. Updates are done in row-major order. Indices and updates have
    one shape, of the input's rank; except along `axis` no dimension of it
    exceeds the input's.

    Example:

    ```mlir
    func.func @f(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>, %u: tensor<3x2xf32>) -> tensor<3x4xf32> {
      %0 = nn.scatter_elements add %x, %i, %u axis 1 : tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32> -> tensor<3x4xf32>
      return %0 : tensor<3x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_ValueTensor:$input, NN_IndexTensor:$indices,
                       NN_ValueTensor:$updates, I64Attr:$axis,
                       NN_ScatterReduction:$reduction);
  let results = (outs NN_ValueTensor:$result);
  let assemblyFormat = [{
    $reduction $input `,` $indices `,` $updates `axis` $axis attr-dict `:`
    type($input) `,` type($indices) `,` type($updates) `->` type($result)
  }];
}

def NN_ScatterNDOp : NN_Op<"scatter_nd", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "the input with slices updated by tuples of indices";
  let description = [{
    The last axis of the indices, of fixed size, holds tuples that name positions
    in the input's first axes. The updates have the indices' dimensions but the
    last, and then the input's that no tuple reaches. Each joins what is there by
    `reduction`, in row-major order; see `nn.scatter_elements`.

    Example:

    ```mlir
    func.func @f(%x: tensor<3x4x5xf32>, %i: tensor<7x2xi64>, %u: tensor<7x5xf32>) -> tensor<3x4x5xf32> {
      %0 = nn.scatter_nd none %x, %i, %u : tensor<3x4x5xf32>, tensor<7x2xi64>, tensor<7x5xf32> -> tensor<3x4x5xf32>
      return %0 : tensor<3x4x5xf32>
    }
    ```
  }];
  let arguments = (ins NN_ValueTensor:$input, NN_IndexTensor:$indices,
                       NN_ValueTensor:$updates, NN_ScatterReduction:$reduction);
  let results = (outs NN_ValueTensor:$result);
  let assemblyFormat = [{
    $reduction $input `,` $indices `,` $updates attr-dict `:` type($input) `,`
    type($indices) `,` type($updates) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNGATHEROPS_TD
