// Convolutions as products by units for matrices: the factor is the image where
// it lies; strides, a bias before and a function behind.
//
// REQUIRES: fakecuda
// DEFINE: %{expected} = --expected=a=@%t.a.npy --expected=b=@%t.b.npy
// DEFINE: %{gpu} = env NNC_CUDA_DRIVER=%fakecuda nnc run %s --target=cuda:sm_80 --gpu-image=bitcode --random-seed=5
// RUN: nnc run %s --reference --random-seed=5 --output=a=@%t.a.npy --output=b=@%t.b.npy
// RUN: %{gpu} --precision=tf32 %{expected} --rtol=0 --atol-of-max=2e-3
// RUN: %{gpu} --precision=3xtf32 %{expected} --rtol=0 --atol-of-max=4e-6
// RUN: %{gpu} --precision=bf16 %{expected} --rtol=0 --atol-of-max=1e-2
// RUN: %{gpu} %{expected} --rtol=0 --atol-of-max=4e-6

func.func @main(%x: tensor<2x16x9x11xf32> {nn.name = "x"}, %w: tensor<40x16x3x3xf32> {nn.name = "w"}, %bias: tensor<40xf32> {nn.name = "bias"}, %v: tensor<36x5x3x2xf32> {nn.name = "v"}, %y: tensor<1x5x12x13xf32> {nn.name = "y"})
    -> (tensor<2x40x9x11xf32> {nn.name = "a"}, tensor<1x36x5x6xf32> {nn.name = "b"}) attributes {nn.entry} {
  %0 = nn.conv %x, %w, %bias strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] : tensor<2x16x9x11xf32>, tensor<40x16x3x3xf32>, tensor<40xf32> -> tensor<2x40x9x11xf32>
  %a = nn.relu %0 : tensor<2x40x9x11xf32> -> tensor<2x40x9x11xf32>
  %b = nn.conv %y, %v strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] : tensor<1x5x12x13xf32>, tensor<36x5x3x2xf32> -> tensor<1x36x5x6xf32>
  return %a, %b : tensor<2x40x9x11xf32>, tensor<1x36x5x6xf32>
}
