// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @gather_axis(%x: tensor<3x4xf32>, %e: tensor<0x4xf32>, %i: tensor<2xi64>, %j: tensor<4x4xi64>, %k: tensor<3x2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an axis from 0 to 1, but got 2}}
  %0 = nn.gather %x, %i axis 2 : tensor<3x4xf32>, tensor<2xi64> -> tensor<3x2xf32>
  return
}

// -----

func.func @gather_empty(%x: tensor<3x4xf32>, %e: tensor<0x4xf32>, %i: tensor<2xi64>, %j: tensor<4x4xi64>, %k: tensor<3x2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects the gathered axis not to be empty}}
  %0 = nn.gather %e, %i axis 0 : tensor<0x4xf32>, tensor<2xi64> -> tensor<2x4xf32>
  return
}

// -----

func.func @elements_axis(%x: tensor<3x4xf32>, %e: tensor<0x4xf32>, %i: tensor<2xi64>, %j: tensor<4x4xi64>, %k: tensor<3x2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an axis from 0 to 1, but got -1}}
  %0 = nn.gather_elements %x, %k axis -1 : tensor<3x4xf32>, tensor<3x2xi64> -> tensor<3x2xf32>
  return
}

// -----

func.func @elements_rank(%x: tensor<3x4xf32>, %e: tensor<0x4xf32>, %i: tensor<2xi64>, %j: tensor<4x4xi64>, %k: tensor<3x2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects indices of rank 2, but got rank 1}}
  %0 = nn.gather_elements %x, %i axis 0 : tensor<3x4xf32>, tensor<2xi64> -> tensor<2xf32>
  return
}

// -----

func.func @elements_dimension(%x: tensor<3x4xf32>, %e: tensor<0x4xf32>, %i: tensor<2xi64>, %j: tensor<4x4xi64>, %k: tensor<3x2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects dimension 0 of the indices of at most 3, but got 4}}
  %0 = nn.gather_elements %x, %j axis 1 : tensor<3x4xf32>, tensor<4x4xi64> -> tensor<4x4xf32>
  return
}

// -----

func.func @elements_empty(%x: tensor<3x4xf32>, %e: tensor<0x4xf32>, %i: tensor<2xi64>, %j: tensor<4x4xi64>, %k: tensor<3x2xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects the indexed axis not to be empty}}
  %0 = nn.gather_elements %e, %k axis 0 : tensor<0x4xf32>, tensor<3x2xi64> -> tensor<3x2xf32>
  return
}

// -----

func.func @nd_length(%x: tensor<3x4xf32>, %s: tensor<f32>, %e: tensor<0x4xf32>, %i: tensor<?x?xi64>, %j: tensor<2x3xi64>, %k: tensor<2x1xi64>, %z: tensor<2x0xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an input of rank 1 or more and indices whose last dimension is fixed}}
  %0 = nn.gather_nd %x, %i batch_dims 0 : tensor<3x4xf32>, tensor<?x?xi64> -> tensor<?xf32>
  return
}

// -----

func.func @nd_rank_0(%x: tensor<3x4xf32>, %s: tensor<f32>, %e: tensor<0x4xf32>, %i: tensor<?x?xi64>, %j: tensor<2x3xi64>, %k: tensor<2x1xi64>, %z: tensor<2x0xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an input of rank 1 or more and indices whose last dimension is fixed}}
  %0 = nn.gather_nd %s, %k batch_dims 0 : tensor<f32>, tensor<2x1xi64> -> tensor<?xf32>
  return
}

// -----

func.func @nd_batch(%x: tensor<3x4xf32>, %s: tensor<f32>, %e: tensor<0x4xf32>, %i: tensor<?x?xi64>, %j: tensor<2x3xi64>, %k: tensor<2x1xi64>, %z: tensor<2x0xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects batch dimensions from 0 to 1, but got 2}}
  %0 = nn.gather_nd %x, %k batch_dims 2 : tensor<3x4xf32>, tensor<2x1xi64> -> tensor<?xf32>
  return
}

// -----

func.func @nd_batch_sizes(%x: tensor<3x4xf32>, %s: tensor<f32>, %e: tensor<0x4xf32>, %i: tensor<?x?xi64>, %j: tensor<2x3xi64>, %k: tensor<2x1xi64>, %z: tensor<2x0xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{batch dimensions 0 must be equal, but are 3 and 2}}
  %0 = nn.gather_nd %x, %k batch_dims 1 : tensor<3x4xf32>, tensor<2x1xi64> -> tensor<2xf32>
  return
}

