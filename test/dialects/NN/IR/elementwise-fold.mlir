// RUN: nnc-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @div_by_zero
func.func @div_by_zero() -> tensor<4xi32> {
  // CHECK: nn.constant dense<[-3, 0, -2147483648, 2]>
  %a = nn.constant dense<[7, 7, -2147483648, -5]> : tensor<4xi32>
  %b = nn.constant dense<[-2, 0, -1, -2]> : tensor<4xi32>
  %0 = nn.div %a, %b : tensor<4xi32>, tensor<4xi32> -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// CHECK-LABEL: func @div_unsigned
func.func @div_unsigned() -> tensor<2xui64> {
  // CHECK: nn.constant dense<[9223372036854775807, 1]>
  %a = nn.constant dense<18446744073709551615> : tensor<2xui64>
  %b = nn.constant dense<[2, 18446744073709551615]> : tensor<2xui64>
  %0 = nn.div %a, %b : tensor<2xui64>, tensor<2xui64> -> tensor<2xui64>
  return %0 : tensor<2xui64>
}

// CHECK-LABEL: func @mod_signs
func.func @mod_signs() -> (tensor<4xi32>, tensor<4xi32>) {
  // CHECK-DAG: %[[FLOOR:.*]] = nn.constant dense<[1, 2, -2, 0]>
  // CHECK-DAG: %[[TRUNC:.*]] = nn.constant dense<[1, -1, 1, 0]>
  // CHECK: return %[[FLOOR]], %[[TRUNC]]
  %a = nn.constant dense<[7, -7, 7, 5]> : tensor<4xi32>
  %b = nn.constant dense<[3, 3, -3, 0]> : tensor<4xi32>
  %0 = nn.mod %a, %b : tensor<4xi32>, tensor<4xi32> -> tensor<4xi32>
  %1 = nn.mod %a, %b {fmod} : tensor<4xi32>, tensor<4xi32> -> tensor<4xi32>
  return %0, %1 : tensor<4xi32>, tensor<4xi32>
}

// CHECK-LABEL: func @nan_propagates
func.func @nan_propagates() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xi1>) {
  // CHECK-DAG: %[[RELU:.*]] = nn.constant dense<[0x7FC00000, 0.000000e+00]>
  // CHECK-DAG: %[[MAX:.*]] = nn.constant dense<[0x7FC00000, 1.000000e+00]>
  // CHECK-DAG: %[[LESS:.*]] = nn.constant dense<[false, true]>
  // CHECK: return %[[RELU]], %[[MAX]], %[[LESS]]
  %a = nn.constant dense<[0x7FC00000, -1.0]> : tensor<2xf32>
  %b = nn.constant dense<1.0> : tensor<2xf32>
  %0 = nn.relu %a : tensor<2xf32> -> tensor<2xf32>
  %1 = nn.max %b, %a : tensor<2xf32>, tensor<2xf32> -> tensor<2xf32>
  %2 = nn.less %a, %b : tensor<2xf32>, tensor<2xf32> -> tensor<2xi1>
  return %0, %1, %2 : tensor<2xf32>, tensor<2xf32>, tensor<2xi1>
}

// CHECK-LABEL: func @round_half_to_even
func.func @round_half_to_even() -> tensor<4xf32> {
  // CHECK: nn.constant dense<[0.000000e+00, 2.000000e+00, 2.000000e+00, -4.000000e+00]>
  %a = nn.constant dense<[0.5, 1.5, 2.5, -3.5]> : tensor<4xf32>
  %0 = nn.round %a : tensor<4xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @cast_to_integer
func.func @cast_to_integer() -> (tensor<4xui8>, tensor<2xi8>) {
  // CHECK-DAG: %[[SATURATED:.*]] = nn.constant dense<[0, 255, 2, 0]> : tensor<4xui8>
  // CHECK-DAG: %[[WRAPPED:.*]] = nn.constant dense<[44, -1]> : tensor<2xi8>
  // CHECK: return %[[SATURATED]], %[[WRAPPED]]
  %a = nn.constant dense<[-1.0, 300.0, 2.9, 0x7FC00000]> : tensor<4xf32>
  %0 = nn.cast %a to ui8 : tensor<4xf32> -> tensor<4xui8>
  %b = nn.constant dense<[300, -1]> : tensor<2xi64>
  %1 = nn.cast %b to i8 : tensor<2xi64> -> tensor<2xi8>
  return %0, %1 : tensor<4xui8>, tensor<2xi8>
}

// CHECK-LABEL: func @cast_same
// CHECK-SAME: %[[A:.*]]: tensor<4xf32>
func.func @cast_same(%a: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: return %[[A]]
  %0 = nn.cast %a to f32 : tensor<4xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @power_of_integers
func.func @power_of_integers() -> tensor<5xi32> {
  // CHECK: nn.constant dense<[8, 0, 1, -1, 0]>
  %a = nn.constant dense<[2, 2, 1, -1, 0]> : tensor<5xi32>
  %e = nn.constant dense<[3, -1, -2, -3, -1]> : tensor<5xi8>
  %0 = nn.pow %a, %e : tensor<5xi32>, tensor<5xi8> -> tensor<5xi32>
  return %0 : tensor<5xi32>
}

// CHECK-LABEL: func @cube
func.func @cube(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[SQUARE:.*]] = nn.mul %[[X:.*]], %[[X]]
  // CHECK: nn.mul %[[SQUARE]], %[[X]]
  // CHECK-NOT: nn.pow
  %e = nn.constant dense<3> : tensor<i64>
  %0 = nn.pow %x, %e : tensor<4xf32>, tensor<i64> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// An exponent that widens the base stays.
// CHECK-LABEL: func @square_widened
func.func @square_widened(%x: tensor<f32>) -> tensor<4xf32> {
  // CHECK: nn.pow
  %e = nn.constant dense<2.0> : tensor<4xf32>
  %0 = nn.pow %x, %e : tensor<f32>, tensor<4xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Arithmetic on shapes becomes scalars of the host.
// CHECK-LABEL: func @host_scalars
// CHECK-SAME: %[[N:.*]]: i64
func.func @host_scalars(%n: i64) -> tensor<2xi64> {
  // CHECK: arith.muli %[[N]]
  // CHECK: math.floor
  // CHECK: tensor.from_elements
  // CHECK-NOT: nn.
  %shape = tensor.from_elements %n, %n : tensor<2xi64>
  %c = nn.constant dense<[2, 3]> : tensor<2xi64>
  %half = nn.constant dense<0.5> : tensor<f32>
  %0 = nn.mul %shape, %c : tensor<2xi64>, tensor<2xi64> -> tensor<2xi64>
  %1 = nn.cast %0 to f32 : tensor<2xi64> -> tensor<2xf32>
  %2 = nn.mul %1, %half : tensor<2xf32>, tensor<f32> -> tensor<2xf32>
  %3 = nn.floor %2 : tensor<2xf32> -> tensor<2xf32>
  %4 = nn.cast %3 to i64 : tensor<2xf32> -> tensor<2xi64>
  return %4 : tensor<2xi64>
}
