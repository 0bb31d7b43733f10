func.func @main(%x: tensor<1x16x12x12xf32> {nn.name = "x"}, %y: tensor<40x48xf32> {nn.name = "y"},
                %z: tensor<?x48xf32> {nn.name = "z", nn.dim_names = ["n", ""]})
    -> (tensor<1x24x12x12xf32> {nn.name = "a"}, tensor<40x56xf32> {nn.name = "b"},
        tensor<?x56xf32> {nn.name = "c"}) attributes {nn.entry} {
  %w = nn.constant dense<0.5> : tensor<24x16x3x3xf32>
  %m = nn.constant dense<0.25> : tensor<48x56xf32>
  %a = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
    : tensor<1x16x12x12xf32>, tensor<24x16x3x3xf32> -> tensor<1x24x12x12xf32>
  %b = nn.matmul %y, %m : tensor<40x48xf32>, tensor<48x56xf32> -> tensor<40x56xf32>
  %c = nn.matmul %z, %m : tensor<?x48xf32>, tensor<48x56xf32> -> tensor<?x56xf32>
  return %a, %b, %c : tensor<1x24x12x12xf32>, tensor<40x56xf32>, tensor<?x56xf32>
}
