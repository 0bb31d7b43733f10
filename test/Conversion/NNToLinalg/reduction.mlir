// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[$KEPT:.*]] = affine_map<(d0, d1) -> (d0, 0)>

// CHECK-LABEL: func @sum
func.func @sum(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  // CHECK: linalg.fill
  // CHECK: linalg.generic
  // CHECK-SAME: indexing_maps = [#[[$ID]], #[[$ROW]]], iterator_types = ["parallel", "reduction"]
  // CHECK: arith.addf
  // CHECK-NOT: linalg.generic
  %0 = nn.reduce sum %x [1] : tensor<2x3xf32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// The kept axis is one more constant index, not a reshape.
// CHECK-LABEL: func @max_keep_dims
func.func @max_keep_dims(%x: tensor<?x3xf32>) -> tensor<?x1xf32> {
  // CHECK: arith.constant 0xFF800000 : f32
  // CHECK: linalg.generic
  // CHECK-SAME: indexing_maps = [#[[$ID]], #[[$KEPT]]]
  // CHECK: arith.maximumf
  %0 = nn.reduce max %x [1] keep_dims : tensor<?x3xf32> -> tensor<?x1xf32>
  return %0 : tensor<?x1xf32>
}

// CHECK-LABEL: func @max_unsigned
func.func @max_unsigned(%x: tensor<4xui8>) -> tensor<i8> {
  // CHECK: arith.maxui
  %0 = nn.reduce max %x [0] : tensor<4xui8> -> tensor<ui8>
  %1 = builtin.unrealized_conversion_cast %0 : tensor<ui8> to tensor<i8>
  return %1 : tensor<i8>
}

// The sum is held in f32 and rounded once.
// CHECK-LABEL: func @mean_half
func.func @mean_half(%x: tensor<?xf16>) -> tensor<f16> {
  // CHECK: linalg.fill {{.*}} -> tensor<f32>
  // CHECK: arith.extf
  // CHECK: arith.addf {{.*}} : f32
  // CHECK: arith.divf {{.*}} : f32
  // CHECK: arith.truncf {{.*}} : f32 to f16
  %0 = nn.reduce mean %x [0] : tensor<?xf16> -> tensor<f16>
  return %0 : tensor<f16>
}

// A root of integers is taken in f64 and saturates.
// CHECK-LABEL: func @l2_int
func.func @l2_int(%x: tensor<4xi32>) -> tensor<i32> {
  // CHECK: arith.sitofp {{.*}} : i32 to f64
  // CHECK: math.sqrt
  // CHECK: arith.cmpf oge
  // CHECK: arith.fptosi {{.*}} : f64 to i32
  %0 = nn.reduce l2 %x [0] : tensor<4xi32> -> tensor<i32>
  return %0 : tensor<i32>
}

// CHECK-LABEL: func @log_sum_exp
func.func @log_sum_exp(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  // CHECK: arith.maximumf
  // CHECK: math.exp
  // CHECK: math.log
  %0 = nn.reduce log_sum_exp %x [1] : tensor<2x3xf32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @along
func.func @along(%x: tensor<2x3xf32>, %a: tensor<1xi64>) -> tensor<?xf32> {
  // CHECK: linalg.generic
  // CHECK-SAME: iterator_types = ["parallel"]
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: tensor.extract
  %0 = nn.reduce_along sum %x, %a : tensor<2x3xf32>, tensor<1xi64> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @arg_max
func.func @arg_max(%x: tensor<2x3xf32>) -> tensor<2xi64> {
  // CHECK: linalg.generic
  // CHECK-SAME: iterator_types = ["parallel", "reduction"]
  // CHECK: arith.cmpf ogt
  // CHECK: linalg.index 1
  %0 = nn.arg_reduce max %x axis 1 : tensor<2x3xf32> -> tensor<2xi64>
  return %0 : tensor<2xi64>
}

// The exponentials are computed once, into the result; one division a group.
// CHECK-LABEL: func @softmax
func.func @softmax(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: arith.maximumf
  // CHECK: %[[POWERS:.*]] = linalg.generic
  // CHECK: math.exp
  // CHECK-NOT: math.exp
  // CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]}
  // CHECK: arith.divf
  // CHECK: linalg.generic {{.*}} outs(%[[POWERS]] : tensor<2x3xf32>)
  // CHECK: arith.mulf
  %0 = nn.softmax soft %x axis 1 : tensor<2x3xf32> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @softmax_half
func.func @softmax_half(%x: tensor<2x3xbf16>) -> tensor<2x3xbf16> {
  // CHECK: math.exp {{.*}} : f32
  // CHECK: math.exp {{.*}} : f32
  // CHECK: arith.truncf
  %0 = nn.softmax soft %x axis 1 : tensor<2x3xbf16> -> tensor<2x3xbf16>
  return %0 : tensor<2x3xbf16>
}

// CHECK-LABEL: func @hardmax
func.func @hardmax(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: arith.cmpf ogt
  // CHECK: arith.cmpi eq
  %0 = nn.softmax hard %x axis 1 : tensor<2x3xf32> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @normalize
func.func @normalize(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: tensor.dim
  // CHECK-COUNT-2: iterator_types = ["parallel"]
  // CHECK: iterator_types = ["parallel", "parallel"]
  %0 = nn.normalize %x [1] epsilon 1.0e-5 : tensor<2x?xf32> -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// Without a mean there is one pass less.
// CHECK-LABEL: func @uncentered
func.func @uncentered(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK-NOT: arith.subf
  // CHECK: math.sqrt
  // CHECK-NOT: arith.subf
  %0 = nn.normalize %x [1] epsilon 1.0e-5 uncentered : tensor<2x?xf32> -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @cumsum
func.func @cumsum(%x: tensor<2x3xi32>) -> tensor<2x3xi32> {
  // CHECK: scf.for
  // CHECK: tensor.extract_slice
  // CHECK: arith.addi
  // CHECK: tensor.insert_slice
  %0 = nn.cumsum %x axis 1 : tensor<2x3xi32> -> tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// Scale and bias are read where the element is written.
// CHECK-LABEL: func @normalize_affine
func.func @normalize_affine(%x: tensor<2x4xf16>, %s: tensor<4xf16>, %b: tensor<2x1xf16>) -> tensor<2x4xf16> {
  // CHECK: linalg.generic {{.*}} ins(%arg0, {{.*}}, %arg1, %arg2 :
  // CHECK: arith.extf
  // CHECK: arith.truncf
  // CHECK-NOT: linalg.generic
  %0 = nn.normalize %x [1] epsilon 1.0e-5 scale %s bias %b : tensor<2x4xf16> scale tensor<4xf16> bias tensor<2x1xf16> -> tensor<2x4xf16>
  return %0 : tensor<2x4xf16>
}

// Nothing is sliced out of what is empty.
// CHECK-LABEL: func @cumsum_empty
func.func @cumsum_empty(%x: tensor<?x3x0xf32>) -> tensor<?x3x0xf32> {
  // CHECK-NOT: extract_slice
  // CHECK: tensor.empty
  %0 = nn.cumsum %x axis 1 : tensor<?x3x0xf32> -> tensor<?x3x0xf32>
  return %0 : tensor<?x3x0xf32>
}
