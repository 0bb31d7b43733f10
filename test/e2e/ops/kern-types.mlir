// Products and convolutions of all types of floats, compiled for several machines,
// against the reference. Sums of 16-bit types are of 32 bits.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{target} = x86-64
// DEFINE: %{check} = nnc run m.mlir --random-seed=3 --target=%{target} --rtol=1e-2 --atol=1e-3 --expected=y0=@y0.pb --expected=y1=@y1.pb --expected=y2=@y2.pb --expected=y3=@y3.pb --expected=y4=@y4.pb --expected=y5=@y5.pb
// RUN: nnc run m.mlir --random-seed=3 --reference --output=y0=@y0.pb --output=y1=@y1.pb --output=y2=@y2.pb --output=y3=@y3.pb --output=y4=@y4.pb --output=y5=@y5.pb
// RUN: %{check}
// REDEFINE: %{target} = x86-64-v3
// RUN: %if x86-64-v3 %{ %{check} %}
// REDEFINE: %{target} = x86-64-v4
// RUN: %if x86-64-v4 %{ %{check} %}

func.func @main(%x: tensor<13x70xf16> {nn.name = "x"}, %b: tensor<70x33xf16> {nn.name = "b"}, %c: tensor<13x70xbf16> {nn.name = "c"}, %d: tensor<70x33xbf16> {nn.name = "d"},
                %e: tensor<13x1100xf64> {nn.name = "e"}, %f: tensor<1100x33xf64> {nn.name = "f"}, %g: tensor<1x9x7x5xf16> {nn.name = "g"}, %h: tensor<1x16x15x24xf16> {nn.name = "h"})
    -> (tensor<13x33xf16> {nn.name = "y0"}, tensor<13x33xbf16> {nn.name = "y1"}, tensor<13x33xf64> {nn.name = "y2"}, tensor<1x9x7x6xf16> {nn.name = "y3"}, tensor<1x9x7x5xf16> {nn.name = "y4"}, tensor<1x16x15x24xf16> {nn.name = "y5"}) attributes {nn.entry} {
  %w = nn.constant dense<0.5> : tensor<6x5x3x3xf16>
  %v = nn.constant dense<0.25> : tensor<5x1x3x3xf16>
  %u = nn.constant dense<0.125> : tensor<24x24x3x3xf16>
  %bias = nn.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]> : tensor<6xf16>
  %0 = nn.matmul %x, %b : tensor<13x70xf16>, tensor<70x33xf16> -> tensor<13x33xf16>
  %1 = nn.matmul %c, %d : tensor<13x70xbf16>, tensor<70x33xbf16> -> tensor<13x33xbf16>
  %2 = nn.matmul %e, %f : tensor<13x1100xf64>, tensor<1100x33xf64> -> tensor<13x33xf64>
  %3 = nn.conv %g, %w, %bias strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last} : tensor<1x9x7x5xf16>, tensor<6x5x3x3xf16>, tensor<6xf16> -> tensor<1x9x7x6xf16>
  %4 = nn.conv %g, %v strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 5 : i64} : tensor<1x9x7x5xf16>, tensor<5x1x3x3xf16> -> tensor<1x9x7x5xf16>
  %5 = nn.conv %h, %u strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last} : tensor<1x16x15x24xf16>, tensor<24x24x3x3xf16> -> tensor<1x16x15x24xf16>
  return %0, %1, %2, %3, %4, %5 : tensor<13x33xf16>, tensor<13x33xbf16>, tensor<13x33xf64>, tensor<1x9x7x6xf16>, tensor<1x9x7x5xf16>, tensor<1x16x15x24xf16>
}
