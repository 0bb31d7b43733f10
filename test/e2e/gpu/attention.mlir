// Attention in one kernel against its parts: masks of bits and of numbers, both
// causalities, heads that several queries share, sizes that are no multiple of
// a block, one query and earlier keys.
//
// REQUIRES: fakecuda
// RUN: nnc run %s --reference --random-seed=5 --output=a=@%t.a.npy --output=b=@%t.b.npy --output=c=@%t.c.npy --output=d=@%t.d.npy
// RUN: env NNC_CUDA_DRIVER=%fakecuda nnc run %s --target=cuda:sm_80 --gpu-image=bitcode --random-seed=5 --expected=a=@%t.a.npy --expected=b=@%t.b.npy --expected=c=@%t.c.npy --expected=d=@%t.d.npy --rtol=1e-4 --atol-of-max=1e-5
// One kernel each.
// RUN: nnc compile %s --target=cuda:sm_80 --compile-to=loops -o - | FileCheck %s
// CHECK-COUNT-4: nn.launch @kernel_{{[a-z_0-9]*}} "attention
// CHECK-NOT: nn.launch @kernel_matmul

func.func @main(%q: tensor<2x4x70x20xf32> {nn.name = "q"}, %k: tensor<2x2x90x20xf32> {nn.name = "k"}, %v: tensor<2x2x90x24xf32> {nn.name = "v"}, %bits: tensor<70x90xi1> {nn.name = "bits"}, %numbers: tensor<2x1x1x90xf32> {nn.name = "numbers"},
    %one: tensor<2x4x1x80xf32> {nn.name = "one"}, %keys: tensor<2x4x40x80xf32> {nn.name = "keys"}, %h: tensor<3x33x16xf16> {nn.name = "h"})
    -> (tensor<2x4x70x24xf32> {nn.name = "a"}, tensor<2x4x70x24xf32> {nn.name = "b"}, tensor<2x4x1x80xf32> {nn.name = "c"}, tensor<3x33x16xf16> {nn.name = "d"}) attributes {nn.entry} {
  %a = nn.attention %q, %k, %v mask %bits scale 2.500000e-01 {fill = -1.0e+4 : f64} : tensor<2x4x70x20xf32>, tensor<2x2x90x20xf32>, tensor<2x2x90x24xf32>, tensor<70x90xi1> -> tensor<2x4x70x24xf32>
  %b = nn.attention %q, %k, %v mask %numbers scale 2.500000e-01 {causality = #nn<causality from_end>, softcap = 2.0 : f64} : tensor<2x4x70x20xf32>, tensor<2x2x90x20xf32>, tensor<2x2x90x24xf32>, tensor<2x1x1x90xf32> -> tensor<2x4x70x24xf32>
  %c = nn.attention %one, %keys, %keys scale 1.250000e-01 : tensor<2x4x1x80xf32>, tensor<2x4x40x80xf32>, tensor<2x4x40x80xf32> -> tensor<2x4x1x80xf32>
  %d = nn.attention %h, %h, %h scale 2.500000e-01 {causality = #nn<causality from_start>} : tensor<3x33x16xf16>, tensor<3x33x16xf16>, tensor<3x33x16xf16> -> tensor<3x33x16xf16>
  return %a, %b, %c, %d : tensor<2x4x70x24xf32>, tensor<2x4x70x24xf32>, tensor<2x4x1x80xf32>, tensor<3x33x16xf16>
}
