// RUN: nnc-opt %s --nnc-split-kernels='budget=6000' --split-input-file \
// RUN:   | FileCheck %s
// RUN: nnc-opt %s --nnc-split-kernels='budget=1000000' --split-input-file \
// RUN:   | FileCheck %s --check-prefix=ENOUGH
// RUN: nnc-opt %s --nnc-split-kernels='budget=6000' --split-input-file \
// RUN:   --nnc-assign-storage --nnc-verify-schedule | FileCheck %s --check-prefix=STORED
// RUN: nnc-opt %s --nnc-split-kernels='budget=6000' --split-input-file \
// RUN:   --remarks-filter='nnc-split-kernels' --remark-format=emitRemark -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK

// Two bands: rows that both need are computed twice, padding is at the borders
// alone, and parts of the output are written to their places.

// REMARK: remark: [Passed] Split {{.*}}kernels 'a' to 'c' run band by band{{.*}}Before=16384{{.*}}Kernels=3

// ENOUGH-LABEL: func.func @pools
// ENOUGH-COUNT-3: nn.kernel
// ENOUGH-NOT: nn.kernel

// CHECK-LABEL: func.func @pools
// CHECK-SAME: (%[[X:.*]]: tensor<1x64x8x4xf32>
// CHECK: %[[X0:.*]] = tensor.extract_slice %[[X]][0, 0, 0, 0] [1, [[H0:[0-9]+]], 8, 4]
// CHECK: %[[A0:.*]] = nn.kernel "a[0:[[H0]]]" order 0 (%{{.*}} = %[[X0]])
// CHECK: %[[B0:.*]] = nn.kernel "b[0:[[E0:[0-9]+]]]" order 1 (%{{.*}} = %[[A0]])
// CHECK: nn.max_pool {{.*}} kernel [3, 3] strides [1, 1] dilations [1, 1] pads [1, 1, 0, 1]
// CHECK: %[[C0:.*]] = nn.kernel "c[0:{{[0-9]+}}]" order 2 (%{{.*}} = %[[B0]])
// CHECK: nn.kernel "a[{{[1-9].*}}:64]"
// CHECK: nn.kernel "b[[[E0]]:64]"
// CHECK: nn.max_pool {{.*}} kernel [3, 3] strides [1, 1] dilations [1, 1] pads [0, 1, 1, 1]
// CHECK: %[[C1:.*]] = nn.kernel "c[
// CHECK: %[[Y:.*]] = tensor.concat dim(1) %[[C0]], %[[C1]]
// CHECK: return %[[Y]] : tensor<1x16x8x4xf32>

// STORED-LABEL: func.func @pools
// STORED: nn.kernel "c[0:8]" {{.*}} slots [#nn.slot<output 0 at 0>]
// STORED: nn.kernel "c[8:16]" {{.*}} slots [#nn.slot<output 0 at 1024>]
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

// What is read later is kept as a whole, in one slot, each row computed once; its
// rows that a band needs are read from where they are. A reduction over all rows
// ends the chain.

// CHECK-LABEL: func.func @kept
// CHECK: nn.kernel "a[0:
// CHECK: %[[B0:.*]] = nn.kernel "b[0:[[E:[0-9]+]]]"
// CHECK: nn.kernel "c[0:
// CHECK: %[[B1:.*]] = nn.kernel "b[[[E]]:
// CHECK: tensor.concat dim(0) %[[B0]], %[[B1]]
// CHECK: nn.kernel "sum"

// STORED-LABEL: func.func @kept
// STORED: nn.kernel "b[0:{{.*}} slots [#nn.slot<arena [[S:[0-9]+]] at [[AT:[0-9]+]]>]
// STORED: nn.kernel "b[{{[1-9].*}} slots [#nn.slot<arena [[S]] at {{[0-9]+}}>]
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
