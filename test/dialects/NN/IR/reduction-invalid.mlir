// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @axis_too_high(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expects an axis of 0 or more and less than the rank 2, but got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = "nn.reduce"(%x) <{kind = 0 : i32, axes = array<i64: 2>}> : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @axis_negative(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expects an axis of 0 or more and less than the rank 2, but got -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce sum %x [-1] : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @axis_twice(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expects different axes, but got axis 1 twice}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce sum %x [1, 1] : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @sum_of_bool(%x: tensor<2x3xi1>) {
  // expected-error@+2 {{expects max or min for bool, but got sum}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce sum %x [1] : tensor<2x3xi1> -> tensor<2xi1>
  return
}

// -----

func.func @wrong_result(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<3xf32>'}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce sum %x [1] : tensor<2x3xf32> -> tensor<3xf32>
  return
}

// -----

func.func @along_matrix(%x: tensor<2x3xf32>, %a: tensor<1x1xi64>) {
  // expected-error@+2 {{expects axes of rank 0 or 1 and fixed length}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce_along sum %x, %a : tensor<2x3xf32>, tensor<1x1xi64> -> tensor<?xf32>
  return
}

// -----

func.func @along_unknown_number(%x: tensor<2x3xf32>, %a: tensor<?xi64>) {
  // expected-error@+2 {{expects axes of rank 0 or 1 and fixed length}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce_along sum %x, %a : tensor<2x3xf32>, tensor<?xi64> -> tensor<?xf32>
  return
}

// -----

func.func @along_too_many(%x: tensor<2x3xf32>, %a: tensor<3xi64>) {
  // expected-error@+2 {{expects at most 2 axes, but got 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce_along sum %x, %a : tensor<2x3xf32>, tensor<3xi64> -> tensor<?xf32>
  return
}

// -----

func.func @along_twice(%x: tensor<2x3xf32>) {
  %a = nn.constant dense<[1, -1]> : tensor<2xi64>
  // expected-error@+2 {{axes that stay and rank less axes given must be equal, but are 1 and 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce_along sum %x, %a : tensor<2x3xf32>, tensor<2xi64> -> tensor<f32>
  return
}

// -----

func.func @along_bool(%x: tensor<2x3xi1>, %a: tensor<1xi64>) {
  // expected-error@+2 {{expects max or min for bool, but got prod}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.reduce_along prod %x, %a : tensor<2x3xi1>, tensor<1xi64> -> tensor<?xi1>
  return
}

// -----

func.func @arg_of_sum(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expects kind max or min, but got sum}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.arg_reduce sum %x axis 1 : tensor<2x3xf32> -> tensor<2xi64>
  return
}

// -----

func.func @arg_of_scalar(%x: tensor<f32>) {
  // expected-error@+2 {{expects an axis of 0 or more and less than the rank 0, but got 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.arg_reduce max %x axis 0 : tensor<f32> -> tensor<i64>
  return
}

// -----

func.func @arg_of_nothing(%x: tensor<2x0xf32>) {
  // expected-error@+2 {{expects elements along axis 1, but its size is 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.arg_reduce max %x axis 1 : tensor<2x0xf32> -> tensor<2xi64>
  return
}

// -----

func.func @softmax_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expects an axis of 0 or more and less than the rank 2, but got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.softmax soft %x axis 2 : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @softmax_of_ints(%x: tensor<2x3xi32>) {
  // expected-error@+1 {{operand #0 must be ranked tensor of}}
  %0 = nn.softmax soft %x axis 1 : tensor<2x3xi32> -> tensor<2x3xi32>
  return
}

// -----

func.func @normalize_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expects different axes, but got axis 0 twice}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.normalize %x [0, 0] epsilon 0.0 : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @cumsum_axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{expects an axis of 0 or more and less than the rank 2, but got -1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.cumsum %x axis -1 : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}
