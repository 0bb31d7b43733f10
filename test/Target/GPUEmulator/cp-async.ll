; REQUIRES: gpuemu
; Two groups of copies. Waiting for all but none of the later ones is right; one
; group fewer leaves the second copy in flight while it is read.
; RUN: nnc-gpuemu %s --block 32 --arg f32[256]=iota --arg f32[32] --print 1 --all-modes \
; RUN:   | FileCheck %s
; RUN: sed 's/wait.group(i32 0)/wait.group(i32 1)/' %s > %t.ll
; RUN: not nnc-gpuemu %t.ll --block 32 --arg f32[256]=iota --arg f32[32] 2>&1 \
; RUN:   | FileCheck %s --check-prefix=WAIT
; A copy whose place is no multiple of its 16 bytes.
; RUN: sed 's/place = shl i32 .t, 4/place = shl i32 %%t, 3/' %s > %t.align.ll
; RUN: not nnc-gpuemu %t.align.ll --block 32 --arg f32[256]=iota --arg f32[32] 2>&1 \
; RUN:   | FileCheck %s --check-prefix=ALIGN

; CHECK-COUNT-5: 1: 252 248 244 {{.*}} 132 128
; WAIT: finding: race: thread ({{[0-9]+}},0,0) reads offset {{[0-9]+}} of shared memory, which an asynchronous copy of thread ({{[0-9]+}},0,0) writes, and nothing orders them
; ALIGN: finding: misaligned: reads 16 bytes at an address that is 8 beyond a multiple of 16

target triple = "nvptx64-nvidia-cuda"
@tile = internal addrspace(3) global [1024 x i8] undef, align 16

define ptx_kernel void @stage(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %place = shl i32 %t, 4
  %a = getelementptr i8, ptr addrspace(3) @tile, i32 %place
  %b = getelementptr i8, ptr addrspace(3) %a, i32 512
  %p = getelementptr i8, ptr addrspace(1) %in, i32 %place
  %q = getelementptr i8, ptr addrspace(1) %p, i32 512
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %a, ptr addrspace(1) %p)
  call void @llvm.nvvm.cp.async.commit.group()
  call void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3) %b, ptr addrspace(1) %q)
  call void @llvm.nvvm.cp.async.commit.group()
  call void @llvm.nvvm.cp.async.wait.group(i32 0)
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %r = sub i32 63, %t
  %offset = shl i32 %r, 4
  %s = getelementptr i8, ptr addrspace(3) @tile, i32 %offset
  %y = load float, ptr addrspace(3) %s, align 4
  %o = getelementptr float, ptr addrspace(1) %out, i32 %t
  store float %y, ptr addrspace(1) %o, align 4
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.cp.async.cg.shared.global.16(ptr addrspace(3), ptr addrspace(1))
declare void @llvm.nvvm.cp.async.commit.group()
declare void @llvm.nvvm.cp.async.wait.group(i32 immarg)
