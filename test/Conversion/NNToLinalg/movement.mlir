// RUN: nnc-opt %s -convert-nn-to-linalg -canonicalize -cse | FileCheck %s

// CHECK-LABEL: func @slice_view
func.func @slice_view(%x: tensor<?x6xf32>) -> tensor<?x3xf32> {
  // CHECK: %[[FIRST:.*]] = arith.minsi
  // CHECK: tensor.extract_slice %{{.*}}[%[[FIRST]], 0] [%{{.*}}, 3] [1, 2]
  %s = nn.constant dense<[1, 0]> : tensor<2xi64>
  %e = nn.constant dense<[9223372036854775807, 1000]> : tensor<2xi64>
  %0 = nn.slice %x, %s, %e axes [0, 1] steps [1, 2] : tensor<?x6xf32>, tensor<2xi64>, tensor<2xi64> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: func @slice_backwards
func.func @slice_backwards(%x: tensor<6xf32>) -> tensor<2xf32> {
  // CHECK-DAG: arith.constant -3 : index
  // CHECK-DAG: arith.constant 5 : index
  // CHECK: linalg.generic
  // CHECK: tensor.extract
  %s = nn.constant dense<-1> : tensor<1xi64>
  %e = nn.constant dense<1> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e axes [0] steps [-3] : tensor<6xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @slice_empty
func.func @slice_empty(%x: tensor<6xf32>) -> tensor<0xf32> {
  // CHECK: tensor.empty() : tensor<0xf32>
  // CHECK-NOT: extract
  %s = nn.constant dense<6> : tensor<1xi64>
  %e = nn.constant dense<7> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e axes [0] steps [1] : tensor<6xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<0xf32>
  return %0 : tensor<0xf32>
}

// CHECK-LABEL: func @concat
func.func @concat(%a: tensor<2x?xf32>, %b: tensor<2x4xf32>, %c: tensor<2x0xf32>) -> tensor<2x?xf32> {
  // CHECK: %[[OUT:.*]] = tensor.empty
  // CHECK: %[[PART:.*]] = tensor.insert_slice %{{.*}} into %[[OUT]][0, 0] [2, %[[N:.*]]] [1, 1]
  // CHECK: tensor.insert_slice %{{.*}} into %[[PART]][0, %[[N]]] [2, 4] [1, 1]
  // CHECK-NOT: insert_slice
  %0 = nn.concat %a, %b, %c axis 1 : tensor<2x?xf32>, tensor<2x4xf32>, tensor<2x0xf32> -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @broadcast_static
func.func @broadcast_static(%x: tensor<3x1xui8>) -> tensor<2x3x4xui8> {
  // CHECK: linalg.generic
  // CHECK-SAME: ins(%{{.*}} : tensor<3x1xi8>)
  %s = nn.constant dense<[2, 1, 4]> : tensor<3xi64>
  %0 = nn.broadcast %x, %s : tensor<3x1xui8>, tensor<3xi64> -> tensor<2x3x4xui8>
  return %0 : tensor<2x3x4xui8>
}

// CHECK-LABEL: func @broadcast_dynamic
func.func @broadcast_dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: linalg.generic
  // CHECK: %[[AT:.*]] = arith.select
  // CHECK: tensor.extract %{{.*}}[%[[AT]]]
  %s = nn.constant dense<[4]> : tensor<1xi64>
  %0 = nn.broadcast %x, %s : tensor<?xf32>, tensor<1xi64> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Dimensions that data gives may be 0 or -1.
// CHECK-LABEL: func @reshape_by_data
func.func @reshape_by_data(%x: tensor<?x4xf32>, %s: tensor<1xi64>) -> tensor<?xf32> {
  // CHECK: arith.cmpi eq, %{{.*}}, %c0
  // CHECK: arith.cmpi eq, %{{.*}}, %c-1
  // CHECK: tensor.reshape
  %0 = nn.reshape %x, %s : tensor<?x4xf32>, tensor<1xi64> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// What is on both sides cancels out.
// CHECK-LABEL: func @reshape_heads
func.func @reshape_heads(%x: tensor<?x?x768xf32>) -> tensor<?x?x12x64xf32> {
  // CHECK-NOT: arith.floordivsi
  // CHECK: tensor.from_elements %[[B:.*]], %[[S:.*]], %c12, %c64
  // CHECK-NOT: arith.floordivsi
  %s = nn.constant dense<[0, 0, 12, 64]> : tensor<4xi64>
  %0 = nn.reshape %x, %s : tensor<?x?x768xf32>, tensor<4xi64> -> tensor<?x?x12x64xf32>
  return %0 : tensor<?x?x12x64xf32>
}

// A view may not start behind the end, even without elements.
// CHECK-LABEL: func @slice_outside
func.func @slice_outside(%x: tensor<4xf32>, %e: tensor<1xi64>) -> tensor<?xf32> {
  // CHECK: tensor.empty
  // CHECK-NOT: extract_slice
  %s = nn.constant dense<9> : tensor<1xi64>
  %0 = nn.slice %x, %s, %e axes [0] steps [1] : tensor<4xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// There is no linalg.transpose of a scalar.
// CHECK-LABEL: func @transpose_scalar
func.func @transpose_scalar(%x: tensor<f64>) -> tensor<f64> {
  // CHECK: linalg.copy
  %0 = nn.transpose %x [] : tensor<f64> -> tensor<f64>
  return %0 : tensor<f64>
}
