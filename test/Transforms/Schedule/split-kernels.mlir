// RUN: nnc-opt %s --nnc-split-kernels='budget=6000' --split-input-file \
// RUN:   | FileCheck %s
// RUN: nnc-opt %s --nnc-split-kernels='budget=1000000' --split-input-file \
// RUN:   | FileCheck %s --check-prefix=ENOUGH
// RUN: nnc-opt %s --nnc-split-kernels='budget=6000' --split-input-file \
// RUN:   --nnc-assign-storage --nnc-verify-schedule | FileCheck %s --check-prefix=STORED
// RUN: nnc-opt %s --nnc-split-kernels='budget=6000' --split-input-file \
// RUN:   --remark-policy=all --remarks-filter="nnc-split-kernels" --remark-format=emitRemark -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK

// Four bands: rows that both need are computed twice, padding is at the borders
// alone, and parts of the output are written to their places.

// REMARK: After=4352, Before=16384, Kernels=3, Remark="kernels 'a' to 'c' run band by band", Steps=12

// ENOUGH-LABEL: func.func @pools
// ENOUGH-COUNT-3: nn.kernel
// ENOUGH-NOT: nn.kernel
// ENOUGH-LABEL: func.func @kept

// CHECK-LABEL: func.func @pools
// CHECK-SAME: (%[[X:.*]]: tensor<1x64x8x4xf32>
// CHECK: %[[X0:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 0] [1, 17, 8, 4]
// CHECK: %[[X1:.*]] = tensor.extract_slice %[[X]][0, 15, 0, 0] [1, 18, 8, 4]
// CHECK: %[[A0:.*]] = nn.kernel "a[0:17]" order 0 (%{{.*}} = %[[X0]])
// CHECK: %[[B0:.*]] = nn.kernel "b[0:16]" order 1 (%{{.*}} = %[[A0]])
// CHECK: pads [1, 1, 0, 1]
// CHECK: %[[C0:.*]] = nn.kernel "c[0:4]" order 2 (%{{.*}} = %[[B0]])
// CHECK: nn.kernel "a[15:33]" order 3 (%{{.*}} = %[[X1]])
// CHECK: nn.kernel "b[16:32]"
// CHECK: pads [0, 1, 0, 1]
// CHECK: %[[C1:.*]] = nn.kernel "c[4:8]"
// CHECK: nn.kernel "b[48:64]"
// CHECK: pads [0, 1, 1, 1]
// CHECK: %[[C3:.*]] = nn.kernel "c[12:16]"
// CHECK: %[[Y:.*]] = tensor.concat dim(1) %[[C0]], %[[C1]], %{{.*}}, %[[C3]]
// CHECK: return %[[Y]] : tensor<1x16x8x4xf32>

// STORED-LABEL: func.func @pools
// STORED: nn.kernel "c[0:4]" {{.*}} slots [#nn.slot<output 0 at 0>]
// STORED: nn.kernel "c[12:16]" {{.*}} slots [#nn.slot<output 0 at 1536>]
func.func @pools(%x: tensor<1x64x8x4xf32> {nn.name = "x"}) -> (tensor<1x16x8x4xf32> {nn.name = "y"}) attributes {nn.entry} {
  %0 = nn.kernel "a" order 0 (%i = %x) : (tensor<1x64x8x4xf32>) -> tensor<1x64x8x4xf32> {
    %r = nn.exp %i : tensor<1x64x8x4xf32> -> tensor<1x64x8x4xf32>
    nn.yield %r : tensor<1x64x8x4xf32>
  }
  %1 = nn.kernel "b" order 1 (%i = %0) : (tensor<1x64x8x4xf32>) -> tensor<1x64x8x4xf32> {
    %r = nn.max_pool %i kernel [3, 3] strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last} : tensor<1x64x8x4xf32> -> tensor<1x64x8x4xf32>
    nn.yield %r : tensor<1x64x8x4xf32>
  }
  %2 = nn.kernel "c" order 2 (%i = %1) : (tensor<1x64x8x4xf32>) -> tensor<1x16x8x4xf32> {
    %r = nn.max_pool %i kernel [4, 1] strides [4, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last} : tensor<1x64x8x4xf32> -> tensor<1x16x8x4xf32>
    nn.yield %r : tensor<1x16x8x4xf32>
  }
  return %2 : tensor<1x16x8x4xf32>
}

// -----

// What is read later is kept as a whole, in one slot, each row computed once. A
// reduction over all rows can't be split.

// CHECK-LABEL: func.func @kept
// CHECK: nn.kernel "a[0:16]"
// CHECK: %[[B0:.*]] = nn.kernel "b[0:16]"
// CHECK: %[[B1:.*]] = nn.kernel "b[16:32]"
// CHECK: %[[B3:.*]] = nn.kernel "b[48:64]"
// CHECK: %[[B:.*]] = tensor.concat dim(0) %[[B0]], %[[B1]], %{{.*}}, %[[B3]]
// CHECK: nn.kernel "c" {{.*}} = %[[B]])
// CHECK: nn.kernel "sum" {{.*}} = %[[B]])

// STORED-LABEL: func.func @kept
// STORED: nn.kernel "b[0:16]" {{.*}} slots [#nn.slot<arena 1 at 4096>]
// STORED: nn.kernel "b[16:32]" {{.*}} slots [#nn.slot<arena 1 at 4352>]
// STORED: nn.kernel "b[32:48]" {{.*}} slots [#nn.slot<arena 1 at 4608>]
func.func @kept(%x: tensor<64x4xf32> {nn.name = "x"}) -> (tensor<64x4xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.constant dense<1.0> : tensor<4x64xf32>
  %v = nn.constant dense<1.0> : tensor<64x4xf32>
  %0 = nn.kernel "a" order 0 (%i = %x, %j = %w) : (tensor<64x4xf32>, tensor<4x64xf32>) -> tensor<64x64xf32> {
    %r = nn.matmul %i, %j : tensor<64x4xf32>, tensor<4x64xf32> -> tensor<64x64xf32>
    nn.yield %r : tensor<64x64xf32>
  }
  %1 = nn.kernel "b" order 1 (%i = %0, %j = %v) : (tensor<64x64xf32>, tensor<64x4xf32>) -> tensor<64x4xf32> {
    %s = nn.softmax soft %i axis 1 : tensor<64x64xf32> -> tensor<64x64xf32>
    %r = nn.matmul %s, %j : tensor<64x64xf32>, tensor<64x4xf32> -> tensor<64x4xf32>
    nn.yield %r : tensor<64x4xf32>
  }
  %2 = nn.kernel "c" order 2 (%i = %1) : (tensor<64x4xf32>) -> tensor<64x4xf32> {
    %r = nn.softmax soft %i axis 1 : tensor<64x4xf32> -> tensor<64x4xf32>
    nn.yield %r : tensor<64x4xf32>
  }
  %3 = nn.kernel "sum" order 3 (%i = %1) : (tensor<64x4xf32>) -> tensor<1x4xf32> {
    %r = nn.reduce sum %i [0] keep_dims : tensor<64x4xf32> -> tensor<1x4xf32>
    nn.yield %r : tensor<1x4xf32>
  }
  %4 = nn.kernel "d" order 4 (%i = %2, %j = %3) : (tensor<64x4xf32>, tensor<1x4xf32>) -> tensor<64x4xf32> {
    %r = nn.add %i, %j : tensor<64x4xf32>, tensor<1x4xf32> -> tensor<64x4xf32>
    nn.yield %r : tensor<64x4xf32>
  }
  return %4 : tensor<64x4xf32>
}
