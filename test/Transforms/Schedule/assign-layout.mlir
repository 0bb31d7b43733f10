// RUN: nnc-opt %s -split-input-file -nnc-assign-layout | FileCheck %s
// RUN: nnc-opt %s -split-input-file -nnc-assign-layout -nnc-assign-layout | FileCheck %s

// Between convolutions nothing is transposed.
// CHECK-LABEL: func @residual
func.func @residual(%x: tensor<1x8x6x6xf32>, %w: tensor<8x8x3x3xf32>, %b: tensor<8xf32>) -> tensor<1x8x6x6xf32> {
  // CHECK: %[[X:.*]] = nn.transpose %arg0 [0, 2, 3, 1]
  // CHECK: %[[A:.*]] = nn.conv %[[X]], %arg1, %arg2 {{.*}} {channels_last} : tensor<1x6x6x8xf32>
  // CHECK: %[[R:.*]] = nn.relu %[[A]] : tensor<1x6x6x8xf32>
  // CHECK: %[[C:.*]] = nn.conv %[[R]], %arg1 {{.*}} {channels_last}
  // CHECK: %[[S:.*]] = nn.add %[[C]], %[[X]]
  // CHECK: %[[T:.*]] = nn.transpose %[[S]] [0, 3, 1, 2]
  // CHECK-NEXT: return %[[T]]
  %0 = nn.conv %x, %w, %b strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
    : tensor<1x8x6x6xf32>, tensor<8x8x3x3xf32>, tensor<8xf32> -> tensor<1x8x6x6xf32>
  %1 = nn.relu %0 : tensor<1x8x6x6xf32> -> tensor<1x8x6x6xf32>
  %2 = nn.conv %1, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
    : tensor<1x8x6x6xf32>, tensor<8x8x3x3xf32> -> tensor<1x8x6x6xf32>
  %3 = nn.add %2, %x : tensor<1x8x6x6xf32>, tensor<1x8x6x6xf32> -> tensor<1x8x6x6xf32>
  return %3 : tensor<1x8x6x6xf32>
}

// -----

// A scale of each channel, and the squeezed image, have only to be reshaped;
// what a reduction gives without its axes is as it was.
// CHECK-LABEL: func @squeeze
func.func @squeeze(%x: tensor<2x8x6x6xf32>, %w: tensor<8x8x1x1xf32>, %s: tensor<8x1x1xf32>) -> tensor<2x8xf32> {
  // CHECK: nn.transpose %arg0
  // CHECK-NOT: nn.transpose
  // CHECK: nn.conv
  // CHECK: nn.reduce mean %{{.*}} [1, 2] keep_dims : tensor<2x6x6x8xf32> -> tensor<2x1x1x8xf32>
  // CHECK: nn.mul %{{.*}} : tensor<2x6x6x8xf32>, tensor<2x1x1x8xf32>
  // CHECK: nn.mul %{{.*}} : tensor<2x6x6x8xf32>, tensor<1x1x1x8xf32>
  // CHECK: %[[R:.*]] = nn.reduce max %{{.*}} [1, 2] : tensor<2x6x6x8xf32> -> tensor<2x8xf32>
  // CHECK-NEXT: return %[[R]]
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<2x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<2x8x6x6xf32>
  %1 = nn.reduce mean %0 [2, 3] keep_dims : tensor<2x8x6x6xf32> -> tensor<2x8x1x1xf32>
  %2 = nn.mul %0, %1 : tensor<2x8x6x6xf32>, tensor<2x8x1x1xf32> -> tensor<2x8x6x6xf32>
  %3 = nn.mul %2, %s : tensor<2x8x6x6xf32>, tensor<8x1x1xf32> -> tensor<2x8x6x6xf32>
  %4 = nn.reduce max %3 [2, 3] : tensor<2x8x6x6xf32> -> tensor<2x8xf32>
  return %4 : tensor<2x8xf32>
}

// -----

