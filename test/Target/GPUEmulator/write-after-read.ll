; REQUIRES: gpuemu
; A second round of writes needs a barrier after the reads of the first.
; RUN: nnc-gpuemu %s --block 64 --arg f32[64] --print 0 --all-modes | FileCheck %s
; RUN: sed '/sync.*reads/d' %s > %t.ll
; RUN: not nnc-gpuemu %t.ll --block 64 --arg f32[64] 2>&1 \
; RUN:   | FileCheck %s --check-prefix=RACE

; CHECK-COUNT-5: 0: 1 2 3 {{.*}} 63 0
; RACE: finding: race: thread ({{[0-9]+}},0,0) {{writes|reads}} offset {{[0-9]+}} of shared memory, which thread ({{[0-9]+}},0,0) {{reads|writes}}, and nothing orders them

target triple = "nvptx64-nvidia-cuda"
@tile = internal addrspace(3) global [64 x i32] undef, align 4

define ptx_kernel void @rounds(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %own = getelementptr i32, ptr addrspace(3) @tile, i32 %t
  %next = add i32 %t, 1
  %wrapped = and i32 %next, 63
  %other = getelementptr i32, ptr addrspace(3) @tile, i32 %wrapped
  store i32 %t, ptr addrspace(3) %own, align 4
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %x = load i32, ptr addrspace(3) %other, align 4
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0) ; reads are done
  store i32 %x, ptr addrspace(3) %own, align 4
  %f = uitofp i32 %x to float
  %o = getelementptr float, ptr addrspace(1) %out, i32 %t
  store float %f, ptr addrspace(1) %o, align 4
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
