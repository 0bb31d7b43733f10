// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s

// Rows are turned around once; a block is two numbers times a vector of rows.
// CHECK-LABEL: func @narrow
// CHECK-SAME: (%{{.*}}: memref<20x40xf32>, %[[V:.*]]: memref<9x2xf32>, %[[S:.*]]: memref<17xi32>, %[[P:.*]]: memref<9xi32>, %{{.*}}: memref<20x32xf32>)
func.func @narrow(%a: memref<20x40xf32>, %v: memref<9x2xf32>, %s: memref<17xi32>, %p: memref<9xi32>, %c: memref<20x32xf32>) {
  // CHECK: scf.forall (%{{.*}}) in (2)
  // CHECK: %[[PANEL:.*]] = memref.alloc() {{.*}} : memref<40x16xf32>
  // CHECK: vector.shuffle
  // CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %{{.*}} {
  // CHECK: memref.load %[[S]]
  // CHECK: scf.for %[[B:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args
  // CHECK: %[[K:.*]] = memref.load %[[P]][%[[B]]]
  // CHECK: %[[AT:.*]] = arith.index_castui %[[K]]
  // CHECK: vector.load %[[PANEL]][%[[AT]], %{{.*}}] : memref<40x16xf32>, vector<16xf32>
  // CHECK-COUNT-2: vector.fma
  // CHECK-NOT: vector.fma
  kern.sparse columns 2 %a, %v, %s, %p outs(%c) tiling <lanes = 16, rows = 2, vectors = 1> {extra_maps = []} : memref<20x40xf32>, memref<9x2xf32>, memref<17xi32>, memref<9xi32>, memref<20x32xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// A block is a vector of columns times four bytes of each row, whose sign is
// flipped as rows are turned around.
// CHECK-LABEL: func @bytes
func.func @bytes(%a: memref<3x64xi8>, %v: memref<5x64xi8>, %s: memref<3xi32>, %p: memref<5xi32>, %c: memref<3x32xi32>) {
  // CHECK: memref.alloc() {{.*}} : memref<16x64xi8>
  // CHECK: arith.xori %{{.*}}, %{{.*}} : vector<64xi8>
  // CHECK: scf.for {{.*}} iter_args
  // CHECK-COUNT-3: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
  // CHECK-NOT: call_intrinsic
  kern.sparse columns 16 %a, %v, %s, %p outs(%c) tiling <lanes = 16, rows = 3, vectors = 1> {dot = 4 : i64, extra_maps = [], flips} : memref<3x64xi8>, memref<5x64xi8>, memref<3xi32>, memref<5xi32>, memref<3x32xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}
