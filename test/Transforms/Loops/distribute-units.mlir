// RUN: nnc-opt %s -nnc-distribute-units | FileCheck %s

// One loop: the function's units are its iterations.
// CHECK-LABEL: func private @one(
// CHECK-SAME: %[[A:.*]]: memref<8xf32>, %[[FIRST:.*]]: i64, %[[LAST:.*]]: i64,
// CHECK-SAME: nn.units = array<i64: 4>
// CHECK-NOT: nn.phases
// CHECK-DAG: %[[LOW:.*]] = arith.index_cast %[[FIRST]]
// CHECK-DAG: %[[HIGH:.*]] = arith.index_cast %[[LAST]]
// CHECK: scf.for %[[U:.*]] = %[[LOW]] to %[[HIGH]]
// CHECK: memref.store %{{.*}}, %[[A]][%[[U]]]
// CHECK-NOT: scf.forall
func.func private @one(%a: memref<8xf32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  scf.forall (%u) in (4) {
    memref.store %zero, %a[%u] : memref<8xf32>
  }
  return
}

// What only the first unit does, and a kernel that does nothing.
// CHECK-LABEL: func private @serial(
// CHECK-SAME: nn.units = array<i64: 1>
// CHECK-NEXT: arith.constant
// CHECK-NEXT: arith.constant
// CHECK-NEXT: memref.store
// CHECK-NEXT: return
func.func private @serial(%a: memref<8xf32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %i = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  memref.store %zero, %a[%i] : memref<8xf32>
  return
}
// CHECK-LABEL: func private @empty(
// CHECK-SAME: nn.units = array<i64: 1>
func.func private @empty(%b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  return
}

// Several phases are functions of their own; set-up ops are repeated. What is
// done between two loops is a phase of one unit.
// CHECK-LABEL: func private @three(
// CHECK-SAME: nn.phases = [@three, @three.phase1, @three.phase2]
// CHECK-SAME: nn.units = array<i64: 4, 1, 2>
// CHECK: scf.for
// CHECK: math.absf
// CHECK-NEXT: memref.store
// CHECK-NOT: memref.store
// CHECK: return
// CHECK-LABEL: func private @three.phase1(
// CHECK-NOT: nn.units
// CHECK-NOT: scf.for
// CHECK: memref.store
// CHECK: return
// CHECK-LABEL: func private @three.phase2(
// CHECK: memref.load
// CHECK: scf.for
// CHECK-NOT: math.absf
// CHECK: return
func.func private @three(%in: memref<8xf32>, %a: memref<8xf32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %i = arith.constant 3 : index
  %factor = memref.load %in[%i] : memref<8xf32>
  scf.forall (%u) in (4) {
    %x = memref.load %in[%u] : memref<8xf32>
    %y = math.absf %x : f32
    memref.store %y, %a[%u] : memref<8xf32>
  }
  memref.store %factor, %a[%i] : memref<8xf32>
  scf.forall (%u) in (2) {
    memref.store %factor, %a[%u] : memref<8xf32>
  }
  return
}

// A number of units that depends on sizes is computed for the host.
// CHECK: func private @sized.units(%{{.*}}: memref<?xf32>, %[[N:.*]]: i64, {{.*}}) -> i64
// CHECK: arith.ceildivui
// CHECK: return %{{.*}} : i64
// CHECK-LABEL: func private @sized(
// CHECK-SAME: nn.units = array<i64: -1>
func.func private @sized(%a: memref<?xf32>, %n: i64, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  %c4 = arith.constant 4 : index
  %size = arith.index_cast %n : i64 to index
  %units = arith.ceildivui %size, %c4 : index
  scf.forall (%u) in (%units) {
    memref.store %zero, %a[%u] : memref<?xf32>
  }
  return
}

// A later phase reads again what an earlier one has overwritten, or needs a
// value of its: one unit does it all.
// CHECK-LABEL: func private @overwritten(
// CHECK-SAME: nn.units = array<i64: 1>
// CHECK: scf.for
// CHECK: scf.for
// CHECK: return
func.func private @overwritten(%a: memref<8xf32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %i = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %old = memref.load %a[%i] : memref<8xf32>
  scf.forall (%u) in (4) {
    memref.store %zero, %a[%u] : memref<8xf32>
  }
  scf.forall (%u) in (2) {
    memref.store %old, %a[%u] : memref<8xf32>
  }
  return
}
// CHECK-LABEL: func private @carried(
// CHECK-SAME: nn.units = array<i64: 1>
func.func private @carried(%a: memref<8xf32>, %in: memref<8xf32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %sum = scf.for %i = %c0 to %c8 step %c1 iter_args(%s = %zero) -> f32 {
    memref.store %s, %in[%i] : memref<8xf32>
    %next = arith.addf %s, %s : f32
    scf.yield %next : f32
  }
  scf.forall (%u) in (4) {
    memref.store %sum, %a[%u] : memref<8xf32>
  }
  return
}

// Not a kernel.
// CHECK-LABEL: func private @other(
// CHECK: scf.forall
func.func private @other(%a: memref<8xf32>) {
  %zero = arith.constant 0.0 : f32
  scf.forall (%u) in (4) {
    memref.store %zero, %a[%u] : memref<8xf32>
  }
  return
}
