func.func @main(%x: tensor<4x8xf32> {nn.name = "x"}) -> (tensor<4x3xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.constant dense<1.25e-1> : tensor<8x3xf32>
  %0 = nn.matmul %x, %w : tensor<4x8xf32>, tensor<8x3xf32> -> tensor<4x3xf32>
  %1 = nn.relu %0 : tensor<4x3xf32> -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}
