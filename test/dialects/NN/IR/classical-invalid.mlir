// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @table(%x: tensor<4x2xf32>, %n: tensor<3x4xi64>, %t: tensor<3xf32>, %r: tensor<1xi64>) {
  // expected-error @+2 {{the numbers of a node}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.tree_leaves %x, %n, %t, %r : tensor<4x2xf32>, tensor<3x4xi64>, tensor<3xf32>, tensor<1xi64> -> tensor<4x1xi64>
  return
}

// -----

func.func @thresholds(%x: tensor<4x2xf32>, %n: tensor<3x5xi64>, %t: tensor<2xf32>, %r: tensor<1xi64>) {
  // expected-error @+2 {{the numbers of thresholds and of nodes}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.tree_leaves %x, %n, %t, %r : tensor<4x2xf32>, tensor<3x5xi64>, tensor<2xf32>, tensor<1xi64> -> tensor<4x1xi64>
  return
}

// -----

func.func @threshold_type(%x: tensor<4x2xf32>, %n: tensor<3x5xi64>, %t: tensor<3xf64>, %r: tensor<1xi64>) {
  // expected-error @+2 {{expects thresholds of the input's element type}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.tree_leaves %x, %n, %t, %r : tensor<4x2xf32>, tensor<3x5xi64>, tensor<3xf64>, tensor<1xi64> -> tensor<4x1xi64>
  return
}

// -----

func.func @no_features(%x: tensor<4x0xf32>, %n: tensor<3x5xi64>, %t: tensor<3xf32>, %r: tensor<1xi64>) {
  // expected-error @+2 {{the axis of features}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.tree_leaves %x, %n, %t, %r : tensor<4x0xf32>, tensor<3x5xi64>, tensor<3xf32>, tensor<1xi64> -> tensor<4x1xi64>
  return
}

// -----

func.func @kind(%l: tensor<4x1xi64>, %n: tensor<3x5xi64>, %i: tensor<2xi64>, %w: tensor<2xf32>) {
  // expected-error @+2 {{expects kind sum, max or min, but got prod}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.tree_weights prod %l, %n, %i, %w targets 2 : tensor<4x1xi64>, tensor<3x5xi64>, tensor<2xi64>, tensor<2xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @targets(%l: tensor<4x1xi64>, %n: tensor<3x5xi64>, %i: tensor<2xi64>, %w: tensor<2xf32>) {
  // expected-error @+2 {{expects 1 or more targets, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.tree_weights sum %l, %n, %i, %w targets 0 : tensor<4x1xi64>, tensor<3x5xi64>, tensor<2xi64>, tensor<2xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @skip(%x: tensor<2x6xi64>, %g: tensor<3x2xi64>, %l: tensor<3xi64>) {
  // expected-error @+2 {{expects a largest skip of 0 or more, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.ngram_counts %x, %g, %l max_skip -1 : tensor<2x6xi64>, tensor<3x2xi64>, tensor<3xi64> -> tensor<2x3xf32>
  return
}

// -----

func.func @sequence(%x: tensor<1x2x6xi64>, %g: tensor<3x2xi64>, %l: tensor<3xi64>) {
  // expected-error @+2 {{expects an input of rank 1 or 2, but got 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.ngram_counts %x, %g, %l max_skip 0 : tensor<1x2x6xi64>, tensor<3x2xi64>, tensor<3xi64> -> tensor<1x2x3xf32>
  return
}

// -----

func.func @bands(%d: tensor<i64>, %r: tensor<i64>, %e: tensor<f32>) {
  %b = nn.constant dense<0> : tensor<i64>
  // expected-error @+2 {{expects bands of at least 1, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.mel_weight_matrix %b, %d, %r, %e, %e {element_type = f32} : tensor<i64>, tensor<i64>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x?xf32>
  return
}

// -----

func.func @zero_point(%x: tensor<4xf32>, %s: tensor<f32>, %z: tensor<f8E5M2>) {
  // expected-error @+2 {{expects no zero point with floats}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.quantize %x, %s zero_point %z to f8E5M2 : (tensor<4xf32>, tensor<f32>, tensor<f8E5M2>) -> tensor<4xf8E5M2>
  return
}

// -----

func.func @computed(%x: tensor<4xf8E5M2>) {
  // expected-error @+1 {{operand #0 must be}}
  %0 = nn.relu %x : tensor<4xf8E5M2> -> tensor<4xf8E5M2>
  return
}
