// RUN: nnc-opt %s -canonicalize | FileCheck %s
// CHECK-LABEL: func @gather_negative
func.func @gather_negative() -> tensor<2x3xi64> {
  // CHECK: nn.constant dense<{{\[\[}}2, 1, 2], [4, 3, 4{{\]\]}}> : tensor<2x3xi64>
  %x = nn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %i = nn.constant dense<[-1, 0, 1]> : tensor<3xi32>
  %0 = nn.gather %x, %i axis 1 : tensor<2x2xi64>, tensor<3xi32> -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}

// CHECK-LABEL: func @gather_scalar
func.func @gather_scalar() -> tensor<i64> {
  // CHECK: nn.constant dense<6> : tensor<i64>
  %x = nn.constant dense<[5, 6]> : tensor<2xi64>
  %i = nn.constant dense<1> : tensor<i64>
  %0 = nn.gather %x, %i axis 0 : tensor<2xi64>, tensor<i64> -> tensor<i64>
  return %0 : tensor<i64>
}

// CHECK-LABEL: func @gather_nothing
func.func @gather_nothing() -> tensor<0x2xi64> {
  // CHECK: nn.constant dense<> : tensor<0x2xi64>
  %x = nn.constant dense<1> : tensor<0x2xi64>
  %i = nn.constant dense<1> : tensor<0xi64>
  %0 = nn.gather %x, %i axis 0 : tensor<0x2xi64>, tensor<0xi64> -> tensor<0x2xi64>
  return %0 : tensor<0x2xi64>
}

// CHECK-LABEL: func @gather_elements
func.func @gather_elements() -> tensor<2x3xi64> {
  // CHECK: nn.constant dense<{{\[\[}}2, 1, 2], [3, 3, 3{{\]\]}}> : tensor<2x3xi64>
  %x = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi64>
  %i = nn.constant dense<[[1, 0, -1], [0, 0, 0]]> : tensor<2x3xi64>
  %0 = nn.gather_elements %x, %i axis 1 : tensor<3x2xi64>, tensor<2x3xi64> -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}

