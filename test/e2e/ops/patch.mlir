// Compiled code against the reference, for several sizes of the free dimension.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 0
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=n=%{size} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy --output=g=@g.npy && \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=n=%{size} --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy --expected=g=@g.npy
// RUN: %{check}
// REDEFINE: %{size} = 1
// RUN: %{check}
// REDEFINE: %{size} = 7
// RUN: %{check}

func.func @main(%x: tensor<?x12x10xf32> {nn.name = "x", nn.dim_names = ["n", "", ""]},
                %i: tensor<?x4x3xi32> {nn.name = "i", nn.dim_names = ["n", "", ""]},
                %m: tensor<?x2x5x6xf32> {nn.name = "m", nn.dim_names = ["n", "", "", ""]},
                %o: tensor<?x16x5x6xf32> {nn.name = "o", nn.dim_names = ["n", "", "", ""]},
                %k: tensor<?x8x5x6xf32> {nn.name = "k", nn.dim_names = ["n", "", "", ""]},
                %r: tensor<?x5xf32> {nn.name = "r", nn.dim_names = ["n", ""]},
                %q: tensor<2x3x9x8xf32> {nn.name = "q"},
                %u: tensor<?x7xi32> {nn.name = "u", nn.dim_names = ["n", ""]},
                %h: tensor<?x7xf16> {nn.name = "h", nn.dim_names = ["n", ""]})
    -> (tensor<?x2x6x3xf32> {nn.name = "a"}, tensor<?x2x4xi32> {nn.name = "b"},
        tensor<?x2x2x2x5x6xf32> {nn.name = "c"}, tensor<?x3x3x2xf32> {nn.name = "d"},
        tensor<?x7xi32> {nn.name = "e"}, tensor<?x7xf16> {nn.name = "f"},
        tensor<?x2x2x2x5x6xf32> {nn.name = "g"}) attributes {nn.entry} {
  %s = nn.constant dense<[6, 3]> : tensor<2xi64>
  %a = nn.col2im %x, %s kernel [3, 2] strides [1, 2] dilations [1, 1] pads [1, 0, 0, 1]
    : tensor<?x12x10xf32>, tensor<2xi64> -> tensor<?x2x6x3xf32>
  %t = nn.constant dense<4> : tensor<1xi64>
  %b = nn.col2im %i, %t kernel [2] strides [1] dilations [2] pads [1, 0]
    : tensor<?x4x3xi32>, tensor<1xi64> -> tensor<?x2x4xi32>
  %two = nn.constant dense<2.5> : tensor<f32>
  %p = nn.mul %o, %two : tensor<?x16x5x6xf32>, tensor<f32> -> tensor<?x16x5x6xf32>
  %c = nn.deform_columns %m, %p mask(%k : tensor<?x8x5x6xf32>) kernel [2, 2] strides [1, 1] dilations [1, 1] pads [1, 0, 0, 1] {offset_groups = 2}
    : tensor<?x2x5x6xf32>, tensor<?x16x5x6xf32> -> tensor<?x2x2x2x5x6xf32>
  %scale = nn.constant dense<[0.4, 6.0, 6.0, 9.0, 9.0]> : tensor<5xf32>
  %abs = nn.abs %r : tensor<?x5xf32> -> tensor<?x5xf32>
  %w = nn.mul %abs, %scale : tensor<?x5xf32>, tensor<5xf32> -> tensor<?x5xf32>
  %d = nn.max_roi_pool %q, %w size [3, 2] {spatial_scale = 0.9 : f32}
    : tensor<2x3x9x8xf32>, tensor<?x5xf32> -> tensor<?x3x3x2xf32>
  %five = nn.constant dense<5> : tensor<i32>
  %v = nn.add %u, %five : tensor<?x7xi32>, tensor<i32> -> tensor<?x7xi32>
  %e = nn.cumprod %v axis 1 exclusive reverse : tensor<?x7xi32> -> tensor<?x7xi32>
  %f = nn.cumprod %h axis 0 : tensor<?x7xf16> -> tensor<?x7xf16>
  %g = nn.deform_columns %m, %o kernel [2, 2] strides [1, 1] dilations [1, 1] pads [1, 0, 0, 1] {offset_groups = 2}
    : tensor<?x2x5x6xf32>, tensor<?x16x5x6xf32> -> tensor<?x2x2x2x5x6xf32>
  return %a, %b, %c, %d, %e, %f, %g : tensor<?x2x6x3xf32>, tensor<?x2x4xi32>, tensor<?x2x2x2x5x6xf32>, tensor<?x3x3x2xf32>, tensor<?x7xi32>, tensor<?x7xf16>, tensor<?x2x2x2x5x6xf32>
}
