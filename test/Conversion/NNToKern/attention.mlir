// RUN: nnc-opt %s -convert-nn-to-kern | FileCheck %s

// Transposed heads become index maps; of two heads of the query each pair reads one.
// CHECK-DAG: #[[HEADS:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1, d3)>
// CHECK-DAG: #[[SHARED:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d2, d1 floordiv 2, d3)>
// CHECK-DAG: #[[TURNED:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1 floordiv 2, d3, d2)>
// CHECK-DAG: #[[MASK:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, 0, 0, d3)>
// CHECK-LABEL: func @heads
func.func @heads(%q: tensor<2x?x4x8xf32>, %k: tensor<2x2x8x6xf32>, %v: tensor<2x6x2x5xf32>, %m: tensor<2x1x1x6xi1>, %n: index) -> tensor<2x?x4x5xf32> {
  // CHECK: nn.kernel
  // CHECK-NOT: nn.transpose
  // CHECK: %[[BYTES:.*]] = nn.cast %{{.*}} to i8
  // CHECK: %[[L:.*]] = tensor.dim %[[Q:[a-z0-9]+]], %c1
  // CHECK: %[[INIT:.*]] = tensor.empty(%[[L]]) : tensor<2x?x4x5xf32>
  // CHECK: %[[A:.*]] = kern.attention %[[Q]], %{{.*}}, %{{.*}} score_extras(%[[BYTES]] : tensor<2x1x1x6xi8>) outs(%[[INIT]])
  // CHECK-SAME: causality = 2 : i32
  // CHECK-SAME: key_map = #[[TURNED]], query_map = #[[HEADS]], result_map = #[[HEADS]], score_maps = [#[[MASK]]], value_map = #[[SHARED]]
  // CHECK: scores {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[BYTE:.*]]: i8):
  // CHECK: arith.mulf %[[SUM]]
  // CHECK: arith.divf
  // CHECK: math.tanh
  // CHECK: arith.cmpi ne, %[[BYTE]]
  // CHECK: arith.select
  // CHECK: nn.yield %[[A]]
  %0 = nn.kernel "a" order 0 (%q1 = %q, %k1 = %k, %v1 = %v, %m1 = %m) dims(%n) : (tensor<2x?x4x8xf32>, tensor<2x2x8x6xf32>, tensor<2x6x2x5xf32>, tensor<2x1x1x6xi1>) -> tensor<2x?x4x5xf32> {
    %qt = nn.transpose %q1 [0, 2, 1, 3] : tensor<2x?x4x8xf32> -> tensor<2x4x?x8xf32>
    %kt = nn.transpose %k1 [0, 1, 3, 2] : tensor<2x2x8x6xf32> -> tensor<2x2x6x8xf32>
    %vt = nn.transpose %v1 [0, 2, 1, 3] : tensor<2x6x2x5xf32> -> tensor<2x2x6x5xf32>
    %1 = nn.attention %qt, %kt, %vt mask %m1 scale 0.5 {softcap = 3.0 : f64, causality = #nn<causality from_end>} : tensor<2x4x?x8xf32>, tensor<2x2x6x8xf32>, tensor<2x2x6x5xf32>, tensor<2x1x1x6xi1> -> tensor<2x4x?x5xf32>
    %2 = nn.transpose %1 [0, 2, 1, 3] : tensor<2x4x?x5xf32> -> tensor<2x?x4x5xf32>
    nn.yield %2 : tensor<2x?x4x5xf32>
  }
  return %0 : tensor<2x?x4x5xf32>
}

// A part of what is transposed is a part of what was there before. Values that are
// not contiguous along their columns keep their transposition.
// CHECK-LABEL: func @parts
func.func @parts(%x: tensor<6x9x8xf16>, %v: tensor<3x4x6xf16>) -> tensor<3x6x4xf16> {
  // CHECK-DAG: %[[P:.*]] = nn.slice %{{.*}}, %{{.*}}, %{{.*}} axes [1] steps [1] : tensor<6x9x8xf16>, {{.*}} -> tensor<6x3x8xf16>
  // CHECK-DAG: %[[V:.*]] = nn.transpose %{{.*}} [0, 2, 1]
  // CHECK: kern.attention %[[P]], %[[P1:.*]], %[[V]]
  // CHECK: ^bb0(%[[MEAN:.*]]: f32):
  // CHECK-NEXT: arith.truncf %[[MEAN]] : f32 to f16
  %0 = nn.kernel "a" order 0 (%x1 = %x, %v1 = %v) : (tensor<6x9x8xf16>, tensor<3x4x6xf16>) -> tensor<3x6x4xf16> {
    %s = nn.constant dense<3> : tensor<1xi64>
    %e = nn.constant dense<6> : tensor<1xi64>
    %t = nn.transpose %x1 [1, 0, 2] : tensor<6x9x8xf16> -> tensor<9x6x8xf16>
    %p = nn.slice %t, %s, %e axes [0] steps [1] : tensor<9x6x8xf16>, tensor<1xi64>, tensor<1xi64> -> tensor<3x6x8xf16>
    %vt = nn.transpose %v1 [0, 2, 1] : tensor<3x4x6xf16> -> tensor<3x6x4xf16>
    %1 = nn.attention %p, %p, %vt scale 1.0 : tensor<3x6x8xf16>, tensor<3x6x8xf16>, tensor<3x6x4xf16> -> tensor<3x6x4xf16>
    nn.yield %1 : tensor<3x6x4xf16>
  }
  return %0 : tensor<3x6x4xf16>
}
