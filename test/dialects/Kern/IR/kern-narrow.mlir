// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// Groups of four along a depth of six; a bias.
// CHECK-LABEL: func @plain
// CHECK: kern.narrow_gemm %{{.*}}, %{{.*}} scale %{{.*}} : tensor<2x5xf32> zero_point %{{.*}} : tensor<2x5xi8> extras(%{{.*}} : tensor<5xf32>) outs(%{{.*}}) stored ui4 group 4 {extra_maps = [#{{.*}}]} : tensor<3x6xf32>, tensor<2x4x5xui4>, tensor<3x5xf32> -> tensor<3x5xf32>
func.func @plain(%x: tensor<3x6xf32>, %w: tensor<2x4x5xui4>, %s: tensor<2x5xf32>, %z: tensor<2x5xi8>, %b: tensor<5xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = kern.narrow_gemm %x, %w scale %s : tensor<2x5xf32> zero_point %z : tensor<2x5xi8> extras(%b : tensor<5xf32>) outs(%c) stored ui4 group 4 {extra_maps = [affine_map<(m, n) -> (n)>]} : tensor<3x6xf32>, tensor<2x4x5xui4>, tensor<3x5xf32> -> tensor<3x5xf32> {
  ^bb0(%sum: f32, %bias: f32):
    %1 = arith.addf %sum, %bias : f32
    kern.yield %1 : f32
  }
  return %0 : tensor<3x5xf32>
}

// Two words a column for ten codes, of which the last has two; two panels.
// CHECK-LABEL: func @packed
// CHECK: kern.narrow_gemm packed %{{.*}}, %{{.*}} scale %{{.*}} : memref<2x1x4xf16> outs(%{{.*}}) stored i4 group 10 tiling <lanes = 4, rows = 1, vectors = 1>
func.func @packed(%x: memref<?x10xf32>, %w: memref<2x1x2x4xi32>, %s: memref<2x1x4xf16>, %c: memref<?x6xf32>) {
  kern.narrow_gemm packed %x, %w scale %s : memref<2x1x4xf16> outs(%c) stored i4 group 10 tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = []} : memref<?x10xf32>, memref<2x1x2x4xi32>, memref<?x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// Floats of 16 bits have no scale.
// CHECK-LABEL: func @half
// CHECK: kern.narrow_gemm %{{.*}}, %{{.*}} outs(%{{.*}}) stored bf16 group 3
func.func @half(%x: tensor<2x3xf32>, %w: tensor<1x3x4xbf16>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = kern.narrow_gemm %x, %w outs(%c) stored bf16 group 3 {extra_maps = []} : tensor<2x3xf32>, tensor<1x3x4xbf16>, tensor<2x4xf32> -> tensor<2x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return %0 : tensor<2x4xf32>
}
