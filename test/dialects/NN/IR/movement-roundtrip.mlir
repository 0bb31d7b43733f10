// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @broadcast
func.func @broadcast(%x: tensor<3x1xf32>, %s: tensor<3xi32>) -> tensor<?x3x?xf32> {
  // CHECK: nn.broadcast %{{.*}}, %{{.*}} : tensor<3x1xf32>, tensor<3xi32> -> tensor<?x3x?xf32>
  %0 = nn.broadcast %x, %s : tensor<3x1xf32>, tensor<3xi32> -> tensor<?x3x?xf32>
  return %0 : tensor<?x3x?xf32>
}

// CHECK-LABEL: func @slice
func.func @slice(%x: tensor<4x6xi1>, %s: tensor<1xi64>, %e: tensor<1xi64>) -> tensor<4x?xi1> {
  // CHECK: nn.slice %{{.*}}, %{{.*}}, %{{.*}} axes [1] steps [-2] : tensor<4x6xi1>, tensor<1xi64>, tensor<1xi64> -> tensor<4x?xi1>
  %0 = nn.slice %x, %s, %e axes [1] steps [-2] : tensor<4x6xi1>, tensor<1xi64>, tensor<1xi64> -> tensor<4x?xi1>
  return %0 : tensor<4x?xi1>
}

// CHECK-LABEL: func @concat
func.func @concat(%a: tensor<2x3xf32>, %b: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: nn.concat %{{.*}}, %{{.*}} axis 1 : tensor<2x3xf32>, tensor<2x?xf32> -> tensor<2x?xf32>
  %0 = nn.concat %a, %b axis 1 : tensor<2x3xf32>, tensor<2x?xf32> -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @pad
func.func @pad(%x: tensor<3xui8>, %p: tensor<2xi64>, %v: tensor<ui8>) -> (tensor<?xui8>, tensor<?xui8>) {
  // CHECK: nn.pad constant %{{.*}}, %{{.*}} value %{{.*}} : tensor<3xui8>, tensor<2xi64>, tensor<ui8> -> tensor<?xui8>
  // CHECK: nn.pad reflect %{{.*}}, %{{.*}} : tensor<3xui8>, tensor<2xi64> -> tensor<?xui8>
  %0 = nn.pad constant %x, %p value %v : tensor<3xui8>, tensor<2xi64>, tensor<ui8> -> tensor<?xui8>
  %1 = nn.pad reflect %x, %p : tensor<3xui8>, tensor<2xi64> -> tensor<?xui8>
  return %0, %1 : tensor<?xui8>, tensor<?xui8>
}

// CHECK-LABEL: func @tile
func.func @tile(%x: tensor<3x1xf32>, %r: tensor<2xi64>) -> tensor<?x?xf32> {
  // CHECK: nn.tile %{{.*}}, %{{.*}} : tensor<3x1xf32>, tensor<2xi64> -> tensor<?x?xf32>
  %0 = nn.tile %x, %r : tensor<3x1xf32>, tensor<2xi64> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func @range
func.func @range(%s: tensor<i16>, %n: tensor<i64>) -> tensor<?xi16> {
  // CHECK: nn.range %{{.*}}, %{{.*}}, %{{.*}} : tensor<i16>, tensor<i16>, tensor<i64> -> tensor<?xi16>
  %0 = nn.range %s, %s, %n : tensor<i16>, tensor<i16>, tensor<i64> -> tensor<?xi16>
  return %0 : tensor<?xi16>
}

// CHECK-LABEL: func @trilu
func.func @trilu(%x: tensor<2x3xf32>, %k: tensor<i64>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  // CHECK: nn.trilu %{{.*}}, %{{.*}} {upper} : tensor<2x3xf32>, tensor<i64> -> tensor<2x3xf32>
  // CHECK: nn.trilu %{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<i64> -> tensor<2x3xf32>
  %0 = nn.trilu %x, %k {upper} : tensor<2x3xf32>, tensor<i64> -> tensor<2x3xf32>
  %1 = nn.trilu %x, %k : tensor<2x3xf32>, tensor<i64> -> tensor<2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func @reverse_sequence
func.func @reverse_sequence(%x: tensor<2x5xf32>, %n: tensor<2xi64>) -> tensor<2x5xf32> {
  // CHECK: nn.reverse_sequence %{{.*}}, %{{.*}} time_axis 1 batch_axis 0 : tensor<2x5xf32>, tensor<2xi64> -> tensor<2x5xf32>
  %0 = nn.reverse_sequence %x, %n time_axis 1 batch_axis 0 : tensor<2x5xf32>, tensor<2xi64> -> tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}
