// RUN: nnc-opt %s --nnc-decompose-for-device | FileCheck %s

// Attention stays whole where a GPU's kernel has room for it.
// CHECK-LABEL: func.func @fits
// CHECK: nn.attention
func.func @fits(%q: tensor<2x4x128xf32>) -> tensor<2x4x128xf32> {
  %0 = nn.attention %q, %q, %q scale 1.0 : tensor<2x4x128xf32>, tensor<2x4x128xf32>, tensor<2x4x128xf32> -> tensor<2x4x128xf32>
  return %0 : tensor<2x4x128xf32>
}

// CHECK-LABEL: func.func @wide
// CHECK-NOT: nn.attention
// CHECK: nn.softmax
func.func @wide(%q: tensor<2x4x129xf32>) -> tensor<2x4x129xf32> {
  %0 = nn.attention %q, %q, %q scale 1.0 : tensor<2x4x129xf32>, tensor<2x4x129xf32>, tensor<2x4x129xf32> -> tensor<2x4x129xf32>
  return %0 : tensor<2x4x129xf32>
}

// CHECK-LABEL: func.func @double
// CHECK-NOT: nn.attention
// CHECK: nn.softmax
func.func @double(%q: tensor<2x4x8xf64>) -> tensor<2x4x8xf64> {
  %0 = nn.attention %q, %q, %q scale 1.0 : tensor<2x4x8xf64>, tensor<2x4x8xf64>, tensor<2x4x8xf64> -> tensor<2x4x8xf64>
  return %0 : tensor<2x4x8xf64>
}
