// RUN: nnc-opt %s --split-input-file --nnc-tile-attention --verify-diagnostics | FileCheck %s

// Two blocks of 64 queries a head; keys behind the last query of a block are
// left out.
module attributes {nn.device} {
// CHECK-LABEL: func.func @causal
// CHECK-NOT: kern.attention
// CHECK: scf.forall (%{{.*}}) in (6)
// CHECK: %[[END:.*]] = arith.minsi
// CHECK: scf.for %{{.*}} to %[[END]] step %c64
// CHECK: nvvm.barrier0
// CHECK: math.exp
// CHECK: {nn.block_threads = 256 : i64}
func.func @causal(%q: memref<3x100x16xf32>, %k: memref<3x100x16xf32>, %v: memref<3x100x16xf32>, %o: memref<3x100x16xf32>) attributes {nn.kernel} {
  kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>,
      value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], causality = 1 : i32, extra_maps = []}
    : memref<3x100x16xf32>, memref<3x100x16xf32>, memref<3x100x16xf32>, memref<3x100x16xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}
}

// -----

module attributes {nn.device} {
func.func @wide(%q: memref<3x100x160xf32>, %k: memref<3x100x160xf32>, %v: memref<3x100x16xf32>, %o: memref<3x100x16xf32>) attributes {nn.kernel} {
  // expected-error @below {{has no kernel on a GPU; expected sums of f32 and up to 128 elements of each query and value}}
  kern.attention %q, %k, %v outs(%o) {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>,
      value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : memref<3x100x160xf32>, memref<3x100x160xf32>, memref<3x100x16xf32>, memref<3x100x16xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}
}
