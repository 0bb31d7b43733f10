// RUN: nnc-opt %s -nnc-compute-in-place | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>

// CHECK-LABEL: func @epilogue
func.func @epilogue(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {nn.kernel} {
  %e = tensor.empty() : tensor<4x4xf32>
  // CHECK: %[[M:.*]] = linalg.matmul
  %0 = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x4xf32>) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  // CHECK: linalg.generic {{.*}} ins(%arg2 : {{.*}}) outs(%[[M]] :
  // CHECK: ^bb0(%[[C:.*]]: f32, %[[O:.*]]: f32):
  // CHECK: arith.subf %[[O]], %[[C]]
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]} ins(%0, %c : tensor<4x4xf32>, tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %s = arith.subf %x, %y : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// Elements are read after they would be overwritten.
// CHECK-LABEL: func @turned
func.func @turned(%a: tensor<4x8xf32>, %b: tensor<8x4xf32>) -> tensor<4x4xf32> attributes {nn.kernel} {
  // CHECK: %[[E:.*]] = tensor.empty
  %e = tensor.empty() : tensor<4x4xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x4xf32>) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  // CHECK: linalg.generic {{.*}} outs(%[[E]] :
  %1 = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%x: f32, %o: f32):
    linalg.yield %x : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// An input of the kernel is not its to write.
// CHECK-LABEL: func @input
func.func @input(%a: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {nn.kernel} {
  // CHECK: %[[E:.*]] = tensor.empty
  %e = tensor.empty() : tensor<4x4xf32>
  // CHECK: linalg.generic {{.*}} outs(%[[E]] :
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%a : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%x: f32, %o: f32):
    %n = arith.negf %x : f32
    linalg.yield %n : f32
  } -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}
