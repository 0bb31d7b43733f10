// REQUIRES: gpuemu
// Kernels in MLIR: nvvm operations whose lowering is inline assembly. Thread 0 hands a
// number to all others by an mbarrier.
// RUN: nnc-gpuemu %s --block 64 --arg f32[64] --print 0 --all-modes | FileCheck %s
// CHECK-COUNT-5: 0: 7 7 7 {{.*}} 7
// RUN: sed '/try_wait/d' %s > %t.mlir
// RUN: not nnc-gpuemu %t.mlir --block 64 --arg f32[64] 2>&1 | FileCheck %s --check-prefix=RACE
// RACE: finding: race: thread ({{[0-9]+}},0,0) reads offset 8 of shared memory, which thread (0,0,0) writes, and nothing orders them

gpu.module @kernels {
  llvm.mlir.global internal @shared() {addr_space = 3 : i32, alignment = 8 : i64} : !llvm.array<16 x i8>
  llvm.func @wait(%out: !llvm.ptr<1>) attributes {gpu.kernel, nvvm.kernel} {
    %barrier = llvm.mlir.addressof @shared : !llvm.ptr<3>
    %value = llvm.getelementptr %barrier[8] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %zero = llvm.mlir.constant(0 : i32) : i32
    %one = llvm.mlir.constant(1 : i32) : i32
    %ticks = llvm.mlir.constant(1000 : i32) : i32
    %seven = llvm.mlir.constant(7.0 : f32) : f32
    %first = llvm.icmp "eq" %thread, %zero : i32
    llvm.cond_br %first, ^init, ^sync
  ^init:
    nvvm.mbarrier.init %barrier, %one : !llvm.ptr<3>, i32
    llvm.br ^sync
  ^sync:
    nvvm.barrier0
    llvm.cond_br %first, ^give, ^take
  ^give:
    llvm.store %seven, %value : f32, !llvm.ptr<3>
    %state = nvvm.mbarrier.arrive %barrier : !llvm.ptr<3> -> i64
    llvm.br ^take
  ^take:
    nvvm.mbarrier.try_wait.parity %barrier, %zero, %ticks : !llvm.ptr<3>, i32, i32
    %number = llvm.load %value : !llvm.ptr<3> -> f32
    %place = llvm.getelementptr %out[%thread] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, f32
    llvm.store %number, %place : f32, !llvm.ptr<1>
    llvm.return
  }
}
