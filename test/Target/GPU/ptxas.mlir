// NVIDIA's assembler takes the code, and no sum leaves the registers.
//
// REQUIRES: ptxas
// RUN: nnc compile %s --target=cuda:sm_80 --gpu-image=cubin,ptx -o %t.so
// RUN: nnc compile %s --target=cuda:sm_90a --gpu-image=cubin -o %t.so
// RUN: nnc compile %s --target=cuda:sm_120 --gpu-image=cubin -o %t.so
// RUN: nnc compile %s --target=cuda:sm_80 -o %t.ptx
// RUN: %ptxas -arch=sm_80 -v %t.ptx -o %t.cubin 2>&1 | FileCheck %s

// CHECK: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
// CHECK-NOT: {{[1-9][0-9]*}} bytes spill stores
func.func @main(%x: tensor<2048x512xf32> {nn.name = "x"}, %w: tensor<512x2048xf32> {nn.name = "w"})
    -> (tensor<2048x2048xf32> {nn.name = "y"}) attributes {nn.entry} {
  %0 = nn.matmul %x, %w : tensor<2048x512xf32>, tensor<512x2048xf32> -> tensor<2048x2048xf32>
  %y = nn.relu %0 : tensor<2048x2048xf32> -> tensor<2048x2048xf32>
  return %y : tensor<2048x2048xf32>
}
