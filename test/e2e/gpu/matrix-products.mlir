// Products by units for matrices, in each precision, at sizes that are no
// multiple of a tile: rows, columns and sums with tails; factors that lie along
// the sum and across; a batch; what follows on the sums.
//
// REQUIRES: fakecuda
// DEFINE: %{outputs} = --output=a=@%t.a.npy --output=b=@%t.b.npy --output=c=@%t.c.npy --output=d=@%t.d.npy
// DEFINE: %{expected} = --expected=a=@%t.a.npy --expected=b=@%t.b.npy --expected=c=@%t.c.npy --expected=d=@%t.d.npy
// DEFINE: %{gpu} = env NNC_CUDA_DRIVER=%fakecuda nnc run %s --target=cuda:sm_80 --gpu-image=bitcode --random-seed=5
// RUN: nnc run %s --reference --random-seed=5 %{outputs}
// RUN: %{gpu} --precision=tf32 %{expected} --rtol=0 --atol-of-max=2e-3
// RUN: %{gpu} --precision=3xtf32 %{expected} --rtol=0 --atol-of-max=2e-6
// RUN: %{gpu} --precision=bf16 %{expected} --rtol=0 --atol-of-max=1e-2
// RUN: %{gpu} --precision=f16 %{expected} --rtol=0 --atol-of-max=2e-3
// Rounding shows, so units for matrices were used.
// RUN: not %{gpu} --precision=tf32 %{expected} --rtol=0 --atol-of-max=2e-6
// RUN: %{gpu} --precision=fp32 %{expected} --rtol=0 --atol-of-max=2e-6

func.func @main(%x: tensor<70x44xf32> {nn.name = "x"}, %w: tensor<44x50xf32> {nn.name = "w"}, %wt: tensor<50x44xf32> {nn.name = "wt"}, %bias: tensor<50xf32> {nn.name = "bias"}, %p: tensor<3x40x37xf32> {nn.name = "p"}, %q: tensor<3x37x33xf32> {nn.name = "q"}, %xt: tensor<44x70xf32> {nn.name = "xt"})
    -> (tensor<70x50xf32> {nn.name = "a"}, tensor<70x50xf32> {nn.name = "b"}, tensor<3x40x33xf32> {nn.name = "c"}, tensor<70x50xf32> {nn.name = "d"}) attributes {nn.entry} {
  %0 = nn.matmul %x, %w : tensor<70x44xf32>, tensor<44x50xf32> -> tensor<70x50xf32>
  %1 = nn.add %0, %bias : tensor<70x50xf32>, tensor<50xf32> -> tensor<70x50xf32>
  %a = nn.relu %1 : tensor<70x50xf32> -> tensor<70x50xf32>
  %2 = nn.transpose %wt [1, 0] : tensor<50x44xf32> -> tensor<44x50xf32>
  %b = nn.matmul %x, %2 : tensor<70x44xf32>, tensor<44x50xf32> -> tensor<70x50xf32>
  // Sizes that no copy of several elements divides.
  %c = nn.matmul %p, %q : tensor<3x40x37xf32>, tensor<3x37x33xf32> -> tensor<3x40x33xf32>
  %3 = nn.transpose %xt [1, 0] : tensor<44x70xf32> -> tensor<70x44xf32>
  %d = nn.matmul %3, %w : tensor<70x44xf32>, tensor<44x50xf32> -> tensor<70x50xf32>
  return %a, %b, %c, %d : tensor<70x50xf32>, tensor<70x50xf32>, tensor<3x40x33xf32>, tensor<70x50xf32>
}
