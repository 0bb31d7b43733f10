// Compiled code against the reference, for several sizes of the free dimension.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 0
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir --random-seed=3 --random-dim=n=%{size} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy --output=g=@g.npy && \
// DEFINE:   nnc run m.mlir --random-seed=3 --random-dim=n=%{size} --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy --expected=g=@g.npy
// RUN: %{check}
// REDEFINE: %{size} = 1
// RUN: %{check}
// REDEFINE: %{size} = 17
// RUN: %{check}

func.func @main(%h: tensor<?x5x3xf16> {nn.name = "h", nn.dim_names = ["n", "", ""]},
                %i: tensor<?x7xi32> {nn.name = "i", nn.dim_names = ["n", ""]},
                %u: tensor<?x7xui8> {nn.name = "u", nn.dim_names = ["n", ""]})
    -> (tensor<5x3xf16> {nn.name = "a"}, tensor<?x5x3xf16> {nn.name = "b"},
        tensor<?x5x3xf16> {nn.name = "c"}, tensor<?x5xf16> {nn.name = "d"},
        tensor<?xi64> {nn.name = "e"}, tensor<?x7xi32> {nn.name = "f"},
        tensor<7xui8> {nn.name = "g"}) attributes {nn.entry} {
  %a = nn.reduce mean %h [0] : tensor<?x5x3xf16> -> tensor<5x3xf16>
  %b = nn.softmax soft %h axis 1 : tensor<?x5x3xf16> -> tensor<?x5x3xf16>
  %c = nn.normalize %h [0, 2] epsilon 1.0e-3 : tensor<?x5x3xf16> -> tensor<?x5x3xf16>
  %d = nn.reduce log_sum_exp %h [2] : tensor<?x5x3xf16> -> tensor<?x5xf16>
  %e = nn.arg_reduce max %u axis 1 select_last : tensor<?x7xui8> -> tensor<?xi64>
  %f = nn.cumsum %i axis 0 exclusive reverse : tensor<?x7xi32> -> tensor<?x7xi32>
  %g = nn.reduce min %u [0] : tensor<?x7xui8> -> tensor<7xui8>
  return %a, %b, %c, %d, %e, %f, %g : tensor<5x3xf16>, tensor<?x5x3xf16>, tensor<?x5x3xf16>, tensor<?x5xf16>, tensor<?xi64>, tensor<?x7xi32>, tensor<7xui8>
}
