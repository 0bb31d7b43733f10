// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects one result of the type of its destination, or none where that is a memref}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x31xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: memref<8x16xf32>, %b: memref<16x32xf32>, %c: memref<8x32xf32>) {
  // expected-error@+1 {{expects one result of the type of its destination, or none where that is a memref}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : memref<8x16xf32>, memref<16x32xf32>, memref<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: memref<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects all operands to be tensors, or all memrefs}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, memref<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>, %e: tensor<32xf32>) {
  // expected-error@+1 {{expects the epilogue to have 2 arguments and 1 maps, one an extra operand, but got 1 and 0}}
  %0 = kern.gemm rows %a, %b extras(%e : tensor<32xf32>) outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects the epilogue to have 1 arguments and 0 maps, one an extra operand, but got 1 and 1}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = [affine_map<(m, n) -> (n)>]}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>, %e: tensor<32xf32>) {
  // expected-error@+1 {{expects map 0 to lead from the 2 indices of the result to the 1 of the operand}}
  %0 = kern.gemm rows %a, %b extras(%e : tensor<32xf32>) outs(%c) {extra_maps = [affine_map<(n) -> (n)>]}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32, %x: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>, %e: tensor<32xf32>) {
  // expected-error@+1 {{expects map 0 to lead from the 2 indices of the result to the 1 of the operand}}
  %0 = kern.gemm rows %a, %b extras(%e : tensor<32xf32>) outs(%c) {extra_maps = [affine_map<(m, n) -> (m, n)>]}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32, %x: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>, %e: tensor<32xf32>) {
  // expected-error@+1 {{expects map 0 to lead from the 2 indices of the result to the 1 of the operand}}
  %0 = kern.gemm rows %a, %b extras(%e : tensor<32xf32>) outs(%c) {extra_maps = [affine_map<(m, n)[o] -> (n + o)>]}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32, %x: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>, %e: tensor<32xf16>) {
  // expected-error@+1 {{expects argument 1 of the epilogue to be an element of its operand}}
  %0 = kern.gemm rows %a, %b extras(%e : tensor<32xf16>) outs(%c) {extra_maps = [affine_map<(m, n) -> (n)>]}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32, %x: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects the epilogue to yield one 'f32'}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s, %s : f32, f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf16>) {
  // expected-error@+1 {{expects the epilogue to yield one 'f16'}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf16> -> tensor<8x32xf16> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects sums of an integer or float type, but got 'index'}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: index):
    %i = arith.index_cast %s : index to i32
    %x = arith.sitofp %i : i32 to f32
    kern.yield %x : f32
  }
  return
}

// -----

// Shapes of products.
func.func @f(%a: tensor<16xf32>, %b: tensor<16x32xf32>, %c: tensor<32xf32>) {
  // expected-error@+1 {{expects operands of equal rank, at least 2, but got}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<16xf32>, tensor<16x32xf32>, tensor<32xf32> -> tensor<32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<1x8x32xf32>) {
  // expected-error@+1 {{expects operands of equal rank, at least 2, but got}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<1x8x32xf32> -> tensor<1x8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects operands of equal rank, at least 3, but got}}
  %0 = kern.gemm rows %a, %b outs(%c) {batch = 1 : i64, extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects operands of equal rank, at least 1, but got}}
  %0 = kern.gemm rows %a, %b outs(%c) {batch = -1 : i64, extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<1x16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects a right operand of rank 2, but got 'tensor<1x16x32xf32>'}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<1x16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects a right operand of rank 3, but got 'tensor<16x32xf32>'}}
  %0 = kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<7x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 0 of the left operand to be 8, but got 7}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<7x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

