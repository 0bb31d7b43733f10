// RUN: nnc-opt %s -nnc-recompose -canonicalize -cse | FileCheck %s

// CHECK-LABEL: func @transposes
func.func @transposes(%x: tensor<2x3x4xf32>) -> (tensor<2x3x4xf32>, tensor<4x2x3xf32>) {
  // CHECK-NEXT: %[[T:.*]] = nn.transpose %arg0 [2, 0, 1]
  // CHECK-NEXT: return %arg0, %[[T]]
  %0 = nn.transpose %x [1, 2, 0] : tensor<2x3x4xf32> -> tensor<3x4x2xf32>
  %1 = nn.transpose %0 [2, 0, 1] : tensor<3x4x2xf32> -> tensor<2x3x4xf32>
  %2 = nn.transpose %0 [1, 2, 0] : tensor<3x4x2xf32> -> tensor<4x2x3xf32>
  return %1, %2 : tensor<2x3x4xf32>, tensor<4x2x3xf32>
}

// CHECK-LABEL: func @joined
func.func @joined(%x: tensor<2x3xf32>, %y: tensor<2x?xf32>) -> tensor<2x?xf32> {
  // CHECK: nn.concat %arg0, %arg1 axis 1
  %0 = nn.transpose %x [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %1 = nn.transpose %y [1, 0] : tensor<2x?xf32> -> tensor<?x2xf32>
  %2 = nn.concat %0, %1 axis 0 : tensor<3x2xf32>, tensor<?x2xf32> -> tensor<?x2xf32>
  %3 = nn.transpose %2 [1, 0] : tensor<?x2xf32> -> tensor<2x?xf32>
  return %3 : tensor<2x?xf32>
}

// What is joined is needed as it is.
// CHECK-LABEL: func @joined_twice
func.func @joined_twice(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) -> (tensor<7x2xf32>, tensor<2x7xf32>) {
  // CHECK: %[[J:.*]] = nn.concat {{.*}} axis 0
  // CHECK: nn.transpose %[[J]]
  %0 = nn.transpose %x [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %1 = nn.transpose %y [1, 0] : tensor<2x4xf32> -> tensor<4x2xf32>
  %2 = nn.concat %0, %1 axis 0 : tensor<3x2xf32>, tensor<4x2xf32> -> tensor<7x2xf32>
  %3 = nn.transpose %2 [1, 0] : tensor<7x2xf32> -> tensor<2x7xf32>
  return %2, %3 : tensor<7x2xf32>, tensor<2x7xf32>
}

// CHECK-LABEL: func @rows
func.func @rows(%x: tensor<?x4xf32>, %w: tensor<4x6xf32>, %b: tensor<6xf32>) -> tensor<?x3x6xf32> {
  %s = nn.constant dense<[-1, 3, 6]> : tensor<3xi64>
  %flat = nn.constant dense<[-1, 4]> : tensor<2xi64>
  // CHECK: %[[S:.*]] = nn.constant dense<[-1, 3, 4]> : tensor<3xi64>
  // CHECK: %[[X:.*]] = nn.reshape %{{.*}}, %[[S]]
  // CHECK: %[[M:.*]] = nn.matmul %[[X]], %arg1 : tensor<?x3x4xf32>, tensor<4x6xf32> -> tensor<?x3x6xf32>
  // CHECK: %[[A:.*]] = nn.add %[[M]], %arg2
  // CHECK: %[[R:.*]] = nn.relu %[[A]]
  // CHECK: return %[[R]]
  %0 = nn.reshape %x, %flat : tensor<?x4xf32>, tensor<2xi64> -> tensor<?x4xf32>
  %1 = nn.matmul %0, %w : tensor<?x4xf32>, tensor<4x6xf32> -> tensor<?x6xf32>
  %2 = nn.add %1, %b : tensor<?x6xf32>, tensor<6xf32> -> tensor<?x6xf32>
  %3 = nn.relu %2 : tensor<?x6xf32> -> tensor<?x6xf32>
  %4 = nn.reshape %3, %s : tensor<?x6xf32>, tensor<3xi64> -> tensor<?x3x6xf32>
  return %4 : tensor<?x3x6xf32>
}

// The rows are cut, the length of rows is copied, an addend differs by row.
// CHECK-LABEL: func @not_rows
// CHECK-COUNT-3: nn.matmul {{.*}} -> tensor<6x6xf32>
// CHECK-NOT: nn.matmul
func.func @not_rows(%x: tensor<2x3x4xf32>, %w: tensor<4x6xf32>, %b: tensor<6x6xf32>) -> (tensor<6x3x2xf32>, tensor<1x6x6xf32>, tensor<2x3x6xf32>) {
  %flat = nn.constant dense<[-1, 4]> : tensor<2xi64>
  %cut = nn.constant dense<[6, 3, 2]> : tensor<3xi64>
  %copy = nn.constant dense<[1, 0, 6]> : tensor<3xi64>
  %s = nn.constant dense<[2, 3, 6]> : tensor<3xi64>
  %0 = nn.reshape %x, %flat : tensor<2x3x4xf32>, tensor<2xi64> -> tensor<6x4xf32>
  %1 = nn.matmul %0, %w : tensor<6x4xf32>, tensor<4x6xf32> -> tensor<6x6xf32>
  %2 = nn.reshape %1, %cut : tensor<6x6xf32>, tensor<3xi64> -> tensor<6x3x2xf32>
  %w2 = nn.relu %w : tensor<4x6xf32> -> tensor<4x6xf32>
  %3 = nn.matmul %0, %w2 : tensor<6x4xf32>, tensor<4x6xf32> -> tensor<6x6xf32>
  %4 = nn.reshape %3, %copy : tensor<6x6xf32>, tensor<3xi64> -> tensor<1x6x6xf32>
  %w3 = nn.exp %w : tensor<4x6xf32> -> tensor<4x6xf32>
  %5 = nn.matmul %0, %w3 : tensor<6x4xf32>, tensor<4x6xf32> -> tensor<6x6xf32>
  %6 = nn.add %5, %b : tensor<6x6xf32>, tensor<6x6xf32> -> tensor<6x6xf32>
  %7 = nn.reshape %6, %s : tensor<6x6xf32>, tensor<3xi64> -> tensor<2x3x6xf32>
  return %2, %4, %7 : tensor<6x3x2xf32>, tensor<1x6x6xf32>, tensor<2x3x6xf32>
}

// Parts of a projection, their heads split off and moved in front.
// CHECK-LABEL: func @heads
func.func @heads(%x: tensor<?x5x12xf32>) -> (tensor<?x2x5x2xf32>, tensor<?x2x5x2xf32>) {
  %0 = nn.constant dense<0> : tensor<1xi64>
  %4 = nn.constant dense<4> : tensor<1xi64>
  %8 = nn.constant dense<8> : tensor<1xi64>
  %s = nn.constant dense<[0, 5, 2, 2]> : tensor<4xi64>
  // CHECK-DAG: %[[S:.*]] = nn.constant dense<[0, 5, 6, 2]> : tensor<4xi64>
  // CHECK: %[[H:.*]] = nn.reshape %arg0, %[[S]] : {{.*}} -> tensor<?x5x6x2xf32>
  // CHECK: %[[T:.*]] = nn.transpose %[[H]] [0, 2, 1, 3]
  // CHECK: nn.slice %[[T]], {{.*}} axes [1]
  // CHECK: nn.slice %[[T]], {{.*}} axes [1]
  // CHECK-NOT: nn.{{transpose|reshape}}
  %a = nn.slice %x, %0, %4 axes [2] steps [1] : tensor<?x5x12xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<?x5x4xf32>
  %b = nn.slice %x, %4, %8 axes [2] steps [1] : tensor<?x5x12xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<?x5x4xf32>
  %ah = nn.reshape %a, %s : tensor<?x5x4xf32>, tensor<4xi64> -> tensor<?x5x2x2xf32>
  %bh = nn.reshape %b, %s : tensor<?x5x4xf32>, tensor<4xi64> -> tensor<?x5x2x2xf32>
  %at = nn.transpose %ah [0, 2, 1, 3] : tensor<?x5x2x2xf32> -> tensor<?x2x5x2xf32>
  %bt = nn.transpose %bh [0, 2, 1, 3] : tensor<?x5x2x2xf32> -> tensor<?x2x5x2xf32>
  return %at, %bt : tensor<?x2x5x2xf32>, tensor<?x2x5x2xf32>
}

// Parts that are moved differently, and heads across the ends of parts.
// CHECK-LABEL: func @not_heads
// CHECK-COUNT-2: nn.slice %arg0, {{.*}} axes [1]
// CHECK-COUNT-2: nn.slice %arg1, {{.*}} axes [1]
func.func @not_heads(%x: tensor<5x8xf32>, %y: tensor<5x8xf32>) -> (tensor<4x5xf32>, tensor<5x4xf32>, tensor<5x1x4xf32>, tensor<5x1x4xf32>) {
  %0 = nn.constant dense<0> : tensor<1xi64>
  %2 = nn.constant dense<2> : tensor<1xi64>
  %4 = nn.constant dense<4> : tensor<1xi64>
  %6 = nn.constant dense<6> : tensor<1xi64>
  %8 = nn.constant dense<8> : tensor<1xi64>
  %s = nn.constant dense<[5, 1, 4]> : tensor<3xi64>
  %a = nn.slice %x, %0, %4 axes [1] steps [1] : tensor<5x8xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<5x4xf32>
  %b = nn.slice %x, %4, %8 axes [1] steps [1] : tensor<5x8xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<5x4xf32>
  %at = nn.transpose %a [1, 0] : tensor<5x4xf32> -> tensor<4x5xf32>
  %br = nn.relu %b : tensor<5x4xf32> -> tensor<5x4xf32>
  %c = nn.slice %y, %0, %4 axes [1] steps [1] : tensor<5x8xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<5x4xf32>
  %d = nn.slice %y, %2, %6 axes [1] steps [1] : tensor<5x8xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<5x4xf32>
  %ch = nn.reshape %c, %s : tensor<5x4xf32>, tensor<3xi64> -> tensor<5x1x4xf32>
  %dh = nn.reshape %d, %s : tensor<5x4xf32>, tensor<3xi64> -> tensor<5x1x4xf32>
  return %at, %br, %ch, %dh : tensor<4x5xf32>, tensor<5x4xf32>, tensor<5x1x4xf32>, tensor<5x1x4xf32>
}
