; REQUIRES: gpuemu
; Barriers that not all come to, shared memory that nothing writes, traps, and
; kernels that the emulator does not know.
; RUN: nnc-gpuemu %s --kernel named --block 96 --arg f32[96] --print 0 --all-modes | FileCheck %s
; CHECK-COUNT-5: 0: 64 65 {{.*}} 95 0 1 {{.*}} 31 0 0 0
; RUN: not nnc-gpuemu %s --kernel early --block 64 --arg f32[64] 2>&1 | FileCheck %s --check-prefix=EARLY
; EARLY: finding: deadlock: 32 of 64 threads wait forever; 32 like thread (0,0,0) for 64 threads at barrier 0; 32 have left the kernel; kernel 'early', block (0,0,0)
; RUN: not nnc-gpuemu %s --kernel counts --block 64 --arg f32[64] 2>&1 | FileCheck %s --check-prefix=COUNTS
; COUNTS: finding: threads come to barrier 1 for {{32|64}} and for {{32|64}} threads
; RUN: not nnc-gpuemu %s --kernel number --block 64 --arg f32[64] 2>&1 | FileCheck %s --check-prefix=NUMBER
; NUMBER: finding: expected a barrier below 16 and a multiple of 32 threads, found barrier 1 and 33 threads
; RUN: not nnc-gpuemu %s --kernel unwritten --block 32 --arg f32[64] 2>&1 | FileCheck %s --check-prefix=UNWRITTEN
; UNWRITTEN: finding: thread (31,0,0) reads offset 128 of shared memory, which nothing has written; kernel 'unwritten'
; RUN: not nnc-gpuemu %s --kernel trapped --block 32 --arg f32[64] 2>&1 | FileCheck %s --check-prefix=TRAP
; TRAP: finding: the kernel stops itself by a trap; kernel 'trapped'
; RUN: not nnc-gpuemu %s --kernel split --block 32 --arg f32[64] 2>&1 | FileCheck %s --check-prefix=SPLIT
; SPLIT: finding: lanes of one warp come to a barrier at different instructions

; RUN: sed 's/@llvm.trap/@__nv_tanhf/; s/mul i32 .t, 4/call i32 @llvm.nvvm.read.ptx.sreg.envreg3()/' %s > %t.ll
; RUN: echo 'declare i32 @llvm.nvvm.read.ptx.sreg.envreg3()' >> %t.ll
; RUN: not nnc-gpuemu %t.ll --kernel named --block 96 --arg f32[96] 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; UNKNOWN: error: the emulator does not know function '__nv_tanhf' without a body, intrinsic 'llvm.nvvm.read.ptx.sreg.envreg3'

target triple = "nvptx64-nvidia-cuda"
@tile = internal addrspace(3) global [96 x float] undef, align 4

; The third warp hands its numbers to the first by barrier 1, which the second
; does not come to; the first then to the second by barrier 2.
define ptx_kernel void @named(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %b = mul i32 %t, 4
  %x = uitofp i32 %t to float
  %o = getelementptr float, ptr addrspace(1) %out, i32 %t
  store float 0.0, ptr addrspace(1) %o, align 4
  %own = getelementptr float, ptr addrspace(3) @tile, i32 %t
  %w = lshr i32 %t, 5
  switch i32 %w, label %first [ i32 1, label %second
                                i32 2, label %third ]
third:
  store float %x, ptr addrspace(3) %own, align 4
  call void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32 1, i32 64)
  ret void
first:
  store float %x, ptr addrspace(3) %own, align 4
  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 1, i32 64)
  %from = getelementptr float, ptr addrspace(3) %own, i32 64
  %y = load float, ptr addrspace(3) %from, align 4
  store float %y, ptr addrspace(1) %o, align 4
  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 2, i32 64)
  ret void
second:
  call void @llvm.nvvm.barrier.cta.sync.aligned.count(i32 2, i32 64)
  %before = getelementptr float, ptr addrspace(3) %own, i32 -32
  %z = load float, ptr addrspace(3) %before, align 4
  store float %z, ptr addrspace(1) %o, align 4
  ret void
}

define ptx_kernel void @early(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %leaves = icmp uge i32 %t, 32
  br i1 %leaves, label %end, label %sync
sync:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  br label %end
end:
  ret void
}

define ptx_kernel void @counts(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %last = icmp eq i32 %t, 63
  %n = select i1 %last, i32 32, i32 64
  call void @llvm.nvvm.barrier.cta.sync.count(i32 1, i32 %n)
  ret void
}

define ptx_kernel void @number(ptr addrspace(1) %out) {
  call void @llvm.nvvm.barrier.cta.sync.count(i32 1, i32 33)
  ret void
}

define ptx_kernel void @unwritten(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %own = getelementptr float, ptr addrspace(3) @tile, i32 %t
  store float 0.0, ptr addrspace(3) %own, align 4
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %next = getelementptr float, ptr addrspace(3) %own, i32 1
  %x = load float, ptr addrspace(3) %next, align 4
  %o = getelementptr float, ptr addrspace(1) %out, i32 %t
  store float %x, ptr addrspace(1) %o, align 4
  ret void
}

define ptx_kernel void @trapped(ptr addrspace(1) %out) {
  call void @llvm.trap()
  unreachable
}

define ptx_kernel void @split(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %t, 16
  br i1 %low, label %a, label %b
a:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  ret void
b:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.barrier.cta.sync.aligned.count(i32, i32)
declare void @llvm.nvvm.barrier.cta.sync.count(i32, i32)
declare void @llvm.nvvm.barrier.cta.arrive.aligned.count(i32, i32)
declare void @llvm.trap()
