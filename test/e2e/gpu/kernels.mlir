// Kernels of every kind on the emulator, against the reference.
//
// REQUIRES: fakecuda
// RUN: nnc run %s --reference --random-seed=5 --output=a=@%t.a.npy --output=b=@%t.b.npy --output=c=@%t.c.npy --output=d=@%t.d.npy --output=e=@%t.e.npy
// RUN: env NNC_CUDA_DRIVER=%fakecuda nnc run %s --target=cuda:sm_80 --gpu-image=bitcode --random-seed=5 --expected=a=@%t.a.npy --expected=b=@%t.b.npy --expected=c=@%t.c.npy --expected=d=@%t.d.npy --expected=e=@%t.e.npy --rtol=1e-4 --atol=1e-5
// RUN: env NNC_CUDA_DRIVER=%fakecuda nnc run %s --target=cuda:sm_80 --gpu-image=bitcode -O0 --random-seed=5 --expected=a=@%t.a.npy --expected=b=@%t.b.npy --expected=c=@%t.c.npy --expected=d=@%t.d.npy --expected=e=@%t.e.npy --rtol=1e-4 --atol=1e-5
//
// As a library; the list of images is tried in order, and a graph is repeated.
// RUN: nnc compile %s --target=cuda:sm_80 --gpu-image=ptx,bitcode -o %t.so
// RUN: env NNC_CUDA_DRIVER=%fakecuda nnc run %t.so --random-seed=5 --expected=a=@%t.a.npy --expected=b=@%t.b.npy --expected=c=@%t.c.npy --expected=d=@%t.d.npy --expected=e=@%t.e.npy --rtol=1e-4 --atol=1e-5

func.func @main(%x: tensor<48x70xf32> {nn.name = "x"}, %w: tensor<70x40xf32> {nn.name = "w"}, %bias: tensor<40xf32> {nn.name = "bias"}, %long: tensor<3x2000xf32> {nn.name = "long"})
    -> (tensor<48x40xf32> {nn.name = "a"}, tensor<48x70xf32> {nn.name = "b"}, tensor<3x2000xf32> {nn.name = "c"}, tensor<70x48xf32> {nn.name = "d"}, tensor<f32> {nn.name = "e"}) attributes {nn.entry} {
  // A product by tiles, with tails, and what follows on the sums.
  %0 = nn.matmul %x, %w : tensor<48x70xf32>, tensor<70x40xf32> -> tensor<48x40xf32>
  %1 = nn.add %0, %bias : tensor<48x40xf32>, tensor<40xf32> -> tensor<48x40xf32>
  %a = nn.tanh %1 : tensor<48x40xf32> -> tensor<48x40xf32>
  // Rows by warps and by blocks.
  %b = nn.softmax soft %x axis 1 : tensor<48x70xf32> -> tensor<48x70xf32>
  %c = nn.softmax soft %long axis 1 : tensor<3x2000xf32> -> tensor<3x2000xf32>
  // Each thread for itself.
  %d = nn.transpose %x [1, 0] : tensor<48x70xf32> -> tensor<70x48xf32>
  // One block.
  %e = nn.reduce sum %long [0, 1] : tensor<3x2000xf32> -> tensor<f32>
  return %a, %b, %c, %d, %e : tensor<48x40xf32>, tensor<48x70xf32>, tensor<3x2000xf32>, tensor<70x48xf32>, tensor<f32>
}
