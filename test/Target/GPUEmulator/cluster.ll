; REQUIRES: gpuemu
; Two blocks of a cluster read each other's shared memory, between two barriers of
; the cluster; one copy is multicast to both.
; DEFINE: %{args} = --grid 4 --block 32 --cluster 2 --shared 1024 --arg 'map(1,1x32)' --arg f32[4x32]=iota --arg f32[128]
; RUN: nnc-gpuemu %s %{args} --print 2 --all-modes | FileCheck %s
; CHECK-COUNT-5: 2: 1 3 5 {{.*}} 63 0 2 4 {{.*}} 62 1 3 5 {{.*}} 63 0 2 4 {{.*}} 62{{$}}

; Without the first barrier the other block may not have written yet.
; RUN: sed '/; written/d' %s > %t.ll
; RUN: not nnc-gpuemu %t.ll %{args} 2>&1 | FileCheck %s --check-prefix=RACE
; RACE: finding: {{race: thread .* of block .* reads|thread .* of block .* reads}} offset {{[0-9]+}} of shared memory of block
; RUN: not nnc-gpuemu %s --grid 3 --block 32 --cluster 2 --shared 1024 --arg 'map(1,1x32)' \
; RUN:   --arg f32[4x32]=iota --arg f32[128] 2>&1 | FileCheck %s --check-prefix=GRID
; GRID: error: 'exchange': expected a grid that is a multiple of the cluster
; RUN: not nnc-gpuemu %s --grid 1 --block 32 --shared 1024 --arg 'map(1,1x32)' \
; RUN:   --arg f32[4x32]=iota --arg f32[128] 2>&1 | FileCheck %s --check-prefix=RANK
; RANK: finding: expected a block below the 1 of the cluster, found 1

target triple = "nvptx64-nvidia-cuda"
@nnc_dynsmem = external addrspace(3) global [0 x i8], align 128

define ptx_kernel void @exchange(ptr byval([128 x i8]) align 64 %map, ptr addrspace(1) %in, ptr addrspace(1) %out) {
entry:
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %rank = call i32 @llvm.nvvm.read.ptx.sreg.cluster.ctarank()
  %bar = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 512
  %own = getelementptr float, ptr addrspace(3) @nnc_dynsmem, i32 %t
  %first = icmp eq i32 %t, 0
  br i1 %first, label %init, label %start
init:
  call void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3) %bar, i32 1)
  %u = call i64 @llvm.nvvm.mbarrier.arrive.expect.tx.scope.cta.space.cta(ptr addrspace(3) %bar, i32 128)
  br label %start
start:
  %rf = uitofp i32 %rank to float
  store float %rf, ptr addrspace(3) %own, align 4
  call void @llvm.nvvm.barrier.cluster.arrive() ; written
  call void @llvm.nvvm.barrier.cluster.wait() ; written
  %other = xor i32 %rank, 1
  %there = call ptr addrspace(7) @llvm.nvvm.mapa.shared.cluster(ptr addrspace(3) %own, i32 %other)
  %x = load float, ptr addrspace(7) %there, align 4
  %leads = icmp eq i32 %rank, 0
  %copies = and i1 %leads, %first
  br i1 %copies, label %copy, label %wait
copy:
  %tile = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 128
  %to = addrspacecast ptr addrspace(3) %tile to ptr addrspace(7)
  call void @llvm.nvvm.cp.async.bulk.tensor.g2s.tile.2d(ptr addrspace(7) %to, ptr addrspace(3) %bar, ptr %map, i32 0, i32 0, i16 3, i64 0, i1 true, i1 false, i32 0)
  br label %wait
wait:
  %w = call i1 @llvm.nvvm.mbarrier.try.wait.parity.scope.cta.space.cta(ptr addrspace(3) %bar, i32 0)
  %at = getelementptr i8, ptr addrspace(3) %own, i32 128
  %y = load float, ptr addrspace(3) %at, align 4
  %twice = fadd float %y, %y
  %sum = fadd float %twice, %x
  %base = shl i32 %b, 5
  %i = add i32 %base, %t
  %o = getelementptr float, ptr addrspace(1) %out, i32 %i
  store float %sum, ptr addrspace(1) %o, align 4
  call void @llvm.nvvm.barrier.cluster.arrive.aligned()
  call void @llvm.nvvm.barrier.cluster.wait.aligned()
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.cluster.ctarank()
declare void @llvm.nvvm.barrier.cluster.arrive()
declare void @llvm.nvvm.barrier.cluster.wait()
declare void @llvm.nvvm.barrier.cluster.arrive.aligned()
declare void @llvm.nvvm.barrier.cluster.wait.aligned()
declare ptr addrspace(7) @llvm.nvvm.mapa.shared.cluster(ptr addrspace(3), i32)
declare void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3), i32)
declare i64 @llvm.nvvm.mbarrier.arrive.expect.tx.scope.cta.space.cta(ptr addrspace(3), i32)
declare i1 @llvm.nvvm.mbarrier.try.wait.parity.scope.cta.space.cta(ptr addrspace(3), i32)
declare void @llvm.nvvm.cp.async.bulk.tensor.g2s.tile.2d(ptr addrspace(7), ptr addrspace(3), ptr, i32, i32, i16, i64, i1 immarg, i1 immarg, i32 immarg)
