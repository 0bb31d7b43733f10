// RUN: nnc-opt %s -nnc-recompose -canonicalize -cse | FileCheck %s

// The embedding of positions: indices and what they pick need no batch axis.
// CHECK-LABEL: func @positions
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %[[TABLE:.*]]: tensor<9x8xf32>, %[[AT:.*]]: tensor<?xi64>
func.func @positions(%x: tensor<?x?x8xf32>, %table: tensor<9x8xf32>, %at: tensor<?xi64>) -> tensor<?x?x8xf32> {
  // CHECK-NEXT: %[[P:.*]] = nn.gather %[[TABLE]], %[[AT]] axis 0 : tensor<9x8xf32>, tensor<?xi64> -> tensor<?x8xf32>
  // CHECK-NEXT: nn.add %[[X]], %[[P]] : tensor<?x?x8xf32>, tensor<?x8xf32> -> tensor<?x?x8xf32>
  %shape = nn.constant dense<[1, -1]> : tensor<2xi64>
  %0 = nn.reshape %at, %shape : tensor<?xi64>, tensor<2xi64> -> tensor<1x?xi64>
  %1 = nn.gather %table, %0 axis 0 : tensor<9x8xf32>, tensor<1x?xi64> -> tensor<1x?x8xf32>
  %2 = nn.add %x, %1 : tensor<?x?x8xf32>, tensor<1x?x8xf32> -> tensor<?x?x8xf32>
  return %2 : tensor<?x?x8xf32>
}

// The result would lose an axis.
// CHECK-LABEL: func @rank
func.func @rank(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  // CHECK: %[[R:.*]] = nn.reshape %arg0
  // CHECK: nn.add %[[R]], %arg1
  // CHECK: nn.mul %[[R]], %[[R]]
  %shape = nn.constant dense<[1, 4]> : tensor<2xi64>
  %0 = nn.reshape %x, %shape : tensor<4xf32>, tensor<2xi64> -> tensor<1x4xf32>
  %1 = nn.add %0, %y : tensor<1x4xf32>, tensor<4xf32> -> tensor<1x4xf32>
  %2 = nn.mul %0, %0 : tensor<1x4xf32>, tensor<1x4xf32> -> tensor<1x4xf32>
  return %1, %2 : tensor<1x4xf32>, tensor<1x4xf32>
}

// Other axes than leading ones; two sizes that the types do not tell apart; a 0,
// beside which the sizes need not be the same.
// CHECK-LABEL: func @others
func.func @others(%x: tensor<2x3x4xf32>, %a: tensor<2x4xf32>, %d: tensor<?x?xf32>, %s: tensor<3xi64>, %w: tensor<?x?x?xf32>,
                  %e: tensor<?x0xf32>, %v: tensor<2x?x0xf32>) -> (tensor<2x3x4xf32>, tensor<?x?x?xf32>, tensor<2x?x0xf32>) {
  // CHECK-COUNT-3: nn.reshape
  %shape = nn.constant dense<[2, 1, 4]> : tensor<3xi64>
  %0 = nn.reshape %a, %shape : tensor<2x4xf32>, tensor<3xi64> -> tensor<2x1x4xf32>
  %1 = nn.add %x, %0 : tensor<2x3x4xf32>, tensor<2x1x4xf32> -> tensor<2x3x4xf32>
  %2 = nn.reshape %d, %s : tensor<?x?xf32>, tensor<3xi64> -> tensor<1x?x?xf32>
  %3 = nn.add %w, %2 : tensor<?x?x?xf32>, tensor<1x?x?xf32> -> tensor<?x?x?xf32>
  %4 = nn.reshape %e, %s {allow_zero} : tensor<?x0xf32>, tensor<3xi64> -> tensor<1x?x0xf32>
  %5 = nn.add %v, %4 : tensor<2x?x0xf32>, tensor<1x?x0xf32> -> tensor<2x?x0xf32>
  return %1, %3, %5 : tensor<2x3x4xf32>, tensor<?x?x?xf32>, tensor<2x?x0xf32>
}

// Behind another axis, what is picked has the new ones in its middle.
// CHECK-LABEL: func @inner_axis
func.func @inner_axis(%table: tensor<8x9xf32>, %at: tensor<?xi64>) -> tensor<8x1x?xf32> {
  // CHECK: nn.reshape
  // CHECK: nn.gather
  %shape = nn.constant dense<[1, -1]> : tensor<2xi64>
  %0 = nn.reshape %at, %shape : tensor<?xi64>, tensor<2xi64> -> tensor<1x?xi64>
  %1 = nn.gather %table, %0 axis 1 : tensor<8x9xf32>, tensor<1x?xi64> -> tensor<8x1x?xf32>
  return %1 : tensor<8x1x?xf32>
}
