// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @add_broadcast
func.func @add_broadcast(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<2x3xf32>, tensor<3xf32> -> tensor<2x3xf32>
  %0 = nn.add %a, %b : tensor<2x3xf32>, tensor<3xf32> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @binary
func.func @binary(%a: tensor<4xi32>, %b: tensor<i32>) -> tensor<4xi32> {
  // CHECK: nn.mod %{{.*}}, %{{.*}} {fmod} : tensor<4xi32>, tensor<i32> -> tensor<4xi32>
  %0 = nn.mod %a, %b {fmod} : tensor<4xi32>, tensor<i32> -> tensor<4xi32>
  // CHECK: nn.shift_left
  %1 = nn.shift_left %0, %b : tensor<4xi32>, tensor<i32> -> tensor<4xi32>
  // CHECK: nn.xor
  %2 = nn.xor %1, %b : tensor<4xi32>, tensor<i32> -> tensor<4xi32>
  return %2 : tensor<4xi32>
}

// CHECK-LABEL: func @mixed
func.func @mixed(%x: tensor<4xf32>, %e: tensor<ui8>) -> tensor<4xf16> {
  // CHECK: nn.pow %{{.*}}, %{{.*}} : tensor<4xf32>, tensor<ui8> -> tensor<4xf32>
  %0 = nn.pow %x, %e : tensor<4xf32>, tensor<ui8> -> tensor<4xf32>
  // CHECK: nn.is_inf %{{.*}} {negative = false} : tensor<4xf32> -> tensor<4xi1>
  %1 = nn.is_inf %0 {negative = false} : tensor<4xf32> -> tensor<4xi1>
  // CHECK: nn.where %{{.*}}, %{{.*}}, %{{.*}} : tensor<4xi1>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  %2 = nn.where %1, %x, %0 : tensor<4xi1>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  // CHECK: nn.cast %{{.*}} to f16 : tensor<4xf32> -> tensor<4xf16>
  %3 = nn.cast %2 to f16 : tensor<4xf32> -> tensor<4xf16>
  return %3 : tensor<4xf16>
}

// CHECK-LABEL: func @activations
func.func @activations(%x: tensor<?xbf16>) -> tensor<?xbf16> {
  // CHECK: nn.elu %{{.*}} {alpha = 2.000000e+00 : f64} : tensor<?xbf16>
  %0 = nn.elu %x {alpha = 2.0 : f64} : tensor<?xbf16> -> tensor<?xbf16>
  // CHECK: nn.hard_sigmoid %{{.*}} : tensor<?xbf16>
  %1 = nn.hard_sigmoid %0 {beta = 0.5 : f64} : tensor<?xbf16> -> tensor<?xbf16>
  // CHECK: nn.gelu %{{.*}} {tanh} : tensor<?xbf16>
  %2 = nn.gelu %1 {tanh} : tensor<?xbf16> -> tensor<?xbf16>
  return %2 : tensor<?xbf16>
}
