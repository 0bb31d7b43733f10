// RUN: nnc-opt %s -convert-nn-to-linalg -canonicalize -cse -split-input-file | FileCheck %s

// The columns are the innermost loop.
// CHECK-DAG: #[[$LHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[$RHS:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[$OUT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-LABEL: func @matmul
func.func @matmul(%a: tensor<?x2x3xf32>, %b: tensor<3x4xf32>) -> tensor<?x2x4xf32> {
  // CHECK-NOT: scf.if
  // CHECK: linalg.generic {indexing_maps = [#[[$LHS]], #[[$RHS]], #[[$OUT]]]
  // CHECK-SAME: ["parallel", "parallel", "reduction", "parallel"]
  %0 = nn.matmul %a, %b : tensor<?x2x3xf32>, tensor<3x4xf32> -> tensor<?x2x4xf32>
  return %0 : tensor<?x2x4xf32>
}

// -----

// Batch dimensions that may be 1 in the run only: two versions of the loops,
// the general one indexing by hand.
// CHECK-LABEL: func @matmul_unsure_batch
func.func @matmul_unsure_batch(%a: tensor<?x2x3xf32>, %b: tensor<?x3x4xf32>) -> tensor<?x2x4xf32> {
  // CHECK: scf.if
  // CHECK: linalg.generic
  // CHECK-NOT: tensor.extract
  // CHECK: else
  // CHECK: linalg.generic
  // CHECK: tensor.extract
  %0 = nn.matmul %a, %b : tensor<?x2x3xf32>, tensor<?x3x4xf32> -> tensor<?x2x4xf32>
  return %0 : tensor<?x2x4xf32>
}

// -----

// 16-bit floats are summed in f32.
// CHECK-LABEL: func @matmul_f16
func.func @matmul_f16(%a: tensor<2x3xf16>, %b: tensor<3x4xf16>) -> tensor<2x4xf16> {
  // CHECK: arith.extf {{.*}} : f16 to f32
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: arith.truncf {{.*}} : f32 to f16
  %0 = nn.matmul %a, %b : tensor<2x3xf16>, tensor<3x4xf16> -> tensor<2x4xf16>
  return %0 : tensor<2x4xf16>
}

// -----

// CHECK-DAG: #[[$DIAG:.*]] = affine_map<(d0, d1) -> (d0, d0)>
// CHECK-LABEL: func @einsum_diagonal
func.func @einsum_diagonal(%a: tensor<3x3xi32>, %b: tensor<2xi32>) -> tensor<3x2xi32> {
  // CHECK: linalg.generic
  // CHECK-SAME: #[[$DIAG]]
  // CHECK: arith.muli
  %0 = nn.einsum "ii,j->ij" %a, %b : tensor<3x3xi32>, tensor<2xi32> -> tensor<3x2xi32>
  return %0 : tensor<3x2xi32>
}

// -----

// No padding: the input is read where it is. The last place is innermost.
// CHECK-DAG: #[[$IN:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d4, d3 * 2 + d5, d7 * 2 + d6 * 3)>
// CHECK-DAG: #[[$RESULT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d2, d3, d7)>
// CHECK-LABEL: func @conv
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x3x9x9xf32>
func.func @conv(%x: tensor<?x3x9x9xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<?x4x4x2xf32> {
  // CHECK-NOT: tensor.insert_slice
  // CHECK: linalg.generic {indexing_maps = [#[[$IN]], #{{.*}}, #[[$RESULT]]]
  // CHECK-SAME: ins(%[[X]]
  %0 = nn.conv %x, %w strides [2, 2] dilations [1, 3] pads [0, 0, 0, 0]
    : tensor<?x3x9x9xf32>, tensor<4x3x3x3xf32> -> tensor<?x4x4x2xf32>
  return %0 : tensor<?x4x4x2xf32>
}

// -----

// CHECK-DAG: #[[$GROUPED:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 * 2 + d3, d4 + d5)>
// CHECK-DAG: #[[$RESULT:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 * 3 + d2, d5)>
// CHECK-LABEL: func @conv_grouped_padded
func.func @conv_grouped_padded(%x: tensor<1x4x8xf32>, %w: tensor<6x2x3xf32>, %b: tensor<6xf32>) -> tensor<1x6x8xf32> {
  // CHECK: %[[PADDED:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 1] [1, 4, 8] [1, 1, 1] : tensor<1x4x8xf32> into tensor<1x4x10xf32>
  // CHECK: %[[FILTER:.*]] = tensor.expand_shape {{.*}} : tensor<6x2x3xf32> into tensor<2x3x2x3xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[$GROUPED]], #{{.*}}, #[[$RESULT]]]
  // CHECK-SAME: ins(%[[PADDED]], %[[FILTER]]
  %0 = nn.conv %x, %w, %b strides [1] dilations [1] pads [1, 1] {group = 2 : i64}
    : tensor<1x4x8xf32>, tensor<6x2x3xf32>, tensor<6xf32> -> tensor<1x6x8xf32>
  return %0 : tensor<1x6x8xf32>
}

// -----

// Padding that follows from a dynamic dimension.
// CHECK-LABEL: func @conv_same_dynamic
func.func @conv_same_dynamic(%x: tensor<1x1x?xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x?xf32> {
  // CHECK: arith.ceildivsi
  // CHECK: tensor.insert_slice
  %0 = nn.conv %x, %w strides [2] dilations [1] pads [0, 0] {auto_pad = #nn<auto_pad same_upper>}
    : tensor<1x1x?xf32>, tensor<1x1x3xf32> -> tensor<1x1x?xf32>
  return %0 : tensor<1x1x?xf32>
}

// -----

// Nothing is read where there is nothing to compute.
// CHECK-LABEL: func @conv_empty
func.func @conv_empty(%x: tensor<1x1x0xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x0xf32> {
  // CHECK-NOT: linalg.generic
  // CHECK: return
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x1x0xf32>, tensor<1x1x3xf32> -> tensor<1x1x0xf32>
  return %0 : tensor<1x1x0xf32>
}

// -----

// CHECK-DAG: #[[$ADDED:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d2, d5 * 2 + d4)>
// CHECK-LABEL: func @conv_transpose
func.func @conv_transpose(%x: tensor<1x2x3xf32>, %w: tensor<2x4x3xf32>) -> tensor<1x4x6xf32> {
  // CHECK: %[[WHOLE:.*]] = linalg.generic {indexing_maps = [#{{.*}}, #{{.*}}, #[[$ADDED]]]
  // CHECK-SAME: outs(%{{.*}} : tensor<1x4x7xf32>)
  // CHECK: tensor.extract_slice %[[WHOLE]][0, 0, 1] [1, 4, 6] [1, 1, 1]
  %0 = nn.conv_transpose %x, %w strides [2] dilations [1] pads [1, 1] output_padding [1]
    : tensor<1x2x3xf32>, tensor<2x4x3xf32> -> tensor<1x4x6xf32>
  return %0 : tensor<1x4x6xf32>
}
