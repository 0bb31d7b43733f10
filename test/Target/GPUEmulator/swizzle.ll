; REQUIRES: gpuemu
; A tile of 8 rows of 128 bytes comes under the 128-byte swizzle: column c of row r
; is in piece (c/4) xor r. A map with another swizzle gives other values.
; RUN: nnc-gpuemu %s --block 32 --shared 2048 --arg 'map(1,8x32,128)' --arg f32[8x32]=iota \
; RUN:   --arg f32[8] --print 2 --all-modes | FileCheck %s
; RUN: nnc-gpuemu %s --block 32 --shared 2048 --arg 'map(1,8x32)' --arg f32[8x32]=iota \
; RUN:   --arg f32[8] --print 2 | FileCheck %s --check-prefix=WRONG
; A tile that begins beyond a multiple of its pattern.
; RUN: sed 's/@nnc_dynsmem, i32 0/@nnc_dynsmem, i32 128/' %s > %t.ll
; RUN: not nnc-gpuemu %t.ll --block 32 --shared 2048 --arg 'map(1,8x32,128)' --arg f32[8x32]=iota \
; RUN:   --arg f32[8] 2>&1 | FileCheck %s --check-prefix=ALIGN
; Rows beyond the tensor are zeros.
; RUN: nnc-gpuemu %s --block 32 --shared 2048 --arg 'map(1,8x32,128)' --arg f32[6x32]=iota \
; RUN:   --arg f32[8] --print 2 --all-modes | FileCheck %s --check-prefix=FILL

; CHECK-COUNT-5: 2: 4 36 68 100 132 164 196 228
; WRONG: 2: 4 32 76 104 148 176 220 248
; ALIGN: finding: misaligned: writes 1024 bytes at an address that is 128 beyond a multiple of 1024
; FILL-COUNT-5: 2: 4 36 68 100 132 164 0 0

target triple = "nvptx64-nvidia-cuda"
@nnc_dynsmem = external addrspace(3) global [0 x i8], align 1024

define ptx_kernel void @column(ptr byval([128 x i8]) align 64 %map, ptr addrspace(1) %in, ptr addrspace(1) %out) {
entry:
  %bar = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 1536
  %tile = getelementptr i8, ptr addrspace(3) @nnc_dynsmem, i32 0
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %first = icmp eq i32 %t, 0
  br i1 %first, label %copy, label %wait

copy:
  call void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3) %bar, i32 1)
  %u = call i64 @llvm.nvvm.mbarrier.arrive.expect.tx.scope.cta.space.cta(ptr addrspace(3) %bar, i32 1024)
  %to = addrspacecast ptr addrspace(3) %tile to ptr addrspace(7)
  call void @llvm.nvvm.cp.async.bulk.tensor.g2s.tile.2d(ptr addrspace(7) %to, ptr addrspace(3) %bar, ptr %map, i32 0, i32 0, i16 0, i64 0, i1 false, i1 false, i32 0)
  br label %wait

wait:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %w = call i1 @llvm.nvvm.mbarrier.try.wait.parity.scope.cta.space.cta(ptr addrspace(3) %bar, i32 0)
  %reads = icmp ult i32 %t, 8
  br i1 %reads, label %read, label %end

read:
  ; Column 4 of row t: piece 1.
  %piece = xor i32 %t, 1
  %row = shl i32 %t, 7
  %inside = shl i32 %piece, 4
  %offset = add i32 %row, %inside
  %p = getelementptr i8, ptr addrspace(3) %tile, i32 %offset
  %x = load float, ptr addrspace(3) %p, align 4
  %o = getelementptr float, ptr addrspace(1) %out, i32 %t
  store float %x, ptr addrspace(1) %o, align 4
  br label %end

end:
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.mbarrier.init.shared(ptr addrspace(3), i32)
declare i64 @llvm.nvvm.mbarrier.arrive.expect.tx.scope.cta.space.cta(ptr addrspace(3), i32)
declare i1 @llvm.nvvm.mbarrier.try.wait.parity.scope.cta.space.cta(ptr addrspace(3), i32)
declare void @llvm.nvvm.cp.async.bulk.tensor.g2s.tile.2d(ptr addrspace(7), ptr addrspace(3), ptr, i32, i32, i16, i64, i1 immarg, i1 immarg, i32 immarg)
