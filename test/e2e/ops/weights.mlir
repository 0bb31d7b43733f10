// Factors and layouts that fold into weights give what they gave beside them.
// The weights are seven floats between 0.25 and 3.3 in size, again and again.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// RUN: printf 'AB\0?CD@\277EF\200>GH ?IJ0\277KLp?MNP@%.0s' 1 2 3 4 5 6 7 8 > w.bin
// RUN: nnc run m.mlir --random-seed=3 --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy
// RUN: nnc run m.mlir --random-seed=3 --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy

func.func @main(%x: tensor<1x2x5x5xf32> {nn.name = "x"}, %r: tensor<4x3xf32> {nn.name = "r"})
    -> (tensor<1x3x5x5xf32> {nn.name = "a"}, tensor<1x2x5x5xf32> {nn.name = "b"},
        tensor<4x5xf32> {nn.name = "c"}, tensor<1x3x6x6xf32> {nn.name = "d"}) attributes {nn.entry} {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 216> : tensor<3x2x3x3xf32>
  %v = nn.weight "v" <"w.bin", offset = 4, length = 72> : tensor<2x1x3x3xf32>
  %m = nn.weight "m" <"w.bin", offset = 8, length = 60> : tensor<5x3xf32>
  %u = nn.weight "u" <"w.bin", offset = 12, length = 96> : tensor<2x3x2x2xf32>
  %b3 = nn.constant dense<[1.0, -2.0, 3.0]> : tensor<3xf32>
  %s3 = nn.constant dense<[[[0.5]], [[-1.5]], [[4.0]]]> : tensor<3x1x1xf32>
  %s2 = nn.constant dense<[[[0.25]], [[-3.0]]]> : tensor<2x1x1xf32>
  %s5 = nn.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
  %k = nn.constant dense<[3.0, 0.7, 0.1]> : tensor<3xf32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %0 = nn.mul %x, %s2 : tensor<1x2x5x5xf32>, tensor<2x1x1xf32> -> tensor<1x2x5x5xf32>
  %1 = nn.conv %0, %w, %b3 strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
    : tensor<1x2x5x5xf32>, tensor<3x2x3x3xf32>, tensor<3xf32> -> tensor<1x3x5x5xf32>
  %2 = nn.mul %1, %s3 : tensor<1x3x5x5xf32>, tensor<3x1x1xf32> -> tensor<1x3x5x5xf32>
  %3 = nn.add %2, %s3 : tensor<1x3x5x5xf32>, tensor<3x1x1xf32> -> tensor<1x3x5x5xf32>
  %4 = nn.div %x, %s2 : tensor<1x2x5x5xf32>, tensor<2x1x1xf32> -> tensor<1x2x5x5xf32>
  %5 = nn.conv %4, %v strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {group = 2 : i64}
    : tensor<1x2x5x5xf32>, tensor<2x1x3x3xf32> -> tensor<1x2x5x5xf32>
  %6 = nn.sub %5, %s2 : tensor<1x2x5x5xf32>, tensor<2x1x1xf32> -> tensor<1x2x5x5xf32>
  %7 = nn.div %6, %two : tensor<1x2x5x5xf32>, tensor<f32> -> tensor<1x2x5x5xf32>
  %8 = nn.transpose %m [1, 0] : tensor<5x3xf32> -> tensor<3x5xf32>
  %9 = nn.div %r, %k : tensor<4x3xf32>, tensor<3xf32> -> tensor<4x3xf32>
  %10 = nn.matmul %9, %8 : tensor<4x3xf32>, tensor<3x5xf32> -> tensor<4x5xf32>
  %11 = nn.add %10, %s5 : tensor<4x5xf32>, tensor<5xf32> -> tensor<4x5xf32>
  %12 = nn.mul %11, %s5 : tensor<4x5xf32>, tensor<5xf32> -> tensor<4x5xf32>
  %13 = nn.mul %x, %s2 : tensor<1x2x5x5xf32>, tensor<2x1x1xf32> -> tensor<1x2x5x5xf32>
  %14 = nn.conv_transpose %13, %u strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] output_padding [0, 0]
    : tensor<1x2x5x5xf32>, tensor<2x3x2x2xf32> -> tensor<1x3x6x6xf32>
  %15 = nn.div %14, %s3 : tensor<1x3x6x6xf32>, tensor<3x1x1xf32> -> tensor<1x3x6x6xf32>
  return %3, %7, %12, %15 : tensor<1x3x5x5xf32>, tensor<1x2x5x5xf32>, tensor<4x5xf32>, tensor<1x3x6x6xf32>
}
