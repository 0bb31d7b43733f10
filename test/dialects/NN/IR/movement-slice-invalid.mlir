// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @slice_steps(%x: tensor<4x4xf32>, %s: tensor<1xi64>, %s2: tensor<2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects 1 steps, but got 2}}
  %0 = nn.slice %x, %s, %s axes [0] steps [1, 1] : tensor<4x4xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_starts(%x: tensor<4x4xf32>, %s: tensor<1xi64>, %s2: tensor<2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects 1 starts, but got 2}}
  %0 = nn.slice %x, %s2, %s axes [0] steps [1] : tensor<4x4xf32>, tensor<2xi64>, tensor<1xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_ends(%x: tensor<4x4xf32>, %s: tensor<1xi64>, %s2: tensor<2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects 1 ends, but got 2}}
  %0 = nn.slice %x, %s, %s2 axes [0] steps [1] : tensor<4x4xf32>, tensor<1xi64>, tensor<2xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_axis(%x: tensor<4x4xf32>, %s: tensor<1xi64>, %s2: tensor<2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an axis from 0 to 1, but got 2}}
  %0 = nn.slice %x, %s, %s axes [2] steps [1] : tensor<4x4xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_axis_twice(%x: tensor<4x4xf32>, %s: tensor<1xi64>, %s2: tensor<2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{names axis 1 twice}}
  %0 = nn.slice %x, %s2, %s2 axes [1, 1] steps [1, 1] : tensor<4x4xf32>, tensor<2xi64>, tensor<2xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_step_0(%x: tensor<4x4xf32>, %s: tensor<1xi64>, %s2: tensor<2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects steps that are not 0}}
  %0 = nn.slice %x, %s, %s axes [0] steps [0] : tensor<4x4xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @concat_nothing() {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects at least one operand}}
  %0 = "nn.concat"() {axis = 0} : () -> tensor<2xf32>
  return
}

// -----

func.func @concat_axis(%a: tensor<2x3xf32>, %b: tensor<2x3xi32>, %c: tensor<2xf32>, %d: tensor<4x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an axis from 0 to 1, but got 2}}
  %0 = nn.concat %a axis 2 : tensor<2x3xf32> -> tensor<?x?xf32>
  return
}

// -----

func.func @concat_negative_axis(%a: tensor<2x3xf32>, %b: tensor<2x3xi32>, %c: tensor<2xf32>, %d: tensor<4x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an axis from 0 to 1, but got -1}}
  %0 = nn.concat %a axis -1 : tensor<2x3xf32> -> tensor<?x?xf32>
  return
}

// -----

func.func @concat_type(%a: tensor<2x3xf32>, %b: tensor<2x3xi32>, %c: tensor<2xf32>, %d: tensor<4x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects operands of one element type}}
  %0 = nn.concat %a, %b axis 0 : tensor<2x3xf32>, tensor<2x3xi32> -> tensor<?x?xf32>
  return
}

// -----

func.func @concat_rank(%a: tensor<2x3xf32>, %b: tensor<2x3xi32>, %c: tensor<2xf32>, %d: tensor<4x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects operands of one rank, but got 2 and 1}}
  %0 = nn.concat %a, %c axis 0 : tensor<2x3xf32>, tensor<2xf32> -> tensor<?x?xf32>
  return
}

// -----

func.func @concat_dimension(%a: tensor<2x3xf32>, %b: tensor<2x3xi32>, %c: tensor<2xf32>, %d: tensor<4x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{dimensions 0 of joined tensors must be equal, but are 2 and 4}}
  %0 = nn.concat %a, %d axis 1 : tensor<2x3xf32>, tensor<4x3xf32> -> tensor<?x?xf32>
  return
}
