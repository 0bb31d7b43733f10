// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @lstm_all_operands
func.func @lstm_all_operands(%x: tensor<5x2x3xf32>, %w: tensor<2x16x3xf32>, %r: tensor<2x16x4xf32>, %b: tensor<2x32xf32>, %l: tensor<2xi32>, %h: tensor<2x2x4xf32>, %c: tensor<2x2x4xf32>, %p: tensor<2x12xf32>) -> tensor<5x2x2x4xf32> {
  // CHECK: nn.lstm bidirectional %{{.*}}, %{{.*}}, %{{.*}} bias %{{.*}} lengths %{{.*}} initial_h %{{.*}} initial_c %{{.*}} peepholes %{{.*}} {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>, #nn.activation<hard_sigmoid, 2.000000e-01 : f64, 5.000000e-01 : f64>, #nn.activation<elu, 1.000000e+00 : f64>, #nn.activation<softsign>], clip = 5.000000e-01 : f64, input_forget}
  %y, %yh, %yc = nn.lstm bidirectional %x, %w, %r bias %b lengths %l initial_h %h initial_c %c peepholes %p {clip = 0.5, input_forget, activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>, #nn.activation<hard_sigmoid, 0.2 : f64, 0.5 : f64>, #nn.activation<elu, 1.0 : f64>, #nn.activation<softsign>]} : (tensor<5x2x3xf32>, tensor<2x16x3xf32>, tensor<2x16x4xf32>, tensor<2x32xf32>, tensor<2xi32>, tensor<2x2x4xf32>, tensor<2x2x4xf32>, tensor<2x12xf32>) -> (tensor<5x2x2x4xf32>, tensor<2x2x4xf32>, tensor<2x2x4xf32>)
  return %y : tensor<5x2x2x4xf32>
}

// CHECK-LABEL: func @lstm_initial_c_alone
func.func @lstm_initial_c_alone(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %c: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  // CHECK: nn.lstm reverse %{{.*}}, %{{.*}}, %{{.*}} initial_c %{{.*}} {activations
  %y, %yh, %yc = nn.lstm reverse %x, %w, %r initial_c %c {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x2x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %yc : tensor<1x2x4xf32>
}

// CHECK-LABEL: func @gru
func.func @gru(%x: tensor<?x?x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>) -> tensor<?x1x?x4xf32> {
  // CHECK: nn.gru reverse %{{.*}}, %{{.*}}, %{{.*}} bias %{{.*}} {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>], linear_before_reset}
  %y, %h = nn.gru reverse %x, %w, %r bias %b {linear_before_reset, activations = [#nn.activation<sigmoid>, #nn.activation<tanh>]} : (tensor<?x?x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>) -> (tensor<?x1x?x4xf32>, tensor<1x?x4xf32>)
  return %y : tensor<?x1x?x4xf32>
}

// CHECK-LABEL: func @rnn
func.func @rnn(%x: tensor<5x2x3xf16>, %w: tensor<2x4x3xf16>, %r: tensor<2x4x4xf16>) -> tensor<2x2x4xf16> {
  // CHECK: nn.rnn bidirectional %{{.*}}, %{{.*}}, %{{.*}} {activations = [#nn.activation<leaky_relu, 1.000000e-01 : f64>, #nn.activation<relu>]}
  %y, %h = nn.rnn bidirectional %x, %w, %r {activations = [#nn.activation<leaky_relu, 0.1 : f64>, #nn.activation<relu>]} : (tensor<5x2x3xf16>, tensor<2x4x3xf16>, tensor<2x4x4xf16>) -> (tensor<5x2x2x4xf16>, tensor<2x2x4xf16>)
  return %h : tensor<2x2x4xf16>
}

// Inputs that have met their weights.
// CHECK-LABEL: func @projected
// CHECK: nn.lstm forward %arg0, %arg1 bias
// CHECK: nn.rnn reverse %arg3, %arg4 {
func.func @projected(%x: tensor<5x2x16xf32>, %r: tensor<1x4x16xf32>, %b: tensor<1x32xf32>, %u: tensor<5x2x4xf32>, %s: tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<5x1x2x4xf32>) {
  %y, %h, %c = nn.lstm forward %x, %r bias %b {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<5x2x16xf32>, tensor<1x4x16xf32>, tensor<1x32xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  %z, %k = nn.rnn reverse %u, %s {activations = [#nn.activation<tanh>]} : (tensor<5x2x4xf32>, tensor<1x4x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y, %z : tensor<5x1x2x4xf32>, tensor<5x1x2x4xf32>
}
