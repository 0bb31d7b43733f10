// RUN: nnc-opt %s -split-input-file -verify-diagnostics \
// RUN:   -pass-pipeline='builtin.module(func.func(nnc-check-dim-bounds))' | FileCheck %s

// Each free dimension of the name is checked; fixed ones and others are not.
// CHECK-LABEL: func @bounded
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>
// CHECK-NEXT: %[[ZERO:.*]] = arith.constant 0
// CHECK-NEXT: %[[N:.*]] = tensor.dim %[[X]], %[[ZERO]]
// CHECK-NEXT: %[[MOST:.*]] = arith.constant 8
// CHECK-NEXT: %[[OK:.*]] = arith.cmpi ule, %[[N]], %[[MOST]]
// CHECK-NEXT: nn.assert %[[OK]], "dimension 'n' is over its bound of 8"
// CHECK-NOT: nn.assert
func.func @bounded(
    %x: tensor<?x4xf32> {nn.name = "x", nn.dim_names = ["n", "n"]},
    %y: tensor<?xf32> {nn.name = "y", nn.dim_names = ["m"]})
    attributes {nn.dim_bounds = {n = 8}} {
  return
}

// -----

// CHECK-LABEL: func @free
// CHECK-NEXT: return
func.func @free(%x: tensor<?xf32> {nn.dim_names = ["n"]}) {
  return
}

// -----

// expected-error @below {{expects 'nn.dim_bounds' to be a dictionary of integers of at least 0, but got {n = -1 : i64}}}
func.func @negative() attributes {nn.dim_bounds = {n = -1}} {
  return
}

// -----

// expected-error @below {{expects 'nn.dim_bounds' to be a dictionary of integers of at least 0, but got 8 : i64}}
func.func @no_dictionary() attributes {nn.dim_bounds = 8} {
  return
}
