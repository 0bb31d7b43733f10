// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// Rows, columns, places, elements; the results are carried along.
// CHECK-LABEL: func @top_k
func.func @top_k(%x: tensor<?x?x3xf16>, %k: tensor<1xi64>) -> (tensor<?x?x3xf16>, tensor<?x?x3xi64>) {
  // CHECK-COUNT-4: scf.for
  // CHECK: tensor.extract %{{.*}} : tensor<?x?x3xf16>
  // CHECK: tensor.insert
  // CHECK-NOT: nn.
  %0:2 = nn.top_k %x, %k axis 1 : tensor<?x?x3xf16>, tensor<1xi64> -> tensor<?x?x3xf16>, tensor<?x?x3xi64>
  return %0#0, %0#1 : tensor<?x?x3xf16>, tensor<?x?x3xi64>
}

// Unsigned elements are compared as such.
// CHECK-LABEL: func @top_k_unsigned
func.func @top_k_unsigned(%x: tensor<5xui8>, %k: tensor<i64>) -> tensor<?xui8> {
  // CHECK: arith.cmpi ult
  // CHECK-NOT: arith.cmpi slt, %{{.*}} : i8
  %0:2 = nn.top_k %x, %k axis 0 : tensor<5xui8>, tensor<i64> -> tensor<?xui8>, tensor<?xi64>
  return %0#0 : tensor<?xui8>
}

// CHECK-LABEL: func @one_hot
func.func @one_hot(%i: tensor<?xi64>, %d: tensor<i64>, %v: tensor<2xf32>) -> tensor<?x?xf32> {
  // CHECK: linalg.generic
  // CHECK-SAME: iterator_types = ["parallel", "parallel"]
  // CHECK: linalg.index 1
  // CHECK: arith.select
  %0 = nn.one_hot %i, %d, %v axis 1 : tensor<?xi64>, tensor<i64>, tensor<2xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func @nonzero
func.func @nonzero(%x: tensor<2x?xf32>) -> tensor<2x?xi64> {
  // CHECK: linalg.generic
  // CHECK-SAME: iterator_types = ["reduction", "reduction"]
  %n = nn.count_nonzero %x : tensor<2x?xf32> -> tensor<1xi64>
  // CHECK-COUNT-2: scf.for
  // CHECK: arith.cmpf une
  // CHECK: scf.if
  // CHECK-COUNT-2: tensor.insert
  %0 = nn.nonzero %x, %n : tensor<2x?xf32>, tensor<1xi64> -> tensor<2x?xi64>
  return %0 : tensor<2x?xi64>
}

// A scalar has no coordinates.
// CHECK-LABEL: func @nonzero_rank0
func.func @nonzero_rank0(%x: tensor<f32>, %n: tensor<i64>) -> tensor<0x?xi64> {
  // CHECK: tensor.empty(%{{.*}}) : tensor<0x?xi64>
  // CHECK-NOT: tensor.insert
  %0 = nn.nonzero %x, %n : tensor<f32>, tensor<i64> -> tensor<0x?xi64>
  return %0 : tensor<0x?xi64>
}

// CHECK-LABEL: func @unique
func.func @unique(%x: tensor<?x3xi8>, %n: tensor<1xi64>) -> tensor<?x3xi8> {
  // CHECK-COUNT-2: scf.for
  // CHECK: arith.cmpi slt, %{{.*}}, %{{.*}} : i8
  // CHECK-NOT: nn.
  %0:4 = nn.unique %x, %n axis 0 sorted : tensor<?x3xi8>, tensor<1xi64> -> tensor<?x3xi8>, tensor<?xi64>, tensor<?xi64>, tensor<?xi64>
  return %0#0 : tensor<?x3xi8>
}

// CHECK-LABEL: func @non_max_suppression
func.func @non_max_suppression(%b: tensor<?x?x4xf32>, %s: tensor<?x2x?xf32>, %m: tensor<i64>, %t: tensor<f32>) -> (tensor<?x3xi64>, tensor<1xi64>) {
  // CHECK: linalg.fill
  // CHECK: scf.while
  // CHECK: scf.condition
  // CHECK: arith.divf
  // CHECK-NOT: nn.
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<?x?x4xf32>, tensor<?x2x?xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x3xi64>, tensor<1xi64>
  return %0#0, %0#1 : tensor<?x3xi64>, tensor<1xi64>
}
