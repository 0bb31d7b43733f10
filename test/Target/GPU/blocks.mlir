// What blocks share, also where one block does all: barriers, shared memory,
// shuffles. Memory that other threads write is not taken for one's own.
//
// RUN: nnc compile %s --target=cuda:sm_80 -o %t.ll
// RUN: FileCheck %s --input-file=%t.ll
// RUN: nnc compile %s --target=cuda:sm_80 -o %t.ptx
// RUN: FileCheck %s --check-prefix=PTX --input-file=%t.ptx

// CHECK-DAG: @{{.*}} = internal {{.*}}addrspace(3) global [16 x [65 x float]] undef
// CHECK: define ptx_kernel void @kernel_matmul_gpu(
// CHECK-NOT: noalias
// CHECK-SAME: {
// CHECK: call void @llvm.nvvm.barrier.cta.sync.aligned.all
// CHECK: define ptx_kernel void @kernel_reduce_phase1_gpu(
// CHECK-NOT: noalias
// CHECK-SAME: {
// CHECK: call float @llvm.nvvm.shfl.sync.bfly.f32

// PTX: .entry kernel_matmul_gpu(
// PTX: .maxntid 256
// PTX: .shared
// PTX: bar.sync
// PTX: .entry kernel_reduce_phase1_gpu(
// PTX: shfl.sync.bfly.b32
func.func @main(%x: tensor<48x70xf32> {nn.name = "x"}, %w: tensor<70x40xf32> {nn.name = "w"}, %long: tensor<5000xf32> {nn.name = "long"})
    -> (tensor<48x40xf32> {nn.name = "a"}, tensor<f32> {nn.name = "e"}) attributes {nn.entry} {
  %a = nn.matmul %x, %w : tensor<48x70xf32>, tensor<70x40xf32> -> tensor<48x40xf32>
  %e = nn.reduce sum %long [0] : tensor<5000xf32> -> tensor<f32>
  return %a, %e : tensor<48x40xf32>, tensor<f32>
}
