#ifndef NNC_DIALECTS_NN_IR_NNLINEAROPS_TD
#define NNC_DIALECTS_NN_IR_NNLINEAROPS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/NNLinearAttrs.td"

def OpGroupLinear : OpDocGroup {
  let summary = "Contractions and windows";
  let description = [{
    Matrix products, convolutions and pooling of any rank.

    A window op slides a window over the spatial axes, those after batch and
    channel. Its attributes have one number a spatial axis: `strides` between
    windows, `dilations` between elements of a window, and `pads` with the
    elements added before each axis, then those added after each. `auto_pad`
    other than `not_set` computes the padding from the dimensions instead, and
    `pads` must be zero. With `channels_last` the channels are the last axis of
    input and result, `[N, spatial..., C]`; a filter stays as it is.
  }];
}

/// LayoutOpInterface by the attribute `channels_last`. See WindowUtils.h.
def NN_WindowLayoutTrait : NativeOpTrait<"WindowLayout"> {
  let cppNamespace = "::mlir::nnc::nn";
}
def NN_WindowLayout : TraitList<[LayoutOpInterface, NN_WindowLayoutTrait]>;

let opDocGroup = OpGroupLinear in {

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

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

def NN_EinsumOp : NN_Op<"einsum", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "sum of products over named axes";
  let description = [{
    Einstein's notation: each operand's axes are named by letters, the result
    has the axes after `->` in that order, and names that are absent there are
    summed over. A name twice in one operand takes the diagonal. Without `->`
    the result has the ellipsis first, then the names that occur once, in
    ASCII order (capitals first). `...` stands for axes that broadcast, aligned
    at their last. Equal names must have equal dimensions, or 1. Spaces mean
    nothing.

    Example:

    ```mlir
    func.func @f(%a: tensor<8x2x3xf32>, %b: tensor<8x3x4xf32>) -> tensor<8x2x4xf32> {
      %0 = nn.einsum "bij,bjk->bik" %a, %b : tensor<8x2x3xf32>, tensor<8x3x4xf32> -> tensor<8x2x4xf32>
      return %0 : tensor<8x2x4xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$equation, Variadic<NN_NumberTensor>:$inputs);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $equation $inputs attr-dict `:` type($inputs) `->` type($result)
  }];
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// Names the axes of a window's geometry for shape function, reference and
/// lowering.
class NN_WindowOp<string mnemonic>
    : NN_Op<mnemonic, [
        DeclareOpInterfaceMethods<CostOpInterface>, NN_WindowLayout]> {
  code windowDecls = [{
    /// Appends the geometry of the window, one entry a spatial axis; reports
    /// through `dims` what does not fit.
    static ::llvm::LogicalResult resolveWindow(
        Adaptor adaptor, ::mlir::nnc::DimBuilder &dims,
        ::llvm::SmallVectorImpl<::mlir::nnc::nn::WindowAxis> &axes);
  }];
  let extraDecls = windowDecls;
}

/// A window op that is fast with the channels innermost.
class NN_ConvolutionOp<string mnemonic> : NN_WindowOp<mnemonic> {
  let extraDecls = windowDecls # [{
    ::std::optional<::mlir::nnc::Layout> getPreferredLayout() {
      return getChannelsLastPreference(getOperation(), getChannelsLast());
    }
  }];
}

def NN_ConvOp : NN_ConvolutionOp<"conv"> {
  let summary = "convolution";
  let description = [{
    Cross-correlation of the input `[N, C, spatial...]` with the filter
    `[F, C / group, kernel...]`, of 1 to 3 spatial axes; gives
    `[N, F, spatial...]`. Input and output channels are cut into `group` equal
    parts; part `g` of the output sees part `g` of the input only. `bias` of
    shape `[F]` is added.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
      %0 = nn.conv %x, %w, %b strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1]
        : tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32> -> tensor<1x4x4x4xf32>
      return %0 : tensor<1x4x4x4xf32>
    }
    ```
  }];
  let arguments = (ins
    NN_NumberTensor:$input, NN_NumberTensor:$filter,
    Optional<NN_NumberTensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group, NN_DefaultAutoPad:$auto_pad,
    UnitAttr:$channels_last);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $input `,` $filter (`,` $bias^)? `strides` $strides `dilations` $dilations
    `pads` $pads attr-dict
    `:` type($input) `,` type($filter) (`,` type($bias)^)? `->` type($result)
  }];
}

