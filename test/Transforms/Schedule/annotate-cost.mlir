// RUN: nnc-opt %s -nnc-form-kernels -nnc-annotate-cost=target=x86-64-v3 | FileCheck %s
// RUN: not nnc-opt %s -nnc-annotate-cost=target=z80 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: target 'z80' is not known; known are

// CHECK-LABEL: func @matmul
func.func @matmul(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {nn.entry} {
  // 2 * 64^3 operations at 80 GFLOP/s, three matrices, 1 us to launch.
  // CHECK: cost <flops = 524288, bytes = 49152, us = 7.553600e+00, bound = compute>
  %0 = nn.matmul %a, %b : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// Unknown is left out, never 0.
// CHECK-LABEL: func @dynamic
func.func @dynamic(%a: tensor<?xf32>) -> tensor<?xf32> attributes {nn.entry} {
  // CHECK: cost <>
  %0 = nn.relu %a : tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
