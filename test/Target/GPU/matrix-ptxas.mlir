// NVIDIA's assembler takes products by units for matrices and attention, and
// nothing is spilled.
//
// REQUIRES: ptxas
// DEFINE: %{precision} = tf32
// DEFINE: %{check} = nnc compile %s --target=cuda:sm_80 --precision=%{precision} -o %t.%{precision}.ptx && \
// DEFINE:   %ptxas -arch=sm_80 -v %t.%{precision}.ptx -o %t.cubin 2>&1 | FileCheck %s
// RUN: %{check}
// REDEFINE: %{precision} = 3xtf32
// RUN: %{check}
// REDEFINE: %{precision} = bf16
// RUN: %{check}
// REDEFINE: %{precision} = f16
// RUN: %{check}

// CHECK-NOT: {{[1-9][0-9]*}} bytes spill stores
// CHECK-COUNT-5: 0 bytes spill stores
// CHECK-NOT: {{[1-9][0-9]*}} bytes spill stores
func.func @main(%x: tensor<2048x512xf32> {nn.name = "x"}, %w: tensor<512x2048xf32> {nn.name = "w"}, %image: tensor<8x64x56x56xf32> {nn.name = "image"}, %filter: tensor<128x64x3x3xf32> {nn.name = "filter"},
    %h: tensor<2048x512xf16> {nn.name = "h"}, %g: tensor<512x2048xf16> {nn.name = "g"}, %q: tensor<2x200x64xf32> {nn.name = "q"}, %small: tensor<100x512xf32> {nn.name = "small"})
    -> (tensor<2048x2048xf32> {nn.name = "a"}, tensor<8x128x56x56xf32> {nn.name = "b"}, tensor<2048x2048xf16> {nn.name = "c"}, tensor<2x200x64xf32> {nn.name = "d"}, tensor<100x2048xf32> {nn.name = "e"}) attributes {nn.entry} {
  %0 = nn.matmul %x, %w : tensor<2048x512xf32>, tensor<512x2048xf32> -> tensor<2048x2048xf32>
  %a = nn.relu %0 : tensor<2048x2048xf32> -> tensor<2048x2048xf32>
  %1 = nn.conv %image, %filter strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] : tensor<8x64x56x56xf32>, tensor<128x64x3x3xf32> -> tensor<8x128x56x56xf32>
  %b = nn.relu %1 : tensor<8x128x56x56xf32> -> tensor<8x128x56x56xf32>
  %c = nn.matmul %h, %g : tensor<2048x512xf16>, tensor<512x2048xf16> -> tensor<2048x2048xf16>
  %d = nn.attention %q, %q, %q scale 1.250000e-01 : tensor<2x200x64xf32>, tensor<2x200x64xf32>, tensor<2x200x64xf32> -> tensor<2x200x64xf32>
  %e = nn.matmul %small, %w : tensor<100x512xf32>, tensor<512x2048xf32> -> tensor<100x2048xf32>
  return %a, %b, %c, %d, %e : tensor<2048x2048xf32>, tensor<8x128x56x56xf32>, tensor<2048x2048xf16>, tensor<2x200x64xf32>, tensor<100x2048xf32>
}