// Ops that name axes, and pools, which have no preference of their own.
// CHECK-LABEL: func @axes
func.func @axes(%x: tensor<1x8x6x6xf32>, %w: tensor<8x8x1x1xf32>, %v: tensor<8x16x1x1xf32>) -> tensor<1x8x7x3xf32> {
  %two = nn.constant dense<[0, 0, 1, 0, 0, 0, 0, 0]> : tensor<8xi64>
  %start = nn.constant dense<1> : tensor<1xi64>
  %end = nn.constant dense<4> : tensor<1xi64>
  // CHECK: %[[T:.*]] = nn.transpose %arg0
  // CHECK: nn.conv %[[T]]
  // CHECK: nn.max_pool {{.*}} {channels_last} : tensor<1x6x6x8xf32> -> tensor<1x6x6x8xf32>
  // CHECK: nn.concat {{.*}} axis 3 : tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32> -> tensor<1x6x6x16xf32>
  // CHECK: nn.softmax soft {{.*}} axis 3
  // CHECK: %[[P:.*]] = nn.constant dense<[0, 1, 0, 0, 0, 0, 0, 0]>
  // CHECK: nn.pad constant %{{.*}}, %[[P]]
  // CHECK: nn.slice {{.*}} axes [2]
  // CHECK-NOT: nn.transpose
  // CHECK: nn.conv {{.*}} : tensor<1x7x3x16xf32>
  // CHECK: nn.transpose {{.*}} [0, 3, 1, 2] : tensor<1x7x3x8xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x6x6xf32>
  %1 = nn.max_pool %0 kernel [3, 3] strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
    : tensor<1x8x6x6xf32> -> tensor<1x8x6x6xf32>
  %2 = nn.concat %0, %1 axis 1 : tensor<1x8x6x6xf32>, tensor<1x8x6x6xf32> -> tensor<1x16x6x6xf32>
  %3 = nn.softmax soft %2 axis 1 : tensor<1x16x6x6xf32> -> tensor<1x16x6x6xf32>
  %4 = nn.pad constant %3, %two : tensor<1x16x6x6xf32>, tensor<8xi64> -> tensor<1x16x7x6xf32>
  %5 = nn.slice %4, %start, %end axes [3] steps [1]
    : tensor<1x16x7x6xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<1x16x7x3xf32>
  %6 = nn.conv %5, %v strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x16x7x3xf32>, tensor<8x16x1x1xf32> -> tensor<1x8x7x3xf32>
  return %6 : tensor<1x8x7x3xf32>
}

// -----

// What grows on its way out is transposed before.
// CHECK-LABEL: func @grows
func.func @grows(%x: tensor<1x8x4x4xf32>, %w: tensor<8x8x1x1xf32>) -> tensor<1x8x8x8xf32> {
  %s = nn.constant dense<8> : tensor<2xi64>
  // CHECK: nn.conv
  // CHECK: nn.relu {{.*}} : tensor<1x4x4x8xf32>
  // CHECK: nn.transpose {{.*}} [0, 3, 1, 2] : tensor<1x4x4x8xf32>
  // CHECK: nn.resize {{.*}} axes [2, 3]
  // CHECK-NEXT: return
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x8x4x4xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x4x4xf32>
  %1 = nn.relu %0 : tensor<1x8x4x4xf32> -> tensor<1x8x4x4xf32>
  %2 = nn.resize %1, %s axes [2, 3] nearest asymmetric : tensor<1x8x4x4xf32>, tensor<2xi64> -> tensor<1x8x8x8xf32>
  return %2 : tensor<1x8x8x8xf32>
}

// -----

