// RUN: nnc-opt %s -nnc-recompose | FileCheck %s

// 0.5 x (1 + erf(x / sqrt 2)) in two ways.
// CHECK-LABEL: func @gelu_erf
func.func @gelu_erf(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %root = nn.constant dense<1.41421354> : tensor<f32>
  %inverse = nn.constant dense<0.707106769> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %half = nn.constant dense<0.5> : tensor<f32>
  // CHECK-COUNT-2: nn.gelu %arg0 : tensor<?xf32>
  // CHECK-NOT: nn.mul
  %0 = nn.div %x, %root : tensor<?xf32>, tensor<f32> -> tensor<?xf32>
  %1 = nn.erf %0 : tensor<?xf32> -> tensor<?xf32>
  %2 = nn.add %1, %one : tensor<?xf32>, tensor<f32> -> tensor<?xf32>
  %3 = nn.mul %x, %2 : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  %4 = nn.mul %3, %half : tensor<?xf32>, tensor<f32> -> tensor<?xf32>
  %5 = nn.mul %x, %inverse : tensor<?xf32>, tensor<f32> -> tensor<?xf32>
  %6 = nn.erf %5 : tensor<?xf32> -> tensor<?xf32>
  %7 = nn.mul %x, %half : tensor<?xf32>, tensor<f32> -> tensor<?xf32>
  %8 = nn.mul %7, %6 : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  %9 = nn.add %8, %7 : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  return %4, %9 : tensor<?xf32>, tensor<?xf32>
}

// The cube as a power, and as x * x times x.
// CHECK-LABEL: func @gelu_tanh
func.func @gelu_tanh(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %three = nn.constant dense<3.0> : tensor<f32>
  %cubic = nn.constant dense<4.471500e-02> : tensor<f32>
  %scale = nn.constant dense<0.797884583> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %half = nn.constant dense<0.5> : tensor<f32>
  // CHECK-COUNT-2: nn.gelu %arg0 {tanh}
  // CHECK-NOT: nn.tanh
  %0 = nn.pow %x, %three : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %1 = nn.mul %0, %cubic : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %2 = nn.add %x, %1 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %3 = nn.mul %2, %scale : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %4 = nn.tanh %3 : tensor<4xf32> -> tensor<4xf32>
  %5 = nn.add %4, %one : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %6 = nn.mul %x, %half : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %7 = nn.mul %6, %5 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %8 = nn.mul %x, %scale : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %9 = nn.mul %x, %x : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %10 = nn.mul %9, %cubic : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %11 = nn.add %10, %one : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %12 = nn.mul %8, %11 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %13 = nn.tanh %12 : tensor<4xf32> -> tensor<4xf32>
  %14 = nn.add %13, %one : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %15 = nn.mul %6, %14 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return %7, %15 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @swish
func.func @swish(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %alpha = nn.constant dense<2.0> : tensor<f32>
  // CHECK: nn.swish %arg0 :
  %0 = nn.sigmoid %x : tensor<4xf32> -> tensor<4xf32>
  %1 = nn.mul %0, %x : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK: nn.swish %arg0 {alpha = 2.000000e+00 : f64}
  %2 = nn.mul %x, %alpha : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %3 = nn.sigmoid %2 : tensor<4xf32> -> tensor<4xf32>
  %4 = nn.mul %x, %3 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return %1, %4 : tensor<4xf32>, tensor<4xf32>
}

// x * clamp(x + 3, 0, 6) / 6 in two orders, and the same without x.
// CHECK-LABEL: func @hard
func.func @hard(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = nn.constant dense<0.0> : tensor<f32>
  %three = nn.constant dense<3.0> : tensor<f32>
  %six = nn.constant dense<6.0> : tensor<f32>
  %0 = nn.add %x, %three : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %1 = nn.max %0, %zero : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %2 = nn.min %1, %six : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  // CHECK: %[[A:.*]] = nn.hard_swish %arg0 : tensor<4xf32>
  %3 = nn.mul %x, %2 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %4 = nn.div %3, %six : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  // CHECK: %[[C:.*]] = nn.hard_sigmoid %arg0 {alpha = 0.16666666666666666 : f64}
  // CHECK: %[[B:.*]] = nn.hard_swish %arg0 : tensor<4xf32>
  %5 = nn.div %2, %six : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  %6 = nn.mul %5, %x : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK: return %[[A]], %[[B]], %[[C]]
  return %4, %6, %5 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Another factor, another argument, another tensor, a larger result.
// CHECK-LABEL: func @not_activations
// CHECK-NOT: nn.{{gelu|swish|hard}}
// CHECK: return
func.func @not_activations(%x: tensor<1xf32>, %y: tensor<1xf32>, %z: tensor<4xf32>) -> (tensor<1xf32>, tensor<1xf32>, tensor<4xf32>, tensor<1x1xf32>) {
  %scale = nn.constant dense<0.75> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %half = nn.constant dense<0.5> : tensor<1x1xf32>
  %0 = nn.mul %x, %scale : tensor<1xf32>, tensor<f32> -> tensor<1xf32>
  %1 = nn.erf %0 : tensor<1xf32> -> tensor<1xf32>
  %2 = nn.add %1, %one : tensor<1xf32>, tensor<f32> -> tensor<1xf32>
  %3 = nn.mul %0, %2 : tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  %4 = nn.sigmoid %x : tensor<1xf32> -> tensor<1xf32>
  %5 = nn.mul %4, %y : tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  %6 = nn.mul %4, %z : tensor<1xf32>, tensor<4xf32> -> tensor<4xf32>
  %7 = nn.add %4, %x : tensor<1xf32>, tensor<1xf32> -> tensor<1xf32>
  %8 = nn.mul %7, %half : tensor<1xf32>, tensor<1x1xf32> -> tensor<1x1xf32>
  return %3, %5, %6, %8 : tensor<1xf32>, tensor<1xf32>, tensor<4xf32>, tensor<1x1xf32>
}

// A root of f32 is not one of f64.
// CHECK-LABEL: func @rounded_root
// CHECK-NOT: nn.gelu
// CHECK: return
func.func @rounded_root(%x: tensor<4xf64>) -> tensor<4xf64> {
  %root = nn.constant dense<1.41421354> : tensor<f64>
  %one = nn.constant dense<1.0> : tensor<f64>
  %half = nn.constant dense<0.5> : tensor<f64>
  %0 = nn.div %x, %root : tensor<4xf64>, tensor<f64> -> tensor<4xf64>
  %1 = nn.erf %0 : tensor<4xf64> -> tensor<4xf64>
  %2 = nn.add %1, %one : tensor<4xf64>, tensor<f64> -> tensor<4xf64>
  %3 = nn.mul %x, %2 : tensor<4xf64>, tensor<4xf64> -> tensor<4xf64>
  %4 = nn.mul %3, %half : tensor<4xf64>, tensor<f64> -> tensor<4xf64>
  return %4 : tensor<4xf64>
}
