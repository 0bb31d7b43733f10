// RUN: nnc-opt %s -nnc-form-kernels -nnc-assign-storage -nnc-verify-schedule | FileCheck %s

// Slots are reused once their values are dead; the last result is the output.
// CHECK-LABEL: func @reuse
// CHECK-SAME: nn.arena_bytes = 128
func.func @reuse(%x: tensor<16xf32>) -> tensor<16xf32> attributes {nn.entry} {
  // CHECK: slots [#nn.slot<arena 0 at 0>]
  // CHECK: slots [#nn.slot<arena 1 at 64>]
  // CHECK: slots [#nn.slot<arena 2 at 0>]
  // CHECK: slots [#nn.slot<output 0>]
  %0 = nn.softmax soft %x axis 0 : tensor<16xf32> -> tensor<16xf32>
  %1 = nn.softmax soft %0 axis 0 : tensor<16xf32> -> tensor<16xf32>
  %2 = nn.softmax soft %1 axis 0 : tensor<16xf32> -> tensor<16xf32>
  %3 = nn.softmax soft %2 axis 0 : tensor<16xf32> -> tensor<16xf32>
  return %3 : tensor<16xf32>
}

// A value that is read later keeps its bytes.
// CHECK-LABEL: func @alive
// CHECK-SAME: nn.arena_bytes = 192
func.func @alive(%x: tensor<16xf32>) -> tensor<16xf32> attributes {nn.entry} {
  %0 = nn.softmax soft %x axis 0 : tensor<16xf32> -> tensor<16xf32>
  %1 = nn.softmax soft %0 axis 0 : tensor<16xf32> -> tensor<16xf32>
  %2 = nn.softmax soft %1 axis 0 : tensor<16xf32> -> tensor<16xf32>
  %3 = nn.add %2, %0 : tensor<16xf32>, tensor<16xf32> -> tensor<16xf32>
  return %3 : tensor<16xf32>
}

// Sizes that follow from the inputs are placed by the run, before the kernels.
// CHECK-LABEL: func @dynamic
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> attributes {nn.entry} {
  // CHECK: nn.place %{{.*}} lifetimes [0, 1]
  // CHECK: slots [#nn.slot<arena 0>]
  // CHECK: slots [#nn.slot<output 0>]
  %0 = nn.relu %x : tensor<?xf32> -> tensor<?xf32>
  %1 = nn.relu %0 : tensor<?xf32> -> tensor<?xf32>
  return %1 : tensor<?xf32>
}

// A size that a kernel computes is known only during the run.
// CHECK-LABEL: func @data
func.func @data(%x: tensor<1xf32>, %n: tensor<1xi64>) -> tensor<?xf32> attributes {nn.entry} {
  %m = nn.add %n, %n : tensor<1xi64>, tensor<1xi64> -> tensor<1xi64>
  // CHECK: nn.kernel "broadcast" {{.*}} slots [#nn.slot<pool 0>]
  // CHECK: nn.kernel "relu" {{.*}} slots [#nn.slot<pool 1>]
  // CHECK: nn.kernel "relu#1" {{.*}} slots [#nn.slot<output 0>]
  %0 = nn.broadcast %x, %m : tensor<1xf32>, tensor<1xi64> -> tensor<?xf32>
  %1 = nn.relu %0 : tensor<?xf32> -> tensor<?xf32>
  %2 = nn.relu %1 : tensor<?xf32> -> tensor<?xf32>
  return %2 : tensor<?xf32>
}
