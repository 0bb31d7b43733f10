// RUN: nnc-opt %s -nnc-form-kernels | FileCheck %s

// CHECK-LABEL: func @order
func.func @order(%x: tensor<2x3xf32>) -> tensor<2x3xf32> attributes {nn.entry} {
  // CHECK: %[[A:.*]] = nn.kernel "relu" order 0
  // CHECK: nn.kernel "relu#1" order 1 (%{{.*}} = %[[A]])
  %0 = nn.relu %x : tensor<2x3xf32> -> tensor<2x3xf32>
  %1 = nn.relu %0 : tensor<2x3xf32> -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// Small constants and host scalars are made inside.
// CHECK-LABEL: func @constant
func.func @constant(%x: tensor<2x3xf32>) -> tensor<2x3xf32> attributes {nn.entry} {
  %c = nn.constant dense<2.0> : tensor<3xf32>
  // CHECK: nn.kernel "add" order 0 (%{{[a-z0-9]+}} = %{{[a-z0-9]+}}) :
  // CHECK-NEXT: nn.constant
  %0 = nn.add %x, %c : tensor<2x3xf32>, tensor<3xf32> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// A view is no work.
// CHECK-LABEL: func @view
func.func @view(%x: tensor<2x3xf32>) -> tensor<6xf32> attributes {nn.entry} {
  %s = nn.constant dense<6> : tensor<1xi64>
  // CHECK: %[[K:.*]] = nn.kernel "relu"
  %0 = nn.relu %x : tensor<2x3xf32> -> tensor<2x3xf32>
  // CHECK: %[[V:.*]] = nn.reshape %[[K]]
  // CHECK: return %[[V]]
  %1 = nn.reshape %0, %s : tensor<2x3xf32>, tensor<1xi64> -> tensor<6xf32>
  return %1 : tensor<6xf32>
}

// Every output has a buffer of its own.
// CHECK-LABEL: func @outputs
func.func @outputs(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) attributes {nn.entry} {
  // CHECK: %[[R:.*]] = nn.kernel "relu"
  %0 = nn.relu %x : tensor<2xf32> -> tensor<2xf32>
  // CHECK: %[[B:.*]] = nn.kernel "copy" order 1 (%{{.*}} = %[[R]])
  // CHECK: %[[C:.*]] = nn.kernel "copy#1" order 2 (%{{.*}} = %arg0)
  // CHECK: return %[[R]], %[[B]], %[[C]]
  return %0, %0, %x : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// What a shape requires of dynamic dimensions is checked by the host.
// CHECK-LABEL: func @checks
func.func @checks(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> attributes {nn.entry} {
  // CHECK: nn.assert %{{.*}}, "dimensions do not broadcast"
  // CHECK: nn.kernel "add" order 0 {{.*}} dims(%{{.*}})
  %0 = nn.add %a, %b : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Dimensions of one name are one number: nothing to check.
// CHECK-LABEL: func @same_name
func.func @same_name(%a: tensor<?xf32> {nn.dim_names = ["n"]}, %b: tensor<?xf32> {nn.dim_names = ["n"]}) -> tensor<?xf32> attributes {nn.entry} {
  // CHECK-NOT: nn.assert
  %0 = nn.add %a, %b : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Not an entry point: left alone.
// CHECK-LABEL: func @helper
func.func @helper(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK-NOT: nn.kernel
  %0 = nn.relu %x : tensor<2xf32> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
