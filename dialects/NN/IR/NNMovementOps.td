#ifndef NNC_DIALECTS_NN_IR_NNMOVEMENTOPS_TD
#define NNC_DIALECTS_NN_IR_NNMOVEMENTOPS_TD

include "dialects/NN/IR/NNAttrs.td"

def OpGroupMovement : OpDocGroup {
  let summary = "Data movement";
  let description = [{
    Ops whose results are copies of their operands' elements. `nn.reshape`
    costs nothing: its result is the same memory.
  }];
}

let opDocGroup = OpGroupMovement in {

def NN_ReshapeOp : NN_Op<"reshape", [
    DeclareOpInterfaceMethods<DataMovementOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface, ["findLayout"]>]> {
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

def NN_TransposeOp : NN_Op<"transpose", [
    DeclareOpInterfaceMethods<DataMovementOpInterface, ["movesOnce"]>]> {
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

def NN_BroadcastOp : NN_Op<"broadcast", [
    DeclareOpInterfaceMethods<DataMovementOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "repeats dimensions of size 1";
  let description = [{
    Broadcasts the input against `shape` in both directions, aligned at the last
    axis: where the input has 1 the result has the shape's number, where the
    shape has 1, or nothing, the input's.

    Example:

    ```mlir
    func.func @f(%x: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
      %s = nn.constant dense<[2, 1, 4]> : tensor<3xi64>
      %0 = nn.broadcast %x, %s : tensor<3x1xf32>, tensor<3xi64> -> tensor<2x3x4xf32>
      return %0 : tensor<2x3x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$shape);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $shape attr-dict `:` type($input) `,` type($shape) `->` type($result)
  }];
}

def NN_SliceOp : NN_Op<"slice", [
    DeclareOpInterfaceMethods<DataMovementOpInterface, ["movesOnce"]>,
    DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "every n-th element of a stretch of some axes";
  let description = [{
    Along `axes[i]` takes the elements from `starts[i]` up to, and without,
    `ends[i]` in steps of `steps[i]`, backwards if the step is negative. Negative
    starts and ends count from the axis's end. Both are then clamped to the axis:
    to 0 … size for positive steps; for negative ones the start to 0 … size - 1
    and the end to -1 … size - 1. A stretch of no elements is allowed. `axes` are
    0 or more, and none occurs twice.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x6xf32>) -> tensor<2x2xf32> {
      %s = nn.constant dense<1> : tensor<1xi64>
      %e = nn.constant dense<-1> : tensor<1xi64>
      %0 = nn.slice %x, %s, %e axes [1] steps [2] : tensor<2x6xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<2x2xf32>
      return %0 : tensor<2x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$starts,
                       NN_IndexTensor:$ends, DenseI64ArrayAttr:$axes,
                       DenseI64ArrayAttr:$steps);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $starts `,` $ends `axes` $axes `steps` $steps attr-dict `:`
    type($input) `,` type($starts) `,` type($ends) `->` type($result)
  }];
}

def NN_ConcatOp : NN_Op<"concat", [
    DeclareOpInterfaceMethods<DataMovementOpInterface,
                              ["isDataOperand", "movesOnce"]>,
    NN_AxisLayout]> {
  let summary = "joins tensors along an axis";
  let description = [{
    The operands agree in element type, rank, and in all dimensions but that of
    `axis`, which is 0 or more.

    Example:

    ```mlir
    func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) -> tensor<2x7xf32> {
      %0 = nn.concat %a, %b axis 1 : tensor<2x3xf32>, tensor<2x4xf32> -> tensor<2x7xf32>
      return %0 : tensor<2x7xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $inputs `axis` $axis attr-dict `:` type($inputs) `->` type($result)
  }];
}

def NN_PadOp : NN_Op<"pad", [
    DeclareOpInterfaceMethods<DataMovementOpInterface, ["isDataOperand"]>,
    DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "adds elements before and after each axis";
  let description = [{
    `pads` holds, for an input of rank n, n counts of elements to add before each
    axis and then n counts to add after; a negative count removes elements.
    `mode` says what is added: the scalar `value` (0 without one), the `edge`
    element, the elements mirrored at the edge without the edge itself
    (`reflect`), or those of the axis's other end (`wrap`). All modes but
    `constant` need an axis that is not empty where they add.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>, %v: tensor<f32>) -> tensor<2x6xf32> {
      %p = nn.constant dense<[0, 1, 0, 2]> : tensor<4xi64>
      %0 = nn.pad constant %x, %p value %v : tensor<2x3xf32>, tensor<4xi64>, tensor<f32> -> tensor<2x6xf32>
      return %0 : tensor<2x6xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$pads,
                       Optional<NN_Tensor>:$value, NN_PadMode:$mode);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $mode $input `,` $pads (`value` $value^)? attr-dict `:` type($input) `,`
    type($pads) (`,` type($value)^)? `->` type($result)
  }];
}

def NN_TileOp : NN_Op<"tile", [
    DeclareOpInterfaceMethods<DataMovementOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "repeats a tensor along its axes";
  let description = [{
    `repeats` holds a count of 0 or more for each axis.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2x6xf32> {
      %r = nn.constant dense<[1, 2]> : tensor<2xi64>
      %0 = nn.tile %x, %r : tensor<2x3xf32>, tensor<2xi64> -> tensor<2x6xf32>
      return %0 : tensor<2x6xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$repeats);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $repeats attr-dict `:` type($input) `,` type($repeats) `->` type($result)
  }];
}

def NN_RangeOp : NN_Op<"range", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "numbers in equal steps";
  let description = [{
    Element `i` of the result is `start + i * delta`; there are `size` of them,
    none if it is negative. Integers wrap around.

    Example:

    ```mlir
    func.func @f(%start: tensor<f32>, %delta: tensor<f32>, %n: tensor<i64>) -> tensor<?xf32> {
      %0 = nn.range %start, %delta, %n : tensor<f32>, tensor<f32>, tensor<i64> -> tensor<?xf32>
      return %0 : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$start, NN_NumberTensor:$delta,
                       NN_IndexTensor:$size);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $start `,` $delta `,` $size attr-dict `:` type($start) `,` type($delta) `,`
    type($size) `->` type($result)
  }];
}

def NN_TriluOp : NN_Op<"trilu", [DeclareOpInterfaceMethods<DataMovementOpInterface>]> {
  let summary = "the upper or lower triangle of matrices";
  let description = [{
    Of each matrix in the last two axes keeps the elements on the `k`-th diagonal
    above the main one (below, if negative) and what is above it (`upper`) or
    below it; the others are 0. `k` is a scalar.

    Example:

    ```mlir
    func.func @f(%x: tensor<3x4xf32>, %k: tensor<i64>) -> tensor<3x4xf32> {
      %0 = nn.trilu %x, %k {upper} : tensor<3x4xf32>, tensor<i64> -> tensor<3x4xf32>
      return %0 : tensor<3x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$k, UnitAttr:$upper);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $k attr-dict `:` type($input) `,` type($k) `->` type($result)
  }];
}

def NN_ReverseSequenceOp : NN_Op<"reverse_sequence", [DeclareOpInterfaceMethods<DataMovementOpInterface>]> {
  let summary = "reverses the beginning of each sequence of a batch";
  let description = [{
    Entry `b` of the batch has its first `lengths[b]` elements along `time_axis`
    in reverse order, the others in place. The two axes differ; one is 0, the
    other 1.

    Example:

    ```mlir
    func.func @f(%x: tensor<5x2xf32>, %n: tensor<2xi64>) -> tensor<5x2xf32> {
      %0 = nn.reverse_sequence %x, %n time_axis 0 batch_axis 1 : tensor<5x2xf32>, tensor<2xi64> -> tensor<5x2xf32>
      return %0 : tensor<5x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$input, NN_IndexTensor:$lengths,
                       I64Attr:$time_axis, I64Attr:$batch_axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $lengths `time_axis` $time_axis `batch_axis` $batch_axis attr-dict
    `:` type($input) `,` type($lengths) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNMOVEMENTOPS_TD
