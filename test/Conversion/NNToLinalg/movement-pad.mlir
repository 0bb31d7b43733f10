// RUN: nnc-opt %s -convert-nn-to-linalg -canonicalize -cse | FileCheck %s

// CHECK-LABEL: func @pad_constant
func.func @pad_constant(%x: tensor<?x3xf32>) -> tensor<?x6xf32> {
  // CHECK: %[[OUT:.*]] = linalg.fill
  // CHECK-NOT: extract_slice
  // CHECK: tensor.insert_slice %{{.*}} into %[[OUT]][1, 1]
  %p = nn.constant dense<[1, 1, 0, 2]> : tensor<4xi64>
  %0 = nn.pad constant %x, %p : tensor<?x3xf32>, tensor<4xi64> -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}

// CHECK-LABEL: func @pad_cut
func.func @pad_cut(%x: tensor<3xf32>, %v: tensor<f32>) -> tensor<4xf32> {
  // CHECK: linalg.fill
  // CHECK: %[[PART:.*]] = tensor.extract_slice %{{.*}}[1] [2] [1]
  // CHECK: tensor.insert_slice %[[PART]] into %{{.*}}[0] [2] [1]
  %p = nn.constant dense<[-1, 2]> : tensor<2xi64>
  %0 = nn.pad constant %x, %p value %v : tensor<3xf32>, tensor<2xi64>, tensor<f32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @pad_empty
func.func @pad_empty(%x: tensor<0xf32>) -> tensor<2xf32> {
  // CHECK: linalg.fill
  // CHECK-NOT: insert_slice
  %p = nn.constant dense<1> : tensor<2xi64>
  %0 = nn.pad constant %x, %p : tensor<0xf32>, tensor<2xi64> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @pad_reflect
func.func @pad_reflect(%x: tensor<3xf32>) -> tensor<7xf32> {
  // CHECK: arith.remsi %{{.*}}, %c4
  // CHECK: arith.minsi
  // CHECK: tensor.extract
  %p = nn.constant dense<2> : tensor<2xi64>
  %0 = nn.pad reflect %x, %p : tensor<3xf32>, tensor<2xi64> -> tensor<7xf32>
  return %0 : tensor<7xf32>
}

// CHECK-LABEL: func @tile
func.func @tile(%x: tensor<2x3xf32>) -> tensor<2x6xf32> {
  // CHECK: linalg.generic
  // CHECK: arith.remui %{{.*}}, %c3
  // CHECK-NOT: remui
  %r = nn.constant dense<[1, 2]> : tensor<2xi64>
  %0 = nn.tile %x, %r : tensor<2x3xf32>, tensor<2xi64> -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}

// A size from data may be negative; narrow floats are computed in f32.
// CHECK-LABEL: func @range
func.func @range(%s: tensor<f16>, %d: tensor<f16>, %n: tensor<i64>) -> tensor<?xf16> {
  // CHECK: %[[N:.*]] = arith.maxsi
  // CHECK: tensor.empty(%[[N]])
  // CHECK: arith.mulf %{{.*}} : f32
  // CHECK: arith.truncf %{{.*}} : f32 to f16
  %0 = nn.range %s, %d, %n : tensor<f16>, tensor<f16>, tensor<i64> -> tensor<?xf16>
  return %0 : tensor<?xf16>
}

// CHECK-LABEL: func @trilu
func.func @trilu(%x: tensor<2x3xf32>, %k: tensor<i64>) -> tensor<2x3xf32> {
  // CHECK: arith.cmpi sge
  // CHECK: arith.select
  %0 = nn.trilu %x, %k {upper} : tensor<2x3xf32>, tensor<i64> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @reverse_sequence
func.func @reverse_sequence(%x: tensor<5x2xf32>, %n: tensor<2xi64>) -> tensor<5x2xf32> {
  // CHECK: arith.minsi %{{.*}}, %c5
  // CHECK: arith.cmpi slt
  // CHECK: tensor.extract
  %0 = nn.reverse_sequence %x, %n time_axis 0 batch_axis 1 : tensor<5x2xf32>, tensor<2xi64> -> tensor<5x2xf32>
  return %0 : tensor<5x2xf32>
}