// Only axes of the batch broadcast.
func.func @f(%a: tensor<1x16xf32>, %b: tensor<16x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 0 of the left operand to be 8, but got 1}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<1x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<2x8x16xf32>, %b: tensor<3x16x32xf32>, %c: tensor<3x8x32xf32>) {
  // expected-error@+1 {{expects dimension 0 of the left operand to be 3, but got 2}}
  %0 = kern.gemm rows %a, %b outs(%c) {batch = 1 : i64, extra_maps = []}
    : tensor<2x8x16xf32>, tensor<3x16x32xf32>, tensor<3x8x32xf32> -> tensor<3x8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x8x16xf32>, %b: tensor<2x16x32xf32>, %c: tensor<3x8x32xf32>) {
  // expected-error@+1 {{expects dimension 0 of the right operand to be 3, but got 2}}
  %0 = kern.gemm rows %a, %b outs(%c) {batch = 1 : i64, extra_maps = []}
    : tensor<1x8x16xf32>, tensor<2x16x32xf32>, tensor<3x8x32xf32> -> tensor<3x8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<15x32xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 0 of the right operand to be 16, but got 15}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<15x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<16x31xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 1 of the right operand to be 32, but got 31}}
  %0 = kern.gemm rows %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<16x31xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<32x15xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 1 of the right operand to be 16, but got 15}}
  %0 = kern.gemm columns %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<32x15xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<31x16xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 0 of the right operand to be 32, but got 31}}
  %0 = kern.gemm columns %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<31x16xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<2x16x16xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects panels with a tiling and a known number of columns}}
  %0 = kern.gemm panels %a, %b outs(%c) {extra_maps = []}
    : tensor<8x16xf32>, tensor<2x16x16xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<2x16x16xf32>, %c: tensor<8x?xf32>) {
  // expected-error@+1 {{expects panels with a tiling and a known number of columns}}
  %0 = kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<8x16xf32>, tensor<2x16x16xf32>, tensor<8x?xf32> -> tensor<8x?xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<1x16x16xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 0 of the right operand to be 2, but got 1}}
  %0 = kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<8x16xf32>, tensor<1x16x16xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<2x15x16xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 1 of the right operand to be 16, but got 15}}
  %0 = kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<8x16xf32>, tensor<2x15x16xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<8x16xf32>, %b: tensor<2x16x8xf32>, %c: tensor<8x32xf32>) {
  // expected-error@+1 {{expects dimension 2 of the right operand to be 16, but got 8}}
  %0 = kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<8x16xf32>, tensor<2x16x8xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

// kern.conv: what is its own.
func.func @f(%a: tensor<6x4xf32>, %b: tensor<8x4xf32>, %c: tensor<6x8xf32>) {
  // expected-error@+1 {{expects operands of one to three spatial axes, but got}}
  %0 = kern.conv %a, %b outs(%c) strides [] dilations [] pads [] {extra_maps = []}
    : tensor<6x4xf32>, tensor<8x4xf32>, tensor<6x8xf32> -> tensor<6x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x6x6x4xf32>, %b: tensor<8x4x3x3x3x3xf32>, %c: tensor<1x4x4x4x4x8xf32>) {
  // expected-error@+1 {{expects operands of one to three spatial axes, but got}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1, 1, 1] dilations [1, 1, 1, 1] pads [0, 0, 0, 0, 0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x6x6x4xf32>, tensor<8x4x3x3x3x3xf32>, tensor<1x4x4x4x4x8xf32> -> tensor<1x4x4x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x8xf32>) {
  // expected-error@+1 {{expects operands of one to three spatial axes, but got}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x8xf32> -> tensor<1x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects 2 strides and dilations and 4 pads}}
  %0 = kern.conv %a, %b outs(%c) strides [1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects 2 strides and dilations and 4 pads}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects 2 strides and dilations and 4 pads}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects strides and dilations of 1 or more}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 0] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects strides and dilations of 1 or more}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [0, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects pads of 0 or more}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, -1, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x?xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects known channels and a known filter}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x?xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x?xf32>) {
  // expected-error@+1 {{expects known channels and a known filter}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x?xf32> -> tensor<1x4x4x?xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x?x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects known channels and a known filter}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x?x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<1x1x3x3x4x16xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a packed filter to come with a tiling}}
  %0 = kern.conv packed %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<1x1x3x3x4x16xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<2x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects dimension 0 of the input to be 1, but got 2}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<2x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects channels that divide into 0 groups, but got 4 and 8}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = [], group = 0 : i64}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects channels that divide into 3 groups, but got 4 and 8}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = [], group = 3 : i64}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x6xf32>) {
  // expected-error@+1 {{expects channels that divide into 4 groups, but got 4 and 6}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = [], group = 4 : i64}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x6xf32> -> tensor<1x4x4x6xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of rank 4, but got}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of rank 6, but got}}
  %0 = kern.conv packed %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x3x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of shape [8, 4, 3, 3], but got 'tensor<8x3x3x3xf32>'}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x3x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of shape [8, 2, 3, 3], but got}}
  %0 = kern.conv %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = [], group = 2 : i64}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<1x1x3x3x4x8xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of shape [1, 1, 3, 3, 4, 16], but got}}
  %0 = kern.conv packed %a, %b outs(%c) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<1x1x3x3x4x8xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