def NN_ConvTransposeOp : NN_ConvolutionOp<"conv_transpose"> {
  let summary = "transposed convolution";
  let description = [{
    The gradient of a convolution with respect to its input: each element of
    the input `[N, C, spatial...]` adds the filter `[C, F / group, kernel...]`,
    times its value, into the output `[N, F, spatial...]` at its position times
    the stride. `pads` are cut off the output; `output_padding` elements are
    added at the end. If `output_shape` is not empty, it has the output's
    spatial dimensions, and the total to cut off follows from it (never below
    0), the odd element at the begin unless `auto_pad` is `same_upper`.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x2x3x3xf32>, %w: tensor<2x4x3x3xf32>) -> tensor<1x4x6x6xf32> {
      %0 = nn.conv_transpose %x, %w strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1]
        output_padding [1, 1] : tensor<1x2x3x3xf32>, tensor<2x4x3x3xf32> -> tensor<1x4x6x6xf32>
      return %0 : tensor<1x4x6x6xf32>
    }
    ```
  }];
  let arguments = (ins
    NN_NumberTensor:$input, NN_NumberTensor:$filter,
    Optional<NN_NumberTensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$output_padding,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$output_shape,
    DefaultValuedAttr<I64Attr, "1">:$group, NN_DefaultAutoPad:$auto_pad,
    UnitAttr:$channels_last);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $input `,` $filter (`,` $bias^)? `strides` $strides `dilations` $dilations
    `pads` $pads `output_padding` $output_padding
    (`output_shape` $output_shape^)? attr-dict
    `:` type($input) `,` type($filter) (`,` type($bias)^)? `->` type($result)
  }];
}

//===----------------------------------------------------------------------===//
// Pooling
//===----------------------------------------------------------------------===//

/// A window op without a filter. `ceil_mode` rounds the number of windows up,
/// as long as the last one starts before the padding at the end.
class NN_PoolOp<string mnemonic, Type inputType, Type resultType, dag extra>
    : NN_WindowOp<mnemonic> {
  let arguments = !con((ins
    inputType:$input, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    NN_DefaultAutoPad:$auto_pad, UnitAttr:$ceil_mode), extra,
    (ins UnitAttr:$channels_last));
  let results = (outs resultType:$result);
  let assemblyFormat = [{
    $input `kernel` $kernel `strides` $strides `dilations` $dilations
    `pads` $pads attr-dict `:` type($input) `->` type($result)
  }];
}

def NN_MaxPoolOp : NN_PoolOp<"max_pool", NN_NumberTensor, NN_NumberTensor, (ins)> {
  let summary = "largest element of each window";
  let description = [{
    Padding never wins. With `ceil_mode` the number of windows is rounded up, as
    long as the last one starts before the padding at the end. A window of
    padding alone gives the lowest value.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
      %0 = nn.max_pool %x kernel [3, 3] strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1]
        : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xf32>
      return %0 : tensor<1x3x4x4xf32>
    }
    ```
  }];
}

