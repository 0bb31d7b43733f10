// RUN: nnc-opt %s -canonicalize | FileCheck %s

// Of equal elements the first comes first; NaN is the greatest.
// CHECK-LABEL: func @top_k_ties
func.func @top_k_ties() -> (tensor<1x3xf32>, tensor<1x3xi64>) {
  // CHECK-DAG: dense<{{\[\[}}0x7FC00000, 3.000000e+00, 3.000000e+00]]> : tensor<1x3xf32>
  // CHECK-DAG: dense<{{\[\[}}4, 1, 3]]> : tensor<1x3xi64>
  // CHECK-NOT: nn.top_k
  %x = nn.constant dense<[[1.0, 3.0, 2.0, 3.0, 0x7FC00000]]> : tensor<1x5xf32>
  %k = nn.constant dense<3> : tensor<i64>
  %0:2 = nn.top_k %x, %k axis 1 : tensor<1x5xf32>, tensor<i64> -> tensor<1x3xf32>, tensor<1x3xi64>
  return %0#0, %0#1 : tensor<1x3xf32>, tensor<1x3xi64>
}

// 255 is large, not -1.
// CHECK-LABEL: func @top_k_unsigned
func.func @top_k_unsigned() -> tensor<2xui8> {
  // CHECK: dense<[0, 7]> : tensor<2xui8>
  %x = nn.constant dense<[7, 255, 0]> : tensor<3xui8>
  %k = nn.constant dense<2> : tensor<1xi32>
  %0:2 = nn.top_k %x, %k axis 0 smallest : tensor<3xui8>, tensor<1xi32> -> tensor<2xui8>, tensor<2xi64>
  return %0#0 : tensor<2xui8>
}

// CHECK-LABEL: func @top_k_none
func.func @top_k_none() -> tensor<0xi64> {
  // CHECK: dense<> : tensor<0xi64>
  %x = nn.constant dense<[7, 255, 0]> : tensor<3xi32>
  %k = nn.constant dense<0> : tensor<1xi64>
  %0:2 = nn.top_k %x, %k axis 0 : tensor<3xi32>, tensor<1xi64> -> tensor<0xi32>, tensor<0xi64>
  return %0#1 : tensor<0xi64>
}

// -1 is the last place, 3 and -4 are none.
// CHECK-LABEL: func @one_hot_outside
func.func @one_hot_outside() -> tensor<3x4xf32> {
  // CHECK: [0.000000e+00, 0.000000e+00, 5.000000e+00, 0.000000e+00], [5.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00], [0.000000e+00, 5.000000e+00, 0.000000e+00, 0.000000e+00]
  %i = nn.constant dense<[1, -1, 0, -4]> : tensor<4xi64>
  %d = nn.constant dense<3> : tensor<i64>
  %v = nn.constant dense<[0.0, 5.0]> : tensor<2xf32>
  %0 = nn.one_hot %i, %d, %v axis 0 : tensor<4xi64>, tensor<i64>, tensor<2xf32> -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: func @nonzero
func.func @nonzero() -> tensor<2x?xi64> {
  // CHECK: dense<{{\[\[}}0, 1, 1], [1, 0, 2]]> : tensor<2x3xi64>
  %x = nn.constant dense<[[0.0, 2.0, -0.0], [1.0, 0.0, 0x7FC00000]]> : tensor<2x3xf32>
  %n = nn.count_nonzero %x : tensor<2x3xf32> -> tensor<1xi64>
  %0 = nn.nonzero %x, %n : tensor<2x3xf32>, tensor<1xi64> -> tensor<2x3xi64>
  %1 = tensor.cast %0 : tensor<2x3xi64> to tensor<2x?xi64>
  return %1 : tensor<2x?xi64>
}

// A wrong count is an error of the run, so nothing is folded.
// CHECK-LABEL: func @nonzero_wrong_count
func.func @nonzero_wrong_count() -> tensor<1x2xi64> {
  // CHECK: nn.nonzero
  %x = nn.constant dense<[1, 1, 1]> : tensor<3xi64>
  %n = nn.constant dense<2> : tensor<i64>
  %0 = nn.nonzero %x, %n : tensor<3xi64>, tensor<i64> -> tensor<1x2xi64>
  return %0 : tensor<1x2xi64>
}

// CHECK-LABEL: func @unique_first_appearance
func.func @unique_first_appearance() -> (tensor<3xi64>, tensor<3xi64>, tensor<5xi64>, tensor<3xi64>) {
  // CHECK-DAG: dense<[5, 2, 9]> : tensor<3xi64>
  // CHECK-DAG: dense<[0, 1, 3]> : tensor<3xi64>
  // CHECK-DAG: dense<[0, 1, 0, 2, 1]> : tensor<5xi64>
  // CHECK-DAG: dense<[2, 2, 1]> : tensor<3xi64>
  %x = nn.constant dense<[5, 2, 5, 9, 2]> : tensor<5xi64>
  %n = nn.constant dense<3> : tensor<i64>
  %0:4 = nn.unique %x, %n : tensor<5xi64>, tensor<i64> -> tensor<3xi64>, tensor<3xi64>, tensor<5xi64>, tensor<3xi64>
  return %0#0, %0#1, %0#2, %0#3 : tensor<3xi64>, tensor<3xi64>, tensor<5xi64>, tensor<3xi64>
}

// CHECK-LABEL: func @unique_columns
func.func @unique_columns() -> (tensor<2x2xi64>, tensor<1xi64>) {
  // CHECK-DAG: dense<{{\[\[}}1, 4], [7, 0]]> : tensor<2x2xi64>
  // CHECK-DAG: dense<2> : tensor<1xi64>
  %x = nn.constant dense<[[4, 1, 4], [0, 7, 0]]> : tensor<2x3xi64>
  %n = nn.count_unique %x axis 1 : tensor<2x3xi64> -> tensor<1xi64>
  %0:4 = nn.unique %x, %n axis 1 sorted : tensor<2x3xi64>, tensor<1xi64> -> tensor<2x2xi64>, tensor<2xi64>, tensor<3xi64>, tensor<2xi64>
  return %0#0, %n : tensor<2x2xi64>, tensor<1xi64>
}

// The second box is mostly the first; the third has no area and overlaps
// nothing; the fourth is below the threshold.
// CHECK-LABEL: func @non_max_suppression
func.func @non_max_suppression() -> (tensor<4x3xi64>, tensor<1xi64>) {
  // CHECK-DAG: dense<{{\[\[}}0, 0, 1], [0, 0, 2], [0, 0, 0], [0, 0, 0]]> : tensor<4x3xi64>
  // CHECK-DAG: dense<2> : tensor<1xi64>
  %b = nn.constant dense<[[[0.0, 0.0, 1.0, 1.0], [1.0, 1.1, 0.0, 0.1], [0.0, 0.1, 0.0, 1.1], [5.0, 5.0, 6.0, 6.0]]]> : tensor<1x4x4xf32>
  %s = nn.constant dense<[[[0.5, 0.9, 0.3, 0.1]]]> : tensor<1x1x4xf32>
  %m = nn.constant dense<9> : tensor<i64>
  %t = nn.constant dense<0.2> : tensor<f32>
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<1x4x4xf32>, tensor<1x1x4xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<4x3xi64>, tensor<1xi64>
  return %0#0, %0#1 : tensor<4x3xi64>, tensor<1xi64>
}
