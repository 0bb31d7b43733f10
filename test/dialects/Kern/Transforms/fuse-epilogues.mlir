// RUN: nnc-opt %s -kern-fuse-epilogues | FileCheck %s
// RUN: nnc-opt %s -kern-fuse-epilogues --remark-policy=all --remark-format=emitRemark --remarks-filter="kern-fuse.*" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

#id = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (n)>
#column = affine_map<(m, n) -> (m)>
#swap = affine_map<(m, n) -> (n, m)>

// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: func @bias
// CHECK-SAME: (%[[A:.*]]: tensor<4x8xf32>, %[[B:.*]]: tensor<8x16xf32>, %[[BIAS:.*]]: tensor<16xf32>)
func.func @bias(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %bias: tensor<16xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: %[[R:.*]] = kern.gemm rows %[[A]], %[[B]] extras(%[[BIAS]] : tensor<16xf32>) {{.*}}extra_maps = [#[[ROW]]]
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[X:.*]]: f32):
  // CHECK-NEXT: %[[Y:.*]] = arith.addf %[[SUM]], %[[X]]
  // CHECK-NEXT: kern.yield %[[Y]]
  // CHECK: return %[[R]]
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %bias : tensor<4x16xf32>, tensor<16xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %2 = arith.addf %x, %y : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// A chain behind a bias: each reader in turn, extra operands of all kinds.
// CHECK-LABEL: func @chain
// CHECK-SAME: (%{{.*}}: tensor<?x9x4xf32>, %{{.*}}: tensor<6x4x3xf32>, %[[BIAS:.*]]: tensor<6xf32>, %[[R:.*]]: tensor<?x7x6xf32>, %[[S:.*]]: tensor<f32>, %[[Y:.*]]: tensor<?x7x6xf32>)
func.func @chain(%x: tensor<?x9x4xf32>, %w: tensor<6x4x3xf32>, %bias: tensor<6xf32>, %r: tensor<?x7x6xf32>, %s: tensor<f32>, %y: tensor<?x7x6xf32>) -> tensor<?x7x6xi8> {
  %zero = arith.constant 0.0 : f32
  %n = arith.constant 3 : index
  %e = tensor.empty(%n) : tensor<?x7x6xi8>
  // CHECK: %[[N:.*]] = arith.constant 3 : index
  // CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x7x6xi8>
  // CHECK-NOT: linalg.generic
  // CHECK: %[[K:.*]] = kern.conv {{.*}} extras(%[[BIAS]], %[[R]], %[[S]] : tensor<6xf32>, tensor<?x7x6xf32>, tensor<f32>) outs(%[[E]]) {{.*}} -> tensor<?x7x6xi8> {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B0:.*]]: f32, %[[R0:.*]]: f32, %[[S0:.*]]: f32):
  // CHECK-NEXT: %[[V0:.*]] = arith.addf %[[SUM]], %[[B0]]
  // CHECK-NEXT: %[[V1:.*]] = arith.addf %[[V0]], %[[R0]]
  // CHECK-NEXT: %[[V2:.*]] = arith.maximumf %[[V1]], %
  // CHECK-NEXT: %[[V3:.*]] = arith.mulf %[[V2]], %[[S0]]
  // CHECK-NEXT: %[[V4:.*]] = arith.fptosi %[[V3]]
  // CHECK-NEXT: kern.yield %[[V4]] : i8
  // CHECK: return %[[K]]
  %0 = kern.conv %x, %w extras(%bias : tensor<6xf32>) outs(%y) strides [1] dilations [1] pads [0, 0]
      {extra_maps = [affine_map<(n, x, f) -> (f)>]} : tensor<?x9x4xf32>, tensor<6x4x3xf32>, tensor<?x7x6xf32> -> tensor<?x7x6xf32> {
  ^bb0(%sum: f32, %b: f32):
    %4 = arith.addf %sum, %b : f32
    kern.yield %4 : f32
  }
  %1 = linalg.generic {indexing_maps = [affine_map<(n, x, f) -> (n, x, f)>, affine_map<(n, x, f) -> (n, x, f)>, affine_map<(n, x, f) -> (n, x, f)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%r, %0 : tensor<?x7x6xf32>, tensor<?x7x6xf32>) outs(%y : tensor<?x7x6xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %4 = arith.addf %q, %p : f32
    %5 = arith.maximumf %4, %zero : f32
    linalg.yield %5 : f32
  } -> tensor<?x7x6xf32>
  %2 = linalg.generic {indexing_maps = [affine_map<(n, x, f) -> (n, x, f)>, affine_map<(n, x, f) -> ()>, affine_map<(n, x, f) -> (n, x, f)>], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%1, %s : tensor<?x7x6xf32>, tensor<f32>) outs(%e : tensor<?x7x6xi8>) {
  ^bb0(%p: f32, %q: f32, %o: i8):
    %4 = arith.mulf %p, %q : f32
    %5 = arith.fptosi %4 : f32 to i8
    linalg.yield %5 : i8
  } -> tensor<?x7x6xi8>
  return %2 : tensor<?x7x6xi8>
}

// One number a row is read as one number.
// CHECK-LABEL: func @per_row
func.func @per_row(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %r: tensor<4xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm {{.*}}extra_maps = [#[[COLUMN]]]
  // CHECK-NOT: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %r : tensor<4x16xf32>, tensor<4xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %2 = arith.mulf %x, %y : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// Two readers.
// CHECK-LABEL: func @second_use
func.func @second_use(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%x: f32, %z: f32):
    %2 = arith.negf %x : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %0, %1 : tensor<4x16xf32>, tensor<4x16xf32>
}

// One reader, twice.
// CHECK-LABEL: func @twice
// REMARK: the result is read elsewhere too
func.func @twice(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %0 : tensor<4x16xf32>, tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %2 = arith.mulf %x, %y : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// Elements move.
// CHECK-LABEL: func @transposed
// REMARK: the reader moves elements
func.func @transposed(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>) -> tensor<16x4xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  %t = tensor.empty() : tensor<16x4xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x16xf32>) outs(%t : tensor<16x4xf32>) {
  ^bb0(%x: f32, %z: f32):
    %2 = arith.negf %x : f32
    linalg.yield %2 : f32
  } -> tensor<16x4xf32>
  return %1 : tensor<16x4xf32>
}

// Sums of rows.
// CHECK-LABEL: func @reduction
// REMARK: the reader is not element-wise
func.func @reduction(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %t: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #column], iterator_types = ["parallel", "reduction"]}
      ins(%0 : tensor<4x16xf32>) outs(%t : tensor<4xf32>) {
  ^bb0(%x: f32, %z: f32):
    %2 = arith.addf %x, %z : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Bits lie otherwise in vectors than in memory.
// CHECK-LABEL: func @i1_operand
// REMARK: an operand is no tensor of whole bytes
func.func @i1_operand(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %m: tensor<4x16xi1>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %m : tensor<4x16xf32>, tensor<4x16xi1>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%x: f32, %y: i1, %z: f32):
    %2 = arith.select %y, %x, %x : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// So do results.
// CHECK-LABEL: func @i1_result
// REMARK: an operand is no tensor of whole bytes
func.func @i1_result(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>) -> tensor<4x16xi1> {
  %e = tensor.empty() : tensor<4x16xf32>
  %t = tensor.empty() : tensor<4x16xi1>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x16xf32>) outs(%t : tensor<4x16xi1>) {
  ^bb0(%x: f32, %z: i1):
    %2 = arith.cmpf ogt, %x, %x : f32
    linalg.yield %2 : i1
  } -> tensor<4x16xi1>
  return %1 : tensor<4x16xi1>
}

// A shape of other numbers, equal in a run or not.
// CHECK-LABEL: func @other_shape
// REMARK: the shapes are not known to be equal
func.func @other_shape(%a: tensor<?x8xf32>, %b: tensor<8x16xf32>, %e: tensor<?x16xf32>, %t: tensor<4x16xf32>) -> tensor<4x16xf32> {
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<?x8xf32>, tensor<8x16xf32>, tensor<?x16xf32> -> tensor<?x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x16xf32>) outs(%t : tensor<4x16xf32>) {
  ^bb0(%x: f32, %z: f32):
    %2 = arith.negf %x : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// The destination is read.
// CHECK-LABEL: func @update
// REMARK: the reader updates its destination
func.func @update(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %t: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x16xf32>) outs(%t : tensor<4x16xf32>) {
  ^bb0(%x: f32, %z: f32):
    %2 = arith.addf %x, %z : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// Another operand is read across.
// CHECK-LABEL: func @transposed_extra
// REMARK: an operand is not read along the last axis
func.func @transposed_extra(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %t: tensor<16x4xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #swap, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %t : tensor<4x16xf32>, tensor<16x4xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %2 = arith.mulf %x, %y : f32
    linalg.yield %2 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// The place of an element matters.
// CHECK-LABEL: func @index
// REMARK: the reader has no vector form
func.func @index(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  // CHECK: kern.gemm
  // CHECK: linalg.generic
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%x: f32, %z: f32):
    %2 = linalg.index 0 : index
    %3 = arith.index_cast %2 : index to i32
    %4 = arith.sitofp %3 : i32 to f32
    %5 = arith.addf %x, %4 : f32
    linalg.yield %5 : f32
  } -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// Who asks for sizes of the sums does not read them.
// CHECK-LABEL: func @sizes
// CHECK-SAME: (%{{.*}}: tensor<?x8xf32>, %{{.*}}: tensor<8x16xf32>, %[[E:.*]]: tensor<?x16xf32>)
func.func @sizes(%a: tensor<?x8xf32>, %b: tensor<8x16xf32>, %e: tensor<?x16xf32>) -> tensor<?x16xi8> {
  // CHECK: %[[D:.*]] = tensor.dim %[[E]]
  // CHECK: %[[T:.*]] = tensor.empty(%[[D]]) : tensor<?x16xi8>
  // CHECK: kern.gemm {{.*}} outs(%[[T]])
  // CHECK: arith.fptosi
  // CHECK-NOT: linalg.generic
  // CHECK: return
  %c0 = arith.constant 0 : index
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<?x8xf32>, tensor<8x16xf32>, tensor<?x16xf32> -> tensor<?x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %d = tensor.dim %0, %c0 : tensor<?x16xf32>
  %t = tensor.empty(%d) : tensor<?x16xi8>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<?x16xf32>) outs(%t : tensor<?x16xi8>) {
  ^bb0(%x: f32, %y: i8):
    %2 = arith.fptosi %x : f32 to i8
    linalg.yield %2 : i8
  } -> tensor<?x16xi8>
  return %1 : tensor<?x16xi8>
}

// -----

// Sizes of the run, of which each reader asks the result before it.
// CHECK-LABEL: func @asked_sizes
func.func @asked_sizes(%a: tensor<?x8xf32>, %b: tensor<8x16xf32>, %n: index) -> tensor<?x16xi8> {
  // CHECK: kern.gemm
  // CHECK: arith.negf
  // CHECK: arith.fptosi
  // CHECK-NOT: linalg.generic
  %c0 = arith.constant 0 : index
  %e = tensor.empty(%n) : tensor<?x16xf32>
  %0 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<?x8xf32>, tensor<8x16xf32>, tensor<?x16xf32> -> tensor<?x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  %d0 = tensor.dim %0, %c0 : tensor<?x16xf32>
  %e1 = tensor.empty(%d0) : tensor<?x16xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<?x16xf32>) outs(%e1 : tensor<?x16xf32>) {
  ^bb0(%x: f32, %out: f32):
    %4 = arith.negf %x : f32
    linalg.yield %4 : f32
  } -> tensor<?x16xf32>
  %d1 = tensor.dim %1, %c0 : tensor<?x16xf32>
  %e2 = tensor.empty(%d1) : tensor<?x16xi8>
  %2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%1 : tensor<?x16xf32>) outs(%e2 : tensor<?x16xi8>) {
  ^bb0(%x: f32, %out: i8):
    %4 = arith.fptosi %x : f32 to i8
    linalg.yield %4 : i8
  } -> tensor<?x16xi8>
  return %2 : tensor<?x16xi8>
}
