// RUN: nnc-opt %s -nnc-recompose -canonicalize | FileCheck %s

// The scores divided, masked by an addition; the key is transposed once more,
// which is not at all.
// CHECK-LABEL: func @additive_mask
func.func @additive_mask(%q: tensor<?x2x?x4xf32> {nn.dim_names = ["b", "", "s", ""]}, %k: tensor<?x2x?x4xf32> {nn.dim_names = ["b", "", "s", ""]}, %v: tensor<?x2x?x4xf32> {nn.dim_names = ["b", "", "s", ""]}, %m: tensor<?x1x1x?xf32> {nn.dim_names = ["b", "", "", "s"]}) -> tensor<?x2x?x4xf32> {
  %two = nn.constant dense<2.0> : tensor<f32>
  // CHECK-NEXT: %[[A:.*]] = nn.attention %arg0, %arg1, %arg2 mask %arg3 scale 5.000000e-01 :
  // CHECK-NEXT: return %[[A]]
  %t = nn.transpose %k [0, 1, 3, 2] : tensor<?x2x?x4xf32> -> tensor<?x2x4x?xf32>
  %0 = nn.matmul %q, %t : tensor<?x2x?x4xf32>, tensor<?x2x4x?xf32> -> tensor<?x2x?x?xf32>
  %1 = nn.div %0, %two : tensor<?x2x?x?xf32>, tensor<f32> -> tensor<?x2x?x?xf32>
  %2 = nn.add %1, %m : tensor<?x2x?x?xf32>, tensor<?x1x1x?xf32> -> tensor<?x2x?x?xf32>
  %3 = nn.softmax soft %2 axis 3 : tensor<?x2x?x?xf32> -> tensor<?x2x?x?xf32>
  %4 = nn.matmul %3, %v : tensor<?x2x?x?xf32>, tensor<?x2x?x4xf32> -> tensor<?x2x?x4xf32>
  return %4 : tensor<?x2x?x4xf32>
}

// Without names the mask may broadcast the scores to another shape.
// CHECK-LABEL: func @unknown_mask
// CHECK-NOT: nn.attention
// CHECK: return
func.func @unknown_mask(%q: tensor<2x?x4xf32>, %k: tensor<2x4x?xf32>, %v: tensor<2x?x4xf32>, %m: tensor<?x1xf32>) -> tensor<2x?x4xf32> {
  %0 = nn.matmul %q, %k : tensor<2x?x4xf32>, tensor<2x4x?xf32> -> tensor<2x?x?xf32>
  %1 = nn.add %0, %m : tensor<2x?x?xf32>, tensor<?x1xf32> -> tensor<2x?x?xf32>
  %2 = nn.softmax soft %1 axis 2 : tensor<2x?x?xf32> -> tensor<2x?x?xf32>
  %3 = nn.matmul %2, %v : tensor<2x?x?xf32>, tensor<2x?x4xf32> -> tensor<2x?x4xf32>
  return %3 : tensor<2x?x4xf32>
}

// Scaled before the product, a bool mask the other way round, and capped.
// CHECK-LABEL: func @bool_mask
func.func @bool_mask(%q: tensor<3x4xf32>, %k: tensor<4x5xf32>, %v: tensor<5x4xf32>, %m: tensor<5xi1>) -> tensor<3x4xf32> {
  %half = nn.constant dense<0.5> : tensor<f32>
  %cap = nn.constant dense<30.0> : tensor<f32>
  %low = nn.constant dense<-1.0e4> : tensor<f32>
  // CHECK-DAG: %[[K:.*]] = nn.transpose %arg1 [1, 0]
  // CHECK-DAG: %[[M:.*]] = nn.not %arg3
  // CHECK: nn.attention %arg0, %[[K]], %arg2 mask %[[M]] scale 2.500000e-01 {fill = -1.000000e+04 : f64, softcap = 3.000000e+01 : f64}
  %0 = nn.mul %q, %half : tensor<3x4xf32>, tensor<f32> -> tensor<3x4xf32>
  %1 = nn.mul %half, %k : tensor<f32>, tensor<4x5xf32> -> tensor<4x5xf32>
  %2 = nn.matmul %0, %1 : tensor<3x4xf32>, tensor<4x5xf32> -> tensor<3x5xf32>
  %3 = nn.div %2, %cap : tensor<3x5xf32>, tensor<f32> -> tensor<3x5xf32>
  %4 = nn.tanh %3 : tensor<3x5xf32> -> tensor<3x5xf32>
  %5 = nn.mul %4, %cap : tensor<3x5xf32>, tensor<f32> -> tensor<3x5xf32>
  %6 = nn.where %m, %low, %5 : tensor<5xi1>, tensor<f32>, tensor<3x5xf32> -> tensor<3x5xf32>
  %7 = nn.softmax soft %6 axis 1 : tensor<3x5xf32> -> tensor<3x5xf32>
  %8 = nn.matmul %7, %v : tensor<3x5xf32>, tensor<5x4xf32> -> tensor<3x4xf32>
  return %8 : tensor<3x4xf32>
}

