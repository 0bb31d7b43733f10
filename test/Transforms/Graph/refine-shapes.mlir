// RUN: nnc-opt %s -nnc-refine-shapes | FileCheck %s

// CHECK-LABEL: func @narrows
func.func @narrows(%x: tensor<2x3xf32>) -> tensor<?x?xf32> {
  // CHECK: %[[R:.*]] = nn.relu {{.*}} -> tensor<2x3xf32>
  %0 = nn.relu %x : tensor<2x3xf32> -> tensor<?x?xf32>
  // CHECK: %[[T:.*]] = nn.transpose %[[R]] {{.*}} -> tensor<3x2xf32>
  %1 = nn.transpose %0 [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  // The function's type stays.
  // CHECK: %[[C:.*]] = tensor.cast %[[T]] : tensor<3x2xf32> to tensor<?x?xf32>
  // CHECK: return %[[C]]
  return %1 : tensor<?x?xf32>
}

// What is not known stays dynamic.
// CHECK-LABEL: func @keeps
func.func @keeps(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  // CHECK: nn.relu {{.*}} -> tensor<?x3xf32>
  // CHECK-NOT: tensor.cast
  %0 = nn.relu %x : tensor<?x3xf32> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
