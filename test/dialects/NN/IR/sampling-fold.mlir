// RUN: nnc-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @resize_linear
func.func @resize_linear() -> tensor<4xf32> {
  // CHECK: dense<[1.000000e+00, 1.500000e+00, 2.500000e+00, 3.000000e+00]> : tensor<4xf32>
  %x = nn.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %s = nn.constant dense<4> : tensor<1xi64>
  %0 = nn.resize %x, %s axes [0] linear half_pixel : tensor<2xf32>, tensor<1xi64> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @resize_linear_align_corners
func.func @resize_linear_align_corners() -> tensor<3xf32> {
  // CHECK: dense<[1.000000e+00, 2.000000e+00, 3.000000e+00]> : tensor<3xf32>
  %x = nn.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %s = nn.constant dense<3> : tensor<1xi64>
  %0 = nn.resize %x, %s axes [0] linear align_corners : tensor<2xf32>, tensor<1xi64> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// Sizes 5 to 3: places 0.33, 2, 3.67.
// CHECK-LABEL: func @resize_nearest_bool
func.func @resize_nearest_bool() -> tensor<3xi1> {
  // CHECK: dense<[true, false, true]> : tensor<3xi1>
  %x = nn.constant dense<[true, false, false, false, true]> : tensor<5xi1>
  %s = nn.constant dense<3> : tensor<1xi64>
  %0 = nn.resize %x, %s axes [0] nearest half_pixel : tensor<5xi1>, tensor<1xi64> -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// A place between two elements, and the four ways to round it.
// CHECK-LABEL: func @resize_roundings
func.func @resize_roundings() -> (tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) {
  // CHECK-DAG: %[[A:.*]] = nn.constant dense<7> : tensor<1xi32>
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<8> : tensor<1xi32>
  // CHECK: return %[[A]], %[[B]], %[[A]], %[[B]]
  %x = nn.constant dense<[7, 8]> : tensor<2xi32>
  %s = nn.constant dense<1> : tensor<1xi64>
  %0 = nn.resize %x, %s axes [0] nearest half_pixel : tensor<2xi32>, tensor<1xi64> -> tensor<1xi32>
  %1 = nn.resize %x, %s axes [0] nearest half_pixel rounding round_prefer_ceil : tensor<2xi32>, tensor<1xi64> -> tensor<1xi32>
  %2 = nn.resize %x, %s axes [0] nearest half_pixel rounding floor : tensor<2xi32>, tensor<1xi64> -> tensor<1xi32>
  %3 = nn.resize %x, %s axes [0] nearest half_pixel rounding ceil : tensor<2xi32>, tensor<1xi64> -> tensor<1xi32>
  return %0, %1, %2, %3 : tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>
}

// The crop starts outside.
// CHECK-LABEL: func @resize_crop
func.func @resize_crop() -> tensor<3xf32> {
  // CHECK: dense<[1.000000e+01, 1.000000e+00, 3.000000e+00]> : tensor<3xf32>
  %x = nn.constant dense<[1.0, 3.0, 5.0]> : tensor<3xf32>
  %s = nn.constant dense<3> : tensor<1xi64>
  %r = nn.constant dense<[-0.5, 0.5]> : tensor<2xf32>
  %0 = nn.resize %x, %s roi(%r : tensor<2xf32>) axes [0] linear tf_crop_and_resize {extrapolation = 10.0 : f32} : tensor<3xf32>, tensor<1xi64> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: func @grid_sample
func.func @grid_sample() -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>) {
  // CHECK-DAG: %[[Z:.*]] = nn.constant dense<{{\[\[\[\[}}2.500000e+00, 1.000000e+00]]]]>
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<{{\[\[\[\[}}2.500000e+00, 4.000000e+00]]]]>
  // CHECK: return %[[Z]], %[[B]], %[[B]]
  %x = nn.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %g = nn.constant dense<[[[[0.0, 0.0], [1.0, 1.0]]]]> : tensor<1x1x2x2xf32>
  %0 = nn.grid_sample %x, %g linear zeros : tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32> -> tensor<1x1x1x2xf32>
  %1 = nn.grid_sample %x, %g linear border : tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32> -> tensor<1x1x1x2xf32>
  %2 = nn.grid_sample %x, %g linear zeros align_corners : tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32> -> tensor<1x1x1x2xf32>
  return %0, %1, %2 : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>
}

// The unit map gives the positions themselves, x first.
// CHECK-LABEL: func @affine_grid
func.func @affine_grid() -> tensor<1x1x2x2xf32> {
  // CHECK: dense<{{\[\[\[\[}}-5.000000e-01, 0.000000e+00], [5.000000e-01, 0.000000e+00]]]]>
  %t = nn.constant dense<[[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]> : tensor<1x2x3xf32>
  %s = nn.constant dense<[1, 2]> : tensor<2xi64>
  %0 = nn.affine_grid %t, %s : tensor<1x2x3xf32>, tensor<2xi64> -> tensor<1x1x2x2xf32>
  return %0 : tensor<1x1x2x2xf32>
}

// One sample in the middle of two by two.
// CHECK-LABEL: func @roi_align
func.func @roi_align() -> tensor<1x1x1x1xf32> {
  // CHECK: dense<2.500000e+00> : tensor<1x1x1x1xf32>
  %x = nn.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %r = nn.constant dense<[[0.0, 0.0, 1.0, 1.0]]> : tensor<1x4xf32>
  %b = nn.constant dense<0> : tensor<1xi64>
  %0 = nn.roi_align %x, %r, %b avg size [1, 1] : tensor<1x1x2x2xf32>, tensor<1x4xf32>, tensor<1xi64> -> tensor<1x1x1x1xf32>
  return %0 : tensor<1x1x1x1xf32>
}

// There is no batch 1.
// CHECK-LABEL: func @roi_align_wrong_batch
func.func @roi_align_wrong_batch() -> tensor<1x1x1x1xf32> {
  // CHECK: nn.roi_align
  %x = nn.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %r = nn.constant dense<[[0.0, 0.0, 1.0, 1.0]]> : tensor<1x4xf32>
  %b = nn.constant dense<1> : tensor<1xi64>
  %0 = nn.roi_align %x, %r, %b avg size [1, 1] : tensor<1x1x2x2xf32>, tensor<1x4xf32>, tensor<1xi64> -> tensor<1x1x1x1xf32>
  return %0 : tensor<1x1x1x1xf32>
}