// CHECK-LABEL: func @gather_nd
func.func @gather_nd() -> tensor<2x2xi64> {
  // CHECK: nn.constant dense<{{\[\[}}2, 3], [4, 5{{\]\]}}> : tensor<2x2xi64>
  %x = nn.constant dense<[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]> : tensor<2x2x2xi64>
  %i = nn.constant dense<[[0, 1], [-1, 0]]> : tensor<2x2xi64>
  %0 = nn.gather_nd %x, %i batch_dims 0 : tensor<2x2x2xi64>, tensor<2x2xi64> -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// CHECK-LABEL: func @gather_nd_batch
func.func @gather_nd_batch() -> tensor<2x2xi64> {
  // CHECK: nn.constant dense<{{\[\[}}2, 3], [4, 5{{\]\]}}> : tensor<2x2xi64>
  %x = nn.constant dense<[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]> : tensor<2x2x2xi64>
  %i = nn.constant dense<[[1], [0]]> : tensor<2x1xi64>
  %0 = nn.gather_nd %x, %i batch_dims 1 : tensor<2x2x2xi64>, tensor<2x1xi64> -> tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// CHECK-LABEL: func @scatter_elements_none
func.func @scatter_elements_none() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[1, 10, 20]> : tensor<3xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = nn.constant dense<[1, -1, 2]> : tensor<3xi64>
  %u = nn.constant dense<[10, 10, 20]> : tensor<3xi64>
  %0 = nn.scatter_elements none %x, %i, %u axis 0 : tensor<3xi64>, tensor<3xi64>, tensor<3xi64> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @scatter_elements_add
func.func @scatter_elements_add() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[1, 12, 33]> : tensor<3xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = nn.constant dense<[1, -1, 2]> : tensor<3xi64>
  %u = nn.constant dense<[10, 10, 20]> : tensor<3xi64>
  %0 = nn.scatter_elements add %x, %i, %u axis 0 : tensor<3xi64>, tensor<3xi64>, tensor<3xi64> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @scatter_elements_mul
func.func @scatter_elements_mul() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[1, 20, 600]> : tensor<3xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = nn.constant dense<[1, -1, 2]> : tensor<3xi64>
  %u = nn.constant dense<[10, 10, 20]> : tensor<3xi64>
  %0 = nn.scatter_elements mul %x, %i, %u axis 0 : tensor<3xi64>, tensor<3xi64>, tensor<3xi64> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @scatter_elements_max
func.func @scatter_elements_max() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[1, 10, 20]> : tensor<3xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = nn.constant dense<[1, -1, 2]> : tensor<3xi64>
  %u = nn.constant dense<[10, 10, 20]> : tensor<3xi64>
  %0 = nn.scatter_elements max %x, %i, %u axis 0 : tensor<3xi64>, tensor<3xi64>, tensor<3xi64> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @scatter_elements_min
func.func @scatter_elements_min() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %i = nn.constant dense<[1, -1, 2]> : tensor<3xi64>
  %u = nn.constant dense<[10, 10, 20]> : tensor<3xi64>
  %0 = nn.scatter_elements min %x, %i, %u axis 0 : tensor<3xi64>, tensor<3xi64>, tensor<3xi64> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @scatter_elements_unsigned
func.func @scatter_elements_unsigned() -> tensor<2xui8> {
  // CHECK: nn.constant dense<[255, 200]> : tensor<2xui8>
  %x = nn.constant dense<[1, 200]> : tensor<2xui8>
  %i = nn.constant dense<[0, 1]> : tensor<2xi64>
  %u = nn.constant dense<[255, 100]> : tensor<2xui8>
  %0 = nn.scatter_elements max %x, %i, %u axis 0 : tensor<2xui8>, tensor<2xi64>, tensor<2xui8> -> tensor<2xui8>
  return %0 : tensor<2xui8>
}

// CHECK-LABEL: func @scatter_elements_nan
func.func @scatter_elements_nan() -> tensor<2xf32> {
  // CHECK: nn.constant dense<0x7FC00000> : tensor<2xf32>
  %x = nn.constant dense<[1.0, 0x7FC00000]> : tensor<2xf32>
  %i = nn.constant dense<[0, 1]> : tensor<2xi64>
  %u = nn.constant dense<[0x7FC00000, 1.0]> : tensor<2xf32>
  %0 = nn.scatter_elements min %x, %i, %u axis 0 : tensor<2xf32>, tensor<2xi64>, tensor<2xf32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @scatter_nd_slices
func.func @scatter_nd_slices() -> tensor<3x2xi64> {
  // CHECK: nn.constant dense<{{\[\[}}3, 4], [3, 4], [16, 17{{\]\]}}> : tensor<3x2xi64>
  %x = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi64>
  %i = nn.constant dense<[[2], [0], [2]]> : tensor<3x1xi64>
  %u = nn.constant dense<[[1, 1], [2, 2], [10, 10]]> : tensor<3x2xi64>
  %0 = nn.scatter_nd add %x, %i, %u : tensor<3x2xi64>, tensor<3x1xi64>, tensor<3x2xi64> -> tensor<3x2xi64>
  return %0 : tensor<3x2xi64>
}

// An index out of range is left to the run.
// CHECK-LABEL: func @gather_out_of_range
func.func @gather_out_of_range() -> tensor<1xi64> {
  // CHECK: nn.gather
  %x = nn.constant dense<[5, 6]> : tensor<2xi64>
  %i = nn.constant dense<2> : tensor<1xi64>
  %0 = nn.gather %x, %i axis 0 : tensor<2xi64>, tensor<1xi64> -> tensor<1xi64>
  return %0 : tensor<1xi64>
}
