// No two lanes that read shared memory at the same time want the same bank.
//
// REQUIRES: fakecuda
// RUN: env NNC_CUDA_DRIVER=%fakecuda NNC_GPUEMU=count,trace nnc run %s --target=cuda:sm_80 --gpu-image=bitcode --precision=tf32 --random-seed=5 2>&1 | FileCheck %s

// CHECK: launched 'kernel_matmul_gpu' of 1 blocks
// CHECK: shared memory: {{[0-9]+}} requests, [[BEST:[0-9]+]] wavefronts ([[BEST]] ideal)
func.func @main(%x: tensor<64x256xf32> {nn.name = "x"}, %w: tensor<256x64xf32> {nn.name = "w"}) -> (tensor<64x64xf32> {nn.name = "y"}) attributes {nn.entry} {
  %y = nn.matmul %x, %w : tensor<64x256xf32>, tensor<256x64xf32> -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}