// -----

func.func @nd_tuples(%x: tensor<3x4xf32>, %s: tensor<f32>, %e: tensor<0x4xf32>, %i: tensor<?x?xi64>, %j: tensor<2x3xi64>, %k: tensor<2x1xi64>, %z: tensor<2x0xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects tuples of 1 to 2 indices, but got 3}}
  %0 = nn.gather_nd %x, %j batch_dims 0 : tensor<3x4xf32>, tensor<2x3xi64> -> tensor<2xf32>
  return
}

// -----

func.func @nd_no_tuples(%x: tensor<3x4xf32>, %s: tensor<f32>, %e: tensor<0x4xf32>, %i: tensor<?x?xi64>, %j: tensor<2x3xi64>, %k: tensor<2x1xi64>, %z: tensor<2x0xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects tuples of 1 to 2 indices, but got 0}}
  %0 = nn.gather_nd %x, %z batch_dims 0 : tensor<3x4xf32>, tensor<2x0xi64> -> tensor<2xf32>
  return
}

// -----

func.func @nd_empty(%x: tensor<3x4xf32>, %s: tensor<f32>, %e: tensor<0x4xf32>, %i: tensor<?x?xi64>, %j: tensor<2x3xi64>, %k: tensor<2x1xi64>, %z: tensor<2x0xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects the indexed axes not to be empty}}
  %0 = nn.gather_nd %e, %k batch_dims 0 : tensor<0x4xf32>, tensor<2x1xi64> -> tensor<2x4xf32>
  return
}

// -----

func.func @scatter_type(%x: tensor<3x4xf32>, %b: tensor<3x4xi1>, %i: tensor<3x2xi64>, %u: tensor<3x2xf64>, %c: tensor<3x2xi1>, %v: tensor<3xf32>, %w: tensor<3x1xf32>, %t: tensor<2x1xi64>, %y: tensor<2x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects updates of the input's element type}}
  %0 = nn.scatter_elements none %x, %i, %u axis 1 : tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf64> -> tensor<3x4xf32>
  return
}

// -----

func.func @scatter_bool(%x: tensor<3x4xf32>, %b: tensor<3x4xi1>, %i: tensor<3x2xi64>, %u: tensor<3x2xf64>, %c: tensor<3x2xi1>, %v: tensor<3xf32>, %w: tensor<3x1xf32>, %t: tensor<2x1xi64>, %y: tensor<2x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects numbers for reduction add, but got bool}}
  %0 = nn.scatter_elements add %b, %i, %c axis 1 : tensor<3x4xi1>, tensor<3x2xi64>, tensor<3x2xi1> -> tensor<3x4xi1>
  return
}

// -----

func.func @scatter_rank(%x: tensor<3x4xf32>, %b: tensor<3x4xi1>, %i: tensor<3x2xi64>, %u: tensor<3x2xf64>, %c: tensor<3x2xi1>, %v: tensor<3xf32>, %w: tensor<3x1xf32>, %t: tensor<2x1xi64>, %y: tensor<2x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects updates of rank 2, but got rank 1}}
  %0 = nn.scatter_elements none %x, %i, %v axis 1 : tensor<3x4xf32>, tensor<3x2xi64>, tensor<3xf32> -> tensor<3x4xf32>
  return
}

// -----

func.func @scatter_dimension(%x: tensor<3x4xf32>, %b: tensor<3x4xi1>, %i: tensor<3x2xi64>, %u: tensor<3x2xf64>, %c: tensor<3x2xi1>, %v: tensor<3xf32>, %w: tensor<3x1xf32>, %t: tensor<2x1xi64>, %y: tensor<2x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{dimensions 1 of updates and what they update must be equal, but are 1 and 2}}
  %0 = nn.scatter_elements none %x, %i, %w axis 1 : tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x1xf32> -> tensor<3x4xf32>
  return
}

// -----

func.func @scatter_nd_dimension(%x: tensor<3x4xf32>, %b: tensor<3x4xi1>, %i: tensor<3x2xi64>, %u: tensor<3x2xf64>, %c: tensor<3x2xi1>, %v: tensor<3xf32>, %w: tensor<3x1xf32>, %t: tensor<2x1xi64>, %y: tensor<2x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{dimensions 1 of updates and what they update must be equal, but are 3 and 4}}
  %0 = nn.scatter_nd none %x, %t, %y : tensor<3x4xf32>, tensor<2x1xi64>, tensor<2x3xf32> -> tensor<3x4xf32>
  return
}
