// RUN: nnc-opt %s -nnc-form-kernels -nnc-assign-storage -nnc-verify-schedule | FileCheck %s

// Carried values that change places: what was another's goes through a buffer
// of its own, then both into their carried buffers, which nothing else uses
// while the loop runs (0 to 127 hold the initial values).
// CHECK-LABEL: func @swap
// CHECK-SAME: nn.arena_bytes = 384
func.func @swap(%x: tensor<16xf32> {nn.name = "x"}, %n: index) -> (tensor<16xf32> {nn.name = "y"}) attributes {nn.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: "relu" order 0 {{.*}} slots [#nn.slot<arena 0 at 0>]
  %0 = nn.relu %x : tensor<16xf32> -> tensor<16xf32>
  // CHECK: "neg" order 1 {{.*}} slots [#nn.slot<arena 1 at 64>]
  %1 = nn.neg %x : tensor<16xf32> -> tensor<16xf32>
  // CHECK: scf.for {{.*}} iter_args(%[[P:.*]] = %0, %[[Q:.*]] = %1)
  %a, %b = scf.for %i = %c0 to %n step %c1 iter_args(%p = %0, %q = %1) -> (tensor<16xf32>, tensor<16xf32>) {
    // CHECK: %[[SUM:.*]] = nn.kernel "add" order 2 {{.*}} slots [#nn.slot<arena 2 at 256>]
    %2 = nn.add %p, %q : tensor<16xf32>, tensor<16xf32> -> tensor<16xf32>
    // CHECK: %[[OTHER:.*]] = nn.kernel "copy" order 3 ({{.*}} = %[[Q]]) slots [#nn.slot<arena 3 at 320>]
    // CHECK: %[[A:.*]] = nn.kernel "copy#1" order 4 ({{.*}} = %[[OTHER]]) slots [#nn.slot<arena 4 at 128>]
    // CHECK: %[[B:.*]] = nn.kernel "copy#2" order 5 ({{.*}} = %[[SUM]]) slots [#nn.slot<arena 5 at 192>]
    // CHECK: scf.yield %[[A]], %[[B]]
    scf.yield %q, %2 : tensor<16xf32>, tensor<16xf32>
  }
  %3 = nn.mul %a, %b : tensor<16xf32>, tensor<16xf32> -> tensor<16xf32>
  return %3 : tensor<16xf32>
}

// What passes through is not copied.
// CHECK-LABEL: func @unchanged
func.func @unchanged(%x: tensor<16xf32> {nn.name = "x"}, %n: index) -> (tensor<16xf32> {nn.name = "y"}) attributes {nn.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = nn.relu %x : tensor<16xf32> -> tensor<16xf32>
  // CHECK: iter_args(%{{.*}} = %0, %[[Q:.*]] = %arg0)
  %a, %b = scf.for %i = %c0 to %n step %c1 iter_args(%p = %0, %q = %x) -> (tensor<16xf32>, tensor<16xf32>) {
    // CHECK: "add"
    %2 = nn.add %p, %q : tensor<16xf32>, tensor<16xf32> -> tensor<16xf32>
    // CHECK: %[[A:.*]] = nn.kernel "copy"
    // CHECK-NOT: nn.kernel
    // CHECK: scf.yield %[[A]], %[[Q]]
    scf.yield %2, %q : tensor<16xf32>, tensor<16xf32>
  }
  %3 = nn.mul %a, %b : tensor<16xf32>, tensor<16xf32> -> tensor<16xf32>
  return %3 : tensor<16xf32>
}

// The arms of a branch share memory; the result keeps that of either.
// CHECK-LABEL: func @branch
// CHECK-SAME: nn.arena_bytes = 128
func.func @branch(%x: tensor<16xf32> {nn.name = "x"}, %c: i1) -> (tensor<16xf32> {nn.name = "y"}) attributes {nn.entry} {
  %0 = scf.if %c -> tensor<16xf32> {
    // CHECK: "softmax" {{.*}} slots [#nn.slot<arena 0 at 64>]
    %1 = nn.softmax soft %x axis 0 : tensor<16xf32> -> tensor<16xf32>
    // CHECK: "softmax#1" {{.*}} slots [#nn.slot<arena 1 at 0>]
    %2 = nn.softmax soft %1 axis 0 : tensor<16xf32> -> tensor<16xf32>
    scf.yield %2 : tensor<16xf32>
  } else {
    // CHECK: "exp" {{.*}} slots [#nn.slot<arena 2 at 64>]
    %1 = nn.exp %x : tensor<16xf32> -> tensor<16xf32>
    scf.yield %1 : tensor<16xf32>
  }
  %3 = nn.add %0, %x : tensor<16xf32>, tensor<16xf32> -> tensor<16xf32>
  return %3 : tensor<16xf32>
}
