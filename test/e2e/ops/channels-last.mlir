// Windows with the channels innermost, by the reference and compiled, against
// the reference of the same windows as they are written here.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/plain.mlir && cd %t
// RUN: nnc-opt plain.mlir -pass-pipeline='builtin.module(func.func(nnc-assign-layout{min-channels=1}),canonicalize)' -o last.mlir
// RUN: FileCheck %s --input-file=last.mlir
// DEFINE: %{size} = 1
// DEFINE: %{args} = --random-seed=3 --dim=n=%{size} --dim=s=%{size}
// DEFINE: %{outputs} = --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy --output=g=@g.npy --output=h=@h.npy --output=i=@i.npy --output=j=@j.npy --output=k=@k.npy --output=l=@l.npy --output=m=@m.npy
// DEFINE: %{expected} = --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy --expected=g=@g.npy --expected=h=@h.npy --expected=i=@i.npy --expected=j=@j.npy --expected=k=@k.npy --expected=l=@l.npy --expected=m=@m.npy
// DEFINE: %{check} = \
// DEFINE:   nnc run plain.mlir %{args} --reference %{outputs} && \
// DEFINE:   nnc run last.mlir %{args} --reference %{expected} && \
// DEFINE:   nnc run last.mlir %{args} %{expected}
// RUN: %{check}
// REDEFINE: %{size} = 2
// RUN: %{check}
// REDEFINE: %{size} = 7
// RUN: %{check}

// CHECK-COUNT-18: channels_last

