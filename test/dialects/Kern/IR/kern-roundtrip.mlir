// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @rows
func.func @rows(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %bias: tensor<32xf32>, %c: tensor<8x32xf32>) -> tensor<8x32xf32> {
  // CHECK: kern.gemm rows %{{.*}}, %{{.*}} extras(%{{.*}} : tensor<32xf32>) outs(%{{.*}}) {extra_maps = [#{{.*}}]} : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f32):
  // CHECK-NEXT: %[[R:.*]] = arith.addf %[[SUM]], %[[B]]
  // CHECK-NEXT: kern.yield %[[R]] : f32
  %0 = kern.gemm rows %a, %b extras(%bias : tensor<32xf32>) outs(%c) {extra_maps = [affine_map<(m, n) -> (n)>]}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%sum: f32, %e: f32):
    %1 = arith.addf %sum, %e : f32
    kern.yield %1 : f32
  }
  return %0 : tensor<8x32xf32>
}

// Batches, one of them shared by all; sums wider than operands.
// CHECK-LABEL: func @columns
func.func @columns(%a: tensor<3x?x2x16xf16>, %b: tensor<1x33x16xf16>, %c: tensor<3x?x2x33xf16>) -> tensor<3x?x2x33xf16> {
  // CHECK: kern.gemm columns {{.*}} {batch = 1 : i64, extra_maps = []} : tensor<3x?x2x16xf16>
  %0 = kern.gemm columns %a, %b outs(%c) {batch = 1 : i64, extra_maps = []}
    : tensor<3x?x2x16xf16>, tensor<1x33x16xf16>, tensor<3x?x2x33xf16> -> tensor<3x?x2x33xf16> {
  ^bb0(%sum: f32):
    %1 = arith.truncf %sum : f32 to f16
    kern.yield %1 : f16
  }
  return %0 : tensor<3x?x2x33xf16>
}

// On memrefs, 33 columns in two panels of 32.
// CHECK-LABEL: func @panels
func.func @panels(%a: memref<8x16xf32>, %b: memref<2x16x32xf32>, %c: memref<8x33xf32>) {
  // CHECK: kern.gemm panels %{{.*}}, %{{.*}} outs(%{{.*}}) tiling <lanes = 16, rows = 4, vectors = 2, m_block = 8, n_block = 1, k_block = 8, prefetch = true> {extra_maps = []} : memref<8x16xf32>, memref<2x16x32xf32>, memref<8x33xf32> {
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 4, vectors = 2, m_block = 8, n_block = 1, k_block = 8, prefetch = true> {extra_maps = []}
    : memref<8x16xf32>, memref<2x16x32xf32>, memref<8x33xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<?x9x7x4xf32>, %w: tensor<6x2x3x3xf32>, %y: tensor<?x5x7x6xf32>) -> tensor<?x5x7x6xf32> {
  // CHECK: kern.conv %{{.*}}, %{{.*}} outs(%{{.*}}) strides [2, 1] dilations [1, 1] pads [1, 1, 1, 1] {extra_maps = [], group = 2 : i64} : tensor<?x9x7x4xf32>
  %0 = kern.conv %x, %w outs(%y) strides [2, 1] dilations [1, 1] pads [1, 1, 1, 1] {extra_maps = [], group = 2 : i64}
    : tensor<?x9x7x4xf32>, tensor<6x2x3x3xf32>, tensor<?x5x7x6xf32> -> tensor<?x5x7x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return %0 : tensor<?x5x7x6xf32>
}

// Three features a group in panels of four.
// CHECK-LABEL: func @conv_packed
func.func @conv_packed(%x: memref<1x9x4xf32>, %w: memref<2x1x3x2x4xf32>, %r: memref<1x7x6xf32>, %y: memref<1x7x6xf32>) {
  // CHECK: kern.conv packed %{{.*}}, %{{.*}} extras(%{{.*}} : memref<1x7x6xf32>) outs(%{{.*}}) strides [1] dilations [1] pads [0, 0] tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = [#{{.*}}], group = 2 : i64}
  kern.conv packed %x, %w extras(%r : memref<1x7x6xf32>) outs(%y) strides [1] dilations [1] pads [0, 0] tiling <lanes = 4, rows = 2, vectors = 1>
    {extra_maps = [affine_map<(n, x, f) -> (n, x, f)>], group = 2 : i64}
    : memref<1x9x4xf32>, memref<2x1x3x2x4xf32>, memref<1x7x6xf32> {
  ^bb0(%sum: f32, %e: f32):
    %1 = arith.addf %sum, %e : f32
    kern.yield %1 : f32
  }
  return
}

