// RUN: nnc-opt %s -nnc-decompose=all -canonicalize | FileCheck %s
// RUN: nnc-opt %s -nnc-decompose -canonicalize | FileCheck %s --check-prefix=KEPT

// What has a kernel in one piece keeps it.
// KEPT-LABEL: func.func @plain
// KEPT-NEXT: nn.attention

// CHECK-LABEL: func @plain
func.func @plain(%q: tensor<2x3x4xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x6xf32>) -> tensor<2x3x6xf32> {
  // CHECK: %[[T:.*]] = nn.transpose %arg1 [0, 2, 1]
  // CHECK: %[[S:.*]] = nn.matmul %arg0, %[[T]]
  // CHECK: %[[W:.*]] = nn.softmax soft %[[S]] axis 2
  // CHECK: %[[R:.*]] = nn.matmul %[[W]], %arg2
  // CHECK: return %[[R]]
  %0 = nn.attention %q, %k, %v scale 1.0 : tensor<2x3x4xf32>, tensor<2x5x4xf32>, tensor<2x5x6xf32> -> tensor<2x3x6xf32>
  return %0 : tensor<2x3x6xf32>
}

// CHECK-LABEL: func @all
func.func @all(%q: tensor<3x4xf32>, %k: tensor<?x4xf32>, %v: tensor<?x6xf32>, %m: tensor<?xi1>) -> tensor<3x6xf32> {
  // CHECK: nn.matmul
  // CHECK: nn.mul
  // CHECK: nn.div
  // CHECK: nn.tanh
  // CHECK: nn.mul
  // CHECK: nn.where %arg3
  // The keys from the (S - 3)-th on are too late for the first query.
  // CHECK: %[[O:.*]] = arith.subi
  // CHECK: nn.less_or_equal
  // CHECK: nn.where
  // CHECK: nn.softmax
  // CHECK: nn.matmul
  %0 = nn.attention %q, %k, %v mask %m scale 0.5 {softcap = 3.0 : f64, causality = #nn<causality from_end>} : tensor<3x4xf32>, tensor<?x4xf32>, tensor<?x6xf32>, tensor<?xi1> -> tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// Groups of heads get an axis of their own, in the mask too.
// CHECK-LABEL: func @grouped
func.func @grouped(%q: tensor<6x3x4xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x4xf32>, %m: tensor<6x1x5xf32>) -> tensor<6x3x4xf32> {
  // CHECK: nn.reshape %arg0, {{.*}} -> tensor<2x3x3x4xf32>
  // CHECK: nn.reshape %arg1, {{.*}} -> tensor<2x1x5x4xf32>
  // CHECK: nn.reshape %arg3, {{.*}} -> tensor<2x3x1x5xf32>
  // CHECK: nn.matmul {{.*}} -> tensor<2x3x3x5xf32>
  // CHECK: nn.add
  // CHECK: nn.softmax {{.*}} axis 3
  // CHECK: nn.reshape {{.*}} -> tensor<6x3x4xf32>
  %0 = nn.attention %q, %k, %v mask %m scale 1.0 : tensor<6x3x4xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>, tensor<6x1x5xf32> -> tensor<6x3x4xf32>
  return %0 : tensor<6x3x4xf32>
}

// The inputs of a layer with known weights meet them in one product; what has
// met them, or has weights from elsewhere, stays.
// CHECK-LABEL: func @recurrent
// KEPT-LABEL: func.func @recurrent
func.func @recurrent(%x: tensor<?x2x3xf32>, %v: tensor<1x16x3xf32>) -> (tensor<?x1x2x4xf32>, tensor<?x1x2x4xf32>) {
  // CHECK-DAG: %[[R:.*]] = nn.constant {{.*}} : tensor<1x4x16xf32>
  // CHECK-DAG: %[[W:.*]] = nn.constant {{.*}} : tensor<3x16xf32>
  // CHECK: %[[P:.*]] = nn.matmul %arg0, %[[W]] {{.*}} -> tensor<?x2x16xf32>
  // CHECK: nn.lstm forward %[[P]], %[[R]] {
  // CHECK: nn.lstm forward %arg0, %arg1, %
  // KEPT: nn.matmul
  // KEPT: nn.lstm
  // KEPT-NOT: nn.matmul
  %w = nn.constant dense<0.5> : tensor<1x16x3xf32>
  %r = nn.constant dense<0.25> : tensor<1x16x4xf32>
  %y, %h, %c = nn.lstm forward %x, %w, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> (tensor<?x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  %z, %k, %d = nn.lstm forward %x, %v, %r {activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]} : (tensor<?x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> (tensor<?x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  return %y, %z : tensor<?x1x2x4xf32>, tensor<?x1x2x4xf32>
}
