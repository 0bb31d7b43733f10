// RUN: nnc-opt %s -canonicalize | FileCheck %s
// CHECK-LABEL: func @reshape_infer
func.func @reshape_infer() -> tensor<2x3x1xi32> {
  // CHECK: nn.constant dense<{{\[\[}}[1], [2], [3{{\]\]}}, {{\[\[}}4], [5], [6{{\]\]}}]> : tensor<2x3x1xi32>
  %x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %s = nn.constant dense<[0, -1, 1]> : tensor<3xi64>
  %0 = nn.reshape %x, %s : tensor<2x3xi32>, tensor<3xi64> -> tensor<2x3x1xi32>
  return %0 : tensor<2x3x1xi32>
}

// CHECK-LABEL: func @reshape_empty
func.func @reshape_empty() -> tensor<4x0xi32> {
  // CHECK: nn.constant dense<> : tensor<4x0xi32>
  %x = nn.constant dense<1> : tensor<0x3xi32>
  %s = nn.constant dense<[4, -1]> : tensor<2xi64>
  %0 = nn.reshape %x, %s : tensor<0x3xi32>, tensor<2xi64> -> tensor<4x0xi32>
  return %0 : tensor<4x0xi32>
}

// CHECK-LABEL: func @transpose_rank3
func.func @transpose_rank3() -> tensor<3x1x2xi8> {
  // CHECK: nn.constant dense<{{\[\[}}[1, 4{{\]\]}}, {{\[\[}}2, 5{{\]\]}}, {{\[\[}}3, 6{{\]\]}}]> : tensor<3x1x2xi8>
  %x = nn.constant dense<[[[1, 2, 3], [4, 5, 6]]]> : tensor<1x2x3xi8>
  %0 = nn.transpose %x [2, 0, 1] : tensor<1x2x3xi8> -> tensor<3x1x2xi8>
  return %0 : tensor<3x1x2xi8>
}

// CHECK-LABEL: func @broadcast_both
func.func @broadcast_both() -> tensor<2x2x3xi64> {
  // CHECK: nn.constant dense<{{\[\[}}[1, 1, 1], [2, 2, 2{{\]\]}}, {{\[\[}}1, 1, 1], [2, 2, 2{{\]\]}}]> : tensor<2x2x3xi64>
  %x = nn.constant dense<[[1], [2]]> : tensor<2x1xi64>
  %s = nn.constant dense<[2, 1, 3]> : tensor<3xi64>
  %0 = nn.broadcast %x, %s : tensor<2x1xi64>, tensor<3xi64> -> tensor<2x2x3xi64>
  return %0 : tensor<2x2x3xi64>
}

// CHECK-LABEL: func @slice_steps
func.func @slice_steps() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[1, 3, 5]> : tensor<3xi64>
  %x = nn.constant dense<[0, 1, 2, 3, 4, 5, 6]> : tensor<7xi64>
  %s = nn.constant dense<1> : tensor<1xi64>
  %e = nn.constant dense<-1> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e axes [0] steps [2] : tensor<7xi64>, tensor<1xi64>, tensor<1xi64> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @slice_backwards
func.func @slice_backwards() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[6, 3, 0]> : tensor<3xi64>
  %x = nn.constant dense<[0, 1, 2, 3, 4, 5, 6]> : tensor<7xi64>
  %s = nn.constant dense<100> : tensor<1xi64>
  %e = nn.constant dense<-9223372036854775808> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e axes [0] steps [-3] : tensor<7xi64>, tensor<1xi64>, tensor<1xi64> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @slice_backwards_until_zero
func.func @slice_backwards_until_zero() -> tensor<3xi64> {
  // CHECK: nn.constant dense<[3, 2, 1]> : tensor<3xi64>
  %x = nn.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %s = nn.constant dense<-1> : tensor<1xi32>
  %e = nn.constant dense<0> : tensor<1xi32>
  %0 = nn.slice %x, %s, %e axes [0] steps [-1] : tensor<4xi64>, tensor<1xi32>, tensor<1xi32> -> tensor<3xi64>
  return %0 : tensor<3xi64>
}

// CHECK-LABEL: func @slice_empty
func.func @slice_empty() -> tensor<0xi64> {
  // CHECK: nn.constant dense<> : tensor<0xi64>
  %x = nn.constant dense<[0, 1, 2]> : tensor<3xi64>
  %s = nn.constant dense<2> : tensor<1xi64>
  %e = nn.constant dense<1> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e axes [0] steps [1] : tensor<3xi64>, tensor<1xi64>, tensor<1xi64> -> tensor<0xi64>
  return %0 : tensor<0xi64>
}

// CHECK-LABEL: func @slice_huge_step
func.func @slice_huge_step() -> tensor<1xi64> {
  // CHECK: nn.constant dense<1> : tensor<1xi64>
  %x = nn.constant dense<[0, 1, 2]> : tensor<3xi64>
  %s = nn.constant dense<1> : tensor<1xi64>
  %e = nn.constant dense<9223372036854775807> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e axes [0] steps [9223372036854775807] : tensor<3xi64>, tensor<1xi64>, tensor<1xi64> -> tensor<1xi64>
  return %0 : tensor<1xi64>
}

// CHECK-LABEL: func @concat_inner
func.func @concat_inner() -> tensor<2x3xi64> {
  // CHECK: nn.constant dense<{{\[\[}}1, 2, 5], [3, 4, 6{{\]\]}}> : tensor<2x3xi64>
  %a = nn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %b = nn.constant dense<[[5], [6]]> : tensor<2x1xi64>
  %c = nn.constant dense<1> : tensor<2x0xi64>
  %0 = nn.concat %a, %b, %c axis 1 : tensor<2x2xi64>, tensor<2x1xi64>, tensor<2x0xi64> -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}
