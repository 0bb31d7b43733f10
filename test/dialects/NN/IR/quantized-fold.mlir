// RUN: nnc-opt %s -canonicalize | FileCheck %s

// Half to even, saturated before the zero point counts, NaN to the lowest.
// CHECK-LABEL: func @quantize
func.func @quantize() -> (tensor<8xi8>, tensor<8xui8>) {
  %x = nn.constant dense<[0.5, 1.5, -0.5, -2.5, 126.5, 1.0e30, 0xFF800000, 0x7FC00000]> : tensor<8xf32>
  %s = nn.constant dense<1.0> : tensor<f32>
  %z = nn.constant dense<1> : tensor<i8>
  // CHECK-DAG: dense<[1, 3, 1, -1, 127, 127, -128, -128]> : tensor<8xi8>
  // CHECK-DAG: dense<[0, 2, 0, 0, 126, 255, 0, 0]> : tensor<8xui8>
  %0 = nn.quantize %x, %s zero_point %z to i8 : (tensor<8xf32>, tensor<f32>, tensor<i8>) -> tensor<8xi8>
  %1 = nn.quantize %x, %s to ui8 : (tensor<8xf32>, tensor<f32>) -> tensor<8xui8>
  return %0, %1 : tensor<8xi8>, tensor<8xui8>
}

// CHECK-LABEL: func @dequantize_channels
func.func @dequantize_channels() -> tensor<2x2xf32> {
  %x = nn.constant dense<[[0, 255], [0, 255]]> : tensor<2x2xui8>
  %s = nn.constant dense<[[0.5], [2.0]]> : tensor<2x1xf32>
  %z = nn.constant dense<[[0], [255]]> : tensor<2x1xui8>
  // CHECK: dense<{{\[\[}}0.000000e+00, 1.275000e+02], [-5.100000e+02, 0.000000e+00]]>
  %0 = nn.dequantize %x, %s zero_point %z : (tensor<2x2xui8>, tensor<2x1xf32>, tensor<2x1xui8>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// All zero has a scale of 1; without negative values the range starts at 0.
// CHECK-LABEL: func @range
func.func @range() -> (tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) {
  %zero = nn.constant dense<0.0> : tensor<3xf32>
  %x = nn.constant dense<[-1.0, 254.0]> : tensor<2xf32>
  // CHECK-DAG: dense<1.000000e+00> : tensor<f32>
  // CHECK-DAG: dense<0> : tensor<ui8>
  // CHECK-DAG: dense<1> : tensor<ui8>
  %0, %1 = nn.quantization_range %zero : (tensor<3xf32>) -> (tensor<f32>, tensor<ui8>)
  %2, %3 = nn.quantization_range %x : (tensor<2xf32>) -> (tensor<f32>, tensor<ui8>)
  return %0, %1, %2, %3 : tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>
}

// A zero point a row of lhs, and one a column of rhs.
// CHECK-LABEL: func @matmul_integer
func.func @matmul_integer() -> tensor<2x2xi32> {
  %a = nn.constant dense<[[255, 0], [1, 2]]> : tensor<2x2xui8>
  %b = nn.constant dense<[[-128, 127], [1, 1]]> : tensor<2x2xi8>
  %za = nn.constant dense<[[255], [0]]> : tensor<2x1xui8>
  %zb = nn.constant dense<[0, 1]> : tensor<2xi8>
  // CHECK: dense<{{\[\[}}-255, 0], [-126, 126]]> : tensor<2x2xi32>
  %0 = nn.matmul_integer %a, %b lhs_zero_point %za rhs_zero_point %zb : (tensor<2x2xui8>, tensor<2x2xi8>, tensor<2x1xui8>, tensor<2xi8>) -> tensor<2x2xi32>
  return %0 : tensor<2x2xi32>
}

// Padding counts as the input's zero point.
// CHECK-LABEL: func @conv_integer
func.func @conv_integer() -> tensor<1x1x3xi32> {
  %x = nn.constant dense<[[[10, 11, 12]]]> : tensor<1x1x3xui8>
  %w = nn.constant dense<[[[1, 2, 4]]]> : tensor<1x1x3xi8>
  %z = nn.constant dense<10> : tensor<ui8>
  // CHECK: dense<{{\[\[\[}}4, 10, 5]]]> : tensor<1x1x3xi32>
  %0 = nn.conv_integer %x, %w input_zero_point %z strides [1] dilations [1] pads [1, 1] : (tensor<1x1x3xui8>, tensor<1x1x3xi8>, tensor<ui8>) -> tensor<1x1x3xi32>
  return %0 : tensor<1x1x3xi32>
}
