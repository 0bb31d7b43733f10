// RUN: nnc-opt %s -nnc-refine-shapes -split-input-file | FileCheck %s

// CHECK-LABEL: func @matmul_broadcast
func.func @matmul_broadcast(%a: tensor<?x1x2x3xf32>, %b: tensor<4x3x5xf32>) -> tensor<?x?x?x?xf32> {
  // CHECK: nn.matmul {{.*}} -> tensor<?x4x2x5xf32>
  %0 = nn.matmul %a, %b : tensor<?x1x2x3xf32>, tensor<4x3x5xf32> -> tensor<?x?x?x?xf32>
  return %0 : tensor<?x?x?x?xf32>
}

// CHECK-LABEL: func @einsum_ellipsis
func.func @einsum_ellipsis(%a: tensor<7x1x3xf32>, %b: tensor<2x3x4xf32>) -> tensor<?x?x?xf32> {
  // CHECK: nn.einsum {{.*}} -> tensor<7x2x4xf32>
  %0 = nn.einsum "...i,...ik->...k" %a, %b : tensor<7x1x3xf32>, tensor<2x3x4xf32> -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}

// The batch stays open, the rest is known.
// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<?x3x9x10xf32>, %w: tensor<4x3x3x2xf32>) -> tensor<?x?x?x?xf32> {
  // CHECK: nn.conv {{.*}} -> tensor<?x4x5x7xf32>
  %0 = nn.conv %x, %w strides [2, 1] dilations [1, 3] pads [1, 0, 1, 0] : tensor<?x3x9x10xf32>, tensor<4x3x3x2xf32> -> tensor<?x?x?x?xf32>
  return %0 : tensor<?x?x?x?xf32>
}

// CHECK-LABEL: func @conv_same
func.func @conv_same(%x: tensor<1x1x7xf32>, %w: tensor<1x1x5xf32>) -> tensor<1x1x?xf32> {
  // CHECK: nn.conv {{.*}} -> tensor<1x1x4xf32>
  %0 = nn.conv %x, %w strides [2] dilations [1] pads [0, 0] {auto_pad = #nn<auto_pad same_upper>} : tensor<1x1x7xf32>, tensor<1x1x5xf32> -> tensor<1x1x?xf32>
  return %0 : tensor<1x1x?xf32>
}

// CHECK-LABEL: func @conv_transpose
func.func @conv_transpose(%x: tensor<1x2x4xf32>, %w: tensor<2x3x3xf32>) -> tensor<1x?x?xf32> {
  // CHECK: nn.conv_transpose {{.*}} -> tensor<1x6x9xf32>
  %0 = nn.conv_transpose %x, %w strides [2] dilations [2] pads [1, 2] output_padding [1] {group = 2 : i64} : tensor<1x2x4xf32>, tensor<2x3x3xf32> -> tensor<1x?x?xf32>
  return %0 : tensor<1x?x?xf32>
}

// A third window would start in the padding at the end.
// CHECK-LABEL: func @pool_ceil
func.func @pool_ceil(%x: tensor<1x1x4xf32>) -> (tensor<1x1x?xf32>, tensor<1x1x?xf32>) {
  // CHECK: nn.max_pool {{.*}} -> tensor<1x1x2xf32>
  %0 = nn.max_pool %x kernel [1] strides [4] dilations [1] pads [1, 1] {ceil_mode} : tensor<1x1x4xf32> -> tensor<1x1x?xf32>
  // CHECK: nn.average_pool {{.*}} -> tensor<1x1x2xf32>
  %1 = nn.average_pool %x kernel [3] strides [2] dilations [1] pads [0, 0] {ceil_mode} : tensor<1x1x4xf32> -> tensor<1x1x?xf32>
  return %0, %1 : tensor<1x1x?xf32>, tensor<1x1x?xf32>
}

// CHECK-LABEL: func @max_unpool_shape
func.func @max_unpool_shape(%x: tensor<1x1x2xf32>, %i: tensor<1x1x2xi64>) -> tensor<?x?x?xf32> {
  %s = nn.constant dense<[1, 1, 6]> : tensor<3xi64>
  // CHECK: nn.max_unpool {{.*}} -> tensor<1x1x6xf32>
  %0 = nn.max_unpool %x, %i, %s kernel [2] strides [2] pads [0, 0] : tensor<1x1x2xf32>, tensor<1x1x2xi64>, tensor<3xi64> -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}
