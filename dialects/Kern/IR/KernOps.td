#ifndef NNC_DIALECTS_KERN_IR_KERNOPS_TD
#define NNC_DIALECTS_KERN_IR_KERNOPS_TD

include "dialects/HW/IR/HWAttrs.td"
include "dialects/Kern/IR/KernDialect.td"
include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nnc/Interfaces/CostOpInterface.td"

def Kern_Shaped : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef]>;

/// A computation of one result with extra operands and an epilogue.
class Kern_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kern_Dialect, mnemonic, !listconcat([
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<Kern_EpilogueOpInterface, [
            "getExtrasMutable", "getExtraMaps", "setExtraMapsAttr",
            "getExtents", "getEpilogue", "getInit", "getTilingAttr",
            "setTilingAttr"]>,
        SingleBlockImplicitTerminator<"::mlir::nnc::kern::YieldOp">
      ], traits)> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$epilogue);
  let hasVerifier = 1;
  code extraDecls = "";
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// The type that sums have.
    ::mlir::Type getSumType() {
      return getEpilogue().front().getArgument(0).getType();
    }
  }] # extraDecls;
}

def Kern_GemmOp : Kern_Op<"gemm", [
    DeclareOpInterfaceMethods<Kern_ContractionOpInterface>]> {
  let summary = "product of matrices";
  let description = [{
    `lhs` is `[batch..., m..., K]` and the result `[batch..., m..., N]`, with
    `batch` leading axes, which `rhs` has too. Those of an operand are as in the
    result or 1. Then, by `layout`, `rhs` `rows` is `[K, N]`, `columns` is `[N, K]`,
    `panels` is `[ceil(N / c), K, c]` with c columns a panel, the tiling's,
    zeros behind the last. Sums are of the type of the epilogue's first
    argument; operands are converted to it.

    With `rhs` of i8 and sums of i32 the left operand is of 8 bits too, unsigned,
    or, with `flips`, signed and counted as its element plus 128. `dot` elements
    of the depth, as many as one instruction of the machine multiplies and adds,
    then lie side by side in panels: `[ceil(N / c), ceil(K / dot), c, dot]`, zeros
    behind the last.

    Example:

    ```mlir
    %0 = kern.gemm rows %a, %b extras(%bias : tensor<32xf32>) outs(%c)
        {extra_maps = [affine_map<(m, n) -> (n)>]}
        : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
    ^bb0(%sum: f32, %b0: f32):
      %1 = arith.addf %sum, %b0 : f32
      kern.yield %1 : f32
    }
    ```
  }];
  let arguments = (ins
    Kern_Shaped:$lhs, Kern_Shaped:$rhs, Variadic<Kern_Shaped>:$extras,
    Kern_Shaped:$init, Kern_RhsLayout:$layout,
    DefaultValuedAttr<I64Attr, "0">:$batch,
    AffineMapArrayAttr:$extra_maps, OptionalAttr<HW_TilingAttr>:$tiling,
    DefaultValuedAttr<I64Attr, "1">:$dot, UnitAttr:$flips);
  let assemblyFormat = [{
    $layout $lhs `,` $rhs (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `)` (`tiling` $tiling^)? attr-dict
    `:` type($lhs) `,` type($rhs) `,` type($init)
    (`->` type($results)^)? $epilogue
  }];
}

/// A convolution, channels last.
class Kern_WindowOp<string mnemonic> : Kern_Op<mnemonic, [
    DeclareOpInterfaceMethods<Kern_ContractionOpInterface>]>;

def Kern_ConvOp : Kern_WindowOp<"conv"> {
  let summary = "convolution, channels last";
  let description = [{
    `input` is `[N, spatial..., C]`, the result `[N, spatial..., F]`, with one to
    three spatial axes. `filter` is `[F, C / group, kernel...]`, or packed
    `[group, ceil(F / group / c), kernel..., C / group, c]` with c columns a
    panel, the tiling's. `pads` has what is added before each spatial axis, then
    what is added after.

    Bytes as in `kern.gemm`; packed `[..., ceil(C / group / dot), c, dot]`. Around
    the input is then the one element of operand `padding_extra` of `extras`, 0
    without.

    Example: `kern.conv %x, %w outs(%y) strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] ...`
  }];
  let arguments = (ins
    Kern_Shaped:$input, Kern_Shaped:$filter, Variadic<Kern_Shaped>:$extras,
    Kern_Shaped:$init, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    DefaultValuedAttr<I64Attr, "1">:$group, UnitAttr:$packed,
    AffineMapArrayAttr:$extra_maps, OptionalAttr<HW_TilingAttr>:$tiling,
    DefaultValuedAttr<I64Attr, "1">:$dot, UnitAttr:$flips,
    OptionalAttr<I64Attr>:$padding_extra);
  let assemblyFormat = [{
    (`packed` $packed^)? $input `,` $filter
    (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `)` `strides` $strides `dilations` $dilations `pads` $pads
    (`tiling` $tiling^)? attr-dict
    `:` type($input) `,` type($filter) `,` type($init)
    (`->` type($results)^)? $epilogue
  }];
}

def Kern_DepthwiseOp : Kern_WindowOp<"depthwise"> {
  let summary = "convolution of each channel by itself, channels last";
  let description = [{
    As `kern.conv` with as many groups as channels and one feature a group.
    `filter` is `[C, 1, kernel...]`, or packed `[kernel positions, C]`.

    Bytes as in `kern.conv`, of one or two spatial axes; packed `[kernel width,
    ceil(kernel height / dot), C, dot]`, C rounded up to `dot` vectors of the
    tiling: `dot` lines of the window are multiplied and added at once.

    Example: `kern.depthwise %x, %w outs(%y) strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] ...`
  }];
  let arguments = (ins
    Kern_Shaped:$input, Kern_Shaped:$filter, Variadic<Kern_Shaped>:$extras,
    Kern_Shaped:$init, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$kernel, UnitAttr:$packed,
    AffineMapArrayAttr:$extra_maps, OptionalAttr<HW_TilingAttr>:$tiling,
    DefaultValuedAttr<I64Attr, "1">:$dot, UnitAttr:$flips,
    OptionalAttr<I64Attr>:$padding_extra);
  let assemblyFormat = [{
    (`packed` $packed^)? $input `,` $filter
    (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `)` `kernel` $kernel `strides` $strides
    `dilations` $dilations `pads` $pads
    (`tiling` $tiling^)? attr-dict
    `:` type($input) `,` type($filter) `,` type($init)
    (`->` type($results)^)? $epilogue
  }];
}

def Kern_WinogradOp : Kern_WindowOp<"winograd"> {
  let summary = "convolution by 3 x 3 through Winograd's transform, channels last";
  let description = [{
    F(tile x tile, 3 x 3) of A. Lavin and S. Gray, "Fast Algorithms for
    Convolutional Neural Networks", 2015: of stride 1, without dilation and
    groups. `filter` is `[F, C, 3, 3]`, or transformed and packed
    `[ceil(F / c), (tile + 2)^2, C, c]` with c columns a panel.

    Example: `kern.winograd tile 2 %x, %w outs(%y) pads [1, 1, 1, 1] ...`
  }];
  let arguments = (ins
    I64Attr:$tile, Kern_Shaped:$input, Kern_Shaped:$filter,
    Variadic<Kern_Shaped>:$extras, Kern_Shaped:$init,
    DenseI64ArrayAttr:$pads, UnitAttr:$packed,
    AffineMapArrayAttr:$extra_maps, OptionalAttr<HW_TilingAttr>:$tiling);
  let assemblyFormat = [{
    `tile` $tile (`packed` $packed^)? $input `,` $filter
    (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `)` `pads` $pads (`tiling` $tiling^)? attr-dict
    `:` type($input) `,` type($filter) `,` type($init)
    (`->` type($results)^)? $epilogue
  }];
}

def Kern_SparseOp : Kern_Op<"sparse"> {
  let summary = "product with a matrix, or convolution, of blocks that are not 0";
  let description = [{
    As `kern.gemm` without batches, or with `window` as `kern.conv` of one group,
    where most of the constant operand is 0. That one is cut into blocks of
    `columns` columns by `dot` elements of the depth; those that hold anything
    but zeros lie in `values`, `[blocks, columns * dot]`, column by column of the
    result: the blocks of columns `columns * i` and following are `starts[i]` up
    to `starts[i + 1]`, zeros for columns behind the last. `places` has for each
    its place along the depth, in steps of `dot`; a window's depth is its
    positions by the input's channels.

    Blocks as wide as a vector of the tiling multiply rows where they lie.
    Narrower ones, of `dot` 1, multiply panels of `m_block` rows that a unit turns
    around first, so that a vector holds the same element of many rows.

    `dot` and `flips` are those of `kern.gemm`. `window` has the kernel's sizes,
    the strides, the dilations, what is padded before and what after each
    spatial axis.

    Example: `kern.sparse columns 4 %a, %v, %s, %p outs(%c) tiling <...> ...`
  }];
  let arguments = (ins
    I64Attr:$columns, Kern_Shaped:$lhs, Kern_Shaped:$values,
    Kern_Shaped:$starts, Kern_Shaped:$places, Variadic<Kern_Shaped>:$extras,
    Kern_Shaped:$init, OptionalAttr<DenseI64ArrayAttr>:$window,
    AffineMapArrayAttr:$extra_maps, OptionalAttr<HW_TilingAttr>:$tiling,
    DefaultValuedAttr<I64Attr, "1">:$dot, UnitAttr:$flips);
  let extraDecls = [{
    ::mlir::OpOperand &getPackedOperand() { return getValuesMutable(); }
    /// Blocks that are stored.
    int64_t getNumBlocks();
    /// Elements of the depth, of a window all of its positions'.
    int64_t getDepth();
    /// One of the five lists of `window`, empty without.
    ::llvm::ArrayRef<int64_t> getWindowPart(unsigned part);
  }];
  let assemblyFormat = [{
    `columns` $columns $lhs `,` $values `,` $starts `,` $places
    (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `)` (`window` $window^)? (`tiling` $tiling^)? attr-dict
    `:` type($lhs) `,` type($values) `,` type($starts) `,` type($places) `,`
    type($init) (`->` type($results)^)? $epilogue
  }];
}

def Kern_AttentionOp : Kern_Op<"attention", [AttrSizedOperandSegments]> {
  let summary = "means of values, weighted by how queries and keys agree";
  let description = [{
    `softmax(scores(query key^T)) value`, without a tensor of scores. The loops
    are those of the batch axes, of queries, of keys and of the width of queries
    or values. Operands are read by maps, so that transposed ones, and heads that
    several queries share, need no copy: `query_map` leads from (batch...,
    query, width) to the indices of `query`, `key_map` from (batch..., key, width),
    `value_map` from (batch..., key, column), `result_map`, a permutation, from
    (batch..., query, column) to those of the result, of which the last is the
    column.

    The region `scores` makes each score from a sum of products and from one
    element of each of `score_extras`, which `score_maps` read by (batch...,
    query, key). Then `causality` leaves keys out: of key j for query i,
    `from_start` those with `j > i`, `from_end` those with `j > i + keys - queries`.
    A query without any key gets NaN.

    Computed by blocks of keys, with a running maximum: M. Milakov and N.
    Gimelshein, "Online normalizer calculation for softmax", 2018.

    Example: `kern.attention %q, %k, %v outs(%o) ...`
  }];
  let arguments = (ins
    Kern_Shaped:$query, Kern_Shaped:$key, Kern_Shaped:$value,
    Variadic<Kern_Shaped>:$score_extras, Variadic<Kern_Shaped>:$extras,
    Kern_Shaped:$init, AffineMapAttr:$query_map, AffineMapAttr:$key_map,
    AffineMapAttr:$value_map, AffineMapAttr:$result_map,
    AffineMapArrayAttr:$score_maps,
    DefaultValuedAttr<Kern_Causality, "::mlir::nnc::kern::Causality::None">:$causality,
    AffineMapArrayAttr:$extra_maps, OptionalAttr<HW_TilingAttr>:$tiling);
  let regions = (region SizedRegion<1>:$epilogue, SizedRegion<1>:$scores);
  let extraDecls = [{
    /// The loops of the first product, as getExtents has those of the second.
    ::mlir::nnc::kern::Extents getScoreExtents();
  }];
  let assemblyFormat = [{
    $query `,` $key `,` $value
    (`score_extras` `(` $score_extras^ `:` type($score_extras) `)`)?
    (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `)` (`tiling` $tiling^)? attr-dict
    `:` type($query) `,` type($key) `,` type($value) `,` type($init)
    (`->` type($results)^)? $epilogue `scores` $scores
  }];
}

def Kern_NormalizeOp : Op<Kern_Dialect, "normalize", [
    DestinationStyleOpInterface, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "rows without their mean, over their deviation";
  let description = [{
    Each row of f32 along the last axis, less its mean (unless `uncentered`), over
    the root of its mean square plus `epsilon`; then times `scale` and plus `bias`,
    one number an element of the row.

    Made for products that read the rows as their left operand: they compute those
    that a work unit needs in its own scratch. It has no loops of its own.

    Example: `kern.normalize %x scale %s : tensor<32xf32> outs(%y) epsilon 1.0e-5
    : tensor<8x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32>`
  }];
  let arguments = (ins
    Kern_Shaped:$input, Optional<Kern_Shaped>:$scale,
    Optional<Kern_Shaped>:$bias, Kern_Shaped:$init, F64Attr:$epsilon,
    UnitAttr:$uncentered);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $input (`scale` $scale^ `:` type($scale))? (`bias` $bias^ `:` type($bias))?
    `outs` `(` $init `)` `epsilon` $epsilon (`uncentered` $uncentered^)? attr-dict
    `:` type($input) `,` type($init) (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

def Kern_YieldOp : Op<Kern_Dialect, "yield", [Pure, ReturnLike, Terminator]> {
  let summary = "ends an epilogue with the element of the result";
  let arguments = (ins Variadic<AnyType>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // NNC_DIALECTS_KERN_IR_KERNOPS_TD
