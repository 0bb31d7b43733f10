// RUN: nnc-opt %s -convert-nn-to-linalg -split-input-file -verify-diagnostics

func.func @conv_unknown_channels(%x: tensor<1x4x8xf32>, %w: tensor<?x2x1xf32>) -> tensor<1x?x8xf32> {
  // expected-error @+2 {{expects a filter of known channels where group is above 1, but got 'tensor<?x2x1xf32>'}}
  // expected-error @+1 {{failed to legalize operation 'nn.conv'}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {group = 2 : i64}
    : tensor<1x4x8xf32>, tensor<?x2x1xf32> -> tensor<1x?x8xf32>
  return %0 : tensor<1x?x8xf32>
}
