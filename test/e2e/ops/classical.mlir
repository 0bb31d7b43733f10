// Compiled code against the reference, for several sizes of the free dimension.
// Tree 0 splits on feature 1, then on 0; tree 1 tracks NaN to its true side;
// tree 2 is a leaf.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 0
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=n=%{size} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy --output=g=@g.npy && \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=n=%{size} --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy --expected=g=@g.npy
// RUN: %{check}
// REDEFINE: %{size} = 1
// RUN: %{check}
// REDEFINE: %{size} = 40
// RUN: %{check}

func.func @main(%x: tensor<?x3xf32> {nn.name = "x", nn.dim_names = ["n", ""]},
                %s: tensor<?x9xi64> {nn.name = "s", nn.dim_names = ["n", ""]},
                %bands: tensor<i64> {nn.name = "bands"})
    -> (tensor<?x3xi64> {nn.name = "a"}, tensor<?x2xf32> {nn.name = "b"},
        tensor<?x2xf32> {nn.name = "c"}, tensor<?x2xf32> {nn.name = "d"},
        tensor<?x4xf32> {nn.name = "e"}, tensor<?x3xi64> {nn.name = "f"},
        tensor<?x?xf32> {nn.name = "g"}) attributes {nn.entry} {
  %nodes = nn.constant dense<[
    [0, 1, 1, 2, 0], [3, 0, 3, 4, 0], [6, 0, 1, 0, 0], [6, 1, 3, 0, 0],
    [6, 3, 3, 0, 0], [2, 2, 6, 7, 1], [6, 3, 4, 0, 0], [6, 4, 5, 0, 0],
    [6, 5, 7, 0, 0]]> : tensor<9x5xi64>
  %t = nn.constant dense<[0.1, -0.2, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0]> : tensor<9xf32>
  %r = nn.constant dense<[0, 5, 8]> : tensor<3xi64>
  %i = nn.constant dense<[0, 0, 1, 1, 0, 0, 0]> : tensor<7xi64>
  %w = nn.constant dense<[1.0, 2.0, -3.0, 4.5, 0.25, 7.0, 0.5]> : tensor<7xf32>
  %a = nn.tree_leaves %x, %nodes, %t, %r : tensor<?x3xf32>, tensor<9x5xi64>, tensor<9xf32>, tensor<3xi64> -> tensor<?x3xi64>
  %b = nn.tree_weights sum %a, %nodes, %i, %w targets 2 : tensor<?x3xi64>, tensor<9x5xi64>, tensor<7xi64>, tensor<7xf32> -> tensor<?x2xf32>
  %c = nn.tree_weights max %a, %nodes, %i, %w targets 2 : tensor<?x3xi64>, tensor<9x5xi64>, tensor<7xi64>, tensor<7xf32> -> tensor<?x2xf32>
  %d = nn.tree_weights min %a, %nodes, %i, %w targets 2 : tensor<?x3xi64>, tensor<9x5xi64>, tensor<7xi64>, tensor<7xf32> -> tensor<?x2xf32>
  %grams = nn.constant dense<[[1, 0, 0], [1, 0, 0], [0, 1, 1], [5, 0, 0]]> : tensor<4x3xi64>
  %lengths = nn.constant dense<[1, 2, 3, 1]> : tensor<4xi64>
  %e = nn.ngram_counts %s, %grams, %lengths max_skip 2 : tensor<?x9xi64>, tensor<4x3xi64>, tensor<4xi64> -> tensor<?x4xf32>
  // Not a number goes where the last column says.
  %zero = nn.constant dense<0.0> : tensor<f32>
  %nan = nn.div %zero, %zero : tensor<f32>, tensor<f32> -> tensor<f32>
  %y = nn.add %x, %nan : tensor<?x3xf32>, tensor<f32> -> tensor<?x3xf32>
  %f = nn.tree_leaves %y, %nodes, %t, %r : tensor<?x3xf32>, tensor<9x5xi64>, tensor<9xf32>, tensor<3xi64> -> tensor<?x3xi64>
  %eight = nn.constant dense<8> : tensor<i64>
  %many = nn.add %bands, %eight : tensor<i64>, tensor<i64> -> tensor<i64>
  %dft = nn.constant dense<63> : tensor<i64>
  %rate = nn.constant dense<8192> : tensor<i64>
  %low = nn.constant dense<0.0> : tensor<f32>
  %high = nn.constant dense<4096.0> : tensor<f32>
  %g = nn.mel_weight_matrix %many, %dft, %rate, %low, %high {element_type = f32}
    : tensor<i64>, tensor<i64>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x?xf32>
  return %a, %b, %c, %d, %e, %f, %g : tensor<?x3xi64>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x4xf32>, tensor<?x3xi64>, tensor<?x?xf32>
}
