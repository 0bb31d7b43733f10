// RUN: nnc-opt %s -split-input-file -verify-diagnostics -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -split-input-file -verify-diagnostics -kern-expand=target=aarch64 -o /dev/null

// Two products of the same rows: each unit normalizes its own once, in memory of
// its own, and multiplies them with both matrices.
// CHECK-LABEL: func @two
// CHECK-SAME: %[[X:.*]]: memref<100x20xf32>
func.func @two(%x: memref<100x20xf32>, %s: memref<20xf32>, %v: memref<20x32xf32>, %w: memref<20x8xf32>, %a: memref<100x32xf32>, %b: memref<100x8xf32>) {
  // CHECK-NOT: memref.alloc
  // CHECK: scf.forall (%{{.*}}) in (3)
  // CHECK: %[[ROWS:.*]] = memref.alloc() {{.*}} : memref<36x20xf32>
  // The mean of squares, in two steps: 16 elements and 4.
  // CHECK: scf.for
  // CHECK: vector.load %[[X]]
  // CHECK: vector.maskedload %[[X]]
  // CHECK: vector.reduction <add>
  // CHECK: math.sqrt
  // CHECK: vector.maskedstore %[[ROWS]]
  // CHECK: memref.load %[[ROWS]]
  // CHECK: vector.store %{{.*}}, %{{.*}} : memref<100x32xf32>
  // CHECK: memref.load %[[ROWS]]
  // CHECK: vector.maskedstore {{.*}} : memref<100x8xf32>
  // CHECK-NOT: scf.forall
  // CHECK-NOT: kern.
  // CHECK: return
  %rows = memref.alloc() : memref<100x20xf32>
  kern.normalize %x scale %s : memref<20xf32> outs(%rows) epsilon 1.0e-5 uncentered : memref<100x20xf32>, memref<100x20xf32>
  kern.gemm rows %rows, %v outs(%a) tiling <lanes = 16, rows = 12, vectors = 2> {extra_maps = []} : memref<100x20xf32>, memref<20x32xf32>, memref<100x32xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  kern.gemm rows %rows, %w outs(%b) tiling <lanes = 16, rows = 12, vectors = 1> {extra_maps = []} : memref<100x20xf32>, memref<20x8xf32>, memref<100x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Where something else is done between them, each makes its own.
// CHECK-LABEL: func @apart
func.func @apart(%x: memref<100x20xf32>, %v: memref<20x32xf32>, %a: memref<100x32xf32>, %b: memref<100x32xf32>) {
  // CHECK: scf.forall
  // CHECK: math.sqrt
  // CHECK: linalg.fill
  // CHECK: scf.forall
  // CHECK: math.sqrt
  %zero = arith.constant 0.0 : f32
  %rows = memref.alloc() : memref<100x20xf32>
  kern.normalize %x outs(%rows) epsilon 1.0e-5 : memref<100x20xf32>, memref<100x20xf32>
  kern.gemm rows %rows, %v outs(%a) tiling <lanes = 16, rows = 12, vectors = 2> {extra_maps = []} : memref<100x20xf32>, memref<20x32xf32>, memref<100x32xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  linalg.fill ins(%zero : f32) outs(%b : memref<100x32xf32>)
  kern.gemm rows %rows, %v outs(%b) tiling <lanes = 16, rows = 12, vectors = 2> {extra_maps = []} : memref<100x20xf32>, memref<20x32xf32>, memref<100x32xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @written(%x: memref<100x20xf32>, %y: memref<100x20xf32>) {
  // expected-error@+1 {{expects its result to be the left operand of products of its block, and nothing else}}
  kern.normalize %x outs(%y) epsilon 1.0e-5 : memref<100x20xf32>, memref<100x20xf32>
  return
}
