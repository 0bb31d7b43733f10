// RUN: nnc-opt %s -canonicalize | FileCheck %s

// One step with all gates' inputs 0 but the cell's: c = 0.5 tanh(1).
// CHECK-LABEL: func @lstm_step
func.func @lstm_step() -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>) {
  %x = nn.constant dense<1.0> : tensor<1x1x1xf32>
  %w = nn.constant dense<[[[0.0], [0.0], [0.0], [1.0]]]> : tensor<1x4x1xf32>
  %r = nn.constant dense<0.0> : tensor<1x4x1xf32>
  // CHECK-DAG: nn.constant dense<0.18169{{.*}}>
  // CHECK-DAG: nn.constant dense<0.38079{{.*}}>
  // CHECK-NOT: nn.lstm
  %y, %h, %c = nn.lstm forward %x, %w, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<1x1x1xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>)
  return %y, %c : tensor<1x1x1x1xf32>, tensor<1x1x1xf32>
}

// The reset gate is its bias, 3: the state's part is 3 * (2 * 1 + 1) with the
// bias inside, 2 * (3 * 1) + 1 with it outside; the update gate is 0.
// CHECK-LABEL: func @gru_reset
func.func @gru_reset() -> (tensor<1x1x1xf32>, tensor<1x1x1xf32>) {
  %x = nn.constant dense<0.0> : tensor<1x1x1xf32>
  %w = nn.constant dense<0.0> : tensor<1x3x1xf32>
  %r = nn.constant dense<[[[0.0], [0.0], [2.0]]]> : tensor<1x3x1xf32>
  %b = nn.constant dense<[[0.0, 3.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<1x6xf32>
  %h = nn.constant dense<1.0> : tensor<1x1x1xf32>
  // CHECK-DAG: nn.constant dense<9.000000e+00>
  // CHECK-DAG: nn.constant dense<7.000000e+00>
  %y0, %before = nn.gru forward %x, %w, %r bias %b initial_h %h {linear_before_reset, activations = [#nn.activation<relu>, #nn.activation<relu>]} : (tensor<1x1x1xf32>, tensor<1x3x1xf32>, tensor<1x3x1xf32>, tensor<1x6xf32>, tensor<1x1x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>)
  %y1, %after = nn.gru forward %x, %w, %r bias %b initial_h %h {activations = [#nn.activation<relu>, #nn.activation<relu>]} : (tensor<1x1x1xf32>, tensor<1x3x1xf32>, tensor<1x3x1xf32>, tensor<1x6xf32>, tensor<1x1x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>)
  return %before, %after : tensor<1x1x1xf32>, tensor<1x1x1xf32>
}

// h' = x + 2 h over 1, 10, 100: forward [1, 12, 124]; reverse of the first two
// alone (length 2): [21, 10, 0].
// CHECK-LABEL: func @rnn_lengths
func.func @rnn_lengths() -> (tensor<3x1x1x1xf32>, tensor<3x1x1x1xf32>, tensor<1x1x1xf32>) {
  %x = nn.constant dense<[[[1.0]], [[10.0]], [[100.0]]]> : tensor<3x1x1xf32>
  %w = nn.constant dense<1.0> : tensor<1x1x1xf32>
  %r = nn.constant dense<2.0> : tensor<1x1x1xf32>
  %l = nn.constant dense<2> : tensor<1xi32>
  // CHECK-DAG: dense<{{\[\[\[\[}}1.000000e+00]]], {{\[\[\[}}1.200000e+01]]], {{\[\[\[}}1.240000e+02]]]]>
  // CHECK-DAG: dense<{{\[\[\[\[}}2.100000e+01]]], {{\[\[\[}}1.000000e+01]]], {{\[\[\[}}0.000000e+00]]]]>
  // CHECK-DAG: dense<2.100000e+01> : tensor<1x1x1xf32>
  %y0, %h0 = nn.rnn forward %x, %w, %r {activations = [#nn.activation<relu>]} : (tensor<3x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>) -> (tensor<3x1x1x1xf32>, tensor<1x1x1xf32>)
  %y1, %h1 = nn.rnn reverse %x, %w, %r lengths %l {activations = [#nn.activation<relu>]} : (tensor<3x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>, tensor<1xi32>) -> (tensor<3x1x1x1xf32>, tensor<1x1x1xf32>)
  return %y0, %y1, %h1 : tensor<3x1x1x1xf32>, tensor<3x1x1x1xf32>, tensor<1x1x1xf32>
}

// The gates' inputs as they are: h' = x + 2 h, over 1, 10 and 100 as above.
// CHECK-LABEL: func @rnn_projected
func.func @rnn_projected() -> tensor<3x1x1x1xf32> {
  %x = nn.constant dense<[[[1.0]], [[10.0]], [[100.0]]]> : tensor<3x1x1xf32>
  %r = nn.constant dense<2.0> : tensor<1x1x1xf32>
  // CHECK: dense<{{\[\[\[\[}}1.000000e+00]]], {{\[\[\[}}1.200000e+01]]], {{\[\[\[}}1.240000e+02]]]]>
  // CHECK-NOT: nn.rnn
  %y, %h = nn.rnn forward %x, %r {activations = [#nn.activation<relu>]} : (tensor<3x1x1xf32>, tensor<1x1x1xf32>) -> (tensor<3x1x1x1xf32>, tensor<1x1x1xf32>)
  return %y : tensor<3x1x1x1xf32>
}

// Its state's weights are column by gate: z, r, h get 0, 0 and 1 + 2 h.
// CHECK-LABEL: func @gru_projected
func.func @gru_projected() -> tensor<1x1x1xf32> {
  %x = nn.constant dense<[[[0.0, 1.0, 1.0]]]> : tensor<1x1x3xf32>
  %r = nn.constant dense<[[[0.0, 0.0, 2.0]]]> : tensor<1x1x3xf32>
  %h = nn.constant dense<1.0> : tensor<1x1x1xf32>
  // CHECK: nn.constant dense<3.000000e+00>
  %y, %k = nn.gru forward %x, %r initial_h %h {activations = [#nn.activation<relu>, #nn.activation<relu>]} : (tensor<1x1x3xf32>, tensor<1x1x3xf32>, tensor<1x1x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>)
  return %k : tensor<1x1x1xf32>
}
