// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v2 | FileCheck %s --check-prefix=PLAIN
// RUN: nnc-opt %s -split-input-file -kern-expand=target=aarch64 -o /dev/null

// PLAIN-NOT: vector.fma
// PLAIN: arith.mulf {{.*}} : vector<4xf32>
// PLAIN-NOT: vector.fma

// One block of 6 keys, in panels of 8 columns; strips of 2 queries. Nothing waits
// between blocks.
// CHECK-LABEL: func @plain
func.func @plain(%q: memref<3x4x4xf32>, %k: memref<3x6x4xf32>, %v: memref<3x6x4xf32>, %o: memref<3x4x4xf32>) {
  // CHECK-DAG: %[[LOWEST:.*]] = arith.constant dense<0xFF800000> : vector<4xf32>
  // CHECK-DAG: %[[SCALE:.*]] = arith.constant dense<5.000000e-01> : vector<4xf32>
  // CHECK: scf.forall (%[[UNIT:.*]]) in (6)
  // CHECK: %[[KEYS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<1x4x8xf32>
  // CHECK: memref.alloc() {alignment = 64 : i64} : memref<2x8xf32>
  // CHECK-NOT: memref.alloc
  // Four keys by four of the depth are turned around by two steps of two.
  // CHECK-COUNT-8: vector.shuffle
  // CHECK: vector.store %{{.*}}, %[[KEYS]]
  // CHECK: vector.fma
  // CHECK: arith.mulf %{{.*}}, %[[SCALE]]
  // Of the second vector two keys do not exist.
  // CHECK: arith.select %{{.*}}, %{{.*}}, %[[LOWEST]]
  // CHECK: vector.reduction <maxnumf>
  // CHECK: math.exp
  // CHECK: vector.reduction <add>
  // CHECK: vector.fma
  // CHECK: arith.divf
  kern.attention %q, %k, %v outs(%o) tiling <lanes = 4, rows = 2, vectors = 2> {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>,
      value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], extra_maps = []}
    : memref<3x4x4xf32>, memref<3x6x4xf32>, memref<3x6x4xf32>, memref<3x4x4xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    %c = arith.constant 0.5 : f32
    %0 = arith.mulf %score, %c : f32
    kern.yield %0 : f32
  }
  return
}

// -----

// Any number of keys: blocks, between which means, maxima and sums wait; those after
// the last key that a strip may see are left out.
// CHECK-LABEL: func @blocks
func.func @blocks(%q: memref<1x40x4xf32>, %k: memref<1x?x4xf32>, %v: memref<1x?x4xf32>, %o: memref<1x40x4xf32>) {
  // CHECK: scf.forall
  // CHECK: memref.alloc() {alignment = 64 : i64} : memref<64x4x8xf32>
  // CHECK: memref.alloc() {alignment = 64 : i64} : memref<512x4xf32>
  // CHECK: %[[MEANS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<6x4xf32>
  // CHECK: memref.alloc() {alignment = 64 : i64} : memref<6xf32>
  // CHECK: memref.alloc() {alignment = 64 : i64} : memref<6xf32>
  // CHECK: scf.for %[[BLOCK:.*]] = %{{.*}} step %c512
  // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[BLOCK]], %c0
  // CHECK: %[[WORTH:.*]] = arith.ori %[[FIRST]],
  // CHECK: scf.if %[[WORTH]]
  // CHECK: vector.load %[[MEANS]]
  // CHECK: vector.store %{{.*}}, %[[MEANS]]
  kern.attention %q, %k, %v outs(%o) tiling <lanes = 4, rows = 2, vectors = 2> {
      query_map = affine_map<(b, l, d) -> (b, l, d)>, key_map = affine_map<(b, s, d) -> (b, s, d)>,
      value_map = affine_map<(b, s, e) -> (b, s, e)>, result_map = affine_map<(b, l, e) -> (b, l, e)>,
      score_maps = [], causality = 1 : i32, extra_maps = []}
    : memref<1x40x4xf32>, memref<1x?x4xf32>, memref<1x?x4xf32>, memref<1x40x4xf32> {
  ^bb0(%mean: f32):
    kern.yield %mean : f32
  } scores {
  ^bb0(%score: f32):
    kern.yield %score : f32
  }
  return
}
