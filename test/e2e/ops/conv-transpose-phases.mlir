// Transposed convolutions that become convolutions of phases, against the
// reference of the ops as they are written.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/plain.mlir && cd %t
// RUN: nnc-opt plain.mlir -pass-pipeline='builtin.module(func.func(nnc-decompose),canonicalize)' -o phases.mlir
// RUN: FileCheck %s --input-file=phases.mlir
// DEFINE: %{size} = 1
// DEFINE: %{target} = host
// DEFINE: %{args} = --random-seed=5 --dim=n=%{size} --dim=s=%{size}
// DEFINE: %{outputs} = --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy --output=g=@g.npy --output=h=@h.npy --output=i=@i.npy --output=j=@j.npy
// DEFINE: %{expected} = --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy --expected=g=@g.npy --expected=h=@h.npy --expected=i=@i.npy --expected=j=@j.npy --atol=1e-5
// DEFINE: %{check} = \
// DEFINE:   nnc run plain.mlir %{args} --reference %{outputs} && \
// DEFINE:   nnc run phases.mlir %{args} --reference %{expected} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} %{expected}
// RUN: %{check}
// REDEFINE: %{size} = 2
// RUN: %{check}
// REDEFINE: %{target} = x86-64-v3
// REDEFINE: %{size} = 7
// RUN: %{check}

// CHECK-NOT: nn.conv_transpose
// CHECK-COUNT-8: nn.conv %
// Two strides with a dilation, and a group of one input.
// CHECK: nn.conv_transpose
// CHECK: nn.conv_transpose
// CHECK-NOT: nn.conv_transpose

