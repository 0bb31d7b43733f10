// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @resize
func.func @resize(%x: tensor<1x3x4x4xf32>, %s: tensor<2xi64>, %f: tensor<2xf32>, %r: tensor<4xf32>) -> tensor<1x3x?x?xf32> {
  // CHECK: nn.resize %{{.*}}, %{{.*}} axes [2, 3] linear half_pixel : tensor<1x3x4x4xf32>, tensor<2xi64> -> tensor<1x3x?x?xf32>
  %0 = nn.resize %x, %s axes [2, 3] linear half_pixel : tensor<1x3x4x4xf32>, tensor<2xi64> -> tensor<1x3x?x?xf32>
  // CHECK: nn.resize %{{.*}}, %{{.*}} scales(%{{.*}} : tensor<2xf32>) roi(%{{.*}} : tensor<4xf32>) axes [2, 3] nearest tf_crop_and_resize rounding floor {extrapolation = 1.000000e+01 : f32}
  %1 = nn.resize %x, %s scales(%f : tensor<2xf32>) roi(%r : tensor<4xf32>) axes [2, 3] nearest tf_crop_and_resize rounding floor {extrapolation = 10.0 : f32} : tensor<1x3x4x4xf32>, tensor<2xi64> -> tensor<1x3x?x?xf32>
  // CHECK: nn.resize %{{.*}}, %{{.*}} axes [2, 3] cubic align_corners {cubic_coefficient = -5.000000e-01 : f32, exclude_outside}
  %2 = nn.resize %x, %s axes [2, 3] cubic align_corners {cubic_coefficient = -0.5 : f32, exclude_outside} : tensor<1x3x4x4xf32>, tensor<2xi64> -> tensor<1x3x?x?xf32>
  return %0 : tensor<1x3x?x?xf32>
}

// CHECK-LABEL: func @grid_sample
func.func @grid_sample(%x: tensor<1x1x4x4xf32>, %g: tensor<1x6x6x2xf32>) -> tensor<1x1x6x6xf32> {
  // CHECK: nn.grid_sample %{{.*}}, %{{.*}} cubic reflection align_corners : tensor<1x1x4x4xf32>, tensor<1x6x6x2xf32> -> tensor<1x1x6x6xf32>
  %0 = nn.grid_sample %x, %g cubic reflection align_corners : tensor<1x1x4x4xf32>, tensor<1x6x6x2xf32> -> tensor<1x1x6x6xf32>
  return %0 : tensor<1x1x6x6xf32>
}

// CHECK-LABEL: func @affine_grid
func.func @affine_grid(%t: tensor<2x2x3xf32>, %s: tensor<2xi64>) -> tensor<2x?x?x2xf32> {
  // CHECK: nn.affine_grid %{{.*}}, %{{.*}} align_corners : tensor<2x2x3xf32>, tensor<2xi64> -> tensor<2x?x?x2xf32>
  %0 = nn.affine_grid %t, %s align_corners : tensor<2x2x3xf32>, tensor<2xi64> -> tensor<2x?x?x2xf32>
  return %0 : tensor<2x?x?x2xf32>
}

// CHECK-LABEL: func @roi_align
func.func @roi_align(%x: tensor<1x2x8x8xf32>, %r: tensor<3x4xf32>, %b: tensor<3xi64>) -> tensor<3x2x5x6xf32> {
  // CHECK: nn.roi_align %{{.*}}, %{{.*}}, %{{.*}} max size [5, 6] half_pixel {sampling_ratio = 2 : i64} : tensor<1x2x8x8xf32>
  %0 = nn.roi_align %x, %r, %b max size [5, 6] half_pixel {sampling_ratio = 2 : i64} : tensor<1x2x8x8xf32>, tensor<3x4xf32>, tensor<3xi64> -> tensor<3x2x5x6xf32>
  return %0 : tensor<3x2x5x6xf32>
}