func.func @main(%x: tensor<?x6x?xf32> {nn.name = "x", nn.dim_names = ["n", "", "s"]},
                %y: tensor<?x6x5x?xf32> {nn.name = "y", nn.dim_names = ["n", "", "", "s"]},
                %z: tensor<1x2x?x3x4xf32> {nn.name = "z", nn.dim_names = ["", "", "s", "", ""]},
                %i: tensor<?x4x5x?xi32> {nn.name = "i", nn.dim_names = ["n", "", "", "s"]},
                %q: tensor<?x2x5x4xui8> {nn.name = "q", nn.dim_names = ["n", "", "", ""]},
                %v: tensor<4x6x3xf32> {nn.name = "v"}, %w: tensor<6x2x3x2xf32> {nn.name = "w"},
                %d: tensor<12x1x2x3xf32> {nn.name = "d"}, %bias: tensor<12xf32> {nn.name = "bias"},
                %u: tensor<3x2x1x2x2xf32> {nn.name = "u"}, %iw: tensor<2x4x1x1xi32> {nn.name = "iw"},
                %qw: tensor<4x2x2x2xi8> {nn.name = "qw"}, %t: tensor<6x2x3x2xf32> {nn.name = "t"},
                %one: tensor<6x6x1x1xf32> {nn.name = "one"},
                %s: tensor<6x11x1x1xf32> {nn.name = "s"}, %sb: tensor<11xf32> {nn.name = "sb"})
    -> (tensor<?x4x?xf32> {nn.name = "a"}, tensor<?x6x5x?xf32> {nn.name = "b"},
        tensor<?x12x3x?xf32> {nn.name = "c"}, tensor<1x3x?x2x4xf32> {nn.name = "d"},
        tensor<?x2x5x?xi32> {nn.name = "e"}, tensor<?x4x4x4xi32> {nn.name = "f"},
        tensor<?x6x9x?xf32> {nn.name = "g"}, tensor<?x6x3x?xf32> {nn.name = "h"},
        tensor<?x6x3x?xf32> {nn.name = "i"}, tensor<?x6x5x?xf32> {nn.name = "j"},
        tensor<?x6x3x?xi64> {nn.name = "k"}, tensor<?x6x5x?xf32> {nn.name = "l"},
        tensor<?x11x9x?xf32> {nn.name = "m"})
    attributes {nn.entry} {
  // One axis, dilated and padded unevenly.
  %a = nn.conv %x, %v strides [1] dilations [2] pads [3, 1]
    : tensor<?x6x?xf32>, tensor<4x6x3xf32> -> tensor<?x4x?xf32>
  // Groups; padding by the size of the input.
  %b = nn.conv %y, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {group = 3 : i64, auto_pad = #nn<auto_pad same_lower>}
    : tensor<?x6x5x?xf32>, tensor<6x2x3x2xf32> -> tensor<?x6x5x?xf32>
  // Depthwise, two features a channel, with a stride and a bias.
  %c = nn.conv %y, %d, %bias strides [2, 1] dilations [1, 1] pads [1, 2, 0, 2] {group = 6 : i64}
    : tensor<?x6x5x?xf32>, tensor<12x1x2x3xf32>, tensor<12xf32> -> tensor<?x12x3x?xf32>
  // Three axes.
  %dd = nn.conv %z, %u strides [1, 1, 1] dilations [1, 1, 1] pads [0, 0, 0, 0, 0, 1]
    : tensor<1x2x?x3x4xf32>, tensor<3x2x1x2x2xf32> -> tensor<1x3x?x2x4xf32>
  %e = nn.conv %i, %iw strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x4x5x?xi32>, tensor<2x4x1x1xi32> -> tensor<?x2x5x?xi32>
  %zero = nn.constant dense<3> : tensor<1x2x1x1xui8>
  %f = nn.conv_integer %q, %qw input_zero_point %zero strides [1, 1] dilations [1, 1] pads [0, 0, 0, 1]
    : (tensor<?x2x5x4xui8>, tensor<4x2x2x2xi8>, tensor<1x2x1x1xui8>) -> tensor<?x4x4x4xi32>
  // Transposed, in groups, cut on one side.
  %g = nn.conv_transpose %y, %t strides [2, 1] dilations [1, 1] pads [1, 0, 1, 0] output_padding [0, 0] {group = 3 : i64}
    : tensor<?x6x5x?xf32>, tensor<6x2x3x2xf32> -> tensor<?x6x9x?xf32>
  // Weights contiguous along the features.
  %m = nn.conv_transpose %y, %s, %sb strides [2, 1] dilations [1, 1] pads [0, 0, 0, 0] output_padding [0, 0]
    : tensor<?x6x5x?xf32>, tensor<6x11x1x1xf32>, tensor<11xf32> -> tensor<?x11x9x?xf32>
  // Pools follow the convolution before them.
  %p = nn.conv %y, %one strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x6x5x?xf32>, tensor<6x6x1x1xf32> -> tensor<?x6x5x?xf32>
  %h0 = nn.max_pool %p kernel [3, 2] strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1] {ceil_mode}
    : tensor<?x6x5x?xf32> -> tensor<?x6x3x?xf32>
  %h = nn.conv %h0, %one strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x6x3x?xf32>, tensor<6x6x1x1xf32> -> tensor<?x6x3x?xf32>
  %i0 = nn.average_pool %p kernel [2, 2] strides [2, 1] dilations [1, 1] pads [0, 1, 1, 0] {ceil_mode, count_include_pad}
    : tensor<?x6x5x?xf32> -> tensor<?x6x3x?xf32>
  %i1 = nn.average_pool %i0 kernel [3, 1] strides [1, 1] dilations [1, 1] pads [1, 0, 1, 0]
    : tensor<?x6x3x?xf32> -> tensor<?x6x3x?xf32>
  %ii = nn.conv %i1, %one strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x6x3x?xf32>, tensor<6x6x1x1xf32> -> tensor<?x6x3x?xf32>
  %j0 = nn.lp_pool %p kernel [3, 1] strides [1, 1] dilations [1, 1] pads [1, 0, 1, 0] {p = 3 : i64}
    : tensor<?x6x5x?xf32> -> tensor<?x6x5x?xf32>
  %j = nn.conv %j0, %one strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x6x5x?xf32>, tensor<6x6x1x1xf32> -> tensor<?x6x5x?xf32>
  // Indices stay those of the channels before the places.
  %k = nn.max_pool_indices %p kernel [3, 1] strides [2, 1] dilations [1, 1] pads [1, 0, 1, 0] {column_major}
    : tensor<?x6x5x?xf32> -> tensor<?x6x3x?xi64>
  %l0 = nn.lrn %p size 4 alpha 1.000000e-01 beta 7.500000e-01 bias 1.000000e+00
    : tensor<?x6x5x?xf32> -> tensor<?x6x5x?xf32>
  %l = nn.conv %l0, %one strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x6x5x?xf32>, tensor<6x6x1x1xf32> -> tensor<?x6x5x?xf32>
  return %a, %b, %c, %dd, %e, %f, %g, %h, %ii, %j, %k, %l, %m
    : tensor<?x4x?xf32>, tensor<?x6x5x?xf32>, tensor<?x12x3x?xf32>, tensor<1x3x?x2x4xf32>,
      tensor<?x2x5x?xi32>, tensor<?x4x4x4xi32>, tensor<?x6x9x?xf32>, tensor<?x6x3x?xf32>,
      tensor<?x6x3x?xf32>, tensor<?x6x5x?xf32>, tensor<?x6x3x?xi64>, tensor<?x6x5x?xf32>,
      tensor<?x11x9x?xf32>
}
