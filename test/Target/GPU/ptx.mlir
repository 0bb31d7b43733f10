// Kernels as PTX: consecutive threads take consecutive elements, functions are
// arithmetic, small temporaries are registers.
//
// RUN: nnc compile %s --target=cuda:sm_80 -o %t.ptx
// RUN: FileCheck %s --input-file=%t.ptx
// RUN: nnc compile %s --target=cuda:sm_90 --emit=ptx -o - | FileCheck %s --check-prefix=SM90
// RUN: nnc compile %s --target=cuda:sm_90a --emit=ptx -o - | FileCheck %s --check-prefix=SM90A
// RUN: nnc compile %s --target=cuda:sm_120 --emit=ptx -o - | FileCheck %s --check-prefix=SM120
// RUN: nnc compile %s --target=cuda:sm_80 -o %t.ll
// RUN: FileCheck %s --check-prefix=IR --input-file=%t.ll
// RUN: nnc-opt %s --nnc-graph --nnc-schedule=target=a100 --nnc-gpu=target=a100 | FileCheck %s --check-prefix=MLIR

// CHECK: .target sm_80
// CHECK-NOT: .extern .func
// CHECK-NOT: .local
// CHECK: .entry kernel_{{[a-z_0-9]*}}_gpu(
// CHECK: .maxntid 256
// CHECK: mov.u32 %[[T:r[0-9]+]], %tid.x
// CHECK: ld.global
// SM90: .target sm_90{{$}}
// SM90A: .target sm_90a
// SM120: .target sm_120

// IR: target triple = "nvptx64-nvidia-cuda"
// IR: define ptx_kernel void @kernel_{{[a-z_0-9]*}}_gpu(ptr addrspace(1) noalias
// IR-SAME: readonly
// IR: load float

// MLIR: module attributes {{.*}}nn.device
// MLIR: llvm.call @nncrt_parallel
// MLIR: nvvm.read.ptx.sreg.ctaid.x
func.func @main(%x: tensor<64x100xf32> {nn.name = "x"}, %w: tensor<100xf32> {nn.name = "w"})
    -> (tensor<64x100xf32> {nn.name = "y"}, tensor<100xf32> {nn.name = "s"}) attributes {nn.entry} {
  %0 = nn.mul %x, %w : tensor<64x100xf32>, tensor<100xf32> -> tensor<64x100xf32>
  %y = nn.tanh %0 : tensor<64x100xf32> -> tensor<64x100xf32>
  %s = nn.reduce sum %x [0] : tensor<64x100xf32> -> tensor<100xf32>
  return %y, %s : tensor<64x100xf32>, tensor<100xf32>
}
