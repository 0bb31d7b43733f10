// RUN: nnc-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @cast
func.func @cast() -> (tensor<4xf8E4M3FN>, tensor<4xf8E4M3FN>, tensor<4xi4>, tensor<4xui4>) {
  // CHECK-DAG: dense<[1.000000e+00, 4.480000e+02, -4.480000e+02, 0.000000e+00]> : tensor<4xf8E4M3FN>
  // CHECK-DAG: dense<[1.000000e+00, 0x7F, 0xFF, 0.000000e+00]> : tensor<4xf8E4M3FN>
  // CHECK-DAG: dense<[1, 7, -8, 0]> : tensor<4xi4>
  // CHECK-DAG: dense<[1, 15, 0, 0]> : tensor<4xui4>
  %x = nn.constant dense<[1.03, 1.0e9, -1.0e9, 0.0]> : tensor<4xf32>
  %0 = nn.cast %x to f8E4M3FN : tensor<4xf32> -> tensor<4xf8E4M3FN>
  %1 = nn.cast %x to f8E4M3FN unsaturated : tensor<4xf32> -> tensor<4xf8E4M3FN>
  %2 = nn.cast %x to i4 : tensor<4xf32> -> tensor<4xi4>
  %3 = nn.cast %x to ui4 : tensor<4xf32> -> tensor<4xui4>
  return %0, %1, %2, %3 : tensor<4xf8E4M3FN>, tensor<4xf8E4M3FN>, tensor<4xi4>, tensor<4xui4>
}

// CHECK-LABEL: func @back
func.func @back() -> (tensor<3xf32>, tensor<3xf32>) {
  // CHECK-DAG: dense<[-8.000000e+00, 7.000000e+00, -1.000000e+00]> : tensor<3xf32>
  // CHECK-DAG: dense<[6.000000e+00, -5.000000e-01, 0.000000e+00]> : tensor<3xf32>
  %x = nn.constant dense<[-8, 7, -1]> : tensor<3xi4>
  %0 = nn.cast %x to f32 : tensor<3xi4> -> tensor<3xf32>
  %y = nn.constant dense<[6.0, -0.5, 0.0]> : tensor<3xf4E2M1FN>
  %1 = nn.cast %y to f32 : tensor<3xf4E2M1FN> -> tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// Moved like any other elements, splats too.
// CHECK-LABEL: func @move
func.func @move() -> (tensor<2x2xi2>, tensor<4xf8E5M2>) {
  // CHECK-DAG: dense<{{\[\[}}0, -2], [1, -1]]> : tensor<2x2xi2>
  // CHECK-DAG: dense<1.500000e+00> : tensor<4xf8E5M2>
  %x = nn.constant dense<[[0, 1], [-2, -1]]> : tensor<2x2xi2>
  %0 = nn.transpose %x [1, 0] : tensor<2x2xi2> -> tensor<2x2xi2>
  %y = nn.constant dense<1.5> : tensor<1xf8E5M2>
  %s = nn.constant dense<4> : tensor<1xi64>
  %1 = nn.broadcast %y, %s : tensor<1xf8E5M2>, tensor<1xi64> -> tensor<4xf8E5M2>
  return %0, %1 : tensor<2x2xi2>, tensor<4xf8E5M2>
}

// CHECK-LABEL: func @quantize
func.func @quantize() -> (tensor<4xi4>, tensor<4xf8E4M3FN>, tensor<4xf32>) {
  // CHECK-DAG: dense<[1, 3, 7, -8]> : tensor<4xi4>
  // CHECK-DAG: dense<[0.000000e+00, 4.000000e+00, 4.480000e+02, -4.480000e+02]> : tensor<4xf8E4M3FN>
  // CHECK-DAG: dense<[0.000000e+00, 2.000000e+00, 2.240000e+02, -2.240000e+02]> : tensor<4xf32>
  %x = nn.constant dense<[0.0, 2.0, 500.0, -500.0]> : tensor<4xf32>
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<1> : tensor<i4>
  %two = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.quantize %x, %two zero_point %z to i4 : (tensor<4xf32>, tensor<f32>, tensor<i4>) -> tensor<4xi4>
  %1 = nn.quantize %x, %s to f8E4M3FN : (tensor<4xf32>, tensor<f32>) -> tensor<4xf8E4M3FN>
  %2 = nn.dequantize %1, %s : (tensor<4xf8E4M3FN>, tensor<f32>) -> tensor<4xf32>
  return %0, %1, %2 : tensor<4xi4>, tensor<4xf8E4M3FN>, tensor<4xf32>
}
