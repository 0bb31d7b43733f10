// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// Ten rounds on the number of the element.
// CHECK-LABEL: func @random_bits
func.func @random_bits(%s: tensor<2xi64>) -> tensor<?x?xui32> {
  // CHECK: linalg.generic
  // CHECK: linalg.index 0
  // CHECK-COUNT-20: arith.muli %{{.*}} : i64
  // CHECK: arith.trunci %{{.*}} : i64 to i32
  %0 = nn.random_bits %s seed 7 stream 1 : tensor<2xi64> -> tensor<?x?xui32>
  return %0 : tensor<?x?xui32>
}