// Weights that are needed themselves, a softmax over queries, one value for two
// batches.
// CHECK-LABEL: func @not_attention
// CHECK-NOT: nn.attention
// CHECK: return
func.func @not_attention(%q: tensor<2x3x4xf32>, %k: tensor<2x4x5xf32>, %v: tensor<2x5x4xf32>, %w: tensor<5x4xf32>) -> (tensor<2x3x5xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %0 = nn.matmul %q, %k : tensor<2x3x4xf32>, tensor<2x4x5xf32> -> tensor<2x3x5xf32>
  %1 = nn.softmax soft %0 axis 2 : tensor<2x3x5xf32> -> tensor<2x3x5xf32>
  %2 = nn.matmul %1, %v : tensor<2x3x5xf32>, tensor<2x5x4xf32> -> tensor<2x3x4xf32>
  %3 = nn.matmul %q, %k : tensor<2x3x4xf32>, tensor<2x4x5xf32> -> tensor<2x3x5xf32>
  %4 = nn.softmax soft %3 axis 1 : tensor<2x3x5xf32> -> tensor<2x3x5xf32>
  %5 = nn.matmul %4, %v : tensor<2x3x5xf32>, tensor<2x5x4xf32> -> tensor<2x3x4xf32>
  %6 = nn.matmul %q, %k : tensor<2x3x4xf32>, tensor<2x4x5xf32> -> tensor<2x3x5xf32>
  %7 = nn.softmax soft %6 axis 2 : tensor<2x3x5xf32> -> tensor<2x3x5xf32>
  %8 = nn.matmul %7, %w : tensor<2x3x5xf32>, tensor<5x4xf32> -> tensor<2x3x4xf32>
  return %1, %2, %5, %8 : tensor<2x3x5xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>
}

// One attention on the result of another one.
// CHECK-LABEL: func @twice
func.func @twice(%q: tensor<3x4xf32>, %k: tensor<4x5xf32>, %v: tensor<5x4xf32>) -> tensor<3x4xf32> {
  // CHECK: %[[A:.*]] = nn.attention %arg0
  // CHECK: %[[B:.*]] = nn.attention %[[A]]
  // CHECK: return %[[B]]
  %0 = nn.matmul %q, %k : tensor<3x4xf32>, tensor<4x5xf32> -> tensor<3x5xf32>
  %1 = nn.softmax soft %0 axis 1 : tensor<3x5xf32> -> tensor<3x5xf32>
  %2 = nn.matmul %1, %v : tensor<3x5xf32>, tensor<5x4xf32> -> tensor<3x4xf32>
  %3 = nn.matmul %2, %k : tensor<3x4xf32>, tensor<4x5xf32> -> tensor<3x5xf32>
  %4 = nn.softmax soft %3 axis 1 : tensor<3x5xf32> -> tensor<3x5xf32>
  %5 = nn.matmul %4, %v : tensor<3x5xf32>, tensor<5x4xf32> -> tensor<3x4xf32>
  return %5 : tensor<3x4xf32>
}

