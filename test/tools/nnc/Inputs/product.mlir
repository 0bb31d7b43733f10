func.func @main(%x: tensor<?x2xf32> {nn.name = "x"}) -> (tensor<?x3xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.constant dense<[[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]> : tensor<2x3xf32>
  %0 = nn.matmul %x, %w : tensor<?x2xf32>, tensor<2x3xf32> -> tensor<?x3xf32> loc("product")
  %1 = nn.relu %0 : tensor<?x3xf32> -> tensor<?x3xf32> loc("relu")
  return %1 : tensor<?x3xf32>
}