// CHECK-LABEL: func @depthwise
func.func @depthwise(%x: tensor<1x4x?x5x12xf32>, %w: tensor<12x1x1x3x2xf32>, %p: tensor<6x12xf32>, %y: tensor<1x4x?x4x12xf32>)
    -> (tensor<1x4x?x4x12xf32>, tensor<1x4x?x4x12xf32>) {
  // CHECK: kern.depthwise %{{.*}}, %{{.*}} outs(%{{.*}}) kernel [1, 3, 2] strides [1, 1, 1] dilations [1, 2, 1] pads [0, 2, 0, 0, 2, 0] {extra_maps = []}
  %0 = kern.depthwise %x, %w outs(%y) kernel [1, 3, 2] strides [1, 1, 1] dilations [1, 2, 1] pads [0, 2, 0, 0, 2, 0] {extra_maps = []}
    : tensor<1x4x?x5x12xf32>, tensor<12x1x1x3x2xf32>, tensor<1x4x?x4x12xf32> -> tensor<1x4x?x4x12xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  // CHECK: kern.depthwise packed {{.*}} tiling <lanes = 8, rows = 3, vectors = 1>
  %1 = kern.depthwise packed %x, %p outs(%y) kernel [1, 3, 2] strides [1, 1, 1] dilations [1, 2, 1] pads [0, 2, 0, 0, 2, 0] tiling <lanes = 8, rows = 3, vectors = 1> {extra_maps = []}
    : tensor<1x4x?x5x12xf32>, tensor<6x12xf32>, tensor<1x4x?x4x12xf32> -> tensor<1x4x?x4x12xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return %0, %1 : tensor<1x4x?x4x12xf32>, tensor<1x4x?x4x12xf32>
}

// CHECK-LABEL: func @winograd
func.func @winograd(%x: tensor<1x8x8x4xf32>, %w: tensor<6x4x3x3xf32>, %p: tensor<2x36x4x4xf32>, %y: tensor<1x8x8x6xf32>)
    -> (tensor<1x8x8x6xf32>, tensor<1x8x8x6xf32>) {
  // CHECK: kern.winograd tile 2 %{{.*}}, %{{.*}} outs(%{{.*}}) pads [1, 1, 1, 1] {extra_maps = []}
  %0 = kern.winograd tile 2 %x, %w outs(%y) pads [1, 1, 1, 1] {extra_maps = []}
    : tensor<1x8x8x4xf32>, tensor<6x4x3x3xf32>, tensor<1x8x8x6xf32> -> tensor<1x8x8x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  // CHECK: kern.winograd tile 4 packed %{{.*}}, %{{.*}} outs(%{{.*}}) pads [1, 1, 1, 1] tiling <lanes = 4, rows = 4, vectors = 1> {extra_maps = []}
  %1 = kern.winograd tile 4 packed %x, %p outs(%y) pads [1, 1, 1, 1] tiling <lanes = 4, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<1x8x8x4xf32>, tensor<2x36x4x4xf32>, tensor<1x8x8x6xf32> -> tensor<1x8x8x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return %0, %1 : tensor<1x8x8x6xf32>, tensor<1x8x8x6xf32>
}

// Heads beside each other, one of the key's for two of the query's, a mask of bytes.
// CHECK-LABEL: func @attention
func.func @attention(%q: tensor<2x?x4x8xf32>, %k: tensor<2x?x2x8xf32>, %v: tensor<2x?x2x5xf32>, %m: tensor<?xi8>, %o: tensor<2x?x4x5xf32>) -> tensor<2x?x4x5xf32> {
  // CHECK: kern.attention %{{.*}}, %{{.*}}, %{{.*}} score_extras(%{{.*}} : tensor<?xi8>) outs(%{{.*}}) {causality = 2 : i32
  // CHECK-NEXT: ^bb0(%[[M:.*]]: f32):
  // CHECK-NEXT: kern.yield %[[M]]
  // CHECK-NEXT: } scores {
  // CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %{{.*}}: i8):
  // CHECK-NEXT: kern.yield %[[S]]
  %0 = kern.attention %q, %k, %v score_extras(%m : tensor<?xi8>) outs(%o) {
      query_map = affine_map<(b, h, l, d) -> (b, l, h, d)>, key_map = affine_map<(b, h, s, d) -> (b, s, h floordiv 2, d)>,
      value_map = affine_map<(b, h, s, e) -> (b, s, h floordiv 2, e)>, result_map = affine_map<(b, h, l, e) -> (b, l, h, e)>,
      score_maps = [affine_map<(b, h, l, s) -> (s)>], causality = 2 : i32, extra_maps = []}
    : tensor<2x?x4x8xf32>, tensor<2x?x2x8xf32>, tensor<2x?x2x5xf32>, tensor<2x?x4x5xf32> -> tensor<2x?x4x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32, %byte: i8):
    kern.yield %score : f32
  }
  return %0 : tensor<2x?x4x5xf32>
}

// CHECK-LABEL: func @normalize
// CHECK: kern.normalize %{{.*}} scale %{{.*}} : tensor<16xf32> bias %{{.*}} : tensor<16xf32> outs(%{{.*}}) epsilon 1.000000e-05 : tensor<?x8x16xf32>, tensor<?x8x16xf32> -> tensor<?x8x16xf32>
// CHECK: kern.normalize %{{.*}} outs(%{{.*}}) epsilon 0.000000e+00 uncentered : memref<16xf32>, memref<16xf32>
func.func @normalize(%x: tensor<?x8x16xf32>, %s: tensor<16xf32>, %b: tensor<16xf32>, %y: tensor<?x8x16xf32>, %m: memref<16xf32>, %n: memref<16xf32>) -> tensor<?x8x16xf32> {
  %0 = kern.normalize %x scale %s : tensor<16xf32> bias %b : tensor<16xf32> outs(%y) epsilon 1.0e-5 : tensor<?x8x16xf32>, tensor<?x8x16xf32> -> tensor<?x8x16xf32>
  kern.normalize %m outs(%n) epsilon 0.0 uncentered : memref<16xf32>, memref<16xf32>
  return %0 : tensor<?x8x16xf32>
}
