// Sums of products take numbers below the normal range for 0, unless the
// precision is strict; other kernels, and whoever called, never do.
//
// RUN: nnc compile %s --target=x86-64-v3 -o %t.ll
// RUN: FileCheck %s --input-file=%t.ll
// RUN: nnc compile %s --target=x86-64-v3 --precision=strict -o %t.strict.ll
// RUN: FileCheck %s --check-prefix=STRICT --input-file=%t.strict.ll
// RUN: nnc compile %s --target=aarch64 -o %t.aarch64.ll
// RUN: FileCheck %s --check-prefix=STRICT --input-file=%t.aarch64.ll
// RUN: nnc-opt %s --nnc-graph --nnc-schedule='precision=strict' --nnc-loops='precision=strict' | FileCheck %s --check-prefix=LOOPS
//
// Sums of 2^-130 times 2^100 are no zeros to the reference and where it is
// strict.
// RUN: nnc run %s --reference --random-seed=3 --output=p=@%t.p.npy --output=s=@%t.s.npy
// RUN: nnc run %s --precision=strict --random-seed=3 --expected=p=@%t.p.npy --expected=s=@%t.s.npy --rtol=1e-6 --atol=0
// RUN: not nnc run %s --random-seed=3 --expected=p=@%t.p.npy --rtol=1e-6 --atol=0
// RUN: nnc run %s --random-seed=3 --expected=p=@%t.p.npy --expected=s=@%t.s.npy --rtol=1e-6 --atol=1e-8

// CHECK: define {{.*}}@kernel_gemm.entry
// CHECK: call void @llvm.x86.sse.stmxcsr(ptr nonnull %[[OLD:[0-9]+]])
// CHECK: or i32 %{{.*}}, 32832
// CHECK: call void @llvm.x86.sse.ldmxcsr(ptr nonnull %[[OWN:[0-9]+]])
// CHECK-NEXT: call {{.*}}@kernel_gemm(
// CHECK-NEXT: call void @llvm.x86.sse.ldmxcsr(ptr nonnull %[[OLD]])
// CHECK-NEXT: ret void
// CHECK: define {{.*}}@kernel_mul
// CHECK-NOT: call void @llvm.x86.sse
// STRICT-NOT: call void @llvm.x86.sse
// LOOPS-NOT: nnc-flush-subnormals

func.func @main(%x: tensor<1x4xf32> {nn.name = "x"})
    -> (tensor<1x16xf32> {nn.name = "p"}, tensor<1x4xf32> {nn.name = "s"}) attributes {nn.entry} {
  %w = nn.constant dense<0x00080000> : tensor<4x16xf32>
  %number = nn.constant dense<0x71800000> : tensor<1xf32>
  %large = nn.add %x, %number : tensor<1x4xf32>, tensor<1xf32> -> tensor<1x4xf32>
  %p = nn.matmul %large, %w : tensor<1x4xf32>, tensor<4x16xf32> -> tensor<1x16xf32>
  %c = nn.constant dense<0x00080000> : tensor<4xf32>
  %s = nn.mul %x, %c : tensor<1x4xf32>, tensor<4xf32> -> tensor<1x4xf32>
  return %p, %s : tensor<1x16xf32>, tensor<1x4xf32>
}
