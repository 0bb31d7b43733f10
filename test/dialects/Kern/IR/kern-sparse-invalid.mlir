// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @counts(%a: tensor<2x5xf32>, %v: tensor<3x4xf32>, %s: tensor<2xi32>, %p: tensor<3xi32>, %c: tensor<2x6xf32>) {
  // expected-error @+1 {{expects 4 values and one place a block, and 3 starts, but got 'tensor<3x4xf32>', 'tensor<3xi32>' and 'tensor<2xi32>'}}
  %0 = kern.sparse columns 4 %a, %v, %s, %p outs(%c) {extra_maps = []} : tensor<2x5xf32>, tensor<3x4xf32>, tensor<2xi32>, tensor<3xi32>, tensor<2x6xf32> -> tensor<2x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @lists(%a: tensor<2x5xf32>, %v: tensor<3x4xf32>, %s: tensor<3xi64>, %p: tensor<3xi32>, %c: tensor<2x6xf32>) {
  // expected-error @+1 {{expects starts and places of i32 and rank 1, but got 'tensor<3xi64>' and 'tensor<3xi32>'}}
  %0 = kern.sparse columns 4 %a, %v, %s, %p outs(%c) {extra_maps = []} : tensor<2x5xf32>, tensor<3x4xf32>, tensor<3xi64>, tensor<3xi32>, tensor<2x6xf32> -> tensor<2x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @columns(%a: tensor<2x5xf32>, %v: tensor<3x4xf32>, %s: tensor<3xi32>, %p: tensor<3xi32>, %c: tensor<2x6xf32>) {
  // expected-error @+1 {{expects 'columns' of 1 or more and 'dot' of 1, 2 or 4, but got 0 and 1}}
  %0 = kern.sparse columns 0 %a, %v, %s, %p outs(%c) {extra_maps = []} : tensor<2x5xf32>, tensor<3x4xf32>, tensor<3xi32>, tensor<3xi32>, tensor<2x6xf32> -> tensor<2x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @unknown(%a: tensor<2x?xf32>, %v: tensor<3x4xf32>, %s: tensor<3xi32>, %p: tensor<3xi32>, %c: tensor<2x6xf32>) {
  // expected-error @+1 {{expects a known number of columns, of the depth and of blocks}}
  %0 = kern.sparse columns 4 %a, %v, %s, %p outs(%c) {extra_maps = []} : tensor<2x?xf32>, tensor<3x4xf32>, tensor<3xi32>, tensor<3xi32>, tensor<2x6xf32> -> tensor<2x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @rows(%a: tensor<3x5xf32>, %v: tensor<3x4xf32>, %s: tensor<3xi32>, %p: tensor<3xi32>, %c: tensor<2x6xf32>) {
  // expected-error @+1 {{expects dimension 0 of the left operand to be 2, but got 3}}
  %0 = kern.sparse columns 4 %a, %v, %s, %p outs(%c) {extra_maps = []} : tensor<3x5xf32>, tensor<3x4xf32>, tensor<3xi32>, tensor<3xi32>, tensor<2x6xf32> -> tensor<2x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @rank(%a: tensor<2x1x5xf32>, %v: tensor<3x4xf32>, %s: tensor<3xi32>, %p: tensor<3xi32>, %c: tensor<2x6xf32>) {
  // expected-error @+1 {{expects operands of equal rank, at least 2, but got 'tensor<2x1x5xf32>' and 'tensor<2x6xf32>'}}
  %0 = kern.sparse columns 4 %a, %v, %s, %p outs(%c) {extra_maps = []} : tensor<2x1x5xf32>, tensor<3x4xf32>, tensor<3xi32>, tensor<3xi32>, tensor<2x6xf32> -> tensor<2x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @dot(%a: tensor<2x8xf32>, %v: tensor<3x16xf32>, %s: tensor<3xi32>, %p: tensor<3xi32>, %c: tensor<2x6xf32>) {
  // expected-error @+1 {{expects operands of i8 and sums of i32 with 'dot' or 'flips'}}
  %0 = kern.sparse columns 4 %a, %v, %s, %p outs(%c) {dot = 4 : i64, extra_maps = []} : tensor<2x8xf32>, tensor<3x16xf32>, tensor<3xi32>, tensor<3xi32>, tensor<2x6xf32> -> tensor<2x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @bytes(%a: tensor<2x8xi32>, %v: tensor<3x16xi8>, %s: tensor<3xi32>, %p: tensor<3xi32>, %c: tensor<2x6xi32>) {
  // expected-error @+1 {{expects both operands to be of 8 bits}}
  %0 = kern.sparse columns 4 %a, %v, %s, %p outs(%c) {dot = 4 : i64, extra_maps = []} : tensor<2x8xi32>, tensor<3x16xi8>, tensor<3xi32>, tensor<3xi32>, tensor<2x6xi32> -> tensor<2x6xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

func.func @window(%a: tensor<1x8x8x2xf32>, %v: tensor<3x1xf32>, %s: tensor<5xi32>, %p: tensor<3xi32>, %c: tensor<1x8x8x4xf32>) {
  // expected-error @+1 {{expects a window of five numbers for each of one to three spatial axes, but got 5 for 'tensor<1x8x8x2xf32>'}}
  %0 = kern.sparse columns 1 %a, %v, %s, %p outs(%c) window [3, 1, 1, 1, 1] {extra_maps = []} : tensor<1x8x8x2xf32>, tensor<3x1xf32>, tensor<5xi32>, tensor<3xi32>, tensor<1x8x8x4xf32> -> tensor<1x8x8x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @stride(%a: tensor<1x8x2xf32>, %v: tensor<3x1xf32>, %s: tensor<5xi32>, %p: tensor<3xi32>, %c: tensor<1x8x4xf32>) {
  // expected-error @+1 {{expects sizes, strides and dilations of 1 or more and pads of 0 or more, but got array<i64: 3, 0, 1, 1, 1>}}
  %0 = kern.sparse columns 1 %a, %v, %s, %p outs(%c) window [3, 0, 1, 1, 1] {extra_maps = []} : tensor<1x8x2xf32>, tensor<3x1xf32>, tensor<5xi32>, tensor<3xi32>, tensor<1x8x4xf32> -> tensor<1x8x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}
