// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @cosine_window
func.func @cosine_window(%n: tensor<i64>) -> tensor<?xf32> {
  // CHECK: nn.cosine_window %{{.*}} [5.000000e-01, 5.000000e-01, 0.000000e+00] periodic {element_type = f32} : tensor<i64> -> tensor<?xf32>
  %0 = nn.cosine_window %n [0.5, 0.5, 0.0] periodic {element_type = f32} : tensor<i64> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @frame
func.func @frame(%x: tensor<1x128x1xf32>, %l: tensor<i64>, %s: tensor<1xi32>) -> tensor<1x?x?x1xf32> {
  // CHECK: nn.frame %{{.*}}, %{{.*}}, %{{.*}} : tensor<1x128x1xf32>, tensor<i64>, tensor<1xi32> -> tensor<1x?x?x1xf32>
  %0 = nn.frame %x, %l, %s : tensor<1x128x1xf32>, tensor<i64>, tensor<1xi32> -> tensor<1x?x?x1xf32>
  return %0 : tensor<1x?x?x1xf32>
}

// CHECK-LABEL: func @dft
func.func @dft(%x: tensor<1x16x1xf32>, %n: tensor<i64>) -> tensor<1x?x2xf32> {
  // CHECK: nn.dft %{{.*}}, %{{.*}} axis 1 onesided : tensor<1x16x1xf32>, tensor<i64> -> tensor<1x?x2xf32>
  %0 = nn.dft %x, %n axis 1 onesided : tensor<1x16x1xf32>, tensor<i64> -> tensor<1x?x2xf32>
  // CHECK: nn.dft %{{.*}}, %{{.*}} axis 1 inverse :
  %1 = nn.dft %x, %n axis 1 inverse : tensor<1x16x1xf32>, tensor<i64> -> tensor<1x?x2xf32>
  return %0 : tensor<1x?x2xf32>
}

// CHECK-LABEL: func @det
func.func @det(%x: tensor<5x3x3xf16>) -> tensor<5xf16> {
  // CHECK: nn.det %{{.*}} : tensor<5x3x3xf16> -> tensor<5xf16>
  %0 = nn.det %x : tensor<5x3x3xf16> -> tensor<5xf16>
  return %0 : tensor<5xf16>
}
