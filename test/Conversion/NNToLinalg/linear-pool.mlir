// RUN: nnc-opt %s -convert-nn-to-linalg -canonicalize -cse -split-input-file | FileCheck %s

// Windows of unsigned elements, padded with the lowest value.
// CHECK-LABEL: func @max_pool_unsigned
func.func @max_pool_unsigned(%x: tensor<1x1x4xui8>) -> tensor<1x1x2xui8> {
  // CHECK: %[[LOWEST:.*]] = arith.constant 0 : i8
  // CHECK: linalg.fill ins(%[[LOWEST]]
  // CHECK: arith.maxui
  %0 = nn.max_pool %x kernel [3] strides [2] dilations [1] pads [1, 0] : tensor<1x1x4xui8> -> tensor<1x1x2xui8>
  return %0 : tensor<1x1x2xui8>
}

// -----

// Without padding the input is read where it is; the places are innermost.
// CHECK-DAG: #[[$IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2 * 2 + d3, d5 * 2 + d4)>
// CHECK-LABEL: func @average_pool
func.func @average_pool(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32> {
  // CHECK: %[[COUNT:.*]] = arith.constant 4.000000e+00
  // CHECK-NOT: tensor.insert_slice
  // CHECK: linalg.generic {indexing_maps = [#[[$IN]]
  // CHECK: linalg.generic
  // CHECK: arith.divf %{{.*}}, %[[COUNT]]
  %0 = nn.average_pool %x kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] : tensor<1x2x8x8xf32> -> tensor<1x2x4x4xf32>
  return %0 : tensor<1x2x4x4xf32>
}

// -----

// Elements in the padding do not count: the divisor differs by place.
// CHECK-LABEL: func @average_pool_padded
func.func @average_pool_padded(%x: tensor<1x2x8xf32>) -> tensor<1x2x8xf32> {
  // CHECK: linalg.index 2
  // CHECK: arith.divf
  %0 = nn.average_pool %x kernel [3] strides [1] dilations [1] pads [1, 1] : tensor<1x2x8xf32> -> tensor<1x2x8xf32>
  return %0 : tensor<1x2x8xf32>
}

// -----

// A dynamic dimension: how far the last window reaches is computed.
// CHECK-LABEL: func @max_pool_ceil_dynamic
func.func @max_pool_ceil_dynamic(%x: tensor<1x2x?xf32>) -> tensor<1x2x?xf32> {
  // CHECK: arith.ceildivsi
  // CHECK: tensor.insert_slice
  %0 = nn.max_pool %x kernel [3] strides [2] dilations [1] pads [0, 0] {ceil_mode} : tensor<1x2x?xf32> -> tensor<1x2x?xf32>
  return %0 : tensor<1x2x?xf32>
}

// -----

// CHECK-LABEL: func @lp_pool
func.func @lp_pool(%x: tensor<1x2x8xf16>) -> tensor<1x2x4xf16> {
  // CHECK: math.absf %{{.*}} : f32
  // CHECK: math.powf
  // CHECK: math.powf
  // CHECK: arith.truncf
  %0 = nn.lp_pool %x kernel [2] strides [2] dilations [1] pads [0, 0] {p = 3 : i64} : tensor<1x2x8xf16> -> tensor<1x2x4xf16>
  return %0 : tensor<1x2x4xf16>
}

// -----

// Only elements inside of the input are visited.
// CHECK-LABEL: func @max_pool_indices
func.func @max_pool_indices(%x: tensor<1x2x8xf32>) -> tensor<1x2x8xi64> {
  // CHECK: linalg.generic
  // CHECK: %[[FIRST:.*]] = arith.maxsi
  // CHECK: scf.for %{{.*}} = %[[FIRST]] to
  // CHECK: tensor.extract
  %0 = nn.max_pool_indices %x kernel [3] strides [1] dilations [1] pads [1, 1] : tensor<1x2x8xf32> -> tensor<1x2x8xi64>
  return %0 : tensor<1x2x8xi64>
}

// -----

// Indices from the data are kept in bounds.
// CHECK-LABEL: func @max_unpool
func.func @max_unpool(%x: tensor<1x1x2xf32>, %i: tensor<1x1x2xi64>) -> tensor<1x1x4xf32> {
  // CHECK: %[[LAST:.*]] = arith.constant 3 : index
  // CHECK: scf.for
  // CHECK: arith.minsi %{{.*}}, %[[LAST]]
  // CHECK: tensor.insert
  %0 = nn.max_unpool %x, %i kernel [2] strides [2] pads [0, 0] : tensor<1x1x2xf32>, tensor<1x1x2xi64> -> tensor<1x1x4xf32>
  return %0 : tensor<1x1x4xf32>
}

// -----

// CHECK-LABEL: func @lrn
func.func @lrn(%x: tensor<1x8x4xf32>) -> tensor<1x8x4xf32> {
  // CHECK: linalg.generic
  // CHECK: scf.for
  // CHECK: math.powf
  %0 = nn.lrn %x size 3 alpha 1.0e-4 beta 0.75 bias 1.0 : tensor<1x8x4xf32> -> tensor<1x8x4xf32>
  return %0 : tensor<1x8x4xf32>
}

// -----

// With channels last nothing is copied for the padding: places outside read the
// nearest element and take the lowest value in place of it.
// CHECK-LABEL: func @max_pool_channels_last
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x16xf32>)
func.func @max_pool_channels_last(%x: tensor<1x4x5x16xf32>) -> tensor<1x4x5x16xf32> {
  // CHECK-DAG: %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
  // CHECK-NOT: tensor.insert_slice
  // CHECK: linalg.generic
  // CHECK-DAG: %[[H:.*]] = linalg.index 1
  // CHECK-DAG: %[[KH:.*]] = linalg.index 3
  // CHECK: arith.cmpi ult
  // CHECK: arith.cmpi ult
  // CHECK: %[[IN:.*]] = arith.andi
  // CHECK: %[[C:.*]] = linalg.index 5
  // CHECK: %[[E:.*]] = tensor.extract %[[X]][%{{.*}}, %{{.*}}, %{{.*}}, %[[C]]]
  // CHECK: %[[OWN:.*]] = arith.select %[[IN]], %[[E]], %[[LOWEST]]
  // CHECK: arith.maximumf %{{.*}}, %[[OWN]]
  %0 = nn.max_pool %x kernel [3, 3] strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last} : tensor<1x4x5x16xf32> -> tensor<1x4x5x16xf32>
  return %0 : tensor<1x4x5x16xf32>
}
