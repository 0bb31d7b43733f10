// Lengths of two sequences.
func.func @main() -> (tensor<2xi32> {nn.name = "l"}) attributes {nn.entry} {
  %0 = nn.constant dense<[2, 1]> : tensor<2xi32>
  return %0 : tensor<2xi32>
}
