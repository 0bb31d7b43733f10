// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @matmul_types(%a: tensor<2x3xf32>, %b: tensor<3x4xf64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects operands of one element type, but got f32 and f64}}
  %0 = nn.matmul %a, %b : tensor<2x3xf32>, tensor<3x4xf64> -> tensor<2x4xf32>
  return
}

// -----

func.func @matmul_rank0(%a: tensor<f32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects operands of rank 1 or more, but got ranks 0 and 2}}
  %0 = nn.matmul %a, %b : tensor<f32>, tensor<3x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @matmul_depth(%a: tensor<2x3xf32>, %b: tensor<5x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{contracted dimensions must be equal, but are 3 and 5}}
  %0 = nn.matmul %a, %b : tensor<2x3xf32>, tensor<5x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @matmul_batch(%a: tensor<2x2x3xf32>, %b: tensor<3x3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{dimensions 2 and 3 do not broadcast}}
  %0 = nn.matmul %a, %b : tensor<2x2x3xf32>, tensor<3x3x4xf32> -> tensor<2x2x4xf32>
  return
}

// -----

func.func @einsum_count(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects an equation of 2 operands, but got 1}}
  %0 = nn.einsum "ij->ij" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_letters(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects letters and one '...' in each term of the equation, but got 'i1'}}
  %0 = nn.einsum "i1,jk->ik" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_dots(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects letters and one '...' in each term of the equation, but got '......'}}
  %0 = nn.einsum "......,jk->jk" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_rank(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects an operand of rank 1 for term 'i', but got rank 2}}
  %0 = nn.einsum "i,jk->ik" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_rank_dots(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects an operand of rank 3 or more for term 'abc...', but got rank 2}}
  %0 = nn.einsum "abc...,jk->jk" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_no_dots(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects '...' in the result 'i', since the operands have it}}
  %0 = nn.einsum "i...,jk->i" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_new_dots(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{has '...' in the result, but in no operand}}
  %0 = nn.einsum "ij,jk->...ik" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_twice(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{has 'i' twice in the result}}
  %0 = nn.einsum "ij,jk->iik" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_unknown(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{has 'z' in the result, but in no operand}}
  %0 = nn.einsum "ij,jk->iz" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_sizes(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{dimensions 2 and 4 do not broadcast}}
  %0 = nn.einsum "ij,ki->k" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_diagonal(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{dimensions of a diagonal must be equal, but are 2 and 3}}
  %0 = nn.einsum "ii,jk->k" %a, %b : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @einsum_types(%a: tensor<2x3xf32>, %b: tensor<3x4xi32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects operands of one element type, but got f32 and i32}}
  %0 = nn.einsum "ij,jk->ik" %a, %b : tensor<2x3xf32>, tensor<3x4xi32> -> tensor<2x4xf32>
  return
}

// -----

func.func @pool_rank(%x: tensor<1x1x1x1x1x1xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects an input of rank 3 to 5, but got rank 6}}
  %0 = nn.max_pool %x kernel [1] strides [1] dilations [1] pads [0, 0] : tensor<1x1x1x1x1x1xf32> -> tensor<1x2x8xf32>
  return
}

// -----

func.func @pool_kernel_count(%x: tensor<1x2x8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects a kernel of 1 dimensions, but got 2}}
  %0 = nn.average_pool %x kernel [1, 1] strides [1] dilations [1] pads [0, 0] : tensor<1x2x8xf32> -> tensor<1x2x8xf32>
  return
}

// -----

func.func @pool_kernel(%x: tensor<1x2x8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects kernel dimensions of 1 to 2147483647, but got 0}}
  %0 = nn.max_pool_indices %x kernel [0] strides [1] dilations [1] pads [0, 0] : tensor<1x2x8xf32> -> tensor<1x2x8xi64>
  return
}

// -----

func.func @lp_pool_p(%x: tensor<1x2x8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects p of 1 or more, but got 0}}
  %0 = nn.lp_pool %x kernel [1] strides [1] dilations [1] pads [0, 0] {p = 0 : i64} : tensor<1x2x8xf32> -> tensor<1x2x8xf32>
  return
}

// -----

func.func @max_unpool_kernel(%x: tensor<1x1x2xf32>, %i: tensor<1x1x2xi64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects 1 kernel dimensions, but got 2}}
  %0 = nn.max_unpool %x, %i kernel [2, 2] strides [2] pads [0, 0] : tensor<1x1x2xf32>, tensor<1x1x2xi64> -> tensor<1x1x4xf32>
  return
}

// -----

func.func @max_unpool_indices_rank(%x: tensor<1x1x2xf32>, %i: tensor<1x2xi64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects indices of rank 3, but got rank 2}}
  %0 = nn.max_unpool %x, %i kernel [2] strides [2] pads [0, 0] : tensor<1x1x2xf32>, tensor<1x2xi64> -> tensor<1x1x4xf32>
  return
}

// -----

func.func @max_unpool_indices(%x: tensor<1x1x2xf32>, %i: tensor<1x1x3xi64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{dimensions of input and indices must be equal, but are 2 and 3}}
  %0 = nn.max_unpool %x, %i kernel [2] strides [2] pads [0, 0] : tensor<1x1x2xf32>, tensor<1x1x3xi64> -> tensor<1x1x4xf32>
  return
}

// -----

func.func @max_unpool_shape(%x: tensor<1x1x2xf32>, %i: tensor<1x1x2xi64>, %s: tensor<2xi64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects an output shape of rank 1 and length 3}}
  %0 = nn.max_unpool %x, %i, %s kernel [2] strides [2] pads [0, 0] : tensor<1x1x2xf32>, tensor<1x1x2xi64>, tensor<2xi64> -> tensor<1x1x4xf32>
  return
}

// -----

func.func @lrn_rank(%x: tensor<8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects an input of rank 2 or more, but got rank 1}}
  %0 = nn.lrn %x size 1 alpha 1.0 beta 1.0 bias 1.0 : tensor<8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @lrn_size(%x: tensor<1x2x8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects sizes of 1 to 2147483647, but got 0}}
  %0 = nn.lrn %x size 0 alpha 1.0 beta 1.0 bias 1.0 : tensor<1x2x8xf32> -> tensor<1x2x8xf32>
  return
}
