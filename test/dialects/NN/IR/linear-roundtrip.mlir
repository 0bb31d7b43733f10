// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @matmul
func.func @matmul(%a: tensor<8x2x3xf32>, %b: tensor<3x4xf32>) -> tensor<8x2x4xf32> {
  // CHECK: nn.matmul %{{.*}}, %{{.*}} : tensor<8x2x3xf32>, tensor<3x4xf32> -> tensor<8x2x4xf32>
  %0 = nn.matmul %a, %b : tensor<8x2x3xf32>, tensor<3x4xf32> -> tensor<8x2x4xf32>
  return %0 : tensor<8x2x4xf32>
}

// CHECK-LABEL: func @einsum
func.func @einsum(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<2x4xf32> {
  // CHECK: nn.einsum "ij,jk->ik" %{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  %0 = nn.einsum "ij,jk->ik" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func @conv_bias
func.func @conv_bias(%x: tensor<1x4x8x8xf32>, %w: tensor<4x2x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: nn.conv %{{.*}}, %{{.*}}, %{{.*}} strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1] {group = 2 : i64}
  %0 = nn.conv %x, %w, %b strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1] {group = 2 : i64}
    : tensor<1x4x8x8xf32>, tensor<4x2x3x3xf32>, tensor<4xf32> -> tensor<1x4x4x4xf32>
  return %0 : tensor<1x4x4x4xf32>
}

// Defaults are not printed.
// CHECK-LABEL: func @conv_plain
func.func @conv_plain(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) -> tensor<1x4x6xf32> {
  // CHECK: nn.conv %{{.*}}, %{{.*}} strides [1] dilations [1] pads [0, 0] : tensor<1x3x8xf32>
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {group = 1 : i64, auto_pad = #nn<auto_pad not_set>}
    : tensor<1x3x8xf32>, tensor<4x3x3xf32> -> tensor<1x4x6xf32>
  return %0 : tensor<1x4x6xf32>
}

// CHECK-LABEL: func @conv_transpose
func.func @conv_transpose(%x: tensor<1x2x3xf32>, %w: tensor<2x4x3xf32>) -> tensor<1x4x9xf32> {
  // CHECK: nn.conv_transpose %{{.*}}, %{{.*}} strides [3] dilations [1] pads [0, 0] output_padding [0] output_shape [9] {auto_pad = #nn<auto_pad same_upper>}
  %0 = nn.conv_transpose %x, %w strides [3] dilations [1] pads [0, 0] output_padding [0] output_shape [9]
    {auto_pad = #nn<auto_pad same_upper>} : tensor<1x2x3xf32>, tensor<2x4x3xf32> -> tensor<1x4x9xf32>
  return %0 : tensor<1x4x9xf32>
}

// CHECK-LABEL: func @pools
func.func @pools(%x: tensor<1x3x8x8xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xi64>, tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) {
  // CHECK: nn.max_pool %{{.*}} kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {ceil_mode}
  %0 = nn.max_pool %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {ceil_mode} : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xf32>
  // CHECK: nn.max_pool_indices %{{.*}} kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {column_major}
  %1 = nn.max_pool_indices %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {column_major} : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xi64>
  // CHECK: nn.average_pool %{{.*}} kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {count_include_pad}
  %2 = nn.average_pool %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {count_include_pad} : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xf32>
  // CHECK: nn.lp_pool %{{.*}} kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {p = 3 : i64}
  %3 = nn.lp_pool %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {p = 3 : i64} : tensor<1x3x8x8xf32> -> tensor<1x3x4x4xf32>
  return %0, %1, %2, %3 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xi64>, tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>
}

// CHECK-LABEL: func @max_unpool
func.func @max_unpool(%x: tensor<1x1x2xf32>, %i: tensor<1x1x2xi64>, %s: tensor<3xi64>) -> tensor<?x?x?xf32> {
  // CHECK: nn.max_unpool %{{.*}}, %{{.*}}, %{{.*}} kernel [2] strides [2] pads [0, 0] : tensor<1x1x2xf32>, tensor<1x1x2xi64>, tensor<3xi64> -> tensor<?x?x?xf32>
  %0 = nn.max_unpool %x, %i, %s kernel [2] strides [2] pads [0, 0]
    : tensor<1x1x2xf32>, tensor<1x1x2xi64>, tensor<3xi64> -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}

// CHECK-LABEL: func @lrn
func.func @lrn(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  // CHECK: nn.lrn %{{.*}} size 3 alpha 1.000000e-04 beta 7.500000e-01 bias 1.000000e+00 :
  %0 = nn.lrn %x size 3 alpha 1.0e-4 beta 0.75 bias 1.0 : tensor<1x8x4x4xf32> -> tensor<1x8x4x4xf32>
  return %0 : tensor<1x8x4x4xf32>
}
