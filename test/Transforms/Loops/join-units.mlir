// RUN: nnc-opt %s -nnc-join-units | FileCheck %s

// Units alternate in proportion: 3 of one, 5 of the other.
// CHECK-LABEL: func @independent
func.func @independent(%x: memref<8x16xf32>, %a: memref<3x16xf32>, %b: memref<5x16xf32>) attributes {nn.kernel} {
  // CHECK: %[[A:.*]] = arith.constant 3
  // CHECK: scf.forall (%[[U:.*]]) in (8)
  // CHECK: %[[P:.*]] = arith.muli %[[U]], %[[A]]
  // CHECK: %[[BEFORE:.*]] = arith.divui %[[P]]
  // CHECK: %[[IS:.*]] = arith.cmpi ugt
  // CHECK: %[[OTHER:.*]] = arith.subi %[[U]], %[[BEFORE]]
  // CHECK: scf.if %[[IS]]
  // CHECK:   memref.load %{{.*}}[%[[BEFORE]], %{{.*}}] : memref<8x16xf32>
  // CHECK: else
  // CHECK:   memref.load %{{.*}}[%[[OTHER]], %{{.*}}] : memref<8x16xf32>
  // CHECK-NOT: scf.forall
  %c0 = arith.constant 0 : index
  scf.forall (%i) in (3) {
    %v = memref.load %x[%i, %c0] : memref<8x16xf32>
    memref.store %v, %a[%i, %c0] : memref<3x16xf32>
  }
  scf.forall (%i) in (5) {
    %v = memref.load %x[%i, %c0] : memref<8x16xf32>
    memref.store %v, %b[%i, %c0] : memref<5x16xf32>
  }
  return
}

// A temporary between the two is no obstacle, and each unit's own is nobody
// else's.
// CHECK-LABEL: func @temporaries
func.func @temporaries(%x: memref<8xf32>, %a: memref<8xf32>, %b: memref<8xf32>) attributes {nn.kernel} {
  // CHECK-COUNT-1: scf.forall
  // CHECK-NOT: scf.forall
  // CHECK: return
  %c0 = arith.constant 0 : index
  scf.forall (%i) in (8) {
    %t = memref.alloc() : memref<1xf32>
    %v = memref.load %x[%i] : memref<8xf32>
    memref.store %v, %t[%c0] : memref<1xf32>
    %w = memref.load %t[%c0] : memref<1xf32>
    memref.store %w, %a[%i] : memref<8xf32>
  }
  %between = memref.alloc() : memref<8xf32>
  scf.forall (%i) in (8) {
    %v = memref.load %x[%i] : memref<8xf32>
    memref.store %v, %between[%i] : memref<8xf32>
    memref.store %v, %b[%i] : memref<8xf32>
  }
  return
}

// The second reads, or writes, what the first writes; under another shape too;
// or something else is done between them.
// CHECK-LABEL: func @dependent
func.func @dependent(%x: memref<8xf32>, %a: memref<8xf32>, %p: !llvm.ptr) attributes {nn.kernel} {
  // CHECK-COUNT-6: scf.forall
  %c0 = arith.constant 0 : index
  %f = arith.constant 0.0 : f32
  scf.forall (%i) in (8) {
    %v = memref.load %x[%i] : memref<8xf32>
    memref.store %v, %a[%i] : memref<8xf32>
  }
  scf.forall (%i) in (8) {
    %v = memref.load %a[%i] : memref<8xf32>
    memref.store %v, %x[%i] : memref<8xf32>
  }
  %m = llvm.mlir.poison : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
  %m0 = llvm.insertvalue %p, %m[0] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
  %m1 = llvm.insertvalue %p, %m0[1] : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)>
  %one = builtin.unrealized_conversion_cast %m1 : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<8xf32>
  %other = builtin.unrealized_conversion_cast %m1 : !llvm.struct<(ptr, ptr, i64, array<1 x i64>, array<1 x i64>)> to memref<4xf32>
  memref.store %f, %a[%c0] : memref<8xf32>
  scf.forall (%i) in (8) {
    memref.store %f, %one[%i] : memref<8xf32>
  }
  scf.forall (%i) in (4) {
    %v = memref.load %other[%i] : memref<4xf32>
    memref.store %v, %a[%i] : memref<8xf32>
  }
  memref.store %f, %x[%c0] : memref<8xf32>
  scf.forall (%i) in (8) {
    memref.store %f, %x[%i] : memref<8xf32>
  }
  memref.store %f, %x[%c0] : memref<8xf32>
  scf.forall (%i) in (8) {
    memref.store %f, %a[%i] : memref<8xf32>
  }
  return
}
