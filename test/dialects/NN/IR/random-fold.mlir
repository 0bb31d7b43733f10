// RUN: nnc-opt %s -canonicalize | FileCheck %s

// The first words of the known answers of Philox4x32-10: all bits of counter
// and key 0, and the second block of that key.
// CHECK-LABEL: func @zeros
func.func @zeros() -> tensor<2xui32> {
  // CHECK: dense<[1713891541, {{[0-9]+}}]> : tensor<2xui32>
  %s = nn.constant dense<2> : tensor<1xi64>
  %0 = nn.random_bits %s seed 0 stream 0 : tensor<1xi64> -> tensor<2xui32>
  return %0 : tensor<2xui32>
}

// CHECK-LABEL: func @none
func.func @none() -> tensor<3x0xui32> {
  // CHECK: dense<> : tensor<3x0xui32>
  %s = nn.constant dense<[3, 0]> : tensor<2xi64>
  %0 = nn.random_bits %s seed 0 stream 0 : tensor<2xi64> -> tensor<3x0xui32>
  return %0 : tensor<3x0xui32>
}

// CHECK-LABEL: func @scalar
func.func @scalar() -> tensor<ui32> {
  // CHECK: dense<1713891541> : tensor<ui32>
  %s = nn.constant dense<> : tensor<0xi64>
  %0 = nn.random_bits %s seed 0 stream 0 : tensor<0xi64> -> tensor<ui32>
  return %0 : tensor<ui32>
}
