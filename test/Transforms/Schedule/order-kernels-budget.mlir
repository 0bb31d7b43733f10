// RUN: nnc-opt %s -nnc-order-kernels=budget=8256 -nnc-assign-storage -nnc-verify-schedule | FileCheck %s
// RUN: nnc-opt %s -nnc-order-kernels -nnc-assign-storage | FileCheck %s --check-prefix=FREE
// RUN: nnc-opt %s -nnc-order-kernels=budget=8192 -nnc-assign-storage | FileCheck %s --check-prefix=FREE
// RUN: nnc-opt %s -nnc-order-kernels=budget=8256 --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-order-kernels" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// A result that is needed at both ends is made again, with the view of it that
// the last kernel reads.
// REMARK: AddedNanoseconds=1000, After=8256, Before=12352, Recomputations=1
// CHECK-LABEL: func @skip
// CHECK-SAME: nn.arena_bytes = 8256
// FREE-LABEL: func @skip
// FREE-SAME: nn.arena_bytes = 12352
func.func @skip(%x: tensor<16x1xf32>, %y: tensor<1x64xf32>, %z: tensor<1x128xf32>) -> tensor<1x1024xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "skip" order 0
  // CHECK: nn.kernel "begin" order 1
  // CHECK: nn.kernel "wide" order 2
  // CHECK: %[[END:.*]] = nn.kernel "end" order 3
  // CHECK: %[[AGAIN:.*]] = nn.kernel "skip" order 4
  // CHECK-NEXT: nn.add
  // CHECK: %[[VIEW:.*]] = nn.reshape %[[AGAIN]],
  // CHECK: nn.kernel "both" order 5 ({{.*}} = %[[VIEW]]
  // FREE-COUNT-1: nn.kernel "skip"
  // FREE-NOT: nn.kernel "skip"
  %0 = nn.kernel "skip" order 0 (%a = %x, %b = %y) : (tensor<16x1xf32>, tensor<1x64xf32>) -> tensor<16x64xf32> {
    %8 = nn.add %a, %b : tensor<16x1xf32>, tensor<1x64xf32> -> tensor<16x64xf32>
    nn.yield %8 : tensor<16x64xf32>
  }
  %s = arith.constant dense<[1, 1024]> : tensor<2xi64>
  %1 = nn.reshape %0, %s : tensor<16x64xf32>, tensor<2xi64> -> tensor<1x1024xf32>
  %2 = nn.kernel "begin" order 1 (%a = %0) : (tensor<16x64xf32>) -> tensor<16x1xf32> {
    %8 = nn.reduce max %a [1] keep_dims : tensor<16x64xf32> -> tensor<16x1xf32>
    nn.yield %8 : tensor<16x1xf32>
  }
  %3 = nn.kernel "wide" order 2 (%a = %2, %b = %z) : (tensor<16x1xf32>, tensor<1x128xf32>) -> tensor<16x128xf32> {
    %8 = nn.mul %a, %b : tensor<16x1xf32>, tensor<1x128xf32> -> tensor<16x128xf32>
    nn.yield %8 : tensor<16x128xf32>
  }
  %4 = nn.kernel "end" order 3 (%a = %3) : (tensor<16x128xf32>) -> tensor<1x1xf32> {
    %8 = nn.reduce max %a [0, 1] keep_dims : tensor<16x128xf32> -> tensor<1x1xf32>
    nn.yield %8 : tensor<1x1xf32>
  }
  %5 = nn.kernel "both" order 4 (%a = %1, %b = %4) : (tensor<1x1024xf32>, tensor<1x1xf32>) -> tensor<1x1024xf32> {
    %8 = nn.add %a, %b : tensor<1x1024xf32>, tensor<1x1xf32> -> tensor<1x1024xf32>
    nn.yield %8 : tensor<1x1024xf32>
  }
  return %5 : tensor<1x1024xf32>
}