func.func @main(%x: tensor<1x4x5x5xf32> {nn.name = "x"},
                %y: tensor<?x3x?x4xf32> {nn.name = "y", nn.dim_names = ["n", "", "s", ""]},
                %z: tensor<?x8x?x?xf32> {nn.name = "z", nn.dim_names = ["n", "", "s", "s"]},
                %l: tensor<?x2x?xf32> {nn.name = "l", nn.dim_names = ["n", "", "s"]},
                %v: tensor<1x2x2x?x3xf32> {nn.name = "v", nn.dim_names = ["", "", "", "s", ""]},
                %u: tensor<2x2x4x?xf32> {nn.name = "u", nn.dim_names = ["", "", "", "s"]})
    -> (tensor<1x2x10x10xf32> {nn.name = "a"}, tensor<?x2x?x8xf32> {nn.name = "b"},
        tensor<?x4x?x?xf32> {nn.name = "c"}, tensor<?x3x?xf32> {nn.name = "d"},
        tensor<1x2x7x7xf32> {nn.name = "e"}, tensor<1x1x4x?x6xf32> {nn.name = "f"},
        tensor<1x2x10x10xf32> {nn.name = "g"}, tensor<2x2x9x?xf32> {nn.name = "h"},
        tensor<1x2x11x11xf32> {nn.name = "i"}, tensor<2x4x8x?xf32> {nn.name = "j"}) attributes {nn.entry} {
  %fa = nn.constant dense<[[[[0.36, -0.96, 0.70], [-0.50, -0.46, -1.00], [-0.78, -0.72, -0.52]], [[0.82, -0.10, 0.20], [-0.82, -0.18, -0.74], [0.76, -0.30, 0.88]]], [[[0.10, -0.48, 0.28], [0.12, 0.26, -0.62], [-0.86, 0.36, -0.96]], [[0.70, -0.50, -0.46], [-1.00, -0.78, -0.72], [-0.52, 0.82, -0.10]]], [[[0.20, -0.82, -0.18], [-0.74, 0.76, -0.30], [0.88, 0.10, -0.48]], [[0.28, 0.12, 0.26], [-0.62, -0.86, 0.36], [-0.96, 0.70, -0.50]]], [[[-0.46, -1.00, -0.78], [-0.72, -0.52, 0.82], [-0.10, 0.20, -0.82]], [[-0.18, -0.74, 0.76], [-0.30, 0.88, 0.10], [-0.48, 0.28, 0.12]]]]> : tensor<4x2x3x3xf32>
  %ba = nn.constant dense<[0.26, -0.62]> : tensor<2xf32>
  %fb = nn.constant dense<[[[[-0.86, 0.36, -0.96, 0.70], [-0.50, -0.46, -1.00, -0.78], [-0.72, -0.52, 0.82, -0.10], [0.20, -0.82, -0.18, -0.74]], [[0.76, -0.30, 0.88, 0.10], [-0.48, 0.28, 0.12, 0.26], [-0.62, -0.86, 0.36, -0.96], [0.70, -0.50, -0.46, -1.00]]], [[[-0.78, -0.72, -0.52, 0.82], [-0.10, 0.20, -0.82, -0.18], [-0.74, 0.76, -0.30, 0.88], [0.10, -0.48, 0.28, 0.12]], [[0.26, -0.62, -0.86, 0.36], [-0.96, 0.70, -0.50, -0.46], [-1.00, -0.78, -0.72, -0.52], [0.82, -0.10, 0.20, -0.82]]], [[[-0.18, -0.74, 0.76, -0.30], [0.88, 0.10, -0.48, 0.28], [0.12, 0.26, -0.62, -0.86], [0.36, -0.96, 0.70, -0.50]], [[-0.46, -1.00, -0.78, -0.72], [-0.52, 0.82, -0.10, 0.20], [-0.82, -0.18, -0.74, 0.76], [-0.30, 0.88, 0.10, -0.48]]]]> : tensor<3x2x4x4xf32>
  %fc = nn.constant dense<[[[[0.28, 0.12], [0.26, -0.62]], [[-0.86, 0.36], [-0.96, 0.70]]], [[[-0.50, -0.46], [-1.00, -0.78]], [[-0.72, -0.52], [0.82, -0.10]]], [[[0.20, -0.82], [-0.18, -0.74]], [[0.76, -0.30], [0.88, 0.10]]], [[[-0.48, 0.28], [0.12, 0.26]], [[-0.62, -0.86], [0.36, -0.96]]], [[[0.70, -0.50], [-0.46, -1.00]], [[-0.78, -0.72], [-0.52, 0.82]]], [[[-0.10, 0.20], [-0.82, -0.18]], [[-0.74, 0.76], [-0.30, 0.88]]], [[[0.10, -0.48], [0.28, 0.12]], [[0.26, -0.62], [-0.86, 0.36]]], [[[-0.96, 0.70], [-0.50, -0.46]], [[-1.00, -0.78], [-0.72, -0.52]]]]> : tensor<8x2x2x2xf32>
  %bc = nn.constant dense<[0.82, -0.10, 0.20, -0.82]> : tensor<4xf32>
  %fd = nn.constant dense<[[[-0.18, -0.74, 0.76, -0.30, 0.88], [0.10, -0.48, 0.28, 0.12, 0.26], [-0.62, -0.86, 0.36, -0.96, 0.70]], [[-0.50, -0.46, -1.00, -0.78, -0.72], [-0.52, 0.82, -0.10, 0.20, -0.82], [-0.18, -0.74, 0.76, -0.30, 0.88]]]> : tensor<2x3x5xf32>
  %ff = nn.constant dense<[[[[[0.10, -0.48], [0.28, 0.12]], [[0.26, -0.62], [-0.86, 0.36]]]], [[[[-0.96, 0.70], [-0.50, -0.46]], [[-1.00, -0.78], [-0.72, -0.52]]]]]> : tensor<2x1x2x2x2xf32>
  %fh = nn.constant dense<[[[[0.82, -0.10], [0.20, -0.82], [-0.18, -0.74]], [[0.76, -0.30], [0.88, 0.10], [-0.48, 0.28]]], [[[0.12, 0.26], [-0.62, -0.86], [0.36, -0.96]], [[0.70, -0.50], [-0.46, -1.00], [-0.78, -0.72]]]]> : tensor<2x2x3x2xf32>
  // Output padding, a bias, and what becomes the epilogue.
  %a = nn.conv_transpose %x, %fa, %ba strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1] output_padding [1, 1]
      : tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32>, tensor<2xf32> -> tensor<1x2x10x10xf32>
  %ar = nn.relu %a : tensor<1x2x10x10xf32> -> tensor<1x2x10x10xf32>
  %b = nn.conv_transpose %y, %fb strides [2, 2] dilations [1, 1] pads [1, 1, 1, 1] output_padding [0, 0]
      : tensor<?x3x?x4xf32>, tensor<3x2x4x4xf32> -> tensor<?x2x?x8xf32>
  // Groups.
  %c = nn.conv_transpose %z, %fc, %bc strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] output_padding [0, 0] {group = 2 : i64}
      : tensor<?x8x?x?xf32>, tensor<8x2x2x2xf32>, tensor<4xf32> -> tensor<?x4x?x?xf32>
  // More padding than a stride.
  %d = nn.conv_transpose %l, %fd strides [2] dilations [1] pads [3, 1] output_padding [0]
      : tensor<?x2x?xf32>, tensor<2x3x5xf32> -> tensor<?x3x?xf32>
  %e = nn.conv_transpose %x, %fa strides [1, 1] dilations [2, 2] pads [1, 1, 1, 1] output_padding [0, 0]
      : tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32> -> tensor<1x2x7x7xf32>
  %f = nn.conv_transpose %v, %ff strides [2, 2, 2] dilations [1, 1, 1] pads [0, 0, 0, 0, 0, 0] output_padding [0, 0, 0]
      : tensor<1x2x2x?x3xf32>, tensor<2x1x2x2x2xf32> -> tensor<1x1x4x?x6xf32>
  %g = nn.conv_transpose %x, %fa strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] output_padding [0, 0] {auto_pad = #nn<auto_pad same_upper>}
      : tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32> -> tensor<1x2x10x10xf32>
  // A stride above the kernel leaves places that nothing reaches.
  %h = nn.conv_transpose %u, %fh strides [2, 3] dilations [1, 1] pads [0, 0, 0, 0] output_padding [0, 1]
      : tensor<2x2x4x?xf32>, tensor<2x2x3x2xf32> -> tensor<2x2x9x?xf32>
  %i = nn.conv_transpose %x, %fa strides [2, 2] dilations [2, 2] pads [1, 1, 1, 1] output_padding [0, 0]
      : tensor<1x4x5x5xf32>, tensor<4x2x3x3xf32> -> tensor<1x2x11x11xf32>
  %j = nn.conv_transpose %u, %fh strides [2, 2] dilations [1, 1] pads [1, 0, 0, 0] output_padding [0, 0] {group = 2 : i64}
      : tensor<2x2x4x?xf32>, tensor<2x2x3x2xf32> -> tensor<2x4x8x?xf32>
  return %ar, %b, %c, %d, %e, %f, %g, %h, %i, %j : tensor<1x2x10x10xf32>, tensor<?x2x?x8xf32>, tensor<?x4x?x?xf32>,
      tensor<?x3x?xf32>, tensor<1x2x7x7xf32>, tensor<1x1x4x?x6xf32>, tensor<1x2x10x10xf32>, tensor<2x2x9x?xf32>,
      tensor<1x2x11x11xf32>, tensor<2x4x8x?xf32>
}
