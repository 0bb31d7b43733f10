// RUN: nnc-opt %s -nnc-assign-layout --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-assign-layout" 2>&1 >/dev/null | FileCheck %s

func.func @remarks(%x: tensor<1x8x6x6xf32>, %w: tensor<8x8x1x1xf32>, %v: tensor<1x3x6x6xf32>, %u: tensor<4x3x1x1xf32>)
    -> (tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>) {
  // CHECK: works in layout [0, 2, 3, 1]
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x8x6x6xf32>, tensor<8x8x1x1xf32> -> tensor<1x8x6x6xf32>
  // CHECK: keeps its layout, would prefer [0, 2, 3, 1]: too few elements would be innermost
  %1 = nn.conv %v, %u strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x3x6x6xf32>, tensor<4x3x1x1xf32> -> tensor<1x4x6x6xf32>
  return %0, %1 : tensor<1x8x6x6xf32>, tensor<1x4x6x6xf32>
}
