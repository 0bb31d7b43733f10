; REQUIRES: gpuemu
; Four floats a thread. A block too many leaves the buffers; an address that is no
; multiple of 16 can't be loaded at once.
; RUN: nnc-gpuemu %s --grid 2 --block 32 --arg f32[256]=iota --arg f32[256] --arg i32=0 \
; RUN:   --print 1 --count | FileCheck %s
; RUN: not nnc-gpuemu %s --grid 3 --block 32 --arg f32[256]=iota --arg f32[256] --arg i32=0 \
; RUN:   2>&1 | FileCheck %s --check-prefix=BOUNDS
; RUN: not nnc-gpuemu %s --grid 1 --block 32 --arg f32[256]=iota --arg f32[256] --arg i32=4 \
; RUN:   2>&1 | FileCheck %s --check-prefix=ALIGN

; CHECK: global memory: 4 requests, 64 sectors (64 ideal)
; CHECK: 1: 0 2 4 6 8 {{.*}} 508 510
; BOUNDS: finding: out of bounds: reads 16 bytes of global memory 0 bytes behind the end of a block of 1024; kernel 'twice', block (2,0,0), thread (0,0,0), at 'load <4 x float>'
; BOUNDS: finding: out of bounds: writes 16 bytes
; ALIGN: finding: misaligned: reads 16 bytes at an address that is 4 beyond a multiple of 16; kernel 'twice'

target triple = "nvptx64-nvidia-cuda"

define ptx_kernel void @twice(ptr addrspace(1) %in, ptr addrspace(1) %out, i32 %shift) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %b = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %n = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %base = mul i32 %b, %n
  %i = add i32 %base, %t
  %bytes = shl i32 %i, 4
  %at = add i32 %bytes, %shift
  %p = getelementptr i8, ptr addrspace(1) %in, i32 %at
  %x = load <4 x float>, ptr addrspace(1) %p, align 16
  %y = fadd <4 x float> %x, %x
  %q = getelementptr i8, ptr addrspace(1) %out, i32 %at
  store <4 x float> %y, ptr addrspace(1) %q, align 16
  ret void
}

declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
