// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @tree
func.func @tree(%x: tensor<?x2xf32>, %n: tensor<3x5xi64>, %t: tensor<3xf32>, %r: tensor<1xi64>, %i: tensor<2xi64>, %w: tensor<2xf32>) -> tensor<?x2xf32> {
  // CHECK: nn.tree_leaves %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x2xf32>, tensor<3x5xi64>, tensor<3xf32>, tensor<1xi64> -> tensor<?x1xi64>
  %l = nn.tree_leaves %x, %n, %t, %r : tensor<?x2xf32>, tensor<3x5xi64>, tensor<3xf32>, tensor<1xi64> -> tensor<?x1xi64>
  // CHECK: nn.tree_weights max %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} targets 2 : tensor<?x1xi64>, tensor<3x5xi64>, tensor<2xi64>, tensor<2xf32> -> tensor<?x2xf32>
  %0 = nn.tree_weights max %l, %n, %i, %w targets 2 : tensor<?x1xi64>, tensor<3x5xi64>, tensor<2xi64>, tensor<2xf32> -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// CHECK-LABEL: func @ngrams
func.func @ngrams(%x: tensor<?x6xi32>, %g: tensor<3x2xi64>, %l: tensor<3xi64>) -> tensor<?x3xf32> {
  // CHECK: nn.ngram_counts %{{.*}}, %{{.*}}, %{{.*}} max_skip 5 : tensor<?x6xi32>, tensor<3x2xi64>, tensor<3xi64> -> tensor<?x3xf32>
  %0 = nn.ngram_counts %x, %g, %l max_skip 5 : tensor<?x6xi32>, tensor<3x2xi64>, tensor<3xi64> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: func @col2im
func.func @col2im(%x: tensor<?x4x?xf16>, %s: tensor<2xi32>) -> tensor<?x1x?x?xf16> {
  // CHECK: nn.col2im %{{.*}}, %{{.*}} kernel [2, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] : tensor<?x4x?xf16>, tensor<2xi32> -> tensor<?x1x?x?xf16>
  %0 = nn.col2im %x, %s kernel [2, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] : tensor<?x4x?xf16>, tensor<2xi32> -> tensor<?x1x?x?xf16>
  return %0 : tensor<?x1x?x?xf16>
}

// CHECK-LABEL: func @mel
func.func @mel(%b: tensor<i64>, %d: tensor<i32>, %r: tensor<1xi64>, %l: tensor<f32>, %h: tensor<f32>) -> tensor<?x?xf64> {
  // CHECK: nn.mel_weight_matrix %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {element_type = f64} : tensor<i64>, tensor<i32>, tensor<1xi64>, tensor<f32>, tensor<f32> -> tensor<?x?xf64>
  %0 = nn.mel_weight_matrix %b, %d, %r, %l, %h {element_type = f64} : tensor<i64>, tensor<i32>, tensor<1xi64>, tensor<f32>, tensor<f32> -> tensor<?x?xf64>
  return %0 : tensor<?x?xf64>
}

// CHECK-LABEL: func @narrow
func.func @narrow(%x: tensor<?xf32>, %s: tensor<f32>) -> tensor<?xi4> {
  // CHECK: nn.cast %{{.*}} to f8E8M0FNU unsaturated rounding nearest : tensor<?xf32> -> tensor<?xf8E8M0FNU>
  %a = nn.cast %x to f8E8M0FNU unsaturated rounding nearest : tensor<?xf32> -> tensor<?xf8E8M0FNU>
  // CHECK: nn.cast %{{.*}} to f4E2M1FN : tensor<?xf8E8M0FNU> -> tensor<?xf4E2M1FN>
  %b = nn.cast %a to f4E2M1FN : tensor<?xf8E8M0FNU> -> tensor<?xf4E2M1FN>
  // CHECK: nn.bitcast %{{.*}} to i4 : tensor<?xf4E2M1FN> -> tensor<?xi4>
  %c = nn.bitcast %b to i4 : tensor<?xf4E2M1FN> -> tensor<?xi4>
  // CHECK: nn.quantize %{{.*}}, %{{.*}} to f8E5M2 unsaturated : (tensor<?xf32>, tensor<f32>) -> tensor<?xf8E5M2>
  %d = nn.quantize %x, %s to f8E5M2 unsaturated : (tensor<?xf32>, tensor<f32>) -> tensor<?xf8E5M2>
  return %c : tensor<?xi4>
}
