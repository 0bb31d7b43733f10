// RUN: nnc-opt %s -nnc-simplify-shapes -canonicalize -cse | FileCheck %s

// Equal names are one number; a sum less its part is the rest.
// CHECK-LABEL: func @equal_names
func.func @equal_names(%a: tensor<?x3xf32> {nn.dim_names = ["n", ""]}, %b: tensor<?x3xf32> {nn.dim_names = ["n", ""]}) -> (index, index) {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %a, %c0 : tensor<?x3xf32>
  %n = tensor.dim %b, %c0 : tensor<?x3xf32>
  %s = arith.addi %m, %n : index
  %d = arith.subi %s, %m : index
  // CHECK: %[[N:.*]] = tensor.dim %arg0
  // CHECK: return %[[N]], %[[N]]
  return %n, %d : index, index
}

// Without names nothing is equal.
// CHECK-LABEL: func @no_names
func.func @no_names(%a: tensor<?x3xf32>, %b: tensor<?x3xf32>) -> index {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %a, %c0 : tensor<?x3xf32>
  %n = tensor.dim %b, %c0 : tensor<?x3xf32>
  // CHECK: arith.subi
  %d = arith.subi %m, %n : index
  return %d : index
}

// A dimension is not negative, so it is not wrapped or clamped.
// CHECK-LABEL: func @clamps
func.func @clamps(%a: tensor<?xf32>) -> (index, index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %n = tensor.dim %a, %c0 : tensor<?xf32>
  %neg = arith.cmpi slt, %n, %c0 : index
  %sum = arith.addi %n, %c8 : index
  %wrapped = arith.select %neg, %sum, %n : index
  %clamped = arith.maxsi %wrapped, %c0 : index
  // x * 8 / 8 and (x * 8 + 1) / 8
  %p = arith.muli %n, %c8 : index
  %q = arith.floordivsi %p, %c8 : index
  %p1 = arith.addi %p, %c1 : index
  %q1 = arith.floordivsi %p1, %c8 : index
  // CHECK: %[[N:.*]] = tensor.dim
  // CHECK-NOT: arith.{{maxsi|select|floordivsi}}
  // CHECK: return %[[N]], %[[N]], %[[N]]
  return %clamped, %q, %q1 : index, index, index
}

// Here the answer is not known.
// CHECK-LABEL: func @keeps_clamps
func.func @keeps_clamps(%a: tensor<?xf32>, %i: i64) -> (index, i64) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c0_i64 = arith.constant 0 : i64
  %n = tensor.dim %a, %c0 : tensor<?xf32>
  // CHECK-DAG: arith.minsi
  %m = arith.minsi %n, %c8 : index
  // CHECK-DAG: arith.maxsi
  %x = arith.maxsi %i, %c0_i64 : i64
  return %m, %x : index, i64
}

// Eight columns broadcast against n + 1 only if these are 8, or 1.
// CHECK-LABEL: func @checked
func.func @checked(%a: tensor<?xf32> {nn.dim_names = ["n"]}, %b: tensor<1xf32>, %t: tensor<8xf32>) -> (tensor<?xf32>, index) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  // CHECK: %[[N:.*]] = tensor.dim
  // CHECK: %[[C:.*]] = arith.cmpi sle, %[[N]], %c7
  // CHECK: nn.assert %[[C]], "dimension 'n' must be 7 or less"
  %j = nn.concat %a, %b axis 0 : tensor<?xf32>, tensor<1xf32> -> tensor<?xf32>
  %s = nn.add %j, %t : tensor<?xf32>, tensor<8xf32> -> tensor<8xf32>
  %n = tensor.dim %a, %c0 : tensor<?xf32>
  %m = arith.minsi %n, %c8 : index
  // CHECK: return %{{.*}}, %[[N]]
  %r = tensor.cast %s : tensor<8xf32> to tensor<?xf32>
  return %r, %m : tensor<?xf32>, index
}

// Twice the same gives one check.
// RUN: nnc-opt %s -nnc-simplify-shapes -canonicalize -cse -nnc-simplify-shapes -canonicalize -cse | FileCheck %s --check-prefix=TWICE
// TWICE-COUNT-1: nn.assert
// TWICE-NOT: nn.assert

// CHECK-LABEL: func @cancelling_reshapes
func.func @cancelling_reshapes(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : i64
  %a = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %b = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %i = arith.index_cast %a : index to i64
  %j = arith.index_cast %b : index to i64
  %flat = nn.constant dense<[-1, 4]> : tensor<2xi64>
  %full = tensor.from_elements %i, %j, %c4 : tensor<3xi64>
  %0 = nn.reshape %x, %flat : tensor<?x?x4xf32>, tensor<2xi64> -> tensor<?x4xf32>
  %1 = nn.reshape %0, %full : tensor<?x4xf32>, tensor<3xi64> -> tensor<?x?x4xf32>
  // CHECK-NEXT: return %arg0
  return %1 : tensor<?x?x4xf32>
}

