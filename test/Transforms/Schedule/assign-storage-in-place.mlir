// RUN: nnc-opt %s -nnc-assign-storage -nnc-verify-schedule | FileCheck %s

// An element-wise kernel writes over an operand that dies in it.
// CHECK-LABEL: func @chain
// CHECK-SAME: nn.arena_bytes = 64
// CHECK-SAME: nn.arena_lower_bound = 64
func.func @chain(%x: tensor<4xf32>) -> tensor<4xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "a" {{.*}} slots [#nn.slot<arena 0 at 0>]
  // CHECK: nn.kernel "b" {{.*}} slots [#nn.slot<arena 0 at 0>]
  // CHECK: nn.kernel "c" {{.*}} slots [#nn.slot<output 0>]
  %0 = nn.kernel "a" order 0 (%a = %x) : (tensor<4xf32>) -> tensor<4xf32> {
    %1 = nn.relu %a : tensor<4xf32> -> tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  %2 = nn.kernel "b" order 1 (%a = %0, %b = %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    %1 = nn.add %b, %a : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %2) : (tensor<4xf32>) -> tensor<4xf32> {
    %1 = nn.exp %a : tensor<4xf32> -> tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  return %3 : tensor<4xf32>
}

// Sizes that the run knows: one slot that lives as long as both.
// CHECK-LABEL: func @dynamic
func.func @dynamic(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> attributes {nn.entry} {
  // CHECK: nn.place %{{[a-z0-9_]*}} lifetimes [0, 2]
  // CHECK: nn.kernel "a" {{.*}} slots [#nn.slot<arena 0>]
  // CHECK: nn.kernel "b" {{.*}} slots [#nn.slot<arena 0>]
  %0 = nn.kernel "a" order 0 (%a = %x) dims(%n) : (tensor<?xf32>) -> tensor<?xf32> {
    %1 = nn.relu %a : tensor<?xf32> -> tensor<?xf32>
    nn.yield %1 : tensor<?xf32>
  }
  %2 = nn.kernel "b" order 1 (%a = %0) dims(%n) : (tensor<?xf32>) -> tensor<?xf32> {
    %1 = nn.exp %a : tensor<?xf32> -> tensor<?xf32>
    nn.yield %1 : tensor<?xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %2) dims(%n) : (tensor<?xf32>) -> tensor<?xf32> {
    %1 = nn.exp %a : tensor<?xf32> -> tensor<?xf32>
    nn.yield %1 : tensor<?xf32>
  }
  return %3 : tensor<?xf32>
}

// A size that another operand may have enlarged is another size.
// CHECK-LABEL: func @maybe_broadcast
func.func @maybe_broadcast(%x: tensor<?xf32>, %n: index, %m: index) -> tensor<?xf32> attributes {nn.entry} {
  // CHECK: nn.place {{.*}} lifetimes [0, 1, 1, 2]
  %0 = nn.kernel "a" order 0 (%a = %x) dims(%n) : (tensor<?xf32>) -> tensor<?xf32> {
    %1 = nn.relu %a : tensor<?xf32> -> tensor<?xf32>
    nn.yield %1 : tensor<?xf32>
  }
  %2 = nn.kernel "b" order 1 (%a = %0, %b = %x) dims(%m) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> {
    %1 = nn.add %a, %b : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
    nn.yield %1 : tensor<?xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %2) dims(%m) : (tensor<?xf32>) -> tensor<?xf32> {
    %1 = nn.exp %a : tensor<?xf32> -> tensor<?xf32>
    nn.yield %1 : tensor<?xf32>
  }
  return %3 : tensor<?xf32>
}

// Read again later, here as a view.
// CHECK-LABEL: func @other_user
// CHECK-SAME: nn.arena_bytes = 128
func.func @other_user(%x: tensor<4xf32>) -> tensor<4xf32> attributes {nn.entry} {
  %s = nn.constant dense<[2, 2]> : tensor<2xi64>
  %0 = nn.kernel "a" order 0 (%a = %x) : (tensor<4xf32>) -> tensor<4xf32> {
    %1 = nn.relu %a : tensor<4xf32> -> tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  %v = nn.reshape %0, %s : tensor<4xf32>, tensor<2xi64> -> tensor<2x2xf32>
  %2 = nn.kernel "b" order 1 (%a = %0) : (tensor<4xf32>) -> tensor<4xf32> {
    %1 = nn.exp %a : tensor<4xf32> -> tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %2, %b = %v) : (tensor<4xf32>, tensor<2x2xf32>) -> tensor<4xf32> {
    %1 = nn.relu %b : tensor<2x2xf32> -> tensor<2x2xf32>
    %4 = nn.exp %a : tensor<4xf32> -> tensor<4xf32>
    nn.yield %4 : tensor<4xf32>
  }
  return %3 : tensor<4xf32>
}

// Once as it is and once as a view: the second may be read at another place.
// CHECK-LABEL: func @twice
// CHECK-SAME: nn.arena_bytes = 128
func.func @twice(%x: tensor<2x2xf32>) -> tensor<2x2xf32> attributes {nn.entry} {
  %s = nn.constant dense<[2, 2]> : tensor<2xi64>
  %0 = nn.kernel "a" order 0 (%a = %x) : (tensor<2x2xf32>) -> tensor<2x2xf32> {
    %1 = nn.relu %a : tensor<2x2xf32> -> tensor<2x2xf32>
    nn.yield %1 : tensor<2x2xf32>
  }
  %v = nn.reshape %0, %s : tensor<2x2xf32>, tensor<2xi64> -> tensor<2x2xf32>
  %2 = nn.kernel "b" order 1 (%a = %0, %b = %v) : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32> {
    %t = nn.transpose %b [1, 0] : tensor<2x2xf32> -> tensor<2x2xf32>
    %1 = nn.add %a, %t : tensor<2x2xf32>, tensor<2x2xf32> -> tensor<2x2xf32>
    nn.yield %1 : tensor<2x2xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %2) : (tensor<2x2xf32>) -> tensor<2x2xf32> {
    %1 = nn.exp %a : tensor<2x2xf32> -> tensor<2x2xf32>
    nn.yield %1 : tensor<2x2xf32>
  }
  return %3 : tensor<2x2xf32>
}

// A smaller operand is read by several elements, a transposed one at another
// place, one of another type has elements of another size.
// CHECK-LABEL: func @moved
func.func @moved(%x: tensor<4x1xf32>, %y: tensor<4x4xf32>) -> tensor<4x4xf64> attributes {nn.entry} {
  // CHECK: nn.kernel "a" {{.*}} slots [#nn.slot<arena 0 at
  // CHECK: nn.kernel "b" {{.*}} slots [#nn.slot<arena 1 at
  // CHECK: nn.kernel "c" {{.*}} slots [#nn.slot<arena 2 at
  // CHECK: nn.kernel "d" {{.*}} slots [#nn.slot<arena 3 at
  %0 = nn.kernel "a" order 0 (%a = %x) : (tensor<4x1xf32>) -> tensor<4x1xf32> {
    %1 = nn.relu %a : tensor<4x1xf32> -> tensor<4x1xf32>
    nn.yield %1 : tensor<4x1xf32>
  }
  %2 = nn.kernel "b" order 1 (%a = %0, %b = %y) : (tensor<4x1xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> {
    %1 = nn.add %a, %b : tensor<4x1xf32>, tensor<4x4xf32> -> tensor<4x4xf32>
    nn.yield %1 : tensor<4x4xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %2) : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    %1 = nn.transpose %a [1, 0] : tensor<4x4xf32> -> tensor<4x4xf32>
    %4 = nn.exp %1 : tensor<4x4xf32> -> tensor<4x4xf32>
    nn.yield %4 : tensor<4x4xf32>
  }
  %5 = nn.kernel "d" order 3 (%a = %3) : (tensor<4x4xf32>) -> tensor<4x4xf64> {
    %1 = nn.cast %a to f64 : tensor<4x4xf32> -> tensor<4x4xf64>
    nn.yield %1 : tensor<4x4xf64>
  }
  %6 = nn.kernel "e" order 4 (%a = %5) : (tensor<4x4xf64>) -> tensor<4x4xf64> {
    %1 = nn.exp %a : tensor<4x4xf64> -> tensor<4x4xf64>
    nn.yield %1 : tensor<4x4xf64>
  }
  return %6 : tensor<4x4xf64>
}

// What a loop takes from outside is read in every iteration, and what it hands on
// has been in place since the iteration began.
// CHECK-LABEL: func @loop
func.func @loop(%x: tensor<4xf32>, %n: index) -> tensor<4xf32> attributes {nn.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: nn.kernel "a" {{.*}} slots [#nn.slot<arena 0 at
  %0 = nn.kernel "a" order 0 (%a = %x) : (tensor<4xf32>) -> tensor<4xf32> {
    %1 = nn.relu %a : tensor<4xf32> -> tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> tensor<4xf32> {
    // CHECK: nn.kernel "b" {{.*}} slots [#nn.slot<arena 1 at
    %2 = nn.kernel "b" order 1 (%a = %0) : (tensor<4xf32>) -> tensor<4xf32> {
      %1 = nn.exp %a : tensor<4xf32> -> tensor<4xf32>
      nn.yield %1 : tensor<4xf32>
    }
    // CHECK: nn.kernel "c" {{.*}} slots [#nn.slot<arena 2 at
    %3 = nn.kernel "c" order 2 (%a = %2, %b = %p) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
      %1 = nn.add %a, %b : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
      nn.yield %1 : tensor<4xf32>
    }
    scf.yield %3 : tensor<4xf32>
  }
  %4 = nn.kernel "d" order 3 (%a = %r) : (tensor<4xf32>) -> tensor<4xf32> {
    %1 = nn.exp %a : tensor<4xf32> -> tensor<4xf32>
    nn.yield %1 : tensor<4xf32>
  }
  return %4 : tensor<4xf32>
}

// What is added to the sums of a product is read where the result is written,
// but not if partial sums were there before.
// CHECK-LABEL: func @epilogue
func.func @epilogue(%x: tensor<8x16xf32>, %y: tensor<8x32xf32>, %w: tensor<16x32xf32>, %v: tensor<16x32xf32>) -> tensor<8x32xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "a" {{.*}} slots [#nn.slot<arena 0 at
  // CHECK: nn.kernel "b" {{.*}} slots [#nn.slot<arena 0 at
  // CHECK: nn.kernel "c" {{.*}} slots [#nn.slot<arena 1 at
  %0 = nn.kernel "a" order 0 (%a = %y) : (tensor<8x32xf32>) -> tensor<8x32xf32> {
    %1 = nn.relu %a : tensor<8x32xf32> -> tensor<8x32xf32>
    nn.yield %1 : tensor<8x32xf32>
  }
  %2 = nn.kernel "b" order 1 (%a = %x, %b = %w, %r = %0) : (tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32>) -> tensor<8x32xf32> {
    %e = tensor.empty() : tensor<8x32xf32>
    %1 = kern.gemm rows %a, %b outs(%e) {extra_maps = [], tiling = #hw.tiling<lanes = 8, rows = 4, vectors = 2>} : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
    ^bb0(%s: f32):
      kern.yield %s : f32
    }
    %3 = nn.add %1, %r : tensor<8x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32>
    nn.yield %3 : tensor<8x32xf32>
  }
  %4 = nn.kernel "c" order 2 (%a = %x, %b = %w, %r = %2) : (tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32>) -> tensor<8x32xf32> {
    %e = tensor.empty() : tensor<8x32xf32>
    %1 = kern.gemm rows %a, %b outs(%e) {extra_maps = [], tiling = #hw.tiling<lanes = 8, rows = 4, vectors = 2, k_block = 8>} : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
    ^bb0(%s: f32):
      kern.yield %s : f32
    }
    %3 = nn.add %1, %r : tensor<8x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32>
    nn.yield %3 : tensor<8x32xf32>
  }
  %5 = nn.kernel "d" order 3 (%a = %4) : (tensor<8x32xf32>) -> tensor<8x32xf32> {
    %1 = nn.exp %a : tensor<8x32xf32> -> tensor<8x32xf32>
    nn.yield %1 : tensor<8x32xf32>
  }
  return %5 : tensor<8x32xf32>
}