// Heads of keys and values that are copied for several heads of the query are not.
// CHECK-LABEL: func @shared_heads
func.func @shared_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x6xf32>) -> tensor<1x4x3x6xf32> {
  // CHECK: nn.attention %arg0, %arg1, %arg2 scale 1.0
  %s1 = nn.constant dense<[1, 2, 1, 5, 8]> : tensor<5xi64>
  %s2 = nn.constant dense<[1, 2, 2, 5, 8]> : tensor<5xi64>
  %s3 = nn.constant dense<[1, 4, 5, 8]> : tensor<4xi64>
  %v1 = nn.constant dense<[1, 2, 1, 5, 6]> : tensor<5xi64>
  %v2 = nn.constant dense<[1, 2, 2, 5, 6]> : tensor<5xi64>
  %v3 = nn.constant dense<[1, 4, 5, 6]> : tensor<4xi64>
  %0 = nn.reshape %k, %s1 : tensor<1x2x5x8xf32>, tensor<5xi64> -> tensor<1x2x1x5x8xf32>
  %1 = nn.broadcast %0, %s2 : tensor<1x2x1x5x8xf32>, tensor<5xi64> -> tensor<1x2x2x5x8xf32>
  %2 = nn.reshape %1, %s3 : tensor<1x2x2x5x8xf32>, tensor<4xi64> -> tensor<1x4x5x8xf32>
  %3 = nn.reshape %v, %v1 : tensor<1x2x5x6xf32>, tensor<5xi64> -> tensor<1x2x1x5x6xf32>
  %4 = nn.broadcast %3, %v2 : tensor<1x2x1x5x6xf32>, tensor<5xi64> -> tensor<1x2x2x5x6xf32>
  %5 = nn.reshape %4, %v3 : tensor<1x2x2x5x6xf32>, tensor<4xi64> -> tensor<1x4x5x6xf32>
  %t = nn.transpose %2 [0, 1, 3, 2] : tensor<1x4x5x8xf32> -> tensor<1x4x8x5xf32>
  %6 = nn.matmul %q, %t : tensor<1x4x3x8xf32>, tensor<1x4x8x5xf32> -> tensor<1x4x3x5xf32>
  %7 = nn.softmax soft %6 axis 3 : tensor<1x4x3x5xf32> -> tensor<1x4x3x5xf32>
  %8 = nn.matmul %7, %5 : tensor<1x4x3x5xf32>, tensor<1x4x5x6xf32> -> tensor<1x4x3x6xf32>
  return %8 : tensor<1x4x3x6xf32>
}

// Copies in another order: head 2 of the query reads head 0 of the key.
// CHECK-LABEL: func @tiled_heads
func.func @tiled_heads(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>) -> tensor<1x4x3x8xf32> {
  // CHECK: nn.attention %arg0, %[[K:.*]], %[[K]] scale
  // CHECK-SAME: tensor<1x4x3x8xf32>, tensor<1x4x5x8xf32>
  %s1 = nn.constant dense<[1, 1, 2, 5, 8]> : tensor<5xi64>
  %s2 = nn.constant dense<[1, 2, 2, 5, 8]> : tensor<5xi64>
  %s3 = nn.constant dense<[1, 4, 5, 8]> : tensor<4xi64>
  %0 = nn.reshape %k, %s1 : tensor<1x2x5x8xf32>, tensor<5xi64> -> tensor<1x1x2x5x8xf32>
  %1 = nn.broadcast %0, %s2 : tensor<1x1x2x5x8xf32>, tensor<5xi64> -> tensor<1x2x2x5x8xf32>
  %2 = nn.reshape %1, %s3 : tensor<1x2x2x5x8xf32>, tensor<4xi64> -> tensor<1x4x5x8xf32>
  %t = nn.transpose %2 [0, 1, 3, 2] : tensor<1x4x5x8xf32> -> tensor<1x4x8x5xf32>
  %6 = nn.matmul %q, %t : tensor<1x4x3x8xf32>, tensor<1x4x8x5xf32> -> tensor<1x4x3x5xf32>
  %7 = nn.softmax soft %6 axis 3 : tensor<1x4x3x5xf32> -> tensor<1x4x3x5xf32>
  %8 = nn.matmul %7, %2 : tensor<1x4x3x5xf32>, tensor<1x4x5x8xf32> -> tensor<1x4x3x8xf32>
  return %8 : tensor<1x4x3x8xf32>
}
