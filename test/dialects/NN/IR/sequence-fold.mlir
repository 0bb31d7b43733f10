// RUN: nnc-opt %s -canonicalize -split-input-file | FileCheck %s

// A sequence whose elements are known leaves nothing behind.
// CHECK-LABEL: func @known
// CHECK-SAME: (%[[A:.*]]: tensor<2xf32>, %[[B:.*]]: tensor<3xf32>)
func.func @known(%a: tensor<2xf32>, %b: tensor<3xf32>) -> (tensor<?xf32>, index, i1) {
  %c0 = arith.constant 0 : index
  %m1 = arith.constant -1 : index
  %s = nn.sequence_create %a : (tensor<2xf32>) -> !nn.sequence<tensor<?xf32>>
  %t = nn.sequence_insert %s, %b at %m1 : !nn.sequence<tensor<?xf32>>, tensor<3xf32> -> !nn.sequence<tensor<?xf32>>
  %e = nn.sequence_at %t, %c0 : !nn.sequence<tensor<?xf32>> -> tensor<?xf32>
  %u = nn.sequence_erase %t : !nn.sequence<tensor<?xf32>>
  %n = nn.sequence_length %u : !nn.sequence<tensor<?xf32>>
  %o = nn.optional_create %t : (!nn.sequence<tensor<?xf32>>) -> !nn.optional<!nn.sequence<tensor<?xf32>>>
  %h = nn.optional_has %o : !nn.optional<!nn.sequence<tensor<?xf32>>>
  // CHECK-NOT: nn.sequence
  // CHECK-NOT: nn.optional
  // CHECK-DAG: %[[E:.*]] = tensor.cast %[[B]]
  // CHECK-DAG: %[[ONE:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[TRUE:.*]] = arith.constant true
  // CHECK: return %[[E]], %[[ONE]], %[[TRUE]]
  return %e, %n, %h : tensor<?xf32>, index, i1
}

// -----

// Not at a position that the run decides, nor outside: the run refuses.
// CHECK-LABEL: func @unknown
func.func @unknown(%a: tensor<2xf32>, %p: index) -> (tensor<?xf32>, tensor<?xf32>) {
  %c1 = arith.constant 1 : index
  %s = nn.sequence_create %a : (tensor<2xf32>) -> !nn.sequence<tensor<?xf32>>
  // CHECK: nn.sequence_at
  %e = nn.sequence_at %s, %p : !nn.sequence<tensor<?xf32>> -> tensor<?xf32>
  // CHECK: nn.sequence_at
  %f = nn.sequence_at %s, %c1 : !nn.sequence<tensor<?xf32>> -> tensor<?xf32>
  return %e, %f : tensor<?xf32>, tensor<?xf32>
}
