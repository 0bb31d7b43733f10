; REQUIRES: gpuemu
; Threads exchange values through shared memory: with the barrier all is well in
; every mode, without it each read races with a write.
; RUN: nnc-gpuemu %s --block 64 --arg f32[64]=iota --arg f32[64] --print 1 --all-modes \
; RUN:   | FileCheck %s
; RUN: sed '/barrier.cta.sync/d' %s > %t.ll
; RUN: not nnc-gpuemu %t.ll --block 64 --arg f32[64]=iota --arg f32[64] 2>&1 \
; RUN:   | FileCheck %s --check-prefix=RACE

; CHECK-COUNT-5: 1: 63 62 61 60 {{.*}} 3 2 1 0
; RACE: finding: {{.*}} offset {{[0-9]+}} of shared memory
; RACE-SAME: kernel 'reverse', block (0,0,0)

target triple = "nvptx64-nvidia-cuda"
@tile = internal addrspace(3) global [64 x float] undef, align 4

define ptx_kernel void @reverse(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %p = getelementptr float, ptr addrspace(1) %in, i32 %t
  %x = load float, ptr addrspace(1) %p, align 4
  %q = getelementptr float, ptr addrspace(3) @tile, i32 %t
  store float %x, ptr addrspace(3) %q, align 4
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %r = sub i32 63, %t
  %s = getelementptr float, ptr addrspace(3) @tile, i32 %r
  %y = load float, ptr addrspace(3) %s, align 4
  %o = getelementptr float, ptr addrspace(1) %out, i32 %t
  store float %y, ptr addrspace(1) %o, align 4
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
