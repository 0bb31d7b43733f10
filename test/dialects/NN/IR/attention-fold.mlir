// RUN: nnc-opt %s -canonicalize | FileCheck %s

// Weights of 1/2 each, of one key alone, and of keys that are not too late.
// CHECK-LABEL: func @means
func.func @means() -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %q = nn.constant dense<0.0> : tensor<1x3xf32>
  %q2 = nn.constant dense<0.0> : tensor<2x3xf32>
  %k = nn.constant dense<1.0> : tensor<2x3xf32>
  %v = nn.constant dense<[[1.0, 2.0], [3.0, 6.0]]> : tensor<2x2xf32>
  %m = nn.constant dense<[false, true]> : tensor<2xi1>
  // CHECK-DAG: dense<{{\[\[}}2.000000e+00, 4.000000e+00]]> : tensor<1x2xf32>
  %0 = nn.attention %q, %k, %v scale 1.0 : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2x2xf32> -> tensor<1x2xf32>
  // CHECK-DAG: dense<{{\[\[}}3.000000e+00, 6.000000e+00]]> : tensor<1x2xf32>
  %1 = nn.attention %q, %k, %v mask %m scale 1.0 : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<2xi1> -> tensor<1x2xf32>
  // CHECK-DAG: dense<{{\[\[}}1.000000e+00, 2.000000e+00], [2.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
  %2 = nn.attention %q2, %k, %v scale 1.0 {causality = #nn<causality from_start>} : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x2xf32> -> tensor<2x2xf32>
  // Both are false: the fill is the same for all.
  // CHECK-DAG: dense<{{\[\[}}2.000000e+00, 4.000000e+00], [2.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>
  %none = nn.constant dense<false> : tensor<1xi1>
  %3 = nn.attention %q2, %k, %v mask %none scale 1.0 {fill = -1.0e4 : f64} : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<1xi1> -> tensor<2x2xf32>
  return %0, %1, %2, %3 : tensor<1x2xf32>, tensor<1x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}

// The last of two queries sees the last of three keys.
// CHECK-LABEL: func @from_end
func.func @from_end() -> tensor<2x1xf32> {
  %q = nn.constant dense<0.0> : tensor<2x3xf32>
  %k = nn.constant dense<1.0> : tensor<3x3xf32>
  %v = nn.constant dense<[[1.0], [3.0], [8.0]]> : tensor<3x1xf32>
  // CHECK: dense<{{\[\[}}2.000000e+00], [4.000000e+00]]> : tensor<2x1xf32>
  %0 = nn.attention %q, %k, %v scale 1.0 {causality = #nn<causality from_end>} : tensor<2x3xf32>, tensor<3x3xf32>, tensor<3x1xf32> -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}

// CHECK-LABEL: func @affine
func.func @affine() -> (tensor<1x2xf32>, tensor<2xf32>, tensor<3xf32>) {
  %x = nn.constant dense<[[1.0, 3.0]]> : tensor<1x2xf32>
  %s = nn.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %b = nn.constant dense<[[10.0]]> : tensor<1x1xf32>
  // CHECK-DAG: dense<{{\[\[}}8.000000e+00, 1.400000e+01]]> : tensor<1x2xf32>
  %0 = nn.normalize %x [1] epsilon 0.0 scale %s bias %b : tensor<1x2xf32> scale tensor<2xf32> bias tensor<1x1xf32> -> tensor<1x2xf32>
  // CHECK-DAG: dense<[0.000000e+00, 4.000000e+00]> : tensor<2xf32>
  %z = nn.constant dense<[0.0, 4.0]> : tensor<2xf32>
  %1 = nn.swish %z {alpha = 100.0 : f64} : tensor<2xf32> -> tensor<2xf32>
  // CHECK-DAG: dense<[-0.000000e+00, 5.000000e-01, 4.000000e+00]> : tensor<3xf32>
  %h = nn.constant dense<[-3.0, 1.0, 4.0]> : tensor<3xf32>
  %2 = nn.hard_swish %h {alpha = 0.25 : f64, beta = 0.25 : f64} : tensor<3xf32> -> tensor<3xf32>
  return %0, %1, %2 : tensor<1x2xf32>, tensor<2xf32>, tensor<3xf32>
}
