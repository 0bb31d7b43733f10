// Products of f16 and of bf16 by units for matrices, whatever the precision:
// sums are those of f32 in another order.
//
// REQUIRES: fakecuda
// DEFINE: %{outputs} = --output=a=@%t.a.npy --output=b=@%t.b.npy --output=c=@%t.c.npy --output=d=@%t.d.npy
// DEFINE: %{expected} = --expected=a=@%t.a.npy --expected=b=@%t.b.npy --expected=c=@%t.c.npy --expected=d=@%t.d.npy
// RUN: nnc run %s --reference --random-seed=5 %{outputs}
// RUN: env NNC_CUDA_DRIVER=%fakecuda nnc run %s --target=cuda:sm_80 --gpu-image=bitcode --random-seed=5 %{expected} --rtol=2e-3 --atol-of-max=1e-3
// RUN: nnc compile %s --target=cuda:sm_80 -o - --emit=ptx | FileCheck %s --check-prefix=PTX
// RUN: nnc compile %s --target=cuda:sm_80 -o - --emit=ptx --precision=strict | FileCheck %s --check-prefix=STRICT
// PTX-DAG: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// PTX-DAG: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// STRICT-NOT: mma.sync

func.func @main(%x: tensor<70x44xf16> {nn.name = "x"}, %w: tensor<44x50xf16> {nn.name = "w"}, %wt: tensor<50x44xf16> {nn.name = "wt"}, %bias: tensor<50xf16> {nn.name = "bias"}, %p: tensor<3x40x37xf16> {nn.name = "p"}, %q: tensor<3x37x33xf16> {nn.name = "q"}, %xt: tensor<44x70xf16> {nn.name = "xt"})
    -> (tensor<70x50xf16> {nn.name = "a"}, tensor<70x50xf16> {nn.name = "b"}, tensor<3x40x33xf16> {nn.name = "c"}, tensor<70x50xf16> {nn.name = "d"}) attributes {nn.entry} {
  %0 = nn.matmul %x, %w : tensor<70x44xf16>, tensor<44x50xf16> -> tensor<70x50xf16>
  %1 = nn.add %0, %bias : tensor<70x50xf16>, tensor<50xf16> -> tensor<70x50xf16>
  %a = nn.relu %1 : tensor<70x50xf16> -> tensor<70x50xf16>
  %2 = nn.transpose %wt [1, 0] : tensor<50x44xf16> -> tensor<44x50xf16>
  %b = nn.matmul %x, %2 : tensor<70x44xf16>, tensor<44x50xf16> -> tensor<70x50xf16>
  // Sizes that no copy of several elements divides.
  %c = nn.matmul %p, %q : tensor<3x40x37xf16>, tensor<3x37x33xf16> -> tensor<3x40x33xf16>
  %3 = nn.transpose %xt [1, 0] : tensor<44x70xf16> -> tensor<70x44xf16>
  %d = nn.matmul %3, %w : tensor<70x44xf16>, tensor<44x50xf16> -> tensor<70x50xf16>
  return %a, %b, %c, %d : tensor<70x50xf16>, tensor<70x50xf16>, tensor<3x40x33xf16>, tensor<70x50xf16>
}
