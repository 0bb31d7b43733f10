// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @floats(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects operands of i8 and sums of i32 with 'dot' or 'flips'}}
  %0 = kern.gemm rows %a, %b outs(%c) {dot = 4 : i64, extra_maps = []} : tensor<2x4xf32>, tensor<4x3xf32>, tensor<2x3xf32> -> tensor<2x3xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @dot(%a: tensor<2x4xi8>, %b: tensor<4x3xi8>, %c: tensor<2x3xi32>) {
  // expected-error @+1 {{expects 'dot' to be 1, 2 or 4, but got 3}}
  %0 = kern.gemm rows %a, %b outs(%c) {dot = 3 : i64, extra_maps = []} : tensor<2x4xi8>, tensor<4x3xi8>, tensor<2x3xi32> -> tensor<2x3xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

func.func @wide(%a: tensor<2x4xi16>, %b: tensor<4x3xi8>, %c: tensor<2x3xi32>) {
  // expected-error @+1 {{expects both operands to be of 8 bits}}
  %0 = kern.gemm rows %a, %b outs(%c) {dot = 4 : i64, extra_maps = []} : tensor<2x4xi16>, tensor<4x3xi8>, tensor<2x3xi32> -> tensor<2x3xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

func.func @panels(%a: tensor<2x5xi8>, %b: tensor<1x1x4x4xi8>, %c: tensor<2x3xi32>) {
  // expected-error @+1 {{expects dimension 1 of the right operand to be 2, but got 1}}
  %0 = kern.gemm panels %a, %b outs(%c) tiling <lanes = 4, rows = 2, vectors = 1> {dot = 4 : i64, extra_maps = []} : tensor<2x5xi8>, tensor<1x1x4x4xi8>, tensor<2x3xi32> -> tensor<2x3xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

func.func @padding(%x: tensor<1x4x4x2xi8>, %w: tensor<3x2x3x3xi8>, %y: tensor<1x4x4x3xi32>) {
  // expected-error @+1 {{expects 'padding_extra' to be the number of an extra operand of rank 0 and of the input's element type}}
  %0 = kern.conv %x, %w outs(%y) strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {extra_maps = [], padding_extra = 0 : i64} : tensor<1x4x4x2xi8>, tensor<3x2x3x3xi8>, tensor<1x4x4x3xi32> -> tensor<1x4x4x3xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

func.func @axes(%x: tensor<1x4x4x4x2xi8>, %w: tensor<2x1x1x1x1xi8>, %y: tensor<1x4x4x4x2xi32>) {
  // expected-error @+1 {{expects one or two spatial axes of bytes}}
  %0 = kern.depthwise %x, %w outs(%y) kernel [1, 1, 1] strides [1, 1, 1] dilations [1, 1, 1] pads [0, 0, 0, 0, 0, 0] {extra_maps = []} : tensor<1x4x4x4x2xi8>, tensor<2x1x1x1x1xi8>, tensor<1x4x4x4x2xi32> -> tensor<1x4x4x4x2xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}