// kern.depthwise: what is its own.
func.func @f(%a: tensor<1x6x6x8xf32>, %b: tensor<8x1x3x3xf32>, %c: tensor<1x4x4x16xf32>) {
  // expected-error@+1 {{expects as many features as channels}}
  %0 = kern.depthwise %a, %b outs(%c) kernel [3, 3] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x8xf32>, tensor<8x1x3x3xf32>, tensor<1x4x4x16xf32> -> tensor<1x4x4x16xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x8xf32>, %b: tensor<8x1x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects one kernel size of 1 or more a spatial axis}}
  %0 = kern.depthwise %a, %b outs(%c) kernel [3] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x8xf32>, tensor<8x1x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x8xf32>, %b: tensor<8x1x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects one kernel size of 1 or more a spatial axis}}
  %0 = kern.depthwise %a, %b outs(%c) kernel [3, 0] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x8xf32>, tensor<8x1x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x8xf32>, %b: tensor<8x1x3x2xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of shape [8, 1, 3, 3], but got}}
  %0 = kern.depthwise %a, %b outs(%c) kernel [3, 3] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x8xf32>, tensor<8x1x3x2xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x8xf32>, %b: tensor<8x9xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of shape [9, 8], but got}}
  %0 = kern.depthwise packed %a, %b outs(%c) kernel [3, 3] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<1x6x6x8xf32>, tensor<8x9xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x8xf32>, %b: tensor<8x1x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects 2 strides and dilations and 4 pads}}
  %0 = kern.depthwise %a, %b outs(%c) kernel [3, 3] strides [1] dilations [1, 1] pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x8xf32>, tensor<8x1x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

