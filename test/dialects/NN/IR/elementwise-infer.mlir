// RUN: nnc-opt %s -convert-nn-to-linalg -canonicalize | FileCheck %s

// A broadcast dimension is the operand's that is known not to be 1.
// CHECK-LABEL: func @broadcast_known
// CHECK-SAME: %[[A:[a-z0-9]*]]: tensor<?x3xf32>
func.func @broadcast_known(%a: tensor<?x3xf32>, %b: tensor<1x?xf32>) -> tensor<?x?xf32> {
  // CHECK: %[[ROWS:.*]] = tensor.dim %[[A]], %c0
  // CHECK: tensor.empty(%[[ROWS]]) : tensor<?x3xf32>
  %0 = nn.add %a, %b : tensor<?x3xf32>, tensor<1x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func @broadcast_unknown
func.func @broadcast_unknown(%c: tensor<?xi1>, %a: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: %[[IS_ONE:.*]] = arith.cmpi eq, %{{.*}}, %c1
  // CHECK: %[[SIZE:.*]] = arith.select %[[IS_ONE]]
  // CHECK: tensor.empty(%[[SIZE]])
  %0 = nn.where %c, %a, %a : tensor<?xi1>, tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @cast_keeps_shape
// CHECK-SAME: %[[A:[a-z0-9]*]]: tensor<?xf32>
func.func @cast_keeps_shape(%a: tensor<?xf32>) -> tensor<?xi8> {
  // CHECK: %[[SIZE:.*]] = tensor.dim %[[A]], %c0
  // CHECK: tensor.empty(%[[SIZE]]) : tensor<?xi8>
  %0 = nn.cast %a to i8 : tensor<?xf32> -> tensor<?xi8>
  return %0 : tensor<?xi8>
}

// What is known of the result holds, even if the operands don't tell.
// CHECK-LABEL: func @result_known
func.func @result_known(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<4xf32> {
  // CHECK: tensor.empty() : tensor<4xf32>
  %0 = nn.sub %a, %b : tensor<?xf32>, tensor<?xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @pow_has_type_of_base
func.func @pow_has_type_of_base(%a: tensor<1xf32>, %b: tensor<0xui8>) -> tensor<0xf32> {
  // CHECK: tensor.empty() : tensor<0xf32>
  %0 = nn.pow %a, %b : tensor<1xf32>, tensor<0xui8> -> tensor<0xf32>
  return %0 : tensor<0xf32>
}
