// RUN: nnc-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @pad_constant
func.func @pad_constant() -> tensor<2x4xi64> {
  // CHECK: nn.constant dense<{{\[\[}}9, 9, 9, 9], [1, 2, 9, 9{{\]\]}}> : tensor<2x4xi64>
  %x = nn.constant dense<[[1, 2]]> : tensor<1x2xi64>
  %p = nn.constant dense<[1, 0, 0, 2]> : tensor<4xi64>
  %v = nn.constant dense<9> : tensor<i64>
  %0 = nn.pad constant %x, %p value %v : tensor<1x2xi64>, tensor<4xi64>, tensor<i64> -> tensor<2x4xi64>
  return %0 : tensor<2x4xi64>
}

// CHECK-LABEL: func @pad_cut
func.func @pad_cut() -> tensor<5xi64> {
  // CHECK: nn.constant dense<[2, 3, 4, 0, 0]> : tensor<5xi64>
  %x = nn.constant dense<[1, 2, 3, 4]> : tensor<4xi64>
  %p = nn.constant dense<[-1, 2]> : tensor<2xi64>
  %0 = nn.pad constant %x, %p : tensor<4xi64>, tensor<2xi64> -> tensor<5xi64>
  return %0 : tensor<5xi64>
}

// CHECK-LABEL: func @pad_reflect_far
func.func @pad_reflect_far() -> tensor<10xi64> {
  // CHECK: nn.constant dense<[1, 2, 3, 2, 1, 2, 3, 2, 1, 2]> : tensor<10xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %p = nn.constant dense<[4, 3]> : tensor<2xi64>
  %0 = nn.pad reflect %x, %p : tensor<3xi64>, tensor<2xi64> -> tensor<10xi64>
  return %0 : tensor<10xi64>
}

// CHECK-LABEL: func @pad_reflect_size1
func.func @pad_reflect_size1() -> tensor<4xi64> {
  // CHECK: nn.constant dense<7> : tensor<4xi64>
  %x = nn.constant dense<[7]> : tensor<1xi64>
  %p = nn.constant dense<[1, 2]> : tensor<2xi64>
  %0 = nn.pad reflect %x, %p : tensor<1xi64>, tensor<2xi64> -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// CHECK-LABEL: func @pad_edge
func.func @pad_edge() -> tensor<6xi64> {
  // CHECK: nn.constant dense<[1, 1, 1, 2, 3, 3]> : tensor<6xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %p = nn.constant dense<[2, 1]> : tensor<2xi64>
  %0 = nn.pad edge %x, %p : tensor<3xi64>, tensor<2xi64> -> tensor<6xi64>
  return %0 : tensor<6xi64>
}

// CHECK-LABEL: func @pad_wrap
func.func @pad_wrap() -> tensor<9xi64> {
  // CHECK: nn.constant dense<[2, 3, 1, 2, 3, 1, 2, 3, 1]> : tensor<9xi64>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi64>
  %p = nn.constant dense<[2, 4]> : tensor<2xi64>
  %0 = nn.pad wrap %x, %p : tensor<3xi64>, tensor<2xi64> -> tensor<9xi64>
  return %0 : tensor<9xi64>
}

// CHECK-LABEL: func @tile
func.func @tile() -> tensor<2x4xi64> {
  // CHECK: nn.constant dense<{{\[\[}}1, 2, 1, 2], [1, 2, 1, 2{{\]\]}}> : tensor<2x4xi64>
  %x = nn.constant dense<[[1, 2]]> : tensor<1x2xi64>
  %r = nn.constant dense<[2, 2]> : tensor<2xi64>
  %0 = nn.tile %x, %r : tensor<1x2xi64>, tensor<2xi64> -> tensor<2x4xi64>
  return %0 : tensor<2x4xi64>
}

// CHECK-LABEL: func @range_down
func.func @range_down() -> tensor<3xi32> {
  // CHECK: nn.constant dense<[3, 1, -1]> : tensor<3xi32>
  %s = nn.constant dense<3> : tensor<i32>
  %d = nn.constant dense<-2> : tensor<i32>
  %n = nn.constant dense<3> : tensor<i64>
  %0 = nn.range %s, %d, %n : tensor<i32>, tensor<i32>, tensor<i64> -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// CHECK-LABEL: func @range_negative_size
func.func @range_negative_size() -> tensor<0xi32> {
  // CHECK: nn.constant dense<> : tensor<0xi32>
  %s = nn.constant dense<3> : tensor<i32>
  %d = nn.constant dense<-2> : tensor<i32>
  %n = nn.constant dense<-3> : tensor<i64>
  %0 = nn.range %s, %d, %n : tensor<i32>, tensor<i32>, tensor<i64> -> tensor<0xi32>
  return %0 : tensor<0xi32>
}

// CHECK-LABEL: func @range_float
func.func @range_float() -> tensor<3xf16> {
  // CHECK: nn.constant dense<[5.000000e-01, 7.500000e-01, 1.000000e+00]> : tensor<3xf16>
  %s = nn.constant dense<0.5> : tensor<f16>
  %d = nn.constant dense<0.25> : tensor<f16>
  %n = nn.constant dense<3> : tensor<i64>
  %0 = nn.range %s, %d, %n : tensor<f16>, tensor<f16>, tensor<i64> -> tensor<3xf16>
  return %0 : tensor<3xf16>
}

// CHECK-LABEL: func @trilu_lower
func.func @trilu_lower() -> tensor<2x3xi64> {
  // CHECK: nn.constant dense<{{\[\[}}1, 1, 0], [1, 1, 1{{\]\]}}> : tensor<2x3xi64>
  %x = nn.constant dense<1> : tensor<2x3xi64>
  %k = nn.constant dense<1> : tensor<i64>
  %0 = nn.trilu %x, %k : tensor<2x3xi64>, tensor<i64> -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}

// CHECK-LABEL: func @trilu_far
func.func @trilu_far() -> tensor<2x3xi64> {
  // CHECK: nn.constant dense<0> : tensor<2x3xi64>
  %x = nn.constant dense<1> : tensor<2x3xi64>
  %k = nn.constant dense<-9223372036854775808> : tensor<i64>
  %0 = nn.trilu %x, %k : tensor<2x3xi64>, tensor<i64> -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}

// CHECK-LABEL: func @reverse_sequence
func.func @reverse_sequence() -> tensor<3x2xi64> {
  // CHECK: nn.constant dense<{{\[\[}}3, 6], [1, 4], [5, 2{{\]\]}}> : tensor<3x2xi64>
  %x = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi64>
  %n = nn.constant dense<[2, 3]> : tensor<2xi64>
  %0 = nn.reverse_sequence %x, %n time_axis 0 batch_axis 1 : tensor<3x2xi64>, tensor<2xi64> -> tensor<3x2xi64>
  return %0 : tensor<3x2xi64>
}
