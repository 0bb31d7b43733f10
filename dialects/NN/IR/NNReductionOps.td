#ifndef NNC_DIALECTS_NN_IR_NNREDUCTIONOPS_TD
#define NNC_DIALECTS_NN_IR_NNREDUCTIONOPS_TD

include "dialects/NN/IR/NNAttrs.td"
include "dialects/NN/IR/NNDialect.td"

def OpGroupReduction : OpDocGroup {
  let summary = "Reductions and normalizations";
  let description = [{
    Ops that combine the elements along axes. Axes count from 0. The 16-bit
    floats are combined in f32.
  }];
}

let opDocGroup = OpGroupReduction in {

def NN_ReduceOp : NN_Op<"reduce", [
    DeclareOpInterfaceMethods<CostOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface, ["findLayout"]>]> {
  let summary = "combines the elements along axes";
  let description = [{
    The axes in `axes` disappear, or become 1 with `keep_dims`. With no axes
    each element is combined alone. `kind` over the elements x:

    | kind | result | of no elements |
    | --- | --- | --- |
    | `sum`, `l1`, `sum_square` | sum of x, of abs(x), of x * x | 0 |
    | `mean` | sum of x / number of x; integers round toward 0 | NaN, or 0 for integers |
    | `max`, `min` | greatest, least; NaN if one is | lowest, highest value |
    | `prod` | product | 1 |
    | `l2` | sqrt of the sum of x * x | 0 |
    | `log_sum` | log of the sum of x | -inf |
    | `log_sum_exp` | log of the sum of exp(x), without overflow | -inf |

    Integers wrap around; a root or logarithm of theirs is truncated and
    saturates. Bool takes `max` (any) and `min` (all) only.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2x1xf32> {
      %0 = nn.reduce sum %x [1] keep_dims : tensor<2x3xf32> -> tensor<2x1xf32>
      return %0 : tensor<2x1xf32>
    }
    ```
  }];
  let arguments = (ins NN_ReduceKind:$kind, NN_ValueTensor:$input,
                       DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims);
  let results = (outs NN_ValueTensor:$result);
  let assemblyFormat = [{
    $kind $input $axes (`keep_dims` $keep_dims^)? attr-dict
    `:` type($input) `->` type($result)
  }];
}

def NN_ReduceAlongOp : NN_Op<"reduce_along", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "combines the elements along axes known at run time";
  let description = [{
    As `nn.reduce` with the axes in a tensor of fixed length; they are
    different, and a negative one counts from the end. Slower: the
    loops are the same for all axes.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>, %axes: tensor<1xi64>) -> tensor<?xf32> {
      %0 = nn.reduce_along sum %x, %axes : tensor<2x3xf32>, tensor<1xi64> -> tensor<?xf32>
      return %0 : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins NN_ReduceKind:$kind, NN_ValueTensor:$input,
                       NN_IndexTensor:$axes, UnitAttr:$keep_dims);
  let results = (outs NN_ValueTensor:$result);
  let assemblyFormat = [{
    $kind $input `,` $axes (`keep_dims` $keep_dims^)? attr-dict
    `:` type($input) `,` type($axes) `->` type($result)
  }];
}

def NN_ArgReduceOp : NN_Op<"arg_reduce", [
    DeclareOpInterfaceMethods<CostOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface, ["findLayout"]>]> {
  let summary = "position of the greatest or least element along an axis";
  let description = [{
    `kind` is `max` or `min`. The first of several equal elements, or the last
    with `select_last`; NaN is beyond every number. The axis must not be empty.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2xi64> {
      %0 = nn.arg_reduce max %x axis 1 : tensor<2x3xf32> -> tensor<2xi64>
      return %0 : tensor<2xi64>
    }
    ```
  }];
  let arguments = (ins NN_ReduceKind:$kind, NN_NumberTensor:$input,
                       I64Attr:$axis, UnitAttr:$keep_dims, UnitAttr:$select_last);
  let results = (outs RankedTensorOf<[I64]>:$result);
  let assemblyFormat = [{
    $kind $input `axis` $axis (`keep_dims` $keep_dims^)?
    (`select_last` $select_last^)? attr-dict
    `:` type($input) `->` type($result)
  }];
}

def NN_SoftmaxOp : NN_Op<"softmax", [
    DeclareOpInterfaceMethods<CostOpInterface, ["getWork"]>, NN_AxisLayout]> {
  let summary = "weights of the elements along an axis";
  let description = [{
    `soft`: exp(x) / sum of exp(x) along the axis, without overflow; `log`: its
    logarithm; `hard`: 1 at the first of the greatest elements, else 0.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %0 = nn.softmax soft %x axis 1 : tensor<2x3xf32> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_SoftmaxKind:$kind, NN_FloatTensor:$input, I64Attr:$axis);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $kind $input `axis` $axis attr-dict `:` type($input) `->` type($result)
  }];
}

def NN_NormalizeOp : NN_Op<"normalize", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<CostOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "subtracts the mean and divides by the deviation along axes";
  let description = [{
    (x - mean) / sqrt(variance + epsilon), mean and (population) variance over
    the axes. With `uncentered` the mean is taken as 0: x divided by the root of
    the mean square. The result is then multiplied by `scale` and added to `bias`,
    which broadcast to the input's shape.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %0 = nn.normalize %x [1] epsilon 1.0e-5 : tensor<2x3xf32> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, Optional<NN_FloatTensor>:$scale,
                       Optional<NN_FloatTensor>:$bias,
                       DenseI64ArrayAttr:$axes, F64Attr:$epsilon,
                       UnitAttr:$uncentered);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input $axes `epsilon` $epsilon (`uncentered` $uncentered^)?
    (`scale` $scale^)? (`bias` $bias^)? attr-dict `:` type($input)
    (`scale` type($scale)^)? (`bias` type($bias)^)? `->` type($result)
  }];
  let builders = [OpBuilder<
    (ins "::mlir::TypeRange":$types, "::mlir::Value":$input,
         "::llvm::ArrayRef<int64_t>":$axes, "::llvm::APFloat":$epsilon,
         "bool":$uncentered), [{
      build($_builder, $_state, types, input, ::mlir::Value(), ::mlir::Value(),
            axes, epsilon, uncentered);
    }]>];
}

def NN_CumSumOp : NN_Op<"cumsum", [
    DeclareOpInterfaceMethods<CostOpInterface>, NN_AxisLayout]> {
  let summary = "running sums along an axis";
  let description = [{
    Element i is the sum of elements 0 to i; without element i with
    `exclusive`; from the end with `reverse`. Integers wrap around.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %0 = nn.cumsum %x axis 1 exclusive : tensor<2x3xf32> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$input, I64Attr:$axis,
                       UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $input `axis` $axis (`exclusive` $exclusive^)? (`reverse` $reverse^)?
    attr-dict `:` type($input) `->` type($result)
  }];
}

def NN_CumProdOp : NN_Op<"cumprod", [
    DeclareOpInterfaceMethods<CostOpInterface>, NN_AxisLayout]> {
  let summary = "running products along an axis";
  let description = [{
    Element i is the product of elements 0 to i; without element i with
    `exclusive`; from the end with `reverse`. Integers wrap around.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %0 = nn.cumprod %x axis 1 reverse : tensor<2x3xf32> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$input, I64Attr:$axis,
                       UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $input `axis` $axis (`exclusive` $exclusive^)? (`reverse` $reverse^)?
    attr-dict `:` type($input) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNREDUCTIONOPS_TD
