// RUN: nnc-opt %s -canonicalize | FileCheck %s

// Two patches of two that overlap in the middle.
// CHECK-LABEL: func @col2im
func.func @col2im() -> tensor<1x1x3xi32> {
  // CHECK: dense<{{\[\[\[}}1, 5, 4]]]> : tensor<1x1x3xi32>
  %x = nn.constant dense<[[[1, 2], [3, 4]]]> : tensor<1x2x2xi32>
  %s = nn.constant dense<3> : tensor<1xi64>
  %0 = nn.col2im %x, %s kernel [2] strides [1] dilations [1] pads [0, 0]
    : tensor<1x2x2xi32>, tensor<1xi64> -> tensor<1x1x3xi32>
  return %0 : tensor<1x1x3xi32>
}

// Half a row down, then a column out of the image, with a mask of 2.
// CHECK-LABEL: func @deform_columns
func.func @deform_columns() -> tensor<1x1x1x1x1x2xf32> {
  // CHECK: dense<{{\[+}}4.000000e+00, 0.000000e+00{{\]+}}> : tensor<1x1x1x1x1x2xf32>
  %x = nn.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %o = nn.constant dense<[[[[0.5, 0.0]], [[0.0, 1.0]]]]> : tensor<1x2x1x2xf32>
  %m = nn.constant dense<2.0> : tensor<1x1x1x2xf32>
  %0 = nn.deform_columns %x, %o mask(%m : tensor<1x1x1x2xf32>) kernel [1, 1] strides [2, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x1x2x2xf32>, tensor<1x2x1x2xf32> -> tensor<1x1x1x1x1x2xf32>
  return %0 : tensor<1x1x1x1x1x2xf32>
}

// The second region lies outside.
// CHECK-LABEL: func @max_roi_pool
func.func @max_roi_pool() -> tensor<2x1x1x2xf32> {
  // CHECK: dense<{{\[+}}3.000000e+00, 4.000000e+00{{\]+}}, {{\[+}}0.000000e+00, 0.000000e+00{{\]+}}> : tensor<2x1x1x2xf32>
  %x = nn.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %r = nn.constant dense<[[0.0, 0.0, 0.0, 1.0, 1.0], [0.0, 5.0, 5.0, 6.0, 6.0]]> : tensor<2x5xf32>
  %0 = nn.max_roi_pool %x, %r size [1, 2] : tensor<1x1x2x2xf32>, tensor<2x5xf32> -> tensor<2x1x1x2xf32>
  return %0 : tensor<2x1x1x2xf32>
}

// CHECK-LABEL: func @cumprod
func.func @cumprod() -> (tensor<3xi32>, tensor<3xi32>) {
  // CHECK-DAG: dense<[1, 2, 6]> : tensor<3xi32>
  // CHECK-DAG: dense<[6, 3, 1]> : tensor<3xi32>
  %x = nn.constant dense<[1, 2, 3]> : tensor<3xi32>
  %0 = nn.cumprod %x axis 0 : tensor<3xi32> -> tensor<3xi32>
  %1 = nn.cumprod %x axis 0 exclusive reverse : tensor<3xi32> -> tensor<3xi32>
  return %0, %1 : tensor<3xi32>, tensor<3xi32>
}

// CHECK-LABEL: func @bitcast
func.func @bitcast() -> (tensor<2xui32>, tensor<2xui4>) {
  // CHECK-DAG: dense<[1065353216, 2147483648]> : tensor<2xui32>
  // CHECK-DAG: dense<[15, 3]> : tensor<2xui4>
  %x = nn.constant dense<[1.0, -0.0]> : tensor<2xf32>
  %0 = nn.bitcast %x to ui32 : tensor<2xf32> -> tensor<2xui32>
  %y = nn.constant dense<[-1, 3]> : tensor<2xi4>
  %1 = nn.bitcast %y to ui4 : tensor<2xi4> -> tensor<2xui4>
  return %0, %1 : tensor<2xui32>, tensor<2xui4>
}
