// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @kernel
func.func @kernel(%x: tensor<?x3xf32>, %n: index) -> tensor<?x3xf32> {
  // CHECK: nn.weight "w" <"m.onnx", offset = 64, length = 12> : tensor<3xf32>
  %w = nn.weight "w" <"m.onnx", offset = 64, length = 12> : tensor<3xf32>
  // CHECK: nn.place %{{.*}} lifetimes [0, 1]
  nn.place %n lifetimes [0, 1]
  // CHECK: nn.kernel "add" order 0 (%[[A:[a-z0-9]+]] = %arg0, %[[B:[a-z0-9]+]] = %0) dims(%arg1)
  // CHECK-SAME: slots [#nn.slot<arena 0 at 128>] cost <flops = 6, us = 1.500000e+00, bound = memory>
  %0 = nn.kernel "add" order 0 (%a = %x, %b = %w) dims(%n)
      slots [#nn.slot<arena 0 at 128>] cost <flops = 6, us = 1.5, bound = memory>
      : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32> {
    // CHECK: nn.add %[[A]], %[[B]]
    %1 = nn.add %a, %b : tensor<?x3xf32>, tensor<3xf32> -> tensor<?x3xf32>
    nn.yield %1 : tensor<?x3xf32>
  }
  return %0 : tensor<?x3xf32>
}

// CHECK-LABEL: func @assert
func.func @assert(%c: i1) {
  // CHECK: nn.assert %{{.*}}, "dimensions do not broadcast"
  nn.assert %c, "dimensions do not broadcast"
  return
}

// CHECK-LABEL: func @slots
// CHECK-SAME: [#nn.slot<pool 1>, #nn.slot<output 0>]
func.func @slots() attributes {a = [#nn.slot<pool 1>, #nn.slot<output 0>]} {
  return
}
