// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// A table of places for each axis, then one gather.
// CHECK-LABEL: func @resize_nearest
func.func @resize_nearest(%x: tensor<1x3x?x?xui8>, %s: tensor<2xi64>) -> tensor<1x3x?x?xui8> {
  // CHECK-COUNT-2: linalg.generic {{.*}} outs(%{{.*}} : tensor<?xi64>)
  // CHECK: linalg.generic
  // CHECK-SAME: ins(%{{.*}}, %{{.*}} : tensor<?xi64>, tensor<?xi64>)
  // CHECK: tensor.extract %{{.*}} : tensor<1x3x?x?xi8>
  // CHECK-NOT: linalg.generic
  %0 = nn.resize %x, %s axes [2, 3] nearest asymmetric rounding floor : tensor<1x3x?x?xui8>, tensor<2xi64> -> tensor<1x3x?x?xui8>
  return %0 : tensor<1x3x?x?xui8>
}

// Four reads in one pass.
// CHECK-LABEL: func @resize_linear
func.func @resize_linear(%x: tensor<4x4xf32>, %s: tensor<2xi64>) -> tensor<?x?xf32> {
  // CHECK: iterator_types = ["parallel", "parallel"]
  // CHECK-COUNT-4: tensor.extract
  // CHECK-NOT: tensor.extract
  %0 = nn.resize %x, %s axes [0, 1] linear half_pixel : tensor<4x4xf32>, tensor<2xi64> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// Three cubic axes are two passes, with floats in between.
// CHECK-LABEL: func @resize_passes
func.func @resize_passes(%x: tensor<4x4x4xi8>) -> tensor<5x5x5xi8> {
  // CHECK: tensor.empty() : tensor<5x5x4xf64>
  // CHECK: tensor.empty() : tensor<5x5x5xi8>
  // CHECK: arith.fptosi
  %s = nn.constant dense<5> : tensor<3xi64>
  %0 = nn.resize %x, %s axes [0, 1, 2] cubic half_pixel : tensor<4x4x4xi8>, tensor<3xi64> -> tensor<5x5x5xi8>
  return %0 : tensor<5x5x5xi8>
}

// What lies outside of the crop is one value.
// CHECK-LABEL: func @resize_crop
func.func @resize_crop(%x: tensor<4xf32>, %s: tensor<1xi64>, %r: tensor<2xf32>) -> tensor<?xf32> {
  // CHECK: outs(%{{.*}} : tensor<?xi1>)
  // CHECK: %[[V:.*]] = arith.constant 1.000000e+01 : f32
  // CHECK: arith.select %{{.*}}, %[[V]]
  %0 = nn.resize %x, %s roi(%r : tensor<2xf32>) axes [0] linear tf_crop_and_resize {extrapolation = 10.0 : f32} : tensor<4xf32>, tensor<1xi64> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @grid_sample
func.func @grid_sample(%x: tensor<?x1x?x4xf32>, %g: tensor<?x6x6x2xf32>) -> tensor<?x1x6x6xf32> {
  // CHECK: iterator_types = ["parallel", "parallel", "parallel", "parallel"]
  // CHECK: math.roundeven
  // CHECK-NOT: nn.
  %0 = nn.grid_sample %x, %g nearest border : tensor<?x1x?x4xf32>, tensor<?x6x6x2xf32> -> tensor<?x1x6x6xf32>
  return %0 : tensor<?x1x6x6xf32>
}

// CHECK-LABEL: func @affine_grid
func.func @affine_grid(%t: tensor<?x2x3xf16>, %s: tensor<2xi64>) -> tensor<?x?x?x2xf16> {
  // CHECK: linalg.generic
  // CHECK: arith.extf %{{.*}} : f16 to f32
  // CHECK: arith.truncf %{{.*}} : f32 to f16
  %0 = nn.affine_grid %t, %s : tensor<?x2x3xf16>, tensor<2xi64> -> tensor<?x?x?x2xf16>
  return %0 : tensor<?x?x?x2xf16>
}

// The batch index is kept inside of the input.
// CHECK-LABEL: func @roi_align
func.func @roi_align(%x: tensor<?x2x8x8xf32>, %r: tensor<?x4xf32>, %b: tensor<?xi64>) -> tensor<?x2x5x5xf32> {
  // CHECK: arith.maxsi
  // CHECK: arith.minsi
  // CHECK-COUNT-2: scf.for
  // CHECK: arith.maxnumf
  %0 = nn.roi_align %x, %r, %b max size [5, 5] : tensor<?x2x8x8xf32>, tensor<?x4xf32>, tensor<?xi64> -> tensor<?x2x5x5xf32>
  return %0 : tensor<?x2x5x5xf32>
}
