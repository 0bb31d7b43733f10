#ifndef NNC_DIALECTS_NN_IR_NNQUANTIZEDOPS_TD
#define NNC_DIALECTS_NN_IR_NNQUANTIZEDOPS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/NNLinearAttrs.td"

def OpGroupQuantized : OpDocGroup {
  let summary = "Quantization";
  let description = "Conversions between real and integer tensors and exact integer products.";
}

/// What real numbers are quantized to.
def NN_Quantized : AnyTypeOf<[I8, UI8, I16, UI16, NN_NarrowInteger, NN_NarrowFloat]>;
/// 8 bits: operands of exact integer products.
def NN_Byte : AnyTypeOf<[I8, UI8]>;
def NN_ByteTensor : RankedTensorOf<[NN_Byte]>;
def NN_QuantizedTensor : RankedTensorOf<[NN_Quantized]>;

let opDocGroup = OpGroupQuantized in {

def NN_QuantizeOp : NN_Op<"quantize", [
    DeclareOpInterfaceMethods<ScalarOpInterface>,
    DeclareOpInterfaceMethods<CostOpInterface>, NN_BroadcastLayout]> {
  let summary = "real numbers to small integers";
  let description = [{
    `saturate(round(input / scale) + zero_point)`, rounding half to even, into
    `element_type`, the type of the zero point if there is one. `scale` and
    `zero_point` broadcast to the input's shape: rank 0 per tensor, `[C, 1, 1]`
    per channel. The division is in f32 (in f64 for f64); NaN gives the lowest
    value. Floats as `element_type` have no zero point and are rounded and
    saturated as `nn.cast` does it.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xf32>, %s: tensor<f32>, %z: tensor<ui8>) -> tensor<2x3xui8> {
      %0 = nn.quantize %x, %s zero_point %z to ui8
        : (tensor<2x3xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x3xui8>
      return %0 : tensor<2x3xui8>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[NN_Float, I32]>:$input,
      NN_FloatTensor:$scale, Optional<NN_QuantizedTensor>:$zero_point,
      TypeAttr:$element_type, UnitAttr:$unsaturated);
  let results = (outs NN_QuantizedTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale (`zero_point` $zero_point^)? `to` $element_type
    (`unsaturated` $unsaturated^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def NN_DequantizeOp : NN_Op<"dequantize", [
    DeclareOpInterfaceMethods<ScalarOpInterface>,
    DeclareOpInterfaceMethods<CostOpInterface>, NN_BroadcastLayout]> {
  let summary = "small integers to real numbers";
  let description = [{
    `(input - zero_point) * scale`, of the scale's element type. `scale` and
    `zero_point` broadcast to the input's shape. 16-bit floats are computed in
    f32.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xi8>, %s: tensor<3xf32>) -> tensor<2x3xf32> {
      %0 = nn.dequantize %x, %s : (tensor<2x3xi8>, tensor<3xf32>) -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[NN_Quantized, I32]>:$input,
      NN_FloatTensor:$scale,
      Optional<RankedTensorOf<[NN_Quantized, I32]>>:$zero_point);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale (`zero_point` $zero_point^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def NN_QuantizationRangeOp : NN_Op<"quantization_range", [
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "scale and zero point for a tensor's values";
  let description = [{
    The parameters with which `ui8` covers the input's values and 0: `scale` is
    (max - min) / 255 of the values and 0, or 1 if that is 0; `zero_point` is
    round(-min / scale), half to even, saturated.

    Example:

    ```mlir
    func.func @f(%x: tensor<6xf32>) -> (tensor<f32>, tensor<ui8>) {
      %scale, %zero_point = nn.quantization_range %x
        : (tensor<6xf32>) -> (tensor<f32>, tensor<ui8>)
      return %scale, %zero_point : tensor<f32>, tensor<ui8>
    }
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input);
  let results = (outs RankedTensorOf<[F32]>:$scale, RankedTensorOf<[UI8]>:$zero_point);
  let assemblyFormat = [{
    $input attr-dict `:` functional-type(operands, results)
  }];
}

def NN_MatMulIntegerOp : NN_Op<"matmul_integer", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "exact matrix product of 8-bit integers";
  let description = [{
    `(lhs - lhs_zero_point) (rhs - rhs_zero_point)` as `nn.matmul` multiplies,
    in i32 (modulo 2^32). A zero point broadcasts to its operand and is the same
    along the contracted axis: rank 0, `[..., M, 1]` a row for `lhs`,
    `[..., 1, N]` a column for `rhs`.

    Example:

    ```mlir
    func.func @f(%a: tensor<2x3xui8>, %b: tensor<3x4xi8>, %z: tensor<ui8>) -> tensor<2x4xi32> {
      %0 = nn.matmul_integer %a, %b lhs_zero_point %z
        : (tensor<2x3xui8>, tensor<3x4xi8>, tensor<ui8>) -> tensor<2x4xi32>
      return %0 : tensor<2x4xi32>
    }
    ```
  }];
  let arguments = (ins NN_ByteTensor:$lhs, NN_ByteTensor:$rhs,
      Optional<NN_ByteTensor>:$lhs_zero_point,
      Optional<NN_ByteTensor>:$rhs_zero_point);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs (`lhs_zero_point` $lhs_zero_point^)?
    (`rhs_zero_point` $rhs_zero_point^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def NN_ConvIntegerOp : NN_Op<"conv_integer", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<CostOpInterface>,
    DeclareOpInterfaceMethods<LayoutOpInterface, ["getPreferredLayout"]>]> {
  let summary = "exact convolution of 8-bit integers";
  let description = [{
    `nn.conv` of `input - input_zero_point` with `filter - filter_zero_point`,
    in i32 (modulo 2^32); padding counts as the input's zero point. The zero
    points broadcast to their operand: rank 0, or `[F, 1, 1, 1]` a feature for
    the filter. With `channels_last` the input is `[N, spatial..., C]` and the
    result `[N, spatial..., F]`.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x3x8x8xui8>, %w: tensor<4x3x3x3xi8>, %z: tensor<ui8>) -> tensor<1x4x8x8xi32> {
      %0 = nn.conv_integer %x, %w input_zero_point %z
        strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
        : (tensor<1x3x8x8xui8>, tensor<4x3x3x3xi8>, tensor<ui8>) -> tensor<1x4x8x8xi32>
      return %0 : tensor<1x4x8x8xi32>
    }
    ```
  }];
  let arguments = (ins NN_ByteTensor:$input, NN_ByteTensor:$filter,
      Optional<NN_ByteTensor>:$input_zero_point,
      Optional<NN_ByteTensor>:$filter_zero_point,
      DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
      DenseI64ArrayAttr:$pads,
      DefaultValuedAttr<I64Attr, "1">:$group, NN_DefaultAutoPad:$auto_pad,
      UnitAttr:$channels_last);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = [{
    $input `,` $filter (`input_zero_point` $input_zero_point^)?
    (`filter_zero_point` $filter_zero_point^)? `strides` $strides
    `dilations` $dilations `pads` $pads attr-dict
    `:` functional-type(operands, results)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNQUANTIZEDOPS_TD
