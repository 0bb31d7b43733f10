// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @columns(%x: tensor<1x4x5xf32>) {
  %s = nn.constant dense<3> : tensor<2xi64>
  // expected-error @+2 {{the number of columns and of windows}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.col2im %x, %s kernel [2, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x4x5xf32>, tensor<2xi64> -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @whole_patches(%x: tensor<1x5x4xf32>) {
  %s = nn.constant dense<3> : tensor<2xi64>
  // expected-error @+2 {{whole patches}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.col2im %x, %s kernel [2, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x5x4xf32>, tensor<2xi64> -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @kernel(%x: tensor<1x4x4xf32>) {
  %s = nn.constant dense<3> : tensor<2xi64>
  // expected-error @+2 {{expects a kernel of 1 to 2147483647 elements}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.col2im %x, %s kernel [0, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x4x4xf32>, tensor<2xi64> -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @stride(%x: tensor<1x4x4xf32>) {
  %s = nn.constant dense<3> : tensor<2xi64>
  // expected-error @+2 {{strides}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.col2im %x, %s kernel [2, 2] strides [0, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x4x4xf32>, tensor<2xi64> -> tensor<1x1x3x3xf32>
  return
}

// -----

func.func @offsets(%x: tensor<1x2x3x3xf32>, %o: tensor<1x6x2x2xf32>) {
  // expected-error @+2 {{dimension 1 of the offsets and the windows}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.deform_columns %x, %o kernel [2, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x2x3x3xf32>, tensor<1x6x2x2xf32> -> tensor<1x2x2x2x2x2xf32>
  return
}

// -----

func.func @groups(%x: tensor<1x3x3x3xf32>, %o: tensor<1x16x2x2xf32>) {
  // expected-error @+2 {{channels and their offset groups}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.deform_columns %x, %o kernel [2, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {offset_groups = 2}
    : tensor<1x3x3x3xf32>, tensor<1x16x2x2xf32> -> tensor<1x3x2x2x2x2xf32>
  return
}

// -----

func.func @regions(%x: tensor<1x2x8x8xf32>, %r: tensor<3x4xf32>) {
  // expected-error @+2 {{the numbers of a region}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.max_roi_pool %x, %r size [4, 4] : tensor<1x2x8x8xf32>, tensor<3x4xf32> -> tensor<3x2x4x4xf32>
  return
}

// -----

func.func @size(%x: tensor<1x2x8x8xf32>, %r: tensor<3x5xf32>) {
  // expected-error @+2 {{sizes}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.max_roi_pool %x, %r size [4, 0] : tensor<1x2x8x8xf32>, tensor<3x5xf32> -> tensor<3x2x4x?xf32>
  return
}

// -----

func.func @bits(%x: tensor<2xf32>) {
  // expected-error @+2 {{expects element types of the same number of bits, but got f32 and i16}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.bitcast %x to i16 : tensor<2xf32> -> tensor<2xi16>
  return
}
