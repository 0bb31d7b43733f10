// RUN: nnc-opt %s -nnc-recompose -canonicalize -split-input-file | FileCheck %s

// Zeros before and after places become padding of the convolution.
// CHECK-LABEL: func @zeros
func.func @zeros(%x: tensor<1x2x7x8xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x5x5xf32> {
  // CHECK-NOT: nn.pad
  // CHECK: nn.conv %arg0, %arg1 strides [2, 2] dilations [1, 1] pads [1, 2, 3, 1]
  %p = nn.constant dense<[0, 0, 0, 1, 0, 0, 2, 1]> : tensor<8xi64>
  %0 = nn.pad constant %x, %p : tensor<1x2x7x8xf32>, tensor<8xi64> -> tensor<1x2x9x10xf32>
  %1 = nn.conv %0, %w strides [2, 2] dilations [1, 1] pads [1, 1, 1, 0]
    : tensor<1x2x9x10xf32>, tensor<4x2x3x3xf32> -> tensor<1x4x5x5xf32>
  return %1 : tensor<1x4x5x5xf32>
}

// -----

// Sizes of the run, a value that is given, and another user.
// CHECK-LABEL: func @free
func.func @free(%x: tensor<?x2x?xf32>, %w: tensor<4x2x3xf32>) -> (tensor<?x4x?xf32>, tensor<?x2x?xf32>) {
  // CHECK: %[[P:.*]] = nn.pad
  // CHECK: %[[C:.*]] = nn.conv %arg0, %arg1 {{.*}} pads [1, 1]
  // CHECK: return %[[C]], %[[P]]
  %p = nn.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xi64>
  %v = nn.constant dense<-0.0> : tensor<f32>
  %0 = nn.pad constant %x, %p value %v : tensor<?x2x?xf32>, tensor<6xi64>, tensor<f32> -> tensor<?x2x?xf32>
  %1 = nn.conv %0, %w strides [1] dilations [1] pads [0, 0] : tensor<?x2x?xf32>, tensor<4x2x3xf32> -> tensor<?x4x?xf32>
  return %1, %0 : tensor<?x4x?xf32>, tensor<?x2x?xf32>
}

// -----

// CHECK-LABEL: func @ones
func.func @ones(%x: tensor<1x2x7xf32>, %w: tensor<4x2x3xf32>) -> tensor<1x4x7xf32> {
  // CHECK: nn.pad constant
  %p = nn.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xi64>
  %v = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.pad constant %x, %p value %v : tensor<1x2x7xf32>, tensor<6xi64>, tensor<f32> -> tensor<1x2x9xf32>
  %1 = nn.conv %0, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x9xf32>, tensor<4x2x3xf32> -> tensor<1x4x7xf32>
  return %1 : tensor<1x4x7xf32>
}

// -----

// CHECK-LABEL: func @edges
func.func @edges(%x: tensor<1x2x7xf32>, %w: tensor<4x2x3xf32>) -> tensor<1x4x7xf32> {
  // CHECK: nn.pad edge
  %p = nn.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xi64>
  %0 = nn.pad edge %x, %p : tensor<1x2x7xf32>, tensor<6xi64> -> tensor<1x2x9xf32>
  %1 = nn.conv %0, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x9xf32>, tensor<4x2x3xf32> -> tensor<1x4x7xf32>
  return %1 : tensor<1x4x7xf32>
}

// -----

// Channels of zeros, places that are cut, and counts of the run.
// CHECK-LABEL: func @others
func.func @others(%x: tensor<1x1x7xf32>, %y: tensor<1x2x9xf32>, %z: tensor<1x2x?xf32>, %n: tensor<6xi64>, %w: tensor<4x2x3xf32>)
    -> (tensor<1x4x5xf32>, tensor<1x4x5xf32>, tensor<1x4x?xf32>) {
  // CHECK-COUNT-3: nn.pad constant
  %p = nn.constant dense<[0, 1, 0, 0, 0, 0]> : tensor<6xi64>
  %0 = nn.pad constant %x, %p : tensor<1x1x7xf32>, tensor<6xi64> -> tensor<1x2x7xf32>
  %1 = nn.conv %0, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x7xf32>, tensor<4x2x3xf32> -> tensor<1x4x5xf32>
  %q = nn.constant dense<[0, 0, -1, 0, 0, -1]> : tensor<6xi64>
  %2 = nn.pad constant %y, %q : tensor<1x2x9xf32>, tensor<6xi64> -> tensor<1x2x7xf32>
  %3 = nn.conv %2, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x7xf32>, tensor<4x2x3xf32> -> tensor<1x4x5xf32>
  %4 = nn.pad constant %z, %n : tensor<1x2x?xf32>, tensor<6xi64> -> tensor<1x2x?xf32>
  %5 = nn.conv %4, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x?xf32>, tensor<4x2x3xf32> -> tensor<1x4x?xf32>
  return %1, %3, %5 : tensor<1x4x5xf32>, tensor<1x4x5xf32>, tensor<1x4x?xf32>
}
