// RUN: nnc-opt %s -nnc-alloc-to-scratch | FileCheck %s

// Static sizes add up, each from a cache line on.
// CHECK-LABEL: func private @fixed
// CHECK-SAME: nn.scratch_bytes = 192
func.func private @fixed(%p: !llvm.ptr, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  // CHECK-NOT: memref.alloc
  // CHECK: llvm.getelementptr %arg3
  // CHECK: llvm.getelementptr %arg3
  %0 = memref.alloc() : memref<17xf32>
  %1 = memref.alloc() : memref<3xf32>
  memref.copy %0, %0 : memref<17xf32> to memref<17xf32>
  memref.copy %1, %1 : memref<3xf32> to memref<3xf32>
  return
}

// A size of the kernel's sizes is computed by a companion for the host.
// CHECK: func private @sized.scratch({{.*}}) -> i64
// CHECK: arith.muli
// CHECK-LABEL: func private @sized(
func.func private @sized(%p: !llvm.ptr, %n: i64, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %size = arith.index_cast %n : i64 to index
  // CHECK-NOT: memref.alloc
  %0 = memref.alloc(%size) : memref<?xf32>
  memref.copy %0, %0 : memref<?xf32> to memref<?xf32>
  return
}

// What a loop over units finds made is shared by all threads, behind a pointer
// of its own; what it makes is the thread's. Phases use the same scratch.
// CHECK-LABEL: func private @phases
// CHECK-SAME: %[[SHARED:[a-z0-9]+]]: !llvm.ptr {llvm.noalias}, %{{.*}}: i64, %{{.*}}: i64, %[[SCRATCH:[a-z0-9]+]]: !llvm.ptr
// CHECK-SAME: nn.scratch_bytes = 128
// CHECK-SAME: nn.shared_bytes = 256
// CHECK: llvm.getelementptr %[[SHARED]]
// CHECK: scf.forall
// CHECK: llvm.getelementptr %[[SCRATCH]]
// CHECK: scf.forall
// CHECK: llvm.getelementptr %[[SCRATCH]]
func.func private @phases(%p: !llvm.ptr, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  %all = memref.alloc() : memref<64xf32>
  scf.forall (%u) in (64) {
    %own = memref.alloc() : memref<16xf32>
    memref.store %zero, %own[%u] : memref<16xf32>
    memref.store %zero, %all[%u] : memref<64xf32>
  }
  scf.forall (%u) in (8) {
    %own = memref.alloc() : memref<32xf32>
    memref.store %zero, %own[%u] : memref<32xf32>
    memref.store %zero, %all[%u] : memref<64xf32>
  }
  return
}

// A read at the top level is done again by the threads of the phases behind it,
// which do not have the scratch that was written.
// CHECK-LABEL: func private @read_again
// CHECK-SAME: %[[SHARED:[a-z0-9]+]]: !llvm.ptr {llvm.noalias}, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr
// CHECK-SAME: nn.scratch_bytes = 0
// CHECK-SAME: nn.shared_bytes = 64
// CHECK: llvm.getelementptr %[[SHARED]]
func.func private @read_again(%p: !llvm.ptr, %n: i64, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %0 = memref.alloc() : memref<i64>
  memref.store %n, %0[] : memref<i64>
  %read = memref.load %0[] : memref<i64>
  scf.forall (%u) in (8) {
    llvm.call @use(%read) : (i64) -> ()
  }
  return
}
llvm.func @use(i64)

// Temporaries that are not in use at one time share memory.
// CHECK-LABEL: func private @in_turn
// CHECK-SAME: nn.scratch_bytes = 128
func.func private @in_turn(%p: !llvm.ptr, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  %i = arith.constant 0 : index
  %0 = memref.alloc() : memref<16xf32>
  memref.store %zero, %0[%i] : memref<16xf32>
  %1 = memref.alloc() : memref<16xf32>
  memref.copy %0, %1 : memref<16xf32> to memref<16xf32>
  %2 = memref.alloc() : memref<16xf32>
  memref.copy %1, %2 : memref<16xf32> to memref<16xf32>
  return
}

// CHECK: func private @shared_sized.shared({{.*}}) -> i64
// CHECK-LABEL: func private @shared_sized(
// CHECK-SAME: nn.scratch_bytes = 0
// CHECK-SAME: nn.shared_bytes = 0
func.func private @shared_sized(%p: !llvm.ptr, %n: i64, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  %size = arith.index_cast %n : i64 to index
  %0 = memref.alloc(%size) : memref<?xf32>
  scf.forall (%u) in (8) {
    memref.store %zero, %0[%u] : memref<?xf32>
  }
  return
}
