// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @stored(%x: memref<3x6xf32>, %w: memref<2x4x5xi16>, %s: memref<2x5xf32>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects 'stored' to be an integer of 2, 4 or 8 bits, f8E4M3FN, f8E5M2, f16 or bf16, but got 'i16'}}
  kern.narrow_gemm %x, %w scale %s : memref<2x5xf32> outs(%c) stored i16 group 4 {extra_maps = []} : memref<3x6xf32>, memref<2x4x5xi16>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @sums(%x: memref<3x6xf32>, %w: memref<2x4x5xi4>, %s: memref<2x5xf32>, %c: memref<3x5xf64>) {
  // expected-error @+1 {{expects sums of f32, but got 'f64'}}
  kern.narrow_gemm %x, %w scale %s : memref<2x5xf32> outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x6xf32>, memref<2x4x5xi4>, memref<3x5xf64> {
  ^bb0(%sum: f64):
    kern.yield %sum : f64
  }
  return
}

// -----

func.func @rank(%x: memref<3x6xf32>, %w: memref<8x5xi4>, %s: memref<2x5xf32>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects operands of equal rank, at least 2, and weights of rank 3}}
  kern.narrow_gemm %x, %w scale %s : memref<2x5xf32> outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x6xf32>, memref<8x5xi4>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @rows(%x: memref<3x6xf32>, %w: memref<2x4x5xi4>, %s: memref<2x5xf32>, %c: memref<4x5xf32>) {
  // expected-error @+1 {{expects dimension 0 of the left operand to be 4, but got 3}}
  kern.narrow_gemm %x, %w scale %s : memref<2x5xf32> outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x6xf32>, memref<2x4x5xi4>, memref<4x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @depth(%x: memref<3x?xf32>, %w: memref<2x4x5xi4>, %s: memref<2x5xf32>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects a known depth, known columns and a group of 1 or more}}
  kern.narrow_gemm %x, %w scale %s : memref<2x5xf32> outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x?xf32>, memref<2x4x5xi4>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @scale(%x: memref<3x6xf32>, %w: memref<2x4x5xi4>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects scales unless 'stored' is f16 or bf16, and zero points of integers only}}
  kern.narrow_gemm %x, %w outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x6xf32>, memref<2x4x5xi4>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @tiling(%x: memref<3x6xf32>, %w: memref<2x2x1x4xi32>, %s: memref<2x2x4xf32>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects packed weights to come with a tiling}}
  kern.narrow_gemm packed %x, %w scale %s : memref<2x2x4xf32> outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x6xf32>, memref<2x2x1x4xi32>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @groups(%x: memref<3x6xf32>, %w: memref<2x4x5xi4>, %s: memref<2x5xf32>, %z: memref<2x5xi8>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects weights of shape [3, 2, 5] and of type 'i4', but got 'memref<2x4x5xi4>'}}
  kern.narrow_gemm %x, %w scale %s : memref<2x5xf32> outs(%c) stored i4 group 2 {extra_maps = []} : memref<3x6xf32>, memref<2x4x5xi4>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @words(%x: memref<3x6xf32>, %w: memref<2x2x1x4xi8>, %s: memref<2x2x4xf32>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects weights of shape [2, 2, 1, 4] and of type 'i32', but got 'memref<2x2x1x4xi8>'}}
  kern.narrow_gemm packed %x, %w scale %s : memref<2x2x4xf32> outs(%c) stored i4 group 4 tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = []} : memref<3x6xf32>, memref<2x2x1x4xi8>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @scales(%x: memref<3x6xf32>, %w: memref<2x4x5xi4>, %s: memref<5xf32>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects scales of shape [2, 5] and of type 'f16', 'f32', but got 'memref<5xf32>'}}
  kern.narrow_gemm %x, %w scale %s : memref<5xf32> outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x6xf32>, memref<2x4x5xi4>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @points(%x: memref<3x6xf32>, %w: memref<2x4x5xi4>, %s: memref<2x5xf32>, %z: memref<2x5xi8>, %c: memref<3x5xf32>) {
  // expected-error @+1 {{expects zero points of shape [2, 5] and of type 'i8', but got 'memref<2x5xf32>'}}
  kern.narrow_gemm %x, %w scale %s : memref<2x5xf32> zero_point %s : memref<2x5xf32> outs(%c) stored i4 group 4 {extra_maps = []} : memref<3x6xf32>, memref<2x4x5xi4>, memref<3x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}
