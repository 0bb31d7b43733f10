// REQUIRES: gpuemu
// Kernels in MLIR: the gpu dialect on memrefs, and nvvm operations whose lowering is
// inline assembly.
// RUN: nnc-gpuemu %s --kernel=add --grid 2 --block 32 --arg f32[64]=iota --arg f32[64]=iota \
// RUN:   --print 1 --all-modes --count | FileCheck %s
// CHECK: global memory: 6 requests, 24 sectors (24 ideal)
// CHECK: 1: 0 2 4 6 {{.*}} 124 126
// RUN: nnc-gpuemu %s --kernel=wait --block 64 --arg f32[64] --print 0 --all-modes \
// RUN:   | FileCheck %s --check-prefix=WAIT
// WAIT-COUNT-5: 0: 7 7 7 {{.*}} 7
// RUN: sed '/try_wait/d' %s > %t.mlir
// RUN: not nnc-gpuemu %t.mlir --kernel=wait --block 64 --arg f32[64] 2>&1 \
// RUN:   | FileCheck %s --check-prefix=RACE
// RACE: finding: race: thread ({{[0-9]+}},0,0) reads offset 8 of shared memory, which thread (0,0,0) writes, and nothing orders them

gpu.module @kernels {
  gpu.func @add(%x: memref<64xf32>, %y: memref<64xf32>) kernel {
    %block = gpu.block_id x
    %size = gpu.block_dim x
    %thread = gpu.thread_id x
    %base = arith.muli %block, %size : index
    %i = arith.addi %base, %thread : index
    %a = memref.load %x[%i] : memref<64xf32>
    %b = memref.load %y[%i] : memref<64xf32>
    %sum = arith.addf %a, %b : f32
    memref.store %sum, %y[%i] : memref<64xf32>
    gpu.return
  }

  // Thread 0 hands a number to all others by an mbarrier.
  llvm.mlir.global internal @shared() {addr_space = 3 : i32, alignment = 8 : i64} : !llvm.array<16 x i8>
  llvm.func @wait(%out: !llvm.ptr<1>) attributes {gpu.kernel, nvvm.kernel} {
    %barrier = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %value = llvm.getelementptr %barrier[8] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %ticks = arith.constant 1000 : i32
    %first = arith.cmpi eq, %thread, %zero : i32
    scf.if %first {
      nvvm.mbarrier.init %barrier, %one : !llvm.ptr<3>, i32
    }
    nvvm.barrier0
    scf.if %first {
      %seven = arith.constant 7.0 : f32
      llvm.store %seven, %value : f32, !llvm.ptr<3>
      %state = nvvm.mbarrier.arrive %barrier : !llvm.ptr<3> -> i64
    }
    nvvm.mbarrier.try_wait.parity %barrier, %zero, %ticks : !llvm.ptr<3>, i32, i32
    %number = llvm.load %value : !llvm.ptr<3> -> f32
    %place = llvm.getelementptr %out[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %number, %place : f32, !llvm.ptr<1>
    llvm.return
  }
}
