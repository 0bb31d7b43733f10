// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @quantize
func.func @quantize(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %z: tensor<3xui8>) -> tensor<2x3xui8> {
  // CHECK: nn.quantize %{{.*}}, %{{.*}} zero_point %{{.*}} to ui8 : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xui8>
  %0 = nn.quantize %x, %s zero_point %z to ui8 : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xui8>
  return %0 : tensor<2x3xui8>
}

// CHECK-LABEL: func @quantize_without_zero_point
func.func @quantize_without_zero_point(%x: tensor<?xi32>, %s: tensor<f32>) -> tensor<?xi16> {
  // CHECK: nn.quantize %{{.*}}, %{{.*}} to i16 : (tensor<?xi32>, tensor<f32>) -> tensor<?xi16>
  %0 = nn.quantize %x, %s to i16 : (tensor<?xi32>, tensor<f32>) -> tensor<?xi16>
  return %0 : tensor<?xi16>
}

// CHECK-LABEL: func @dequantize
func.func @dequantize(%x: tensor<2x3xi8>, %s: tensor<2x1xf16>, %z: tensor<2x1xi8>) -> tensor<2x3xf16> {
  // CHECK: nn.dequantize %{{.*}}, %{{.*}} zero_point %{{.*}} : (tensor<2x3xi8>, tensor<2x1xf16>, tensor<2x1xi8>) -> tensor<2x3xf16>
  %0 = nn.dequantize %x, %s zero_point %z : (tensor<2x3xi8>, tensor<2x1xf16>, tensor<2x1xi8>) -> tensor<2x3xf16>
  return %0 : tensor<2x3xf16>
}

// CHECK-LABEL: func @range
func.func @range(%x: tensor<?xf32>) -> (tensor<f32>, tensor<ui8>) {
  // CHECK: nn.quantization_range %{{.*}} : (tensor<?xf32>) -> (tensor<f32>, tensor<ui8>)
  %0, %1 = nn.quantization_range %x : (tensor<?xf32>) -> (tensor<f32>, tensor<ui8>)
  return %0, %1 : tensor<f32>, tensor<ui8>
}

// CHECK-LABEL: func @matmul_integer
func.func @matmul_integer(%a: tensor<2x3xui8>, %b: tensor<3x4xi8>, %z: tensor<4xi8>) -> tensor<2x4xi32> {
  // CHECK: nn.matmul_integer %{{.*}}, %{{.*}} rhs_zero_point %{{.*}} : (tensor<2x3xui8>, tensor<3x4xi8>, tensor<4xi8>) -> tensor<2x4xi32>
  %0 = nn.matmul_integer %a, %b rhs_zero_point %z : (tensor<2x3xui8>, tensor<3x4xi8>, tensor<4xi8>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

// CHECK-LABEL: func @conv_integer
func.func @conv_integer(%x: tensor<1x4x8x8xui8>, %w: tensor<4x2x3x3xui8>, %z: tensor<ui8>) -> tensor<1x4x4x4xi32> {
  // CHECK: nn.conv_integer %{{.*}}, %{{.*}} input_zero_point %{{.*}} strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {auto_pad = #nn<auto_pad same_upper>, group = 2 : i64}
  %0 = nn.conv_integer %x, %w input_zero_point %z strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {group = 2 : i64, auto_pad = #nn<auto_pad same_upper>} : (tensor<1x4x8x8xui8>, tensor<4x2x3x3xui8>, tensor<ui8>) -> tensor<1x4x4x4xi32>
  return %0 : tensor<1x4x4x4xi32>
}
