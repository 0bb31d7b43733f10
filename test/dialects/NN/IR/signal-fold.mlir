// RUN: nnc-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @hann_periodic
func.func @hann_periodic() -> tensor<4xf32> {
  // CHECK: dense<[0.000000e+00, 5.000000e-01, 1.000000e+00, 5.000000e-01]> : tensor<4xf32>
  %n = nn.constant dense<4> : tensor<i64>
  %0 = nn.cosine_window %n [0.5, 0.5, 0.0] periodic {element_type = f32} : tensor<i64> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @hann_symmetric
func.func @hann_symmetric() -> tensor<3xf16> {
  // CHECK: dense<[0.000000e+00, 1.000000e+00, 0.000000e+00]> : tensor<3xf16>
  %n = nn.constant dense<3> : tensor<i64>
  %0 = nn.cosine_window %n [0.5, 0.5, 0.0] {element_type = f16} : tensor<i64> -> tensor<3xf16>
  return %0 : tensor<3xf16>
}

// The last sample makes no whole frame.
// CHECK-LABEL: func @frame
func.func @frame() -> tensor<1x2x3x1xi32> {
  // CHECK: dense<{{\[\[\[\[}}1], [2], [3]], {{\[\[}}3], [4], [5]]]]> : tensor<1x2x3x1xi32>
  %x = nn.constant dense<[[[1], [2], [3], [4], [5], [6]]]> : tensor<1x6x1xi32>
  %l = nn.constant dense<3> : tensor<i64>
  %s = nn.constant dense<2> : tensor<i64>
  %0 = nn.frame %x, %l, %s : tensor<1x6x1xi32>, tensor<i64>, tensor<i64> -> tensor<1x2x3x1xi32>
  return %0 : tensor<1x2x3x1xi32>
}

// CHECK-LABEL: func @frame_too_short
func.func @frame_too_short() -> tensor<1x0x9x1xi32> {
  // CHECK: dense<> : tensor<1x0x9x1xi32>
  %x = nn.constant dense<[[[1], [2]]]> : tensor<1x2x1xi32>
  %l = nn.constant dense<9> : tensor<i64>
  %s = nn.constant dense<2> : tensor<i64>
  %0 = nn.frame %x, %l, %s : tensor<1x2x1xi32>, tensor<i64>, tensor<i64> -> tensor<1x0x9x1xi32>
  return %0 : tensor<1x0x9x1xi32>
}

// A signal of one element is its own transform, here padded to two.
// CHECK-LABEL: func @dft_padded
func.func @dft_padded() -> tensor<2x2xf32> {
  // CHECK: dense<{{\[\[}}3.000000e+00, 0.000000e+00], [3.000000e+00, 0.000000e+00]]> : tensor<2x2xf32>
  %x = nn.constant dense<[[3.0]]> : tensor<1x1xf32>
  %n = nn.constant dense<2> : tensor<i64>
  %0 = nn.dft %x, %n axis 0 : tensor<1x1xf32>, tensor<i64> -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// CHECK-LABEL: func @det
func.func @det() -> tensor<2xf32> {
  // CHECK: dense<[-2.000000e+00, 0.000000e+00]> : tensor<2xf32>
  %x = nn.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[0.0, 2.0], [0.0, 4.0]]]> : tensor<2x2x2xf32>
  %0 = nn.det %x : tensor<2x2x2xf32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @det_empty
func.func @det_empty() -> tensor<f32> {
  // CHECK: dense<1.000000e+00> : tensor<f32>
  %x = nn.constant dense<> : tensor<0x0xf32>
  %0 = nn.det %x : tensor<0x0xf32> -> tensor<f32>
  return %0 : tensor<f32>
}
