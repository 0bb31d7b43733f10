#ifndef NNC_DIALECTS_NN_IR_NNSAMPLINGOPS_TD
#define NNC_DIALECTS_NN_IR_NNSAMPLINGOPS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/NNSamplingAttrs.td"

def OpGroupSampling : OpDocGroup {
  let summary = "Sampling between elements";
  let description = [{
    Ops that read their input at fractional positions.
  }];
}

let opDocGroup = OpGroupSampling in {

def NN_ResizeOp : NN_Op<"resize", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<CostOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface>]> {
  let summary = "another size by interpolation";
  let description = [{
    Resizes each of `axes` to the size that `sizes` has for it. Position i of
    the result lies at position p of the input, of n elements, resized to m, with
    scale s = m / n unless `scales` has one for each axis, and l = s * n:

    - `half_pixel`: (i + 0.5) / s - 0.5
    - `half_pixel_symmetric`: the same + n / 2 * (1 - m / l)
    - `pytorch_half_pixel`: as `half_pixel`, 0 if l is 1
    - `align_corners`: i * (n - 1) / (l - 1), 0 if l is 1
    - `asymmetric`: i / s
    - `tf_half_pixel_for_nn`: (i + 0.5) / s
    - `tf_crop_and_resize`: (n - 1) * (start + i * (end - start) / (l - 1)), or
      (n - 1) * (start + end) / 2 if l is 1, with `roi` holding the starts of
      all axes, then the ends; `extrapolation` is the value outside.

    Elements outside of the input are the nearest ones inside, unless
    `exclude_outside`, which gives them no weight. `rounding` holds for
    `nearest`, `cubic_coefficient` for `cubic`. Integer results are truncated
    and saturated.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x3x4x4xf32>) -> tensor<1x3x8x8xf32> {
      %s = nn.constant dense<8> : tensor<2xi64>
      %0 = nn.resize %x, %s axes [2, 3] linear half_pixel : tensor<1x3x4x4xf32>, tensor<2xi64> -> tensor<1x3x8x8xf32>
      return %0 : tensor<1x3x8x8xf32>
    }
    ```
  }];
  let arguments = (ins
    NN_ValueTensor:$input, NN_IndexTensor:$sizes,
    Optional<NN_FloatTensor>:$scales, Optional<NN_FloatTensor>:$roi,
    DenseI64ArrayAttr:$axes, NN_Interpolation:$mode,
    NN_CoordinateMode:$coordinates,
    DefaultValuedAttr<NN_NearestRounding, "::mlir::nnc::nn::NearestRounding::round_prefer_floor">:$rounding,
    DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coefficient,
    DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation,
    UnitAttr:$exclude_outside);
  let results = (outs NN_ValueTensor:$result);
  let assemblyFormat = [{
    $input `,` $sizes (`scales` `(` $scales^ `:` type($scales) `)`)?
    (`roi` `(` $roi^ `:` type($roi) `)`)? `axes` $axes $mode $coordinates
    (`rounding` $rounding^)? attr-dict
    `:` type($input) `,` type($sizes) `->` type($result)
  }];
}

def NN_GridSampleOp : NN_Op<"grid_sample", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "reads the input at the positions of a grid";
  let description = [{
    `input` is [batch, channels, spatial...], `grid` [batch, result spatial...,
    d]: for each result position d coordinates, the last axis' first. Coordinates
    are from -1 to 1 over the input: over the centres of the corner elements with
    `align_corners`, else over their outer edges. Positions outside follow
    `padding`: zeros, the nearest element, or reflection at the borders. Nearest
    rounds halves to even.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x1x4x4xf32>, %g: tensor<1x6x6x2xf32>) -> tensor<1x1x6x6xf32> {
      %0 = nn.grid_sample %x, %g linear zeros : tensor<1x1x4x4xf32>, tensor<1x6x6x2xf32> -> tensor<1x1x6x6xf32>
      return %0 : tensor<1x1x6x6xf32>
    }
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input, NN_FloatTensor:$grid, NN_Interpolation:$mode,
    NN_SamplePadding:$padding, UnitAttr:$align_corners);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $grid $mode $padding (`align_corners` $align_corners^)? attr-dict
    `:` type($input) `,` type($grid) `->` type($result)
  }];
}

def NN_AffineGridOp : NN_Op<"affine_grid", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "the grid of positions that an affine map gives";
  let description = [{
    `theta` is [batch, d, d + 1], `sizes` the d sizes of the grid. The result,
    [batch, sizes..., d], holds theta times [position, 1], the position's last
    axis first, from -1 to 1 as in `nn.grid_sample`.

    Example:

    ```mlir
    func.func @f(%t: tensor<2x2x3xf32>) -> tensor<2x5x6x2xf32> {
      %s = nn.constant dense<[5, 6]> : tensor<2xi64>
      %0 = nn.affine_grid %t, %s : tensor<2x2x3xf32>, tensor<2xi64> -> tensor<2x5x6x2xf32>
      return %0 : tensor<2x5x6x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$theta, NN_IndexTensor:$sizes,
                       UnitAttr:$align_corners);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $theta `,` $sizes (`align_corners` $align_corners^)? attr-dict
    `:` type($theta) `,` type($sizes) `->` type($result)
  }];
}

def NN_RoiAlignOp : NN_Op<"roi_align"> {
  let summary = "regions of the input, pooled to one size";
  let description = [{
    `input` is [batch, channels, height, width], `rois` [regions, 4] as [x1, y1,
    x2, y2], scaled by `spatial_scale`, and `batch_indices` says of which batch
    each is. Each region is cut into `height` times `width` bins; a bin's value
    is the average or maximum of `sampling_ratio` squared samples by linear
    interpolation, or as many as it has elements if the ratio is 0. With
    `half_pixel` coordinates are shifted by -0.5, without, regions are at least
    1 large. The maximum is over the weighted neighbours of all samples, as ONNX
    has it.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x2x8x8xf32>, %r: tensor<3x4xf32>, %b: tensor<3xi64>) -> tensor<3x2x5x5xf32> {
      %0 = nn.roi_align %x, %r, %b avg size [5, 5] half_pixel {sampling_ratio = 2} : tensor<1x2x8x8xf32>, tensor<3x4xf32>, tensor<3xi64> -> tensor<3x2x5x5xf32>
      return %0 : tensor<3x2x5x5xf32>
    }
    ```
  }];
  let arguments = (ins
    NN_FloatTensor:$input, NN_FloatTensor:$rois, NN_IndexTensor:$batch_indices,
    NN_RoiPooling:$mode, DenseI64ArrayAttr:$size, UnitAttr:$half_pixel,
    DefaultValuedAttr<I64Attr, "0">:$sampling_ratio,
    DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $rois `,` $batch_indices $mode `size` $size
    (`half_pixel` $half_pixel^)? attr-dict `:` type($input) `,` type($rois) `,`
    type($batch_indices) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNSAMPLINGOPS_TD
