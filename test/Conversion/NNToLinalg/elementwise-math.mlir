// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// CHECK-LABEL: func @rounding
func.func @rounding(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: math.ceil
  %0 = nn.ceil %x : tensor<4xf32> -> tensor<4xf32>
  // CHECK: math.floor
  %1 = nn.floor %0 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: math.roundeven
  %2 = nn.round %1 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: math.absf
  %3 = nn.abs %2 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: arith.negf
  %4 = nn.neg %3 : tensor<4xf32> -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// CHECK-LABEL: func @circular
func.func @circular(%x: tensor<4xf64>) -> tensor<4xf64> {
  // CHECK: math.sin
  %0 = nn.sin %x : tensor<4xf64> -> tensor<4xf64>
  // CHECK: math.cos
  %1 = nn.cos %0 : tensor<4xf64> -> tensor<4xf64>
  // CHECK: math.tan
  %2 = nn.tan %1 : tensor<4xf64> -> tensor<4xf64>
  // CHECK: math.asin
  %3 = nn.asin %2 : tensor<4xf64> -> tensor<4xf64>
  // CHECK: math.acos
  %4 = nn.acos %3 : tensor<4xf64> -> tensor<4xf64>
  // CHECK: math.atan
  %5 = nn.atan %4 : tensor<4xf64> -> tensor<4xf64>
  return %5 : tensor<4xf64>
}

// CHECK-LABEL: func @hyperbolic
func.func @hyperbolic(%x: tensor<?xbf16>) -> tensor<?xbf16> {
  // CHECK: math.sinh {{.*}} : f32
  %0 = nn.sinh %x : tensor<?xbf16> -> tensor<?xbf16>
  // CHECK: math.cosh
  %1 = nn.cosh %0 : tensor<?xbf16> -> tensor<?xbf16>
  // CHECK: math.tanh
  %2 = nn.tanh %1 : tensor<?xbf16> -> tensor<?xbf16>
  // CHECK: math.asinh
  %3 = nn.asinh %2 : tensor<?xbf16> -> tensor<?xbf16>
  // CHECK: math.acosh
  %4 = nn.acosh %3 : tensor<?xbf16> -> tensor<?xbf16>
  // CHECK: math.atanh
  %5 = nn.atanh %4 : tensor<?xbf16> -> tensor<?xbf16>
  return %5 : tensor<?xbf16>
}

// CHECK-LABEL: func @exponential
func.func @exponential(%x: tensor<f32>) -> tensor<f32> {
  // CHECK: math.exp
  %0 = nn.exp %x : tensor<f32> -> tensor<f32>
  // CHECK: math.log
  %1 = nn.log %0 : tensor<f32> -> tensor<f32>
  // CHECK: math.sqrt
  %2 = nn.sqrt %1 : tensor<f32> -> tensor<f32>
  // CHECK: math.erf
  %3 = nn.erf %2 : tensor<f32> -> tensor<f32>
  return %3 : tensor<f32>
}

// CHECK-LABEL: func @activations
func.func @activations(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: arith.divf
  %0 = nn.sigmoid %x : tensor<4xf32> -> tensor<4xf32>
  // CHECK: math.log1p
  %1 = nn.softplus %0 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: math.expm1
  %2 = nn.elu %1 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: arith.minimumf
  // CHECK: arith.maximumf
  %3 = nn.hard_sigmoid %2 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: math.erf
  %4 = nn.gelu %3 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: math.tanh
  %5 = nn.gelu %4 {tanh} : tensor<4xf32> -> tensor<4xf32>
  return %5 : tensor<4xf32>
}
