; REQUIRES: gpuemu
; Atomic updates of global and of shared memory do not race; an ordinary read of
; what others update does. Blocks run in parallel.
; RUN: nnc-gpuemu %s --grid 8 --block 64 --arg f32[2]=zero --arg i32[64]=zero --print 0 --print 1 \
; RUN:   --workers 4 --all-modes | FileCheck %s
; CHECK: 0: 512 512
; CHECK: 1: 8 8 8 {{.*}} 8
; RUN: sed '/; all added/d' %s > %t.ll
; RUN: not nnc-gpuemu %t.ll --grid 1 --block 64 --arg f32[2]=zero --arg i32[64]=zero 2>&1 \
; RUN:   | FileCheck %s --check-prefix=RACE
; RACE: finding: {{race: thread .* reads|race: thread .* writes}} offset 0 of shared memory

target triple = "nvptx64-nvidia-cuda"
@count = internal addrspace(3) global float undef, align 4

define ptx_kernel void @add(ptr addrspace(1) %sums, ptr addrspace(1) %slots) {
entry:
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %first = icmp eq i32 %t, 0
  br i1 %first, label %init, label %start
init:
  store float 0.0, ptr addrspace(3) @count, align 4
  br label %start
start:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %a = atomicrmw fadd ptr addrspace(3) @count, float 1.0 monotonic
  %b = atomicrmw fadd ptr addrspace(1) %sums, float 1.0 monotonic
  %p = getelementptr i32, ptr addrspace(1) %slots, i32 %t
  %c = atomicrmw add ptr addrspace(1) %p, i32 1 monotonic
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0) ; all added
  br i1 %first, label %last, label %end
last:
  %n = load float, ptr addrspace(3) @count, align 4
  %q = getelementptr float, ptr addrspace(1) %sums, i32 1
  %d = atomicrmw fadd ptr addrspace(1) %q, float %n monotonic
  br label %end
end:
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