// The heads move to an axis of their own: the shape is a constant.
// CHECK-LABEL: func @copied_dims
func.func @copied_dims(%x: tensor<?x?x4xf32>) -> tensor<?x?x2x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : i64
  %a = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %b = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %i = arith.index_cast %a : index to i64
  %j = arith.index_cast %b : index to i64
  %s = tensor.from_elements %i, %j, %c2, %c2 : tensor<4xi64>
  // CHECK: nn.constant dense<[0, 0, 2, 2]> : tensor<4xi64>
  // CHECK-NOT: tensor.dim
  %0 = nn.reshape %x, %s {allow_zero} : tensor<?x?x4xf32>, tensor<4xi64> -> tensor<?x?x2x2xf32>
  return %0 : tensor<?x?x2x2xf32>
}

// -1 would be 0 for an empty batch, and 0 would copy another dimension.
// CHECK-LABEL: func @maybe_empty
func.func @maybe_empty(%x: tensor<?x?xf32>) -> tensor<?x1x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1 : i64
  %a = tensor.dim %x, %c0 : tensor<?x?xf32>
  %b = tensor.dim %x, %c1 : tensor<?x?xf32>
  %i = arith.index_cast %a : index to i64
  %j = arith.index_cast %b : index to i64
  // CHECK: tensor.from_elements
  // CHECK: nn.reshape {{.*}} {allow_zero}
  %s = tensor.from_elements %i, %one, %j : tensor<3xi64>
  %0 = nn.reshape %x, %s {allow_zero} : tensor<?x?xf32>, tensor<3xi64> -> tensor<?x1x?xf32>
  return %0 : tensor<?x1x?xf32>
}

// CHECK-LABEL: func @identities
func.func @identities(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %i = arith.index_cast %n : index to i64
  %zero = nn.constant dense<0> : tensor<1xi64>
  %end = tensor.from_elements %i : tensor<1xi64>
  %c4 = arith.constant 4 : i64
  %s = tensor.from_elements %i, %c4 : tensor<2xi64>
  %0 = nn.slice %x, %zero, %end axes [0] steps [1] : tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<?x4xf32>
  %1 = nn.broadcast %x, %s : tensor<?x4xf32>, tensor<2xi64> -> tensor<?x4xf32>
  // CHECK: return %arg0, %[[B:.*]] :
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// Backwards it is another tensor.
// CHECK-LABEL: func @reversed
func.func @reversed(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = nn.constant dense<-1> : tensor<1xi64>
  %e = nn.constant dense<-5> : tensor<1xi64>
  // CHECK: nn.slice
  %0 = nn.slice %x, %s, %e axes [0] steps [-1] : tensor<4xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// A tensor that no shape function tells of.
// CHECK-LABEL: func @opaque
func.func @opaque(%c: i1, %x: tensor<?xf32>, %y: tensor<?xf32>) -> (index, index) {
  // CHECK: %[[R:.*]] = arith.select
  %r = scf.if %c -> tensor<?xf32> {
    scf.yield %x : tensor<?xf32>
  } else {
    scf.yield %y : tensor<?xf32>
  }
  %c0 = arith.constant 0 : index
  %n = tensor.dim %r, %c0 : tensor<?xf32>
  %s = nn.relu %r : tensor<?xf32> -> tensor<?xf32>
  %m = tensor.dim %s, %c0 : tensor<?xf32>
  %a = arith.addi %m, %n : index
  %b = arith.subi %a, %m : index
  // CHECK: %[[N:.*]] = tensor.dim %[[R]]
  // CHECK-NOT: nn.assert
  %d = arith.maxsi %b, %c0 : index
  return %n, %d : index, index
}

// Only an axis of size 1 moves.
// RUN: nnc-opt %s -nnc-simplify-shapes=reshape-transposes -canonicalize | FileCheck %s --check-prefix=RESHAPE
// CHECK-LABEL: func @unit_axes
// RESHAPE-LABEL: func @unit_axes
func.func @unit_axes(%x: tensor<?x1x3xf32>) -> (tensor<?x3x1xf32>, tensor<3x?x1xf32>) {
  // CHECK-COUNT-2: nn.transpose
  // RESHAPE: nn.reshape %arg0
  // RESHAPE: nn.transpose %arg0 [2, 0, 1]
  %0 = nn.transpose %x [0, 2, 1] : tensor<?x1x3xf32> -> tensor<?x3x1xf32>
  %1 = nn.transpose %x [2, 0, 1] : tensor<?x1x3xf32> -> tensor<3x?x1xf32>
  return %0, %1 : tensor<?x3x1xf32>, tensor<3x?x1xf32>
}

// What is left of a reshape is what was there before: of no batch nobody knows.
// CHECK-LABEL: func @free_if_empty
func.func @free_if_empty(%x: tensor<?x?x8xf32> {nn.dim_names = ["b", "t", ""]}) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %all = arith.muli %b, %t : index
  %one = arith.maxsi %b, %c1 : index
  %rest = arith.floordivsi %all, %one {nn.free_if_empty} : index
  // Without the attribute it is 0 where there is no batch.
  %exact = arith.floordivsi %all, %one : index
  // CHECK: %[[T:.*]] = tensor.dim %arg0, %c1
  // CHECK: %[[E:.*]] = arith.floordivsi
  // CHECK: return %[[T]], %[[E]]
  return %rest, %exact : index, index
}