// Channels are shuffled where they are: the groups of a reshape stay together.
// CHECK-LABEL: func @shuffle
func.func @shuffle(%x: tensor<?x8x6x6xf32>, %w: tensor<8x8x1x1xf32>) -> tensor<?x8x6x6xf32> {
  %split = nn.constant dense<[0, 2, 4, 6, 6]> : tensor<5xi64>
  %join = nn.constant dense<[-1, 8, 6, 6]> : tensor<4xi64>
  // CHECK: %[[A:.*]] = nn.conv
  // CHECK: %[[B:.*]] = nn.reshape %[[A]], %{{.*}} : tensor<?x6x6x8xf32>, tensor<5xi64> -> tensor<?x6x6x2x4xf32>
  // CHECK: %[[C:.*]] = nn.transpose %[[B]] [0, 1, 2, 4, 3] : tensor<?x6x6x2x4xf32> -> tensor<?x6x6x4x2xf32>
  // CHECK: %[[D:.*]] = nn.reshape %[[C]], %{{.*}} : tensor<?x6x6x4x2xf32>, tensor<4xi64> -> tensor<?x6x6x8xf32>
  // CHECK: nn.conv %[[D]]
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<?x8x6x6xf32>
  %1 = nn.reshape %0, %split : tensor<?x8x6x6xf32>, tensor<5xi64> -> tensor<?x2x4x6x6xf32>
  %2 = nn.transpose %1 [0, 2, 1, 3, 4] : tensor<?x2x4x6x6xf32> -> tensor<?x4x2x6x6xf32>
  %3 = nn.reshape %2, %join : tensor<?x4x2x6x6xf32>, tensor<4xi64> -> tensor<?x8x6x6xf32>
  %4 = nn.conv %3, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<?x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<?x8x6x6xf32>
  return %4 : tensor<?x8x6x6xf32>
}

// -----

// Tokens of an image lie as they should.
// CHECK-LABEL: func @tokens
func.func @tokens(%x: tensor<1x3x8x8xf32>, %w: tensor<16x3x4x4xf32>) -> tensor<1x4x16xf32> {
  %s = nn.constant dense<[1, 16, 4]> : tensor<3xi64>
  // CHECK: %[[A:.*]] = nn.conv {{.*}} -> tensor<1x2x2x16xf32>
  // CHECK: %[[B:.*]] = nn.reshape %[[A]], %{{.*}} -> tensor<1x4x16xf32>
  // CHECK-NEXT: return %[[B]]
  %0 = nn.conv %x, %w strides [4, 4] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x3x8x8xf32>, tensor<16x3x4x4xf32> -> tensor<1x16x2x2xf32>
  %1 = nn.reshape %0, %s : tensor<1x16x2x2xf32>, tensor<3xi64> -> tensor<1x16x4xf32>
  %2 = nn.transpose %1 [0, 2, 1] : tensor<1x16x4xf32> -> tensor<1x4x16xf32>
  return %2 : tensor<1x4x16xf32>
}

// -----

// A model that was exported channels last gives its transpositions up.
// CHECK-LABEL: func @exported
func.func @exported(%x: tensor<1x6x6x8xf32>, %w: tensor<8x8x1x1xf32>) -> tensor<1x6x6x8xf32> {
  // CHECK-NOT: nn.transpose
  // CHECK: nn.conv %arg0
  // CHECK-NOT: nn.transpose
  // CHECK: return
  %0 = nn.transpose %x [0, 3, 1, 2] : tensor<1x6x6x8xf32> -> tensor<1x8x6x6xf32>
  %1 = nn.conv %0, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x6x6xf32>
  %2 = nn.transpose %1 [0, 2, 3, 1] : tensor<1x8x6x6xf32> -> tensor<1x6x6x8xf32>
  %3 = nn.relu %2 : tensor<1x6x6x8xf32> -> tensor<1x6x6x8xf32>
  return %3 : tensor<1x6x6x8xf32>
}

// -----

// Images of one place, or one channel, are only looked at in another way.
// CHECK-LABEL: func @free
func.func @free(%x: tensor<1x1x6x6xf32>, %w: tensor<8x1x6x6xf32>) -> tensor<1x8x1x1xf32> {
  // CHECK-NOT: nn.transpose
  // CHECK: nn.reshape %arg0
  // CHECK: nn.conv {{.*}} -> tensor<1x1x1x8xf32>
  // CHECK: nn.reshape
  // CHECK-NOT: nn.transpose
  // CHECK: return
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x1x6x6xf32>, tensor<8x1x6x6xf32> -> tensor<1x8x1x1xf32>
  return %0 : tensor<1x8x1x1xf32>
}

