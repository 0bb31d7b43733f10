// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @reshape_shape_rank(%x: tensor<4xf32>, %s: tensor<i64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a shape of rank 1 and fixed length}}
  %0 = nn.reshape %x, %s : tensor<4xf32>, tensor<i64> -> tensor<4xf32>
  return
}

// -----

func.func @reshape_copies_nothing(%x: tensor<4xf32>) {
  %s = nn.constant dense<[4, 0]> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{copies dimension 1, but the input has rank 1}}
  %0 = nn.reshape %x, %s : tensor<4xf32>, tensor<2xi64> -> tensor<4x1xf32>
  return
}

// -----

func.func @reshape_negative(%x: tensor<4xf32>) {
  %s = nn.constant dense<-2> : tensor<1xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects dimensions of -1 or more, but got -2}}
  %0 = nn.reshape %x, %s : tensor<4xf32>, tensor<1xi64> -> tensor<?xf32>
  return
}

// -----

func.func @reshape_two_inferred(%x: tensor<4xf32>) {
  %s = nn.constant dense<-1> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects at most one dimension of -1}}
  %0 = nn.reshape %x, %s : tensor<4xf32>, tensor<2xi64> -> tensor<2x2xf32>
  return
}

// -----

func.func @reshape_count(%x: tensor<4xf32>) {
  %s = nn.constant dense<[3, -1]> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{element counts of a reshape must be equal, but are 4 and 3}}
  %0 = nn.reshape %x, %s : tensor<4xf32>, tensor<2xi64> -> tensor<3x?xf32>
  return
}

// -----

func.func @transpose_rank(%x: tensor<2x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a permutation of 2 axes, but got 1}}
  %0 = nn.transpose %x [0] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_twice(%x: tensor<2x3xf32>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects each axis once in the permutation}}
  %0 = nn.transpose %x [0, 0] : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @broadcast_shape_length(%x: tensor<4xf32>, %s: tensor<?xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a shape of rank 1 and fixed length}}
  %0 = nn.broadcast %x, %s : tensor<4xf32>, tensor<?xi64> -> tensor<4xf32>
  return
}

// -----

func.func @broadcast_negative(%x: tensor<4xf32>) {
  %s = nn.constant dense<-1> : tensor<1xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects dimensions of 0 or more, but got -1}}
  %0 = nn.broadcast %x, %s : tensor<4xf32>, tensor<1xi64> -> tensor<4xf32>
  return
}

// -----

func.func @broadcast_mismatch(%x: tensor<4xf32>) {
  %s = nn.constant dense<3> : tensor<1xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{dimensions 4 and 3 do not broadcast}}
  %0 = nn.broadcast %x, %s : tensor<4xf32>, tensor<1xi64> -> tensor<4xf32>
  return
}

// -----

func.func @broadcast_too_large(%x: tensor<4xf32>) {
  %s = nn.constant dense<9223372036854775807> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{dimensions 9223372036854775807 and 4 do not broadcast}}
  %0 = nn.broadcast %x, %s : tensor<4xf32>, tensor<2xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @broadcast_too_many(%x: tensor<1xf32>) {
  %s = nn.constant dense<4611686018427387904> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{has a result of more elements than can be addressed}}
  %0 = nn.broadcast %x, %s : tensor<1xf32>, tensor<2xi64> -> tensor<?x?xf32>
  return
}
