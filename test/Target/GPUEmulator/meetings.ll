; REQUIRES: gpuemu
; Shuffles, votes, reductions and matches of one warp.
; RUN: nnc-gpuemu %s --kernel all --arg ui32[320] --print 0 --all-modes --count | FileCheck %s
; CHECK: shuffles: 5
; Butterfly by 1, down by 2, up by 1, lane 5.
; CHECK: 0: 1 0 3 2 5 4 {{.*}} 31 30 2 3 4 {{.*}} 31 30 31 0 0 1 2 3
; CHECK-SAME: 29 30 5 5 5 {{.*}} 5 5
; The ballot of odd lanes, the sum of all, the least, who has the same parity.
; CHECK-SAME: 2863311530 2863311530
; CHECK-SAME: 496 496
; CHECK-SAME: 0 0 0
; CHECK-SAME: 1431655765 2863311530 1431655765
; One lane is elected; within segments of eight, the last lane keeps its own.
; CHECK-SAME: 1 0 0 {{.*}} 0
; CHECK-SAME: 1 2 3 4 5 6 7 7 9

; A lane that is not in its mask, one that takes part in nothing, lanes that do
; different things together, lanes that never meet.
; RUN: not nnc-gpuemu %s --kernel mask --arg i32[32] 2>&1 | FileCheck %s --check-prefix=MASK
; MASK: finding: lane 16 is not in the mask of the operation that it takes part in
; RUN: not nnc-gpuemu %s --kernel part --block 16 --arg i32[32] 2>&1 | FileCheck %s --check-prefix=PART
; PART: finding: a shuffle reads lane 16, which does not take part
; RUN: not nnc-gpuemu %s --kernel mixed --arg i32[32] 2>&1 | FileCheck %s --check-prefix=MIXED
; MIXED: finding: lanes of one warp carry out different operations together: 'vote.any.sync' here, 'vote.all.sync' in mixed
; RUN: not nnc-gpuemu %s --kernel half --arg i32[32] 2>&1 | FileCheck %s --check-prefix=HALF
; HALF: finding: deadlock: 32 of 32 threads wait forever; {{.*}}16 like thread ({{0|16}},0,0) for lanes ffffffff of its warp

target triple = "nvptx64-nvidia-cuda"

define ptx_kernel void @all(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %odd = trunc i32 %t to i1
  %a = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %t, i32 1, i32 31)
  %b = call i32 @llvm.nvvm.shfl.sync.down.i32(i32 -1, i32 %t, i32 2, i32 31)
  %c = call i32 @llvm.nvvm.shfl.sync.up.i32(i32 -1, i32 %t, i32 1, i32 0)
  %d = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 -1, i32 %t, i32 5, i32 31)
  %e = call i32 @llvm.nvvm.vote.ballot.sync(i32 -1, i1 %odd)
  %f = call i32 @llvm.nvvm.redux.sync.add(i32 %t, i32 -1)
  %g = call i32 @llvm.nvvm.redux.sync.umin(i32 %t, i32 -1)
  %parity = and i32 %t, 1
  %h = call i32 @llvm.nvvm.match.any.sync.i32(i32 -1, i32 %parity)
  %elected = call { i32, i1 } @llvm.nvvm.elect.sync(i32 -1)
  %bit = extractvalue { i32, i1 } %elected, 1
  %i = zext i1 %bit to i32
  %j = call i32 @llvm.nvvm.shfl.sync.down.i32(i32 -1, i32 %t, i32 1, i32 6175)
  %p0 = getelementptr i32, ptr addrspace(1) %out, i32 %t
  store i32 %a, ptr addrspace(1) %p0, align 4
  %p1 = getelementptr i32, ptr addrspace(1) %p0, i32 32
  store i32 %b, ptr addrspace(1) %p1, align 4
  %p2 = getelementptr i32, ptr addrspace(1) %p0, i32 64
  store i32 %c, ptr addrspace(1) %p2, align 4
  %p3 = getelementptr i32, ptr addrspace(1) %p0, i32 96
  store i32 %d, ptr addrspace(1) %p3, align 4
  %p4 = getelementptr i32, ptr addrspace(1) %p0, i32 128
  store i32 %e, ptr addrspace(1) %p4, align 4
  %p5 = getelementptr i32, ptr addrspace(1) %p0, i32 160
  store i32 %f, ptr addrspace(1) %p5, align 4
  %p6 = getelementptr i32, ptr addrspace(1) %p0, i32 192
  store i32 %g, ptr addrspace(1) %p6, align 4
  %p7 = getelementptr i32, ptr addrspace(1) %p0, i32 224
  store i32 %h, ptr addrspace(1) %p7, align 4
  %p8 = getelementptr i32, ptr addrspace(1) %p0, i32 256
  store i32 %i, ptr addrspace(1) %p8, align 4
  %p9 = getelementptr i32, ptr addrspace(1) %p0, i32 288
  store i32 %j, ptr addrspace(1) %p9, align 4
  ret void
}

define ptx_kernel void @mask(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %a = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 65535, i32 %t, i32 0, i32 31)
  ret void
}

define ptx_kernel void @part(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %a = call i32 @llvm.nvvm.shfl.sync.bfly.i32(i32 -1, i32 %t, i32 16, i32 31)
  ret void
}

define ptx_kernel void @mixed(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %t, 16
  br i1 %low, label %a, label %b
a:
  %x = call i1 @llvm.nvvm.vote.all.sync(i32 -1, i1 true)
  ret void
b:
  %y = call i1 @llvm.nvvm.vote.any.sync(i32 -1, i1 true)
  ret void
}

; The upper half leaves for good by a barrier that the lower half never comes to.
define ptx_kernel void @half(ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %low = icmp ult i32 %t, 16
  br i1 %low, label %a, label %b
a:
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  ret void
b:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.shfl.sync.bfly.i32(i32, i32, i32, i32)
declare i32 @llvm.nvvm.shfl.sync.down.i32(i32, i32, i32, i32)
declare i32 @llvm.nvvm.shfl.sync.up.i32(i32, i32, i32, i32)
declare i32 @llvm.nvvm.shfl.sync.idx.i32(i32, i32, i32, i32)
declare i32 @llvm.nvvm.vote.ballot.sync(i32, i1)
declare i1 @llvm.nvvm.vote.all.sync(i32, i1)
declare i1 @llvm.nvvm.vote.any.sync(i32, i1)
declare i32 @llvm.nvvm.redux.sync.add(i32, i32)
declare i32 @llvm.nvvm.redux.sync.umin(i32, i32)
declare i32 @llvm.nvvm.match.any.sync.i32(i32, i32)
declare { i32, i1 } @llvm.nvvm.elect.sync(i32)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
