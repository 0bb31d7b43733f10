// RUN: nnc-opt %s -verify-diagnostics -nnc-outline-kernels

func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> attributes {nn.entry} {
  // expected-error@+1 {{expects storage to be assigned}}
  %0 = nn.kernel "a" order 0 (%a = %x) : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}
