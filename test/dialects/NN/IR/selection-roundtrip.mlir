// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @top_k
func.func @top_k(%x: tensor<3x4xf32>, %k: tensor<1xi64>) -> tensor<3x?xf32> {
  // CHECK: nn.top_k %{{.*}}, %{{.*}} axis 1 : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x?xf32>, tensor<3x?xi64>
  %0:2 = nn.top_k %x, %k axis 1 : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x?xf32>, tensor<3x?xi64>
  // CHECK: nn.top_k %{{.*}}, %{{.*}} axis 0 smallest
  %1:2 = nn.top_k %x, %k axis 0 smallest : tensor<3x4xf32>, tensor<1xi64> -> tensor<?x4xf32>, tensor<?x4xi64>
  return %0#0 : tensor<3x?xf32>
}

// CHECK-LABEL: func @one_hot
func.func @one_hot(%i: tensor<2xi64>, %v: tensor<2xf32>, %d: tensor<i64>) -> tensor<2x?xf32> {
  // CHECK: nn.one_hot %{{.*}}, %{{.*}}, %{{.*}} axis 1 : tensor<2xi64>, tensor<i64>, tensor<2xf32> -> tensor<2x?xf32>
  %0 = nn.one_hot %i, %d, %v axis 1 : tensor<2xi64>, tensor<i64>, tensor<2xf32> -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @nonzero
func.func @nonzero(%x: tensor<2x3xui8>) -> tensor<2x?xi64> {
  // CHECK: nn.count_nonzero %{{.*}} : tensor<2x3xui8> -> tensor<1xi64>
  %n = nn.count_nonzero %x : tensor<2x3xui8> -> tensor<1xi64>
  // CHECK: nn.nonzero %{{.*}}, %{{.*}} : tensor<2x3xui8>, tensor<1xi64> -> tensor<2x?xi64>
  %0 = nn.nonzero %x, %n : tensor<2x3xui8>, tensor<1xi64> -> tensor<2x?xi64>
  return %0 : tensor<2x?xi64>
}

// CHECK-LABEL: func @unique
func.func @unique(%x: tensor<2x3xf32>) -> tensor<?xf32> {
  // CHECK: nn.count_unique %{{.*}} axis 1 : tensor<2x3xf32> -> tensor<1xi64>
  %m = nn.count_unique %x axis 1 : tensor<2x3xf32> -> tensor<1xi64>
  // CHECK: nn.unique %{{.*}}, %{{.*}} axis 1 sorted : tensor<2x3xf32>, tensor<1xi64> -> tensor<2x?xf32>, tensor<?xi64>, tensor<3xi64>, tensor<?xi64>
  %1:4 = nn.unique %x, %m axis 1 sorted : tensor<2x3xf32>, tensor<1xi64> -> tensor<2x?xf32>, tensor<?xi64>, tensor<3xi64>, tensor<?xi64>
  %n = nn.count_unique %x : tensor<2x3xf32> -> tensor<1xi64>
  // CHECK: nn.unique %{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<1xi64> -> tensor<?xf32>, tensor<?xi64>, tensor<6xi64>, tensor<?xi64>
  %0:4 = nn.unique %x, %n : tensor<2x3xf32>, tensor<1xi64> -> tensor<?xf32>, tensor<?xi64>, tensor<6xi64>, tensor<?xi64>
  return %0#0 : tensor<?xf32>
}

// CHECK-LABEL: func @non_max_suppression
func.func @non_max_suppression(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %t: tensor<f32>) -> tensor<?x3xi64> {
  // CHECK: nn.non_max_suppression %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} center_point : tensor<1x6x4xf32>
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t center_point : tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x3xi64>, tensor<1xi64>
  return %0#0 : tensor<?x3xi64>
}
