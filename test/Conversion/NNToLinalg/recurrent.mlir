// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// One loop over time, two products a step, y written in place.
// CHECK-LABEL: func @lstm
// CHECK: scf.for %{{.*}} iter_args(%{{.*}}, %{{.*}}, %[[Y:.*]] =
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction"]
// CHECK-NOT: scf.for
// CHECK: tensor.insert_slice %{{.*}} into %[[Y]]
// CHECK: scf.yield
// CHECK-NOT: scf.for
func.func @lstm(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>) -> tensor<5x1x2x4xf32> {
  %y, %h, %c = nn.lstm forward %x, %w, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<5x1x2x4xf32>
}

// Time runs down; what is behind the end keeps the state and writes zero.
// CHECK-LABEL: func @rnn_reverse_lengths
// CHECK: scf.for %[[STEP:.*]] = %{{.*}} to %[[STEPS:[^ ]*]]
// CHECK: %[[LAST:.*]] = arith.subi %[[STEPS]]
// CHECK: %[[T:.*]] = arith.subi %[[LAST]], %[[STEP]]
// CHECK: %[[RUNS:.*]] = arith.cmpi slt, %[[T]]
// CHECK: arith.select %[[RUNS]]
// CHECK: arith.select %[[RUNS]]
func.func @rnn_reverse_lengths(%x: tensor<?x2x3xf32>, %w: tensor<1x4x3xf32>, %r: tensor<1x4x4xf32>, %l: tensor<2xi32>) -> tensor<?x1x2x4xf32> {
  %y, %h = nn.rnn reverse %x, %w, %r lengths %l {activations = [#nn.activation<tanh>]} : (tensor<?x2x3xf32>, tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<2xi32>) -> (tensor<?x1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<?x1x2x4xf32>
}

// 16-bit floats are computed in f32.
// CHECK-LABEL: func @gru_f16
// CHECK: iter_args(%{{.*}}) -> (tensor<2x4xf32>, tensor<5x2x2x4xf16>)
// CHECK: iter_args(%{{.*}}) -> (tensor<2x4xf32>, tensor<5x2x2x4xf16>)
func.func @gru_f16(%x: tensor<5x2x3xf16>, %w: tensor<2x12x3xf16>, %r: tensor<2x12x4xf16>) -> tensor<2x2x4xf16> {
  %y, %h = nn.gru bidirectional %x, %w, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<sigmoid>, #nn.activation<tanh>]} : (tensor<5x2x3xf16>, tensor<2x12x3xf16>, tensor<2x12x4xf16>) -> (tensor<5x2x2x4xf16>, tensor<2x2x4xf16>)
  return %h : tensor<2x2x4xf16>
}

// CHECK-LABEL: func @gru_without_steps
// CHECK-NOT: scf.for
func.func @gru_without_steps(%x: tensor<0x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>) -> tensor<1x2x4xf32> {
  %y, %h = nn.gru forward %x, %w, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>]} : (tensor<0x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>) -> (tensor<0x1x2x4xf32>, tensor<1x2x4xf32>)
  return %h : tensor<1x2x4xf32>
}

// CHECK-LABEL: func @rnn_without_inputs
// CHECK-COUNT-1: "reduction"
// CHECK-NOT: "reduction"
func.func @rnn_without_inputs(%x: tensor<2x2x0xf32>, %w: tensor<1x4x0xf32>, %r: tensor<1x4x4xf32>) -> tensor<1x2x4xf32> {
  %y, %h = nn.rnn forward %x, %w, %r {activations = [#nn.activation<tanh>]} : (tensor<2x2x0xf32>, tensor<1x4x0xf32>, tensor<1x4x4xf32>) -> (tensor<2x1x2x4xf32>, tensor<1x2x4xf32>)
  return %h : tensor<1x2x4xf32>
}

// CHECK-LABEL: func @lstm_without_batch
// CHECK-NOT: tensor.extract_slice
// CHECK: return
func.func @lstm_without_batch(%x: tensor<2x0x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %h: tensor<1x0x4xf32>) -> tensor<1x0x4xf32> {
  %y, %yh, %yc = nn.lstm forward %x, %w, %r initial_h %h {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<2x0x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x0x4xf32>) -> (tensor<2x1x0x4xf32>, tensor<1x0x4xf32>, tensor<1x0x4xf32>)
  return %yh : tensor<1x0x4xf32>
}

// One product a step, with weights row by row of the state.
// CHECK-LABEL: func @lstm_projected
// CHECK: scf.for
// CHECK-COUNT-1: "reduction"
// CHECK-NOT: "reduction"
func.func @lstm_projected(%x: tensor<5x2x16xf32>, %r: tensor<1x4x16xf32>) -> tensor<5x1x2x4xf32> {
  %y, %h, %c = nn.lstm forward %x, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<5x2x16xf32>, tensor<1x4x16xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %y : tensor<5x1x2x4xf32>
}
