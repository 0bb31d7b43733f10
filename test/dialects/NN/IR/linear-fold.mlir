// RUN: nnc-opt %s -canonicalize | FileCheck %s

// The reference, on operands small enough to check by hand.

// CHECK-LABEL: func @matmul_vectors
func.func @matmul_vectors() -> tensor<f32> {
  %a = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  // CHECK: nn.constant dense<1.400000e+01>
  %0 = nn.matmul %a, %a : tensor<3xf32>, tensor<3xf32> -> tensor<f32>
  return %0 : tensor<f32>
}

// Unsigned products wrap.
// CHECK-LABEL: func @matmul_wraps
func.func @matmul_wraps() -> tensor<1x1xui8> {
  %a = nn.constant dense<[[200, 100]]> : tensor<1x2xui8>
  %b = nn.constant dense<[[2], [1]]> : tensor<2x1xui8>
  // CHECK: nn.constant dense<244>
  %0 = nn.matmul %a, %b : tensor<1x2xui8>, tensor<2x1xui8> -> tensor<1x1xui8>
  return %0 : tensor<1x1xui8>
}

// CHECK-LABEL: func @einsum_diagonal
func.func @einsum_diagonal() -> tensor<2xf32> {
  %a = nn.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  // CHECK: nn.constant dense<[1.000000e+00, 4.000000e+00]>
  %0 = nn.einsum "ii->i" %a : tensor<2x2xf32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// The ellipses broadcast; without an arrow, k is summed and i, j remain.
// CHECK-LABEL: func @einsum_implicit
func.func @einsum_implicit() -> tensor<2x1x1xf32> {
  %a = nn.constant dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>
  %b = nn.constant dense<[[[10.0], [1.0]]]> : tensor<1x2x1xf32>
  // CHECK: nn.constant dense<{{\[\[\[}}1.200000e+01]], {{\[\[}}3.400000e+01]]]>
  %0 = nn.einsum "...ik, ...kj" %a, %b : tensor<2x1x2xf32>, tensor<1x2x1xf32> -> tensor<2x1x1xf32>
  return %0 : tensor<2x1x1xf32>
}

// CHECK-LABEL: func @einsum_empty_sum
func.func @einsum_empty_sum() -> tensor<2xf32> {
  %a = nn.constant dense<> : tensor<2x0xf32>
  // CHECK: nn.constant dense<0.000000e+00> : tensor<2xf32>
  %0 = nn.einsum "ij->i" %a : tensor<2x0xf32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @conv_same_lower
func.func @conv_same_lower() -> tensor<1x1x3xf32> {
  %x = nn.constant dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %w = nn.constant dense<[[[10.0, 1.0]]]> : tensor<1x1x2xf32>
  // CHECK: nn.constant dense<{{\[\[\[}}1.000000e+00, 1.200000e+01, 2.300000e+01]]]>
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {auto_pad = #nn<auto_pad same_lower>}
    : tensor<1x1x3xf32>, tensor<1x1x2xf32> -> tensor<1x1x3xf32>
  return %0 : tensor<1x1x3xf32>
}

// CHECK-LABEL: func @conv_grouped_bias
func.func @conv_grouped_bias() -> tensor<1x2x1xf32> {
  %x = nn.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>
  %w = nn.constant dense<[[[1.0, 10.0]], [[1.0, 100.0]]]> : tensor<2x1x2xf32>
  %b = nn.constant dense<[0.5, 0.25]> : tensor<2xf32>
  // CHECK: nn.constant dense<{{\[\[\[}}3.150000e+01], [6.042500e+02]]]>
  %0 = nn.conv %x, %w, %b strides [2] dilations [2] pads [0, 0] {group = 2 : i64}
    : tensor<1x2x3xf32>, tensor<2x1x2xf32>, tensor<2xf32> -> tensor<1x2x1xf32>
  return %0 : tensor<1x2x1xf32>
}

// Of the total to cut off, 1, the odd element is at the begin.
// CHECK-LABEL: func @conv_transpose_output_shape
func.func @conv_transpose_output_shape() -> tensor<1x1x4xf32> {
  %x = nn.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
  %w = nn.constant dense<[[[1.0, 10.0, 100.0]]]> : tensor<1x1x3xf32>
  // CHECK: nn.constant dense<{{\[\[\[}}1.000000e+01, 1.020000e+02, 2.000000e+01, 2.000000e+02]]]>
  %0 = nn.conv_transpose %x, %w strides [2] dilations [1] pads [0, 0] output_padding [0] output_shape [4]
    : tensor<1x1x2xf32>, tensor<1x1x3xf32> -> tensor<1x1x4xf32>
  return %0 : tensor<1x1x4xf32>
}

// The last window starts before the padding at the end, so it stays.
// CHECK-LABEL: func @max_pool_ceil
func.func @max_pool_ceil() -> (tensor<1x1x3xi8>, tensor<1x1x3xi64>) {
  %x = nn.constant dense<[[[-3, -1, -2, -1, -5]]]> : tensor<1x1x5xi8>
  // CHECK-DAG: nn.constant dense<{{\[\[\[}}-1, -1, -5]]]> : tensor<1x1x3xi8>
  %0 = nn.max_pool %x kernel [2] strides [2] dilations [1] pads [0, 0] {ceil_mode} : tensor<1x1x5xi8> -> tensor<1x1x3xi8>
  // CHECK-DAG: nn.constant dense<{{\[\[\[}}1, 3, 4]]]> : tensor<1x1x3xi64>
  %1 = nn.max_pool_indices %x kernel [2] strides [2] dilations [1] pads [0, 0] {ceil_mode} : tensor<1x1x5xi8> -> tensor<1x1x3xi64>
  return %0, %1 : tensor<1x1x3xi8>, tensor<1x1x3xi64>
}

// CHECK-LABEL: func @max_pool_indices_column_major
func.func @max_pool_indices_column_major() -> tensor<1x1x1x1xi64> {
  %x = nn.constant dense<[[[[0.0, 0.0, 5.0], [0.0, 0.0, 0.0]]]]> : tensor<1x1x2x3xf32>
  // CHECK: nn.constant dense<4>
  %0 = nn.max_pool_indices %x kernel [2, 3] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {column_major}
    : tensor<1x1x2x3xf32> -> tensor<1x1x1x1xi64>
  return %0 : tensor<1x1x1x1xi64>
}

// CHECK-LABEL: func @average_pool_pads
func.func @average_pool_pads() -> (tensor<1x1x2xf32>, tensor<1x1x2xf32>) {
  %x = nn.constant dense<[[[2.0, 4.0]]]> : tensor<1x1x2xf32>
  // CHECK-DAG: nn.constant dense<{{\[\[\[}}2.000000e+00, 4.000000e+00]]]>
  %0 = nn.average_pool %x kernel [2] strides [2] dilations [1] pads [1, 1] : tensor<1x1x2xf32> -> tensor<1x1x2xf32>
  // CHECK-DAG: nn.constant dense<{{\[\[\[}}1.000000e+00, 2.000000e+00]]]>
  %1 = nn.average_pool %x kernel [2] strides [2] dilations [1] pads [1, 1] {count_include_pad} : tensor<1x1x2xf32> -> tensor<1x1x2xf32>
  return %0, %1 : tensor<1x1x2xf32>, tensor<1x1x2xf32>
}

// CHECK-LABEL: func @lp_pool
func.func @lp_pool() -> tensor<1x1x1xf32> {
  %x = nn.constant dense<[[[3.0, -4.0]]]> : tensor<1x1x2xf32>
  // CHECK: nn.constant dense<5.000000e+00>
  %0 = nn.lp_pool %x kernel [2] strides [1] dilations [1] pads [0, 0] : tensor<1x1x2xf32> -> tensor<1x1x1xf32>
  return %0 : tensor<1x1x1xf32>
}

// CHECK-LABEL: func @max_unpool
func.func @max_unpool() -> tensor<1x1x3x3xf32> {
  %x = nn.constant dense<[[[[7.0]]]]> : tensor<1x1x1x1xf32>
  %i = nn.constant dense<2> : tensor<1x1x1x1xi64>
  %s = nn.constant dense<[1, 1, 3, 3]> : tensor<4xi64>
  // Index 2 counts in the 2x2 tensor at the origin of the result.
  // CHECK: nn.constant dense<{{.*}}[0.000000e+00, 0.000000e+00, 0.000000e+00], [7.000000e+00, 0.000000e+00, 0.000000e+00], [0.000000e+00
  %0 = nn.max_unpool %x, %i, %s kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0]
    : tensor<1x1x1x1xf32>, tensor<1x1x1x1xi64>, tensor<4xi64> -> tensor<1x1x3x3xf32>
  return %0 : tensor<1x1x3x3xf32>
}

// What ONNX leaves undefined is left to the run.
// CHECK-LABEL: func @max_unpool_hostile
func.func @max_unpool_hostile() -> tensor<1x1x2xf32> {
  %x = nn.constant dense<7.0> : tensor<1x1x1xf32>
  %i = nn.constant dense<9223372036854775807> : tensor<1x1x1xi64>
  // CHECK: nn.max_unpool
  %0 = nn.max_unpool %x, %i kernel [2] strides [2] pads [0, 0] : tensor<1x1x1xf32>, tensor<1x1x1xi64> -> tensor<1x1x2xf32>
  return %0 : tensor<1x1x2xf32>
}

// Of an even size there is one channel more behind.
// CHECK-LABEL: func @lrn_even
func.func @lrn_even() -> tensor<1x3xf32> {
  %x = nn.constant dense<[[1.0, 2.0, 4.0]]> : tensor<1x3xf32>
  // CHECK: nn.constant dense<{{\[\[}}2.000000e-01, 1.000000e-01, 2.500000e-01]]>
  %0 = nn.lrn %x size 2 alpha 2.0 beta 1.0 bias 0.0 : tensor<1x3xf32> -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
