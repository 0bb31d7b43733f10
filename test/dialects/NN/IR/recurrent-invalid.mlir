// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @activations(%x: tensor<5x2x3xf32>, %w: tensor<2x4x3xf32>, %r: tensor<2x4x4xf32>) {
  // expected-error@+2 {{expects 2 activations, but got 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = nn.rnn bidirectional %x, %w, %r {activations = [#nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<2x4x3xf32>, tensor<2x4x4xf32>) -> (tensor<5x2x2x4xf32>, tensor<2x2x4xf32>)
  return
}

// -----

func.func @clip(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error@+2 {{expects a clip above 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = nn.rnn forward %x, %w, %r {clip = 0.0, activations = [#nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @rank(%x: tensor<5x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>) {
  // expected-error@+2 {{expects 'x' of rank 3, but got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = nn.rnn forward %x, %w, %r {activations = [#nn.activation<tanh>]} : (tensor<5x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @rank_of_bias(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>, %b: tensor<8xf32>) {
  // expected-error@+2 {{expects 'bias' of rank 2, but got 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = nn.rnn forward %x, %w, %r bias %b {activations = [#nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<8xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @element_type(%x: tensor<5x2x3xf32>, %w: tensor<1x4x3xf64>, %r: tensor<1x4x4xf32>) {
  // expected-error@+2 {{expects 'w' of the element type of 'x'}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = nn.rnn forward %x, %w, %r {activations = [#nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x4x3xf64>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @gates(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x16x4xf32>) {
  // expected-error@+2 {{dimension 1 of 'w' and what the other operands ask for must be equal, but are 12 and 16}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h, %c = nn.lstm forward %x, %w, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x16x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @lengths(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %l: tensor<5xi32>) {
  // expected-error@+2 {{dimension 0 of 'lengths' and what the other operands ask for must be equal, but are 5 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = nn.gru forward %x, %w, %r lengths %l {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<5xi32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

func.func @peepholes(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %p: tensor<1x4xf32>) {
  // expected-error@+2 {{dimension 1 of 'peepholes' and what the other operands ask for must be equal, but are 4 and 12}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h, %c = nn.lstm forward %x, %w, %r peepholes %p {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return
}

// -----

// expected-error@+2 {{expected ::mlir::nnc::nn::ActivationKind to be one of}}
// expected-error@+1 {{failed to parse NN_ActivationAttr parameter 'kind'}}
func.func private @unknown_activation() attributes {a = #nn.activation<maxout>}

// -----

func.func @projected_gates(%x: tensor<5x2x15xf32>, %r: tensor<1x4x16xf32>) {
  // expected-error@+2 {{dimension 2 of 'x' and the gates of a layer without 'w' must be equal, but are 15 and 16}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h, %c = nn.lstm forward %x, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<5x2x15xf32>, tensor<1x4x16xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return
}
