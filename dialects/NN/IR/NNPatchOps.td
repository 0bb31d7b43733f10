#ifndef NNC_DIALECTS_NN_IR_NNPATCHOPS_TD
#define NNC_DIALECTS_NN_IR_NNPATCHOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupPatch : OpDocGroup {
  let summary = "Patches of images";
  let description = [{
    Images as columns of patches, and regions of images. `strides`, `dilations`
    and `pads` are those of `nn.conv`.
  }];
}

let opDocGroup = OpGroupPatch in {

def NN_Col2ImOp : NN_Op<"col2im", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "sums overlapping patches into an image";
  let description = [{
    `input` is [batch, channels * elements of a patch, patches]: column l holds
    the patch that a window of size `kernel` at its l-th place has seen of an
    image of the spatial dimensions `image_shape`. Each element of the result,
    [batch, channels, image_shape...], is the sum of all elements of patches
    that lie on it.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x5x5xf32>) -> tensor<1x1x5x5xf32> {
      %s = nn.constant dense<5> : tensor<2xi64>
      %0 = nn.col2im %x, %s kernel [1, 5] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
        : tensor<1x5x5xf32>, tensor<2xi64> -> tensor<1x1x5x5xf32>
      return %0 : tensor<1x1x5x5xf32>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$input, NN_IndexTensor:$image_shape,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $input `,` $image_shape `kernel` $kernel `strides` $strides `dilations`
    $dilations `pads` $pads attr-dict `:` type($input) `,` type($image_shape)
    `->` type($result)
  }];
}

def NN_DeformColumnsOp : NN_Op<"deform_columns", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "patches whose elements are moved by offsets";
  let description = [{
    What a convolution with `kernel` over `input`, [batch, channels, height,
    width], sees: [batch, channels, kernel height, kernel width, windows down,
    windows across]. Each element is read at its place plus an offset, by linear
    interpolation; outside of the input are zeros. `offset` is [batch,
    `offset_groups` * kernel height * kernel width * 2, windows down, windows
    across] with the vertical offset before the horizontal one; each group holds
    for an equal part of the channels. `mask`, of half as many channels,
    multiplies the elements.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x2x3x3xf32>, %o: tensor<1x8x2x2xf32>) -> tensor<1x2x2x2x2x2xf32> {
      %0 = nn.deform_columns %x, %o kernel [2, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
        : tensor<1x2x3x3xf32>, tensor<1x8x2x2xf32> -> tensor<1x2x2x2x2x2xf32>
      return %0 : tensor<1x2x2x2x2x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$offset,
    Optional<NN_FloatTensor>:$mask, DenseI64ArrayAttr:$kernel,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    DenseI64ArrayAttr:$pads, DefaultValuedAttr<I64Attr, "1">:$offset_groups);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $offset (`mask` `(` $mask^ `:` type($mask) `)`)? `kernel` $kernel
    `strides` $strides `dilations` $dilations `pads` $pads attr-dict
    `:` type($input) `,` type($offset) `->` type($result)
  }];
}

def NN_MaxRoiPoolOp : NN_Op<"max_roi_pool", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "largest elements of parts of regions";
  let description = [{
    `input` is [batch, channels, height, width], `rois` [regions, 5] as [batch,
    x1, y1, x2, y2], the corners times `spatial_scale` rounded to whole elements
    (halves up) and both inside. Each region, of at least one element, is cut
    into `size` bins that may overlap by one element; a bin of none gives 0. A
    region of a batch that is not there is reported by the reference; compiled
    code takes the nearest one there is.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x2x8x8xf32>, %r: tensor<3x5xf32>) -> tensor<3x2x4x4xf32> {
      %0 = nn.max_roi_pool %x, %r size [4, 4] : tensor<1x2x8x8xf32>, tensor<3x5xf32> -> tensor<3x2x4x4xf32>
      return %0 : tensor<3x2x4x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input, NN_FloatTensor:$rois,
    DenseI64ArrayAttr:$size, DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $rois `size` $size attr-dict `:` type($input) `,` type($rois)
    `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNPATCHOPS_TD
