// RUN: nnc-opt %s -convert-nn-to-kern | FileCheck %s

// Scales that f16 holds are of f16; codes without a sign get one, and with it
// another zero point.
// CHECK-LABEL: func @groups
// CHECK-DAG: %[[S:.*]] = nn.constant dense<5.000000e-01> : tensor<2x3xf16>
// CHECK-DAG: %[[Z:.*]] = nn.constant dense<-1> : tensor<2x3xi8>
// CHECK: nn.kernel
// CHECK-NOT: nn.dequantize
// CHECK: kern.narrow_gemm %{{.*}}, %{{.*}} scale %{{.*}} : tensor<2x3xf16> zero_point %{{.*}} : tensor<2x3xi8> outs(%{{.*}}) stored ui4 group 2 {{.*}} : tensor<1x4xf32>, tensor<2x2x3xui4>, tensor<1x3xf32>
func.func @groups(%x: tensor<1x4xf32>) -> tensor<1x3xf32> {
  %w = nn.constant dense<[[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]> : tensor<2x2x3xui4>
  %s = nn.constant dense<0.5> : tensor<2x1x3xf32>
  %z = nn.constant dense<7> : tensor<2x1x3xui4>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w, %c = %s, %d = %z) : (tensor<1x4xf32>, tensor<2x2x3xui4>, tensor<2x1x3xf32>, tensor<2x1x3xui4>) -> tensor<1x3xf32> {
    %n = nn.constant dense<[4, 3]> : tensor<2xi64>
    %1 = nn.dequantize %b, %c zero_point %d : (tensor<2x2x3xui4>, tensor<2x1x3xf32>, tensor<2x1x3xui4>) -> tensor<2x2x3xf32>
    %2 = nn.reshape %1, %n : tensor<2x2x3xf32>, tensor<2xi64> -> tensor<4x3xf32>
    %3 = nn.matmul %a, %2 : tensor<1x4xf32>, tensor<4x3xf32> -> tensor<1x3xf32>
    nn.yield %3 : tensor<1x3xf32>
  }
  return %0 : tensor<1x3xf32>
}

// A scale that f16 does not hold; zero points in the middle are none.
// CHECK-LABEL: func @column
// CHECK-DAG: nn.constant dense<1.000000e-01> : tensor<1x3xf32>
// CHECK: kern.narrow_gemm %{{.*}}, %{{.*}} scale %{{.*}} : tensor<1x3xf32> outs({{.*}}) stored ui8 group 2 {{.*}} : tensor<5x2xf32>, tensor<1x2x3xui8>, tensor<5x3xf32>
func.func @column(%x: tensor<5x2xf32>) -> tensor<5x3xf32> {
  %w = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xui8>
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w, %c = %s, %d = %z) : (tensor<5x2xf32>, tensor<2x3xui8>, tensor<f32>, tensor<ui8>) -> tensor<5x3xf32> {
    %1 = nn.dequantize %b, %c zero_point %d : (tensor<2x3xui8>, tensor<f32>, tensor<ui8>) -> tensor<2x3xf32>
    %2 = nn.matmul %a, %1 : tensor<5x2xf32>, tensor<2x3xf32> -> tensor<5x3xf32>
    nn.yield %2 : tensor<5x3xf32>
  }
  return %0 : tensor<5x3xf32>
}

// A scale for each of the depth is none of a column.
// CHECK-LABEL: func @rows
// CHECK: nn.dequantize
// CHECK-NOT: kern.narrow_gemm
func.func @rows(%x: tensor<5x2xf32>) -> tensor<5x3xf32> {
  %w = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %s = nn.constant dense<[[0.1], [0.2]]> : tensor<2x1xf32>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w, %c = %s) : (tensor<5x2xf32>, tensor<2x3xi8>, tensor<2x1xf32>) -> tensor<5x3xf32> {
    %1 = nn.dequantize %b, %c : (tensor<2x3xi8>, tensor<2x1xf32>) -> tensor<2x3xf32>
    %2 = nn.matmul %a, %1 : tensor<5x2xf32>, tensor<2x3xf32> -> tensor<5x3xf32>
    nn.yield %2 : tensor<5x3xf32>
  }
  return %0 : tensor<5x3xf32>
}

// NaN as a float of 8 bits has no number to be widened to.
// CHECK-LABEL: func @nan
// CHECK-NOT: kern.narrow_gemm
func.func @nan(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w = nn.constant dense<[[0x7F], [1.0]]> : tensor<2x1xf8E4M3FN>
  %s = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w, %c = %s) : (tensor<1x2xf32>, tensor<2x1xf8E4M3FN>, tensor<f32>) -> tensor<1x1xf32> {
    %1 = nn.dequantize %b, %c : (tensor<2x1xf8E4M3FN>, tensor<f32>) -> tensor<2x1xf32>
    %2 = nn.matmul %a, %1 : tensor<1x2xf32>, tensor<2x1xf32> -> tensor<1x1xf32>
    nn.yield %2 : tensor<1x1xf32>
  }
  return %0 : tensor<1x1xf32>
}
