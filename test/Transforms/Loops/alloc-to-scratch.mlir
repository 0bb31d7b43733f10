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
