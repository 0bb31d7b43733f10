// RUN: nnc-opt %s -nnc-fold-weights | FileCheck %s

// Codes stay codes where products are all that reads them.
// CHECK-LABEL: func @product
// CHECK: %[[D:.*]] = nn.dequantize {{.*}} : (tensor<4x3xi4>, tensor<3xf32>) -> tensor<4x3xf32>
// CHECK: nn.matmul %{{.*}}, %[[D]]
func.func @product(%x: tensor<2x4xf32>) -> tensor<2x3xf32> {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 12> : tensor<4x3xi4>
  %s = nn.constant dense<[0.1, 0.2, 0.3]> : tensor<3xf32>
  %d = nn.dequantize %w, %s : (tensor<4x3xi4>, tensor<3xf32>) -> tensor<4x3xf32>
  %y = nn.matmul %x, %d : tensor<2x4xf32>, tensor<4x3xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// A transposition goes to the codes.
// CHECK-LABEL: func @columns
// CHECK: nn.weight "w" {{.*}} transforms = [#nn.relayout<shape = [3, 2, 4], perm = [1, 2, 0]>]> : tensor<2x4x3xi4>
// CHECK: %[[D:.*]] = nn.dequantize {{.*}} : (tensor<2x4x3xi4>, tensor<2x1x3xf32>) -> tensor<2x4x3xf32>
// CHECK: %[[R:.*]] = nn.reshape %[[D]], {{.*}} -> tensor<8x3xf32>
// CHECK: %[[C:.*]] = nn.slice %[[R]], {{.*}} -> tensor<7x3xf32>
// CHECK: nn.matmul %{{.*}}, %[[C]]
func.func @columns(%x: tensor<2x7xf32>) -> tensor<2x3xf32> {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 24> : tensor<3x2x4xi4>
  %s = nn.constant dense<[[[0.1], [0.2]], [[0.3], [0.4]], [[0.5], [0.6]]]> : tensor<3x2x1xf32>
  %n = nn.constant dense<[3, 8]> : tensor<2xi64>
  %b = nn.constant dense<0> : tensor<1xi64>
  %e = nn.constant dense<7> : tensor<1xi64>
  %d = nn.dequantize %w, %s : (tensor<3x2x4xi4>, tensor<3x2x1xf32>) -> tensor<3x2x4xf32>
  %r = nn.reshape %d, %n : tensor<3x2x4xf32>, tensor<2xi64> -> tensor<3x8xf32>
  %c = nn.slice %r, %b, %e axes [1] steps [1] : tensor<3x8xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<3x7xf32>
  %t = nn.transpose %c [1, 0] : tensor<3x7xf32> -> tensor<7x3xf32>
  %y = nn.matmul %x, %t : tensor<2x7xf32>, tensor<7x3xf32> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// Another reader wants numbers.
// CHECK-LABEL: func @shared
// CHECK-NOT: nn.dequantize
func.func @shared(%x: tensor<1x2xf32>) -> (tensor<1x3xf32>, tensor<2x3xf32>) {
  %w = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %s = nn.constant dense<0.5> : tensor<f32>
  %d = nn.dequantize %w, %s : (tensor<2x3xi8>, tensor<f32>) -> tensor<2x3xf32>
  %y = nn.matmul %x, %d : tensor<1x2xf32>, tensor<2x3xf32> -> tensor<1x3xf32>
  %z = nn.relu %d : tensor<2x3xf32> -> tensor<2x3xf32>
  return %y, %z : tensor<1x3xf32>, tensor<2x3xf32>
}

// The left factor, codes of 16 bits, and scales of a row have no such kernel.
// CHECK-LABEL: func @others
// CHECK-NOT: nn.dequantize
func.func @others(%x: tensor<3x2xf32>) -> (tensor<2x2xf32>, tensor<3x3xf32>, tensor<3x3xf32>) {
  %w = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %v = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi16>
  %s = nn.constant dense<0.5> : tensor<f32>
  %r = nn.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %d = nn.dequantize %w, %s : (tensor<2x3xi8>, tensor<f32>) -> tensor<2x3xf32>
  %e = nn.dequantize %v, %s : (tensor<2x3xi16>, tensor<f32>) -> tensor<2x3xf32>
  %f = nn.dequantize %w, %r : (tensor<2x3xi8>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %y = nn.matmul %d, %x : tensor<2x3xf32>, tensor<3x2xf32> -> tensor<2x2xf32>
  %z = nn.matmul %x, %e : tensor<3x2xf32>, tensor<2x3xf32> -> tensor<3x3xf32>
  %a = nn.matmul %x, %f : tensor<3x2xf32>, tensor<2x3xf32> -> tensor<3x3xf32>
  return %y, %z, %a : tensor<2x2xf32>, tensor<3x3xf32>, tensor<3x3xf32>
}
