// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @gather
func.func @gather(%x: tensor<9x4xf32>, %i: tensor<?xi32>) -> tensor<9x?xf32> {
  // CHECK: nn.gather %{{.*}}, %{{.*}} axis 1 : tensor<9x4xf32>, tensor<?xi32> -> tensor<9x?xf32>
  %0 = nn.gather %x, %i axis 1 : tensor<9x4xf32>, tensor<?xi32> -> tensor<9x?xf32>
  return %0 : tensor<9x?xf32>
}

// CHECK-LABEL: func @gather_elements
func.func @gather_elements(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>) -> tensor<3x2xf32> {
  // CHECK: nn.gather_elements %{{.*}}, %{{.*}} axis 1 : tensor<3x4xf32>, tensor<3x2xi64> -> tensor<3x2xf32>
  %0 = nn.gather_elements %x, %i axis 1 : tensor<3x4xf32>, tensor<3x2xi64> -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// CHECK-LABEL: func @gather_nd
func.func @gather_nd(%x: tensor<3x4x5xf32>, %i: tensor<3x1xi64>) -> tensor<3x5xf32> {
  // CHECK: nn.gather_nd %{{.*}}, %{{.*}} batch_dims 1 : tensor<3x4x5xf32>, tensor<3x1xi64> -> tensor<3x5xf32>
  %0 = nn.gather_nd %x, %i batch_dims 1 : tensor<3x4x5xf32>, tensor<3x1xi64> -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// CHECK-LABEL: func @scatter_elements
func.func @scatter_elements(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>, %u: tensor<3x2xf32>) -> tensor<3x4xf32> {
  // CHECK: nn.scatter_elements min %{{.*}}, %{{.*}}, %{{.*}} axis 1 : tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32> -> tensor<3x4xf32>
  %0 = nn.scatter_elements min %x, %i, %u axis 1 : tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32> -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: func @scatter_nd
func.func @scatter_nd(%x: tensor<3x4xf32>, %i: tensor<7x1xi64>, %u: tensor<7x4xf32>) -> tensor<3x4xf32> {
  // CHECK: nn.scatter_nd none %{{.*}}, %{{.*}}, %{{.*}} : tensor<3x4xf32>, tensor<7x1xi64>, tensor<7x4xf32> -> tensor<3x4xf32>
  %0 = nn.scatter_nd none %x, %i, %u : tensor<3x4xf32>, tensor<7x1xi64>, tensor<7x4xf32> -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}