// -----

// Dimensions are asked of what is left.
// CHECK-LABEL: func @dims
func.func @dims(%x: tensor<1x8x?x6xf32>, %w: tensor<8x8x1x1xf32>) -> (tensor<1x8xf32>, index) {
  %c2 = arith.constant 2 : index
  // CHECK: %[[A:.*]] = nn.conv
  // CHECK: %[[ONE:.*]] = arith.constant 1 : index
  // CHECK: tensor.dim %[[A]], %[[ONE]]
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x8x?x6xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x?x6xf32>
  %d = tensor.dim %0, %c2 : tensor<1x8x?x6xf32>
  %1 = nn.reduce sum %0 [2, 3] : tensor<1x8x?x6xf32> -> tensor<1x8xf32>
  return %1, %d : tensor<1x8xf32>, index
}

// -----

// Too few channels; and no convolution at all.
// CHECK-LABEL: func @few
func.func @few(%x: tensor<1x3x6x6xf32>, %w: tensor<4x3x1x1xf32>) -> tensor<1x4x6x6xf32> {
  // CHECK-NEXT: nn.conv
  // CHECK-NOT: channels_last
  // CHECK: return
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x3x6x6xf32>, tensor<4x3x1x1xf32> -> tensor<1x4x6x6xf32>
  return %0 : tensor<1x4x6x6xf32>
}

// CHECK-LABEL: func @none
func.func @none(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: nn.transpose
  // CHECK-NEXT: nn.softmax soft %{{.*}} axis 0
  // CHECK-NEXT: nn.transpose
  %0 = nn.transpose %x [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32>
  %1 = nn.softmax soft %0 axis 0 : tensor<8x4xf32> -> tensor<8x4xf32>
  %2 = nn.transpose %1 [1, 0] : tensor<8x4xf32> -> tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// -----

// Branches see tensors as they were, and are done by themselves.
// CHECK-LABEL: func @branch
func.func @branch(%c: i1, %x: tensor<1x8x6x6xf32>, %w: tensor<8x8x1x1xf32>) -> tensor<1x8x6x6xf32> {
  // CHECK: %[[A:.*]] = nn.conv
  // CHECK: %[[B:.*]] = nn.transpose %[[A]] [0, 3, 1, 2]
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x6x6xf32>
  // CHECK: scf.if
  %1 = scf.if %c -> tensor<1x8x6x6xf32> {
    // CHECK: nn.transpose %[[B]] [0, 2, 3, 1]
    // CHECK: nn.conv {{.*}} {channels_last}
    // CHECK: %[[R:.*]] = nn.transpose
    // CHECK: scf.yield %[[R]]
    %2 = nn.conv %0, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
      : tensor<1x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x6x6xf32>
    scf.yield %2 : tensor<1x8x6x6xf32>
  } else {
    // CHECK: scf.yield %[[B]]
    scf.yield %0 : tensor<1x8x6x6xf32>
  }
  return %1 : tensor<1x8x6x6xf32>
}

// -----

// An op that can't work in another layout gets its own.
// CHECK-LABEL: func @opaque
func.func @opaque(%x: tensor<1x8x6x6xf32>, %w: tensor<8x8x1x1xf32>, %m: tensor<6x5xf32>) -> tensor<1x8x6x5xf32> {
  // CHECK: %[[A:.*]] = nn.conv
  // CHECK: %[[B:.*]] = nn.transpose %[[A]] [0, 3, 1, 2]
  // CHECK: nn.matmul %[[B]]
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x6x6xf32>
  %1 = nn.matmul %0, %m : tensor<1x8x6x6xf32>, tensor<6x5xf32> -> tensor<1x8x6x5xf32>
  return %1 : tensor<1x8x6x5xf32>
}
