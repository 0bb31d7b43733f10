// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @negative() {
  %s = nn.constant dense<[2, -1]> : tensor<2xi64>
  // expected-error @+2 {{expects dimensions of 0 or more, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.random_bits %s seed 0 stream 0 : tensor<2xi64> -> tensor<2x?xui32>
  return
}

// -----

func.func @rank(%s: tensor<1x2xi64>) {
  // expected-error @+2 {{expects a shape}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.random_bits %s seed 0 stream 0 : tensor<1x2xi64> -> tensor<?x?xui32>
  return
}

// -----

func.func @huge() {
  %s = nn.constant dense<9000000000000000000> : tensor<2xi64>
  // expected-error @+2 {{elements}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.random_bits %s seed 0 stream 0 : tensor<2xi64> -> tensor<?x?xui32>
  return
}