// kern.winograd: what is its own.
func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x3x3xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects tile 2 or 4, but got 3}}
  %0 = kern.winograd tile 3 %a, %b outs(%c) pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x3x3xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x4xf32>, %b: tensor<8x4x3xf32>, %c: tensor<1x4x8xf32>) {
  // expected-error@+1 {{expects 1 strides and dilations and 2 pads}}
  %0 = kern.winograd tile 2 %a, %b outs(%c) pads [0, 0] {extra_maps = []}
    : tensor<1x6x4xf32>, tensor<8x4x3xf32>, tensor<1x4x8xf32> -> tensor<1x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<8x4x5x5xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of shape [8, 4, 3, 3], but got}}
  %0 = kern.winograd tile 2 %a, %b outs(%c) pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<8x4x5x5xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<1x36x4x16xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a filter of shape [1, 16, 4, 16], but got}}
  %0 = kern.winograd tile 2 packed %a, %b outs(%c) pads [0, 0, 0, 0] tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<1x36x4x16xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%a: tensor<1x6x6x4xf32>, %b: tensor<1x16x4x16xf32>, %c: tensor<1x4x4x8xf32>) {
  // expected-error@+1 {{expects a packed filter to come with a tiling}}
  %0 = kern.winograd tile 2 packed %a, %b outs(%c) pads [0, 0, 0, 0] {extra_maps = []}
    : tensor<1x6x6x4xf32>, tensor<1x16x4x16xf32>, tensor<1x4x4x8xf32> -> tensor<1x4x4x8xf32> {
  ^bb0(%s: f32):
    kern.yield %s : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x5xf32>, %o: tensor<3x6x5xf32>) {
  // expected-error@+1 {{expects a result map that permutes the result's axes but for the last}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>, value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, e, l)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x8xf32>, tensor<3x7x5xf32>, tensor<3x6x5xf32> -> tensor<3x6x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x5xf32>, %o: tensor<3x6x5xf32>) {
  // expected-error@+1 {{expects a map from 3 loops to the 3 indices of the operand}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>, value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x8xf32>, tensor<3x7x5xf32>, tensor<3x6x5xf32> -> tensor<3x6x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x5xf32>, %o: tensor<3x6x5xf32>) {
  // expected-error@+1 {{expects a map that has the last two loops as indices}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d floordiv 2)>, value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x8xf32>, tensor<3x7x5xf32>, tensor<3x6x5xf32> -> tensor<3x6x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x5x7xf32>, %o: tensor<3x6x5xf32>) {
  // expected-error@+1 {{expects values to be contiguous along their columns}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>, value_map = affine_map<(b, s, e) -> (b, e, s)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x8xf32>, tensor<3x5x7xf32>, tensor<3x6x5xf32> -> tensor<3x6x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x9xf32>, %v: tensor<3x7x5xf32>, %o: tensor<3x6x5xf32>) {
  // expected-error@+1 {{expects queries, keys, values and result of sizes that agree}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>, value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x9xf32>, tensor<3x7x5xf32>, tensor<3x6x5xf32> -> tensor<3x6x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x8x5xf32>, %o: tensor<3x6x5xf32>) {
  // expected-error@+1 {{expects queries, keys, values and result of sizes that agree}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>, value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x8xf32>, tensor<3x8x5xf32>, tensor<3x6x5xf32> -> tensor<3x6x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x5xf32>, %o: tensor<3x5x5xf32>) {
  // expected-error@+1 {{expects queries, keys, values and result of sizes that agree}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>, value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x8xf32>, tensor<3x7x5xf32>, tensor<3x5x5xf32> -> tensor<3x5x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %k: tensor<3x7x8xf32>, %v: tensor<3x7x5xf32>, %o: tensor<3x6x5xf32>) {
  // expected-error@+1 {{expects sums of one float type in both regions}}
  %0 = kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>, value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x7x8xf32>, tensor<3x7x5xf32>, tensor<3x6x5xf32> -> tensor<3x6x5xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f64):
    kern.yield %score : f64
  }
  return
}

// -----

func.func @f(%q: tensor<3x6x8xf32>, %m: tensor<6xi8>, %o: tensor<3x6x8xf32>) {
  // expected-error@+1 {{expects the region of scores to have 2 arguments and 1 maps, one an extra operand, but got 1 and 1}}
  %0 = kern.attention %q, %q, %q score_extras(%m : tensor<6xi8>) outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>,
      value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [affine_map<(b, l, s) -> (s)>], extra_maps = []}
    : tensor<3x6x8xf32>, tensor<3x6x8xf32>, tensor<3x6x8xf32>, tensor<3x6x8xf32> -> tensor<3x6x8xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}

// -----

func.func @normalize_result(%x: tensor<8x16xf32>, %y: tensor<8x16xf32>) {
  // expected-error@+1 {{expects one result of the type of its destination, or none where that is a memref}}
  kern.normalize %x outs(%y) epsilon 0.0 : tensor<8x16xf32>, tensor<8x16xf32>
  return
}

// -----

func.func @normalize_shape(%x: memref<8x16xf32>, %y: memref<8x15xf32>) {
  // expected-error@+1 {{expects rows of f32 and a destination of their shape, but got 'memref<8x16xf32>' and 'memref<8x15xf32>'}}
  kern.normalize %x outs(%y) epsilon 0.0 : memref<8x16xf32>, memref<8x15xf32>
  return
}

// -----

func.func @normalize_depth(%x: memref<8x?xf32>, %y: memref<8x?xf32>) {
  // expected-error@+1 {{expects a known number of elements in a row}}
  kern.normalize %x outs(%y) epsilon 0.0 : memref<8x?xf32>, memref<8x?xf32>
  return
}

// -----

func.func @normalize_scale(%x: memref<8x16xf32>, %s: memref<1x16xf32>, %y: memref<8x16xf32>) {
  // expected-error@+1 {{expects 'scale' and 'bias' to have the 16 elements of a row, but got 'memref<1x16xf32>'}}
  kern.normalize %x scale %s : memref<1x16xf32> outs(%y) epsilon 0.0 : memref<8x16xf32>, memref<8x16xf32>
  return
}
