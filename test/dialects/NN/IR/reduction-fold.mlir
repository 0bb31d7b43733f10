// RUN: nnc-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @sums
func.func @sums() -> (tensor<2xf32>, tensor<1x2xi8>, tensor<2xf32>, tensor<i64>) {
  %x = nn.constant dense<[[1.0, -2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = nn.constant dense<[[100, -128], [100, 0]]> : tensor<2x2xi8>
  %i = nn.constant dense<[-7, 2]> : tensor<2xi64>
  // CHECK-DAG: dense<[3.000000e+00, 7.000000e+00]> : tensor<2xf32>
  %0 = nn.reduce l1 %x [1] : tensor<2x2xf32> -> tensor<2xf32>
  // Integers wrap around.
  // CHECK-DAG: dense<{{\[\[}}-56, -128]]> : tensor<1x2xi8>
  %1 = nn.reduce sum %b [0] keep_dims : tensor<2x2xi8> -> tensor<1x2xi8>
  // CHECK-DAG: dense<[2.000000e+00, 1.000000e+00]> : tensor<2xf32>
  %2 = nn.reduce mean %x [0] : tensor<2x2xf32> -> tensor<2xf32>
  // A mean of integers rounds toward zero.
  // CHECK-DAG: dense<-2> : tensor<i64>
  %3 = nn.reduce mean %i [0] : tensor<2xi64> -> tensor<i64>
  return %0, %1, %2, %3 : tensor<2xf32>, tensor<1x2xi8>, tensor<2xf32>, tensor<i64>
}

// CHECK-LABEL: func @of_nothing
func.func @of_nothing() -> (tensor<f32>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<ui8>, tensor<f32>) {
  %x = nn.constant dense<> : tensor<0xf32>
  %i = nn.constant dense<> : tensor<0xi8>
  %u = nn.constant dense<> : tensor<0xui8>
  %0 = nn.reduce prod %x [0] : tensor<0xf32> -> tensor<f32>
  %1 = nn.reduce max %x [0] : tensor<0xf32> -> tensor<f32>
  %2 = nn.reduce max %i [0] : tensor<0xi8> -> tensor<i8>
  %3 = nn.reduce mean %x [0] : tensor<0xf32> -> tensor<f32>
  %4 = nn.reduce min %u [0] : tensor<0xui8> -> tensor<ui8>
  %5 = nn.reduce log_sum_exp %x [0] : tensor<0xf32> -> tensor<f32>
  // CHECK-DAG: %[[PROD:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[INF:.*]] = nn.constant dense<0xFF800000> : tensor<f32>
  // CHECK-DAG: %[[LOW:.*]] = nn.constant dense<-128> : tensor<i8>
  // CHECK-DAG: %[[NAN:.*]] = nn.constant dense<0x{{[7F]}}FC00000> : tensor<f32>
  // CHECK-DAG: %[[HIGH:.*]] = nn.constant dense<255> : tensor<ui8>
  // CHECK: return %[[PROD]], %[[INF]], %[[LOW]], %[[NAN]], %[[HIGH]], %[[INF]]
  return %0, %1, %2, %3, %4, %5 : tensor<f32>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<ui8>, tensor<f32>
}

// CHECK-LABEL: func @extremes
func.func @extremes() -> (tensor<f32>, tensor<i1>, tensor<ui64>, tensor<f32>) {
  %x = nn.constant dense<[1.0, 0x7FC00000, 3.0]> : tensor<3xf32>
  %b = nn.constant dense<[true, false]> : tensor<2xi1>
  %u = nn.constant dense<[18446744073709551615, 1]> : tensor<2xui64>
  %l = nn.constant dense<[1000.0, 1000.0]> : tensor<2xf32>
  // CHECK-DAG: %[[NAN:.*]] = nn.constant dense<0x7FC00000> : tensor<f32>
  %0 = nn.reduce max %x [0] : tensor<3xf32> -> tensor<f32>
  // CHECK-DAG: %[[ALL:.*]] = nn.constant dense<false> : tensor<i1>
  %1 = nn.reduce min %b [0] : tensor<2xi1> -> tensor<i1>
  // CHECK-DAG: %[[TOP:.*]] = nn.constant dense<18446744073709551615> : tensor<ui64>
  %2 = nn.reduce max %u [0] : tensor<2xui64> -> tensor<ui64>
  // CHECK-DAG: %[[LOG:.*]] = nn.constant dense<1000.69318> : tensor<f32>
  %3 = nn.reduce log_sum_exp %l [0] : tensor<2xf32> -> tensor<f32>
  // CHECK: return %[[NAN]], %[[ALL]], %[[TOP]], %[[LOG]]
  return %0, %1, %2, %3 : tensor<f32>, tensor<i1>, tensor<ui64>, tensor<f32>
}

// CHECK-LABEL: func @along
func.func @along() -> (tensor<3xi32>, tensor<2x1xi32>) {
  %x = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %a = nn.constant dense<[-2]> : tensor<1xi64>
  %s = nn.constant dense<1> : tensor<i32>
  // CHECK-DAG: dense<[5, 7, 9]> : tensor<3xi32>
  %0 = nn.reduce_along sum %x, %a : tensor<2x3xi32>, tensor<1xi64> -> tensor<3xi32>
  // CHECK-DAG: dense<{{\[\[}}6], [120]]> : tensor<2x1xi32>
  %1 = nn.reduce_along prod %x, %s keep_dims : tensor<2x3xi32>, tensor<i32> -> tensor<2x1xi32>
  return %0, %1 : tensor<3xi32>, tensor<2x1xi32>
}

// CHECK-LABEL: func @positions
func.func @positions() -> (tensor<2xi64>, tensor<2xi64>, tensor<i64>) {
  %x = nn.constant dense<[[1.0, 3.0, 3.0], [2.0, 0x7FC00000, 5.0]]> : tensor<2x3xf32>
  %u = nn.constant dense<[18446744073709551615, 1]> : tensor<2xui64>
  // CHECK-DAG: %[[FIRST:.*]] = nn.constant dense<1> : tensor<2xi64>
  %0 = nn.arg_reduce max %x axis 1 : tensor<2x3xf32> -> tensor<2xi64>
  // CHECK-DAG: %[[LAST:.*]] = nn.constant dense<[2, 1]> : tensor<2xi64>
  %1 = nn.arg_reduce max %x axis 1 select_last : tensor<2x3xf32> -> tensor<2xi64>
  // CHECK-DAG: %[[LEAST:.*]] = nn.constant dense<1> : tensor<i64>
  %2 = nn.arg_reduce min %u axis 0 : tensor<2xui64> -> tensor<i64>
  // CHECK: return %[[FIRST]], %[[LAST]], %[[LEAST]]
  return %0, %1, %2 : tensor<2xi64>, tensor<2xi64>, tensor<i64>
}

// CHECK-LABEL: func @lines
func.func @lines() -> (tensor<2x2xf32>, tensor<3xf32>, tensor<2x2xf32>, tensor<3xi32>, tensor<3xi32>) {
  %x = nn.constant dense<[[1000.0, 1.0], [1000.0, 3.0]]> : tensor<2x2xf32>
  %y = nn.constant dense<[2.0, 7.0, 7.0]> : tensor<3xf32>
  %i = nn.constant dense<[1, 2, 4]> : tensor<3xi32>
  // CHECK-DAG: dense<{{\[\[}}5.000000e-01, 0.119202919], [5.000000e-01, 0.880797088]]> : tensor<2x2xf32>
  %0 = nn.softmax soft %x axis 0 : tensor<2x2xf32> -> tensor<2x2xf32>
  // CHECK-DAG: dense<[0.000000e+00, 1.000000e+00, 0.000000e+00]> : tensor<3xf32>
  %1 = nn.softmax hard %y axis 0 : tensor<3xf32> -> tensor<3xf32>
  // CHECK-DAG: dense<{{\[\[}}0.000000e+00, -1.000000e+00], [0.000000e+00, 1.000000e+00]]> : tensor<2x2xf32>
  %2 = nn.normalize %x [0] epsilon 1.0e-20 : tensor<2x2xf32> -> tensor<2x2xf32>
  // CHECK-DAG: dense<[6, 4, 0]> : tensor<3xi32>
  %3 = nn.cumsum %i axis 0 exclusive reverse : tensor<3xi32> -> tensor<3xi32>
  // CHECK-DAG: dense<[1, 3, 7]> : tensor<3xi32>
  %4 = nn.cumsum %i axis 0 : tensor<3xi32> -> tensor<3xi32>
  return %0, %1, %2, %3, %4 : tensor<2x2xf32>, tensor<3xf32>, tensor<2x2xf32>, tensor<3xi32>, tensor<3xi32>
}

// What is empty stays so.
// CHECK-LABEL: func @empty
func.func @empty() -> (tensor<2x0xf32>, tensor<0x2xf32>, tensor<0xf32>) {
  %x = nn.constant dense<> : tensor<2x0xf32>
  %y = nn.constant dense<> : tensor<0x2xf32>
  // CHECK-NOT: nn.softmax
  %0 = nn.softmax soft %x axis 1 : tensor<2x0xf32> -> tensor<2x0xf32>
  // CHECK-NOT: nn.normalize
  %1 = nn.normalize %y [0] epsilon 0.0 : tensor<0x2xf32> -> tensor<0x2xf32>
  // CHECK-NOT: nn.reduce
  %2 = nn.reduce sum %x [0] : tensor<2x0xf32> -> tensor<0xf32>
  return %0, %1, %2 : tensor<2x0xf32>, tensor<0x2xf32>, tensor<0xf32>
}
