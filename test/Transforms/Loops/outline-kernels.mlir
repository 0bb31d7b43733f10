// RUN: nnc-opt %s -split-input-file -verify-diagnostics -nnc-form-kernels -nnc-assign-storage -nnc-outline-kernels | FileCheck %s

// Equal bodies share a function.
// CHECK-LABEL: func @main
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> attributes {nn.entry} {
  // CHECK: nn.launch @kernel_relu "relu"(%{{.*}}) dims() slots [#nn.slot<arena 0 at 0>]
  // CHECK: nn.launch @kernel_relu "relu#1"(%{{.*}}) dims() slots [#nn.slot<arena 1 at 64>]
  // CHECK: nn.launch @kernel_add "add"
  %0 = nn.relu %x : tensor<4xf32> -> tensor<4xf32>
  %1 = nn.relu %x : tensor<4xf32> -> tensor<4xf32>
  %2 = nn.add %0, %1 : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
// CHECK: func private @kernel_relu(%{{.*}}: tensor<4xf32>) -> tensor<4xf32> attributes {nn.kernel}
// CHECK: func private @kernel_add
// CHECK-NOT: func private

// -----

// Another type is another function.
// CHECK-LABEL: func @types
func.func @types(%x: tensor<4xf32>, %y: tensor<8xf32>) -> (tensor<4xf32>, tensor<8xf32>) attributes {nn.entry} {
  // CHECK: nn.launch @kernel_relu "relu"
  // CHECK: nn.launch @kernel_relu_0 "relu#1"
  %0 = nn.relu %x : tensor<4xf32> -> tensor<4xf32>
  %1 = nn.relu %y : tensor<8xf32> -> tensor<8xf32>
  return %0, %1 : tensor<4xf32>, tensor<8xf32>
}

// -----

// So is one that writes over its operand.
// CHECK-LABEL: func @in_place
func.func @in_place(%x: tensor<4xf32>) -> tensor<4xf32> attributes {nn.entry} {
  // CHECK: nn.launch @kernel_relu "relu"({{.*}} slots [#nn.slot<arena 0 at 0>]
  // CHECK: nn.launch @kernel_relu_0 "relu#1"({{.*}} slots [#nn.slot<arena 0 at 0>]
  // CHECK: nn.launch @kernel_relu_0 "relu#2"({{.*}} slots [#nn.slot<arena 0 at 0>]
  // CHECK: nn.launch @kernel_relu "relu#3"({{.*}} slots [#nn.slot<output 0>]
  %0 = nn.relu %x : tensor<4xf32> -> tensor<4xf32>
  %1 = nn.relu %0 : tensor<4xf32> -> tensor<4xf32>
  %2 = nn.relu %1 : tensor<4xf32> -> tensor<4xf32>
  %3 = nn.relu %2 : tensor<4xf32> -> tensor<4xf32>
  return %3 : tensor<4xf32>
}
// CHECK: func private @kernel_relu({{.*}} attributes {nn.kernel}
// CHECK: func private @kernel_relu_0({{.*}} attributes {nn.in_place = array<i64: 0>, nn.kernel}
