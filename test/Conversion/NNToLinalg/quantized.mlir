// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// CHECK: #[[$CHANNEL:.*]] = affine_map<(d0, d1) -> (d0, 0)>

// CHECK-LABEL: func @quantize
// CHECK: arith.divf
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpf olt
// CHECK: arith.addf {{.*}} : f32
// CHECK: arith.bitcast {{.*}} : f32 to i32
// CHECK: arith.trunci {{.*}} : i32 to i8
func.func @quantize(%x: tensor<2x3xf32>, %s: tensor<f32>, %z: tensor<ui8>) -> tensor<2x3xui8> {
  %0 = nn.quantize %x, %s zero_point %z to ui8 : (tensor<2x3xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x3xui8>
  return %0 : tensor<2x3xui8>
}

// CHECK-LABEL: func @dequantize_channels
// CHECK: linalg.generic {{.*}}#[[$CHANNEL]], #[[$CHANNEL]]
// CHECK: arith.extui
// CHECK: arith.subi {{.*}} : i32
// CHECK: arith.sitofp
// CHECK: arith.mulf
func.func @dequantize_channels(%x: tensor<2x3xui8>, %s: tensor<2x1xf32>, %z: tensor<2x1xui8>) -> tensor<2x3xf32> {
  %0 = nn.dequantize %x, %s zero_point %z : (tensor<2x3xui8>, tensor<2x1xf32>, tensor<2x1xui8>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// A difference of i32 needs 33 bits.
// CHECK-LABEL: func @dequantize_i32
// CHECK: arith.subi {{.*}} : i64
func.func @dequantize_i32(%x: tensor<3xi32>, %s: tensor<f32>, %z: tensor<i32>) -> tensor<3xf32> {
  %0 = nn.dequantize %x, %s zero_point %z : (tensor<3xi32>, tensor<f32>, tensor<i32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: func @range
// CHECK: arith.minimumf
// CHECK: arith.maximumf
// CHECK: math.roundeven
func.func @range(%x: tensor<?x3xf32>) -> (tensor<f32>, tensor<ui8>) {
  %0, %1 = nn.quantization_range %x : (tensor<?x3xf32>) -> (tensor<f32>, tensor<ui8>)
  return %0, %1 : tensor<f32>, tensor<ui8>
}

// Each operand is widened by its own signedness.
// CHECK-LABEL: func @matmul_integer
// CHECK: arith.extui {{.*}} : i8 to i32
// CHECK: arith.subi
// CHECK: arith.extsi {{.*}} : i8 to i32
// CHECK: "reduction"
// CHECK: arith.muli {{.*}} : i32
func.func @matmul_integer(%a: tensor<2x3xui8>, %b: tensor<3x4xi8>, %z: tensor<ui8>) -> tensor<2x4xi32> {
  %0 = nn.matmul_integer %a, %b lhs_zero_point %z : (tensor<2x3xui8>, tensor<3x4xi8>, tensor<ui8>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

// CHECK-LABEL: func @conv_integer
// CHECK: arith.subi
// CHECK: arith.muli {{.*}} : i32
func.func @conv_integer(%x: tensor<1x3x8x8xui8>, %w: tensor<4x3x3x3xi8>, %z: tensor<ui8>) -> tensor<1x4x8x8xi32> {
  %0 = nn.conv_integer %x, %w input_zero_point %z strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] : (tensor<1x3x8x8xui8>, tensor<4x3x3x3xi8>, tensor<ui8>) -> tensor<1x4x8x8xi32>
  return %0 : tensor<1x4x8x8xi32>
}
