// Compiled code against the reference, for several numbers of keys.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 1
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=s=%{size} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy && \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=s=%{size} --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy
// RUN: %{check}
// REDEFINE: %{size} = 4
// RUN: %{check}
// REDEFINE: %{size} = 17
// RUN: %{check}

func.func @main(%q: tensor<2x4x3x8xf32> {nn.name = "q"},
                %k: tensor<2x2x?x8xf32> {nn.name = "k", nn.dim_names = ["", "", "s", ""]},
                %v: tensor<2x2x?x5xf32> {nn.name = "v", nn.dim_names = ["", "", "s", ""]},
                %m: tensor<4x1x?xf32> {nn.name = "m", nn.dim_names = ["", "", "s"]},
                %b: tensor<3x1xi1> {nn.name = "n"},
                %x: tensor<?x3x6xf32> {nn.name = "x", nn.dim_names = ["s", "", ""]},
                %g: tensor<3x1xf32> {nn.name = "g"}, %h: tensor<6xf32> {nn.name = "h"})
    -> (tensor<2x4x3x5xf32> {nn.name = "a"}, tensor<2x4x3x5xf32> {nn.name = "b"},
        tensor<?x3x6xf32> {nn.name = "c"}, tensor<?x3x6xf32> {nn.name = "d"},
        tensor<?x3x6xf32> {nn.name = "e"}) attributes {nn.entry} {
  %0 = nn.attention %q, %k, %v mask %m scale 0.25 {softcap = 2.0 : f64} : tensor<2x4x3x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x5xf32>, tensor<4x1x?xf32> -> tensor<2x4x3x5xf32>
  %1 = nn.attention %q, %k, %v mask %b scale 1.0 {fill = -4.0 : f64, causality = #nn<causality from_start>} : tensor<2x4x3x8xf32>, tensor<2x2x?x8xf32>, tensor<2x2x?x5xf32>, tensor<3x1xi1> -> tensor<2x4x3x5xf32>
  %2 = nn.normalize %x [1, 2] epsilon 1.0e-3 scale %g bias %h : tensor<?x3x6xf32> scale tensor<3x1xf32> bias tensor<6xf32> -> tensor<?x3x6xf32>
  %3 = nn.swish %x {alpha = 1.5 : f64} : tensor<?x3x6xf32> -> tensor<?x3x6xf32>
  %4 = nn.hard_swish %x : tensor<?x3x6xf32> -> tensor<?x3x6xf32>
  return %0, %1, %2, %3, %4 : tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>, tensor<?x3x6xf32>, tensor<?x3x6xf32>, tensor<?x3x6xf32>
}
