; REQUIRES: gpuemu
; A ring of two stages: thread 0 copies rows of a tensor to shared memory, the 32
; threads of the second warp add them up. Each mistake of such a ring is found in
; every order of threads and copies.
; DEFINE: %{args} = --block 64 --shared 512 --arg 'map(1,1x32)' --arg f32[6x32]=iota --arg f32[32]
; RUN: nnc-gpuemu %s %{args} --print 2 --all-modes | FileCheck %s
; CHECK-COUNT-5: 2: 480 486 492 {{.*}} 660 666

; The producer does not wait until a stage is empty.
; RUN: sed '/wait for empty/d' %s > %t.empty.ll
; RUN: not nnc-gpuemu %t.empty.ll %{args} 2>&1 | FileCheck %s --check-prefix=EMPTY
; EMPTY: finding: race: an asynchronous copy for the mbarrier at offset 256 writes offset 0 of shared memory, which an asynchronous copy for the mbarrier at offset 256 writes

; Consumers do not wait until a stage is full.
; RUN: sed '/wait for full/d' %s > %t.full.ll
; RUN: not nnc-gpuemu %t.full.ll %{args} 2>&1 | FileCheck %s --check-prefix=FULL
; RUN: not nnc-gpuemu %t.full.ll %{args} --lazy 2>&1 | FileCheck %s --check-prefix=FULL-LAZY
; FULL: finding: {{race: thread \(.*\) reads offset .* of shared memory, which an asynchronous copy for the mbarrier at offset 256 writes|thread \(.*\) reads offset .* which nothing has written}}
; FULL-LAZY: finding: {{race|thread}}

; The producer announces fewer bytes than come, or more.
; RUN: sed 's/i32 128) ; bytes/i32 64) ; bytes/' %s > %t.few.ll
; RUN: not nnc-gpuemu %t.few.ll %{args} 2>&1 | FileCheck %s --check-prefix=BYTES
; RUN: sed 's/i32 128) ; bytes/i32 256) ; bytes/' %s > %t.many.ll
; RUN: not nnc-gpuemu %t.many.ll %{args} 2>&1 | FileCheck %s --check-prefix=BYTES
; BYTES: finding: deadlock: {{[0-9]+}} of 64 threads wait forever; {{.*}} of the mbarrier at offset 256 {{.*}}bytes missing)

; Barriers that nobody initialized, and copies of the wrong kind of tensor.
; RUN: sed '/mbarrier.init.*full0/d' %s > %t.init.ll
; RUN: not nnc-gpuemu %t.init.ll %{args} 2>&1 | FileCheck %s --check-prefix=INIT
; INIT: finding: no mbarrier was initialized at offset 256 of shared memory
; RUN: not nnc-gpuemu %s --block 64 --shared 512 --arg 'map(1,32)' --arg f32[192]=iota --arg f32[32] \
; RUN:   2>&1 | FileCheck %s --check-prefix=RANK
; RANK: finding: expected a tensor map of 2 dimensions

; Less shared memory than the ring needs.
; RUN: not nnc-gpuemu %s --block 64 --shared 256 --arg 'map(1,1x32)' --arg f32[6x32]=iota --arg f32[32] \
; RUN:   2>&1 | FileCheck %s --check-prefix=SHARED
; SHARED: finding: out of bounds: writes 8 bytes at offset 256 of shared memory, of which the block has 256 bytes

target triple = "nvptx64-nvidia-cuda"
@nnc_dynsmem = external addrspace(3) global [0 x i8], align 1024

define ptx_kernel void @ring(ptr byval([128 x i8]) align 64 %map, ptr addrspace(1) %in, ptr addrspace(1) %out) {
entry:
  %full0 = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 256
  %full1 = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 264
  %empty0 = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 272
  %empty1 = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 280
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %first = icmp eq i32 %t, 0
  br i1 %first, label %init, label %start

init:
  call void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3) %full0, i32 1) ; full0
  call void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3) %full1, i32 1)
  call void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3) %empty0, i32 32)
  call void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3) %empty1, i32 32)
  br label %start

start:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br i1 %first, label %produce, label %other

other:
  %consumes = icmp uge i32 %t, 32
  br i1 %consumes, label %consume, label %end

produce:
  %i = phi i32 [ 0, %start ], [ %i1, %produce ]
  %s = and i32 %i, 1
  %round = lshr i32 %i, 1
  %parity = and i32 %round, 1
  %before = xor i32 %parity, 1
  %s8 = shl i32 %s, 3
  %full = getelementptr i8, ptr addrspace(3) %full0, i32 %s8
  %empty = getelementptr i8, ptr addrspace(3) %empty0, i32 %s8
  call void asm sideeffect "{\0A.reg .pred P1;\0ALAB_WAIT:\0Ambarrier.try_wait.parity.shared.b64 P1, [$0], $1, $2;\0A@P1 bra.uni DONE;\0Abra.uni LAB_WAIT;\0ADONE:\0A}", "r,r,r"(ptr addrspace(3) %empty, i32 %before, i32 1000) ; wait for empty
  %u = call i64 @llvm.nvvm.mbarrier.arrive.expect.tx.scope.cta.space.cta(ptr addrspace(3) %full, i32 128) ; bytes
  %s128 = shl i32 %s, 7
  %to = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 %s128
  %to7 = addrspacecast ptr addrspace(3) %to to ptr addrspace(7)
  call void @llvm.nvvm.cp.async.bulk.tensor.g2s.tile.2d(ptr addrspace(7) %to7, ptr addrspace(3) %full, ptr %map, i32 0, i32 %i, i16 0, i64 0, i1 false, i1 false, i32 0)
  %i1 = add i32 %i, 1
  %more = icmp ult i32 %i1, 6
  br i1 %more, label %produce, label %end

consume:
  %lane = sub i32 %t, 32
  br label %loop

loop:
  %j = phi i32 [ 0, %consume ], [ %j1, %loop ]
  %sum = phi float [ 0.0, %consume ], [ %sum1, %loop ]
  %cs = and i32 %j, 1
  %cround = lshr i32 %j, 1
  %cparity = and i32 %cround, 1
  %cs8 = shl i32 %cs, 3
  %cfull = getelementptr i8, ptr addrspace(3) %full0, i32 %cs8
  %cempty = getelementptr i8, ptr addrspace(3) %empty0, i32 %cs8
  %w = call i1 @llvm.nvvm.mbarrier.try.wait.parity.scope.cta.space.cta(ptr addrspace(3) %cfull, i32 %cparity) ; wait for full
  %cs128 = shl i32 %cs, 7
  %row = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 %cs128
  %p = getelementptr float, ptr addrspace(3) %row, i32 %lane
  %x = load float, ptr addrspace(3) %p, align 4
  %sum1 = fadd float %sum, %x
  %v = call i64 @llvm.nvvm.mbarrier.arrive.shared(ptr addrspace(3) %cempty)
  %j1 = add i32 %j, 1
  %cmore = icmp ult i32 %j1, 6
  br i1 %cmore, label %loop, label %store

store:
  %o = getelementptr float, ptr addrspace(1) %out, i32 %lane
  store float %sum1, ptr addrspace(1) %o, align 4
  br label %end

end:
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3), i32)
declare i64 @llvm.nvvm.mbarrier.arrive.shared(ptr addrspace(3))
declare i64 @llvm.nvvm.mbarrier.arrive.expect.tx.scope.cta.space.cta(ptr addrspace(3), i32)
declare i1 @llvm.nvvm.mbarrier.try.wait.parity.scope.cta.space.cta(ptr addrspace(3), i32)
declare void @llvm.nvvm.cp.async.bulk.tensor.g2s.tile.2d(ptr addrspace(7), ptr addrspace(3), ptr, i32, i32, i16, i64, i1 immarg, i1 immarg, i32 immarg)
