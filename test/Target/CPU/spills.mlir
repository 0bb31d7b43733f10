// The constants of two exponentials and the sums of a register tile do not fit
// into 32 registers: it is the constants that are loaded where they are used.
//
// RUN: nnc compile %s --target=x86-64-v4 -o %t.s
// RUN: grep -c '%%zmm.*(%%rsp)' %t.s | FileCheck %s
// RUN: nnc run %s --target=x86-64-v4 --random-seed=1 --reference --output=y=@%t.npy
// RUN: nnc run %s --random-seed=1 --expected=y=@%t.npy
// 129 where the code is taken as it comes first.
// CHECK: {{^[1-9]?[0-9]$}}

func.func @main(%x: tensor<1x64x52x52xf32> {nn.name = "x"})
    -> (tensor<1x64x52x52xf32> {nn.name = "y"}) attributes {nn.entry} {
  %lines = nn.constant dense<0.25> : tensor<64x1x3x3xf32>
  %square = nn.constant dense<0.125> : tensor<64x64x1x1xf32>
  %bias = nn.constant dense<0.5> : tensor<64xf32>
  %0 = nn.conv %x, %lines, %bias strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {group = 64 : i64}
      : tensor<1x64x52x52xf32>, tensor<64x1x3x3xf32>, tensor<64xf32> -> tensor<1x64x52x52xf32>
  %1 = nn.swish %0 : tensor<1x64x52x52xf32> -> tensor<1x64x52x52xf32>
  %2 = nn.conv %1, %square, %bias strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
      : tensor<1x64x52x52xf32>, tensor<64x64x1x1xf32>, tensor<64xf32> -> tensor<1x64x52x52xf32>
  %3 = nn.swish %2 : tensor<1x64x52x52xf32> -> tensor<1x64x52x52xf32>
  return %3 : tensor<1x64x52x52xf32>
}
