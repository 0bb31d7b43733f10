// Axes that change places, turned around in registers: whole blocks, what
// remains of them, alone and in one loop with other elements, for vectors of
// this machine, of 256 and of 128 bits against the reference.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 0
// DEFINE: %{target} = host
// DEFINE: %{args} = m.mlir --random-seed=5 --dim=n=%{size}
// DEFINE: %{compiled} = nnc run %{args} --target=%{target} --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy --expected=g=@g.npy
// DEFINE: %{check} = nnc run %{args} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy --output=g=@g.npy && %{compiled}
// RUN: %{check}
// REDEFINE: %{size} = 1
// RUN: %{check}
// REDEFINE: %{size} = 7
// RUN: %{check}
// REDEFINE: %{size} = 16
// RUN: %{check}
// REDEFINE: %{size} = 131
// RUN: %{check}
// REDEFINE: %{target} = x86-64-v3
// RUN: %{compiled}
// REDEFINE: %{target} = x86-64
// RUN: %{compiled}

func.func @main(%x: tensor<?x37xf32> {nn.name = "x", nn.dim_names = ["n", ""]},
                %y: tensor<37x?xf32> {nn.name = "y", nn.dim_names = ["", "n"]},
                %bytes: tensor<3x?x33xi8> {nn.name = "bytes", nn.dim_names = ["", "n", ""]},
                %wide: tensor<?x5x19xf64> {nn.name = "wide", nn.dim_names = ["n", "", ""]},
                %half: tensor<2x21x?xf16> {nn.name = "half", nn.dim_names = ["", "", "n"]},
                %image: tensor<1x3x20x33xf32> {nn.name = "image"},
                %many: tensor<40x3x17x2xf32> {nn.name = "many"},
                %square: tensor<64x128xf32> {nn.name = "square"})
    -> (tensor<37x?xf32> {nn.name = "a"}, tensor<3x33x?xi8> {nn.name = "b"},
        tensor<19x5x?xf64> {nn.name = "c"}, tensor<?x21x2xf16> {nn.name = "d"},
        tensor<1x20x33x3xf32> {nn.name = "e"}, tensor<2x17x3x40xf32> {nn.name = "f"},
        tensor<128x64xf32> {nn.name = "g"}) attributes {nn.entry} {
  %turned = nn.transpose %x [1, 0] : tensor<?x37xf32> -> tensor<37x?xf32>
  %a = nn.add %turned, %y : tensor<37x?xf32>, tensor<37x?xf32> -> tensor<37x?xf32>
  %b = nn.transpose %bytes [0, 2, 1] : tensor<3x?x33xi8> -> tensor<3x33x?xi8>
  %c = nn.transpose %wide [2, 1, 0] : tensor<?x5x19xf64> -> tensor<19x5x?xf64>
  %d = nn.transpose %half [2, 1, 0] : tensor<2x21x?xf16> -> tensor<?x21x2xf16>
  %e = nn.transpose %image [0, 2, 3, 1] : tensor<1x3x20x33xf32> -> tensor<1x20x33x3xf32>
  %f = nn.transpose %many [3, 2, 1, 0] : tensor<40x3x17x2xf32> -> tensor<2x17x3x40xf32>
  %g = nn.transpose %square [1, 0] : tensor<64x128xf32> -> tensor<128x64xf32>
  return %a, %b, %c, %d, %e, %f, %g
    : tensor<37x?xf32>, tensor<3x33x?xi8>, tensor<19x5x?xf64>, tensor<?x21x2xf16>,
      tensor<1x20x33x3xf32>, tensor<2x17x3x40xf32>, tensor<128x64xf32>
}
