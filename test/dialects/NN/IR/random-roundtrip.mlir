// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @random_bits
func.func @random_bits(%s: tensor<2xi64>) -> tensor<?x3xui32> {
  // CHECK: nn.random_bits %{{.*}} seed -7 stream 1 : tensor<2xi64> -> tensor<?x3xui32>
  %0 = nn.random_bits %s seed -7 stream 1 : tensor<2xi64> -> tensor<?x3xui32>
  return %0 : tensor<?x3xui32>
}
