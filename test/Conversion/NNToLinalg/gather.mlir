// RUN: nnc-opt %s -convert-nn-to-linalg -canonicalize -cse | FileCheck %s

// An index from data never leaves the axis.
// CHECK-LABEL: func @gather
func.func @gather(%x: tensor<?x4xf32>, %i: tensor<2xi64>) -> tensor<2x4xf32> {
  // CHECK: %[[N:.*]] = tensor.dim
  // CHECK: linalg.generic
  // CHECK: arith.addi %{{.*}}, %[[N]]
  // CHECK: arith.minsi
  // CHECK: %[[AT:.*]] = arith.maxsi %{{.*}}, %c0
  // CHECK: tensor.extract %{{.*}}[%[[AT]], %{{.*}}] : tensor<?x4xf32>
  %0 = nn.gather %x, %i axis 0 : tensor<?x4xf32>, tensor<2xi64> -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func @gather_elements
func.func @gather_elements(%x: tensor<3x4xf32>, %i: tensor<3x2xi32>) -> tensor<3x2xf32> {
  // CHECK: %[[ROW:.*]] = linalg.index 0
  // CHECK: %[[AT:.*]] = arith.maxsi
  // CHECK: tensor.extract %{{.*}}[%[[ROW]], %[[AT]]] : tensor<3x4xf32>
  %0 = nn.gather_elements %x, %i axis 1 : tensor<3x4xf32>, tensor<3x2xi32> -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// CHECK-LABEL: func @gather_nd
func.func @gather_nd(%x: tensor<3x4x5xf32>, %i: tensor<7x2xi64>) -> tensor<7x5xf32> {
  // CHECK: %[[A:.*]] = arith.maxsi
  // CHECK: %[[B:.*]] = arith.maxsi
  // CHECK: tensor.extract %{{.*}}[%[[A]], %[[B]], %{{.*}}] : tensor<3x4x5xf32>
  %0 = nn.gather_nd %x, %i batch_dims 0 : tensor<3x4x5xf32>, tensor<7x2xi64> -> tensor<7x5xf32>
  return %0 : tensor<7x5xf32>
}

// Updates come one after the other; one out of range keeps what is there.
// CHECK-LABEL: func @scatter_elements_unsigned
func.func @scatter_elements_unsigned(%x: tensor<3x4xui8>, %i: tensor<3x2xi64>, %u: tensor<3x2xui8>) -> tensor<3x4xui8> {
  // CHECK: linalg.copy
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: %[[OLD:.*]] = tensor.extract %{{.*}} : tensor<3x4xi8>
  // CHECK: %[[NEW:.*]] = arith.maxui
  // CHECK: %[[KEPT:.*]] = arith.select %{{.*}}, %[[NEW]], %[[OLD]]
  // CHECK: tensor.insert %[[KEPT]]
  %0 = nn.scatter_elements max %x, %i, %u axis 1 : tensor<3x4xui8>, tensor<3x2xi64>, tensor<3x2xui8> -> tensor<3x4xui8>
  return %0 : tensor<3x4xui8>
}

// CHECK-LABEL: func @scatter_nd_one
func.func @scatter_nd_one(%x: tensor<4xf32>, %i: tensor<1xi64>, %u: tensor<f32>) -> tensor<4xf32> {
  // CHECK-NOT: scf.for
  // CHECK: tensor.insert
  %0 = nn.scatter_nd none %x, %i, %u : tensor<4xf32>, tensor<1xi64>, tensor<f32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