def NN_MaxPoolIndicesOp : NN_PoolOp<"max_pool_indices", NN_NumberTensor,
                                    RankedTensorOf<[I64]>,
                                    (ins UnitAttr:$column_major)> {
  let summary = "where the largest element of each window is";
  let description = [{
    The row-major index, in the whole input, of the first largest element of
    each window of `nn.max_pool`. With `column_major` the spatial axes count
    from the first to the last, batch and channel as before. A window of padding
    alone gives the index of its channel's first element. With `channels_last`
    the index is still that of the element in `[N, C, spatial...]`.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xi64> {
      %0 = nn.max_pool_indices %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0]
        : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xi64>
      return %0 : tensor<1x3x4x4xi64>
    }
    ```
  }];
}

def NN_AveragePoolOp : NN_PoolOp<"average_pool", NN_FloatTensor, NN_FloatTensor,
                                 (ins UnitAttr:$count_include_pad)> {
  let summary = "mean of each window";
  let description = [{
    The mean of the window's elements inside the input, or, with
    `count_include_pad`, inside the input with its padding, which is zero. What
    `ceil_mode` reads behind the padding never counts. A window without
    elements gives 0.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
      %0 = nn.average_pool %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0]
        : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xf32>
      return %0 : tensor<1x3x4x4xf32>
    }
    ```
  }];
}

def NN_LpPoolOp : NN_PoolOp<"lp_pool", NN_FloatTensor, NN_FloatTensor,
                            (ins DefaultValuedAttr<I64Attr, "2">:$p)> {
  let summary = "Lp norm of each window";
  let description = [{
    `(sum of |x|^p)^(1/p)` over each window; padding is zero.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x4x4xf32> {
      %0 = nn.lp_pool %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {p = 3 : i64}
        : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xf32>
      return %0 : tensor<1x3x4x4xf32>
    }
    ```
  }];
}

def NN_MaxUnpoolOp : NN_Op<"max_unpool"> {
  let summary = "puts elements back where a max pooling took them";
  let description = [{
    Element `i` of the input goes to index `indices[i]`, counted row-major in a
    tensor of the input's batch and channels and of the spatial dimensions
    `(input - 1) * stride + kernel - pads`; the rest is zero. `output_shape`,
    if given, has all dimensions of the result; the tensor above then lies at
    its origin, and elements outside of it are an error. Of several elements
    with one index the last one stays.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x1x2x2xf32>, %i: tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32> {
      %0 = nn.max_unpool %x, %i kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0]
        : tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64> -> tensor<1x1x4x4xf32>
      return %0 : tensor<1x1x4x4xf32>
    }
    ```
  }];
  let arguments = (ins
    NN_NumberTensor:$input, RankedTensorOf<[I64]>:$indices,
    Optional<NN_IndexTensor>:$output_shape,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$pads);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $input `,` $indices (`,` $output_shape^)? `kernel` $kernel
    `strides` $strides `pads` $pads attr-dict
    `:` type($input) `,` type($indices) (`,` type($output_shape)^)? `->` type($result)
  }];
  let extraDecls = [{
    /// The spatial dimensions that indices refer to.
    static ::llvm::LogicalResult resolveSpatial(
        Adaptor adaptor, ::mlir::nnc::DimBuilder &dims,
        ::llvm::SmallVectorImpl<::mlir::nnc::Dim> &spatial);
  }];
}

//===----------------------------------------------------------------------===//
// Normalization over neighbours
//===----------------------------------------------------------------------===//

def NN_LRNOp : NN_Op<"lrn", [
    DeclareOpInterfaceMethods<CostOpInterface>, NN_WindowLayout]> {
  let summary = "local response normalization";
  let description = [{
    `x / (bias + alpha / size * s)^beta`, where `s` is the sum of the squares of
    the elements in channels `c - floor((size - 1) / 2)` to
    `c + ceil((size - 1) / 2)` at the same place. The input is
    `[N, C, anything...]`, or `[N, anything..., C]` with `channels_last`.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
      %0 = nn.lrn %x size 3 alpha 1.000000e-04 beta 7.500000e-01 bias 1.000000e+00
        : tensor<1x8x4x4xf32> -> tensor<1x8x4x4xf32>
      return %0 : tensor<1x8x4x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, I64Attr:$size, F64Attr:$alpha,
                       F64Attr:$beta, F64Attr:$bias,
                       UnitAttr:$channels_last);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `size` $size `alpha` $alpha `beta` $beta `bias` $bias attr-dict
    `:` type($input) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNLINEAROPS_TD
