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

// CHECK-LABEL: func @transforms
func.func @transforms() {
  // CHECK: nn.weight "w" <"m.onnx", offset = 64, length = 24, stored = tensor<2x3xf32>,
  // CHECK-SAME: transforms = [#nn.scale<axis = 0, factors = dense<[2.000000e+00, 3.000000e+00]> : tensor<2xf32>>,
  // CHECK-SAME: #nn.relayout<shape = [2, 3], pad = [0, 1], split = [2, 2, 2], perm = [1, 0, 2]>]> : tensor<2x2x2xf32>
  %0 = nn.weight "w" <"m.onnx", offset = 64, length = 24, stored = tensor<2x3xf32>,
    transforms = [#nn.scale<axis = 0, factors = dense<[2.0, 3.0]> : tensor<2xf32>>,
                  #nn.relayout<shape = [2, 3], pad = [0, 1], split = [2, 2, 2], perm = [1, 0, 2]>]> : tensor<2x2x2xf32>
  // CHECK: transforms = [#nn.winograd<tile = 4>]> : tensor<36x1x1xf32>
  %1 = nn.weight "f" <"m.onnx", offset = 64, length = 36, stored = tensor<1x1x3x3xf32>,
    transforms = [#nn.winograd<tile = 4>]> : tensor<36x1x1xf32>
  return
}
