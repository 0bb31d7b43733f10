// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @reduce
func.func @reduce(%x: tensor<2x3xf32>) -> (tensor<2xf32>, tensor<1x1xf32>, tensor<2x3xf32>) {
  // CHECK: nn.reduce sum %{{.*}} [1] : tensor<2x3xf32> -> tensor<2xf32>
  %0 = nn.reduce sum %x [1] : tensor<2x3xf32> -> tensor<2xf32>
  // CHECK: nn.reduce log_sum_exp %{{.*}} [1, 0] keep_dims : tensor<2x3xf32> -> tensor<1x1xf32>
  %1 = nn.reduce log_sum_exp %x [1, 0] keep_dims : tensor<2x3xf32> -> tensor<1x1xf32>
  // CHECK: nn.reduce l1 %{{.*}} [] : tensor<2x3xf32> -> tensor<2x3xf32>
  %2 = nn.reduce l1 %x [] : tensor<2x3xf32> -> tensor<2x3xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<1x1xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func @reduce_along
func.func @reduce_along(%x: tensor<2x3xf32>, %a: tensor<1xi64>) -> (tensor<?xf32>, tensor<?x?xf32>) {
  // CHECK: nn.reduce_along mean %{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<1xi64> -> tensor<?xf32>
  %0 = nn.reduce_along mean %x, %a : tensor<2x3xf32>, tensor<1xi64> -> tensor<?xf32>
  // CHECK: nn.reduce_along max %{{.*}}, %{{.*}} keep_dims : tensor<2x3xf32>, tensor<1xi64> -> tensor<?x?xf32>
  %1 = nn.reduce_along max %x, %a keep_dims : tensor<2x3xf32>, tensor<1xi64> -> tensor<?x?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?x?xf32>
}

// CHECK-LABEL: func @arg_reduce
func.func @arg_reduce(%x: tensor<2x3xi8>) -> (tensor<2xi64>, tensor<1x3xi64>) {
  // CHECK: nn.arg_reduce max %{{.*}} axis 1 : tensor<2x3xi8> -> tensor<2xi64>
  %0 = nn.arg_reduce max %x axis 1 : tensor<2x3xi8> -> tensor<2xi64>
  // CHECK: nn.arg_reduce min %{{.*}} axis 0 keep_dims select_last : tensor<2x3xi8> -> tensor<1x3xi64>
  %1 = nn.arg_reduce min %x axis 0 keep_dims select_last : tensor<2x3xi8> -> tensor<1x3xi64>
  return %0, %1 : tensor<2xi64>, tensor<1x3xi64>
}

// CHECK-LABEL: func @softmax
func.func @softmax(%x: tensor<2x3xf16>) -> (tensor<2x3xf16>, tensor<2x3xf16>, tensor<2x3xf16>) {
  // CHECK: nn.softmax soft %{{.*}} axis 1 : tensor<2x3xf16> -> tensor<2x3xf16>
  %0 = nn.softmax soft %x axis 1 : tensor<2x3xf16> -> tensor<2x3xf16>
  // CHECK: nn.softmax log %{{.*}} axis 0
  %1 = nn.softmax log %x axis 0 : tensor<2x3xf16> -> tensor<2x3xf16>
  // CHECK: nn.softmax hard %{{.*}} axis 0
  %2 = nn.softmax hard %x axis 0 : tensor<2x3xf16> -> tensor<2x3xf16>
  return %0, %1, %2 : tensor<2x3xf16>, tensor<2x3xf16>, tensor<2x3xf16>
}

// CHECK-LABEL: func @normalize
func.func @normalize(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  // CHECK: nn.normalize %{{.*}} [0, 1] epsilon 1.000000e-05 : tensor<2x3xf32> -> tensor<2x3xf32>
  %0 = nn.normalize %x [0, 1] epsilon 1.0e-5 : tensor<2x3xf32> -> tensor<2x3xf32>
  // CHECK: nn.normalize %{{.*}} [1] epsilon 0.000000e+00 uncentered :
  %1 = nn.normalize %x [1] epsilon 0.0 uncentered : tensor<2x3xf32> -> tensor<2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func @cumsum
func.func @cumsum(%x: tensor<?xui64>) -> (tensor<?xui64>, tensor<?xui64>) {
  // CHECK: nn.cumsum %{{.*}} axis 0 : tensor<?xui64> -> tensor<?xui64>
  %0 = nn.cumsum %x axis 0 : tensor<?xui64> -> tensor<?xui64>
  // CHECK: nn.cumsum %{{.*}} axis 0 exclusive reverse : tensor<?xui64> -> tensor<?xui64>
  %1 = nn.cumsum %x axis 0 exclusive reverse : tensor<?xui64> -> tensor<?xui64>
  return %0, %1 : tensor<?xui64>, tensor<?xui64>
}
