// RUN: nnc-opt %s -kern-expand -split-input-file -verify-diagnostics
// RUN: not nnc-opt %s -kern-expand=target=z80 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: target 'z80' is not known; known are {{.*}}x86-64-v3

func.func @no_tiling(%a: memref<2x3xf32>, %b: memref<3x4xf32>, %c: memref<2x4xf32>) {
  // expected-error@+1 {{expects a tiling; run the pass that chooses it}}
  kern.gemm rows %a, %b outs(%c) {extra_maps = []} : memref<2x3xf32>, memref<3x4xf32>, memref<2x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @conv(%x: memref<1x6x4xf32>, %w: memref<8x4x3xf32>, %y: memref<1x4x8xf32>) {
  // expected-error@+1 {{expects a packed filter}}
  kern.conv %x, %w outs(%y) strides [1] dilations [1] pads [0, 0] tiling <lanes = 8, rows = 1, vectors = 1> {extra_maps = []}
    : memref<1x6x4xf32>, memref<8x4x3xf32>, memref<1x4x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @depthwise(%x: memref<1x6x8xf32>, %w: memref<8x1x3xf32>, %y: memref<1x4x8xf32>) {
  // expected-error@+1 {{expects a packed filter}}
  kern.depthwise %x, %w outs(%y) kernel [3] strides [1] dilations [1] pads [0, 0] tiling <lanes = 8, rows = 1, vectors = 1> {extra_maps = []}
    : memref<1x6x8xf32>, memref<8x1x3xf32>, memref<1x4x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @winograd(%x: memref<1x6x6x4xf32>, %w: memref<8x4x3x3xf32>, %y: memref<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a packed filter}}
  kern.winograd tile 2 %x, %w outs(%y) pads [0, 0, 0, 0] tiling <lanes = 8, rows = 1, vectors = 1> {extra_maps = []}
    : memref<1x6x6x4xf32>, memref<8x4x3x3xf32>, memref<1x4x4x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @transposed_extra(%a: memref<2x3xf32>, %b: memref<3x4xf32>, %e: memref<4x2xf32>, %c: memref<2x4xf32>) {
  // expected-error@+1 {{has an extra operand that is not read along the last axis}}
  kern.gemm rows %a, %b extras(%e : memref<4x2xf32>) outs(%c) tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = [affine_map<(m, n) -> (n, m)>]}
    : memref<2x3xf32>, memref<3x4xf32>, memref<2x4xf32> {
  ^bb0(%sum: f32, %x: f32):
    kern.yield %x : f32
  }
  return
}

// -----

func.func @spread_extra(%a: memref<2x3xf32>, %b: memref<3x4xf32>, %e: memref<8xf32>, %c: memref<2x4xf32>) {
  // expected-error@+1 {{has an extra operand that is not read along the last axis}}
  kern.gemm rows %a, %b extras(%e : memref<8xf32>) outs(%c) tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = [affine_map<(m, n) -> (n * 2)>]}
    : memref<2x3xf32>, memref<3x4xf32>, memref<2x4xf32> {
  ^bb0(%sum: f32, %x: f32):
    kern.yield %x : f32
  }
  return
}

// -----

func.func @strided(%a: memref<2x3xf32, strided<[8, 1]>>, %b: memref<3x4xf32>, %c: memref<2x4xf32>) {
  // expected-error@+1 {{expects contiguous memrefs, but got 'memref<2x3xf32, strided<[8, 1]>>'}}
  kern.gemm rows %a, %b outs(%c) tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = []}
    : memref<2x3xf32, strided<[8, 1]>>, memref<3x4xf32>, memref<2x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @tensors(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // expected-error@+1 {{expects contiguous memrefs, but got 'tensor<2x3xf32>'}}
  %0 = kern.gemm rows %a, %b outs(%c) tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = []}
    : tensor<2x3xf32>, tensor<3x4xf32>, tensor<2x4xf32> -> tensor<2x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return %0 : tensor<2x4xf32>
}

// -----

func.func private @any(f32) -> f32
func.func @no_vector_form(%a: memref<2x3xf32>, %b: memref<3x4xf32>, %c: memref<2x4xf32>) {
  kern.gemm rows %a, %b outs(%c) tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = []}
    : memref<2x3xf32>, memref<3x4xf32>, memref<2x4xf32> {
  ^bb0(%sum: f32):
    // expected-error@+1 {{has no vector form in an epilogue}}
    %0 = func.call @any(%sum) : (f32) -> f32
    kern.yield %0 : f32
  }
  return
}
