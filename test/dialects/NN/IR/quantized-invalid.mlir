// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @quantize_type(%x: tensor<4xf32>, %s: tensor<f32>) {
  // expected-error@+2 {{expects an element type that is an integer of 2, 4, 8 or 16 bits or a float of 8 or 4 bits}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i32 : (tensor<4xf32>, tensor<f32>) -> tensor<4xi8>
  return
}

// -----

func.func @quantize_zero_point_type(%x: tensor<4xf32>, %s: tensor<f32>, %z: tensor<ui8>) {
  // expected-error@+2 {{expects a zero point of the result's element type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.quantize %x, %s zero_point %z to i8 : (tensor<4xf32>, tensor<f32>, tensor<ui8>) -> tensor<4xi8>
  return
}

// -----

func.func @quantize_scale_rank(%x: tensor<4xf32>, %s: tensor<1x4xf32>) {
  // expected-error@+2 {{expects 'scale' of rank 1 or less, but got 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 : (tensor<4xf32>, tensor<1x4xf32>) -> tensor<4xi8>
  return
}

// -----

func.func @quantize_scale_size(%x: tensor<2x1xf32>, %s: tensor<3xf32>) {
  // expected-error@+2 {{dimension 0 of 'scale' and the one it broadcasts to must be equal, but are 3 and 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.quantize %x, %s to i8 : (tensor<2x1xf32>, tensor<3xf32>) -> tensor<2x1xi8>
  return
}

// -----

func.func @dequantize_zero_point_type(%x: tensor<4xi8>, %s: tensor<f32>, %z: tensor<ui8>) {
  // expected-error@+2 {{expects a zero point of the input's element type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.dequantize %x, %s zero_point %z : (tensor<4xi8>, tensor<f32>, tensor<ui8>) -> tensor<4xf32>
  return
}

// -----

func.func @dequantize_zero_point_size(%x: tensor<4x2xi8>, %s: tensor<f32>, %z: tensor<4xi8>) {
  // expected-error@+2 {{dimension 0 of 'zero_point' and the one it broadcasts to must be equal, but are 4 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.dequantize %x, %s zero_point %z : (tensor<4x2xi8>, tensor<f32>, tensor<4xi8>) -> tensor<4x2xf32>
  return
}

// -----

func.func @matmul_depth(%a: tensor<2x3xui8>, %b: tensor<4x5xi8>) {
  // expected-error@+2 {{contracted dimensions must be equal, but are 3 and 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.matmul_integer %a, %b : (tensor<2x3xui8>, tensor<4x5xi8>) -> tensor<2x5xi32>
  return
}

// -----

func.func @matmul_zero_point_type(%a: tensor<2x3xui8>, %b: tensor<3x4xi8>, %z: tensor<i8>) {
  // expected-error@+2 {{expects 'lhs_zero_point' of its operand's element type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.matmul_integer %a, %b lhs_zero_point %z : (tensor<2x3xui8>, tensor<3x4xi8>, tensor<i8>) -> tensor<2x4xi32>
  return
}

// -----

func.func @matmul_zero_point_axis(%a: tensor<2x3xui8>, %b: tensor<3x4xi8>, %z: tensor<3xui8>) {
  // expected-error@+2 {{the contracted dimension of 'lhs_zero_point' and 1 must be equal, but are 3 and 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.matmul_integer %a, %b lhs_zero_point %z : (tensor<2x3xui8>, tensor<3x4xi8>, tensor<3xui8>) -> tensor<2x4xi32>
  return
}

// -----

func.func @conv_zero_point_size(%x: tensor<1x3x8x8xui8>, %w: tensor<4x3x3x3xi8>, %z: tensor<3x1x1x1xi8>) {
  // expected-error@+2 {{dimension 0 of 'filter_zero_point' and the one it broadcasts to must be equal, but are 3 and 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.conv_integer %x, %w filter_zero_point %z strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] : (tensor<1x3x8x8xui8>, tensor<4x3x3x3xi8>, tensor<3x1x1x1xi8>) -> tensor<1x4x6x6xi32>
  return
}

// -----

func.func @conv_channels(%x: tensor<1x3x8x8xui8>, %w: tensor<4x2x3x3xi8>) {
  // expected-error@+2 {{input channels and the filter's times group must be equal, but are 3 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.conv_integer %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] : (tensor<1x3x8x8xui8>, tensor<4x2x3x3xi8>) -> tensor<1x4x6x6xi32>
  return
}
