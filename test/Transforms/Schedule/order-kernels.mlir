// RUN: nnc-opt %s -nnc-order-kernels -nnc-assign-storage -nnc-verify-schedule | FileCheck %s
// RUN: nnc-opt %s -nnc-order-kernels --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-order-kernels" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// Both branches begin large and end small: one after the other needs less.
// REMARK: order-kernels.mlir:[[@LINE+5]]:{{[0-9]+}}: remark: [Passed] Order | Category:nnc-order-kernels
// REMARK-SAME: AddedNanoseconds=0, After=4224, Before=8256, Recomputations=0
// REMARK-NOT: remark
// CHECK-LABEL: func @branches
// CHECK-SAME: nn.arena_bytes = 4224
func.func @branches(%x: tensor<16x1xf32>, %y: tensor<1x64xf32>) -> tensor<16x1xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "[[FIRST:large[01]]]" order 0
  // CHECK: nn.kernel "small{{[01]}}" order 1
  // CHECK-NOT: nn.kernel "[[FIRST]]"
  // CHECK: nn.kernel "large{{[01]}}" order 2
  // CHECK: nn.kernel "small{{[01]}}" order 3
  // CHECK: nn.kernel "sum" order 4
  %0 = nn.kernel "large0" order 0 (%a = %x, %b = %y) : (tensor<16x1xf32>, tensor<1x64xf32>) -> tensor<16x64xf32> {
    %8 = nn.add %a, %b : tensor<16x1xf32>, tensor<1x64xf32> -> tensor<16x64xf32>
    nn.yield %8 : tensor<16x64xf32>
  }
  %1 = nn.kernel "large1" order 1 (%a = %x, %b = %y) : (tensor<16x1xf32>, tensor<1x64xf32>) -> tensor<16x64xf32> {
    %8 = nn.mul %a, %b : tensor<16x1xf32>, tensor<1x64xf32> -> tensor<16x64xf32>
    nn.yield %8 : tensor<16x64xf32>
  }
  %2 = nn.kernel "small0" order 2 (%a = %0) : (tensor<16x64xf32>) -> tensor<16x1xf32> {
    %8 = nn.reduce max %a [1] keep_dims : tensor<16x64xf32> -> tensor<16x1xf32>
    nn.yield %8 : tensor<16x1xf32>
  }
  %3 = nn.kernel "small1" order 3 (%a = %1) : (tensor<16x64xf32>) -> tensor<16x1xf32> {
    %8 = nn.reduce max %a [1] keep_dims : tensor<16x64xf32> -> tensor<16x1xf32>
    nn.yield %8 : tensor<16x1xf32>
  }
  %4 = nn.kernel "sum" order 4 (%a = %2, %b = %3) : (tensor<16x1xf32>, tensor<16x1xf32>) -> tensor<16x1xf32> {
    %8 = nn.add %a, %b : tensor<16x1xf32>, tensor<16x1xf32> -> tensor<16x1xf32>
    nn.yield %8 : tensor<16x1xf32>
  }
  return %4 : tensor<16x1xf32>
}

// No order is better than the one kernel that needs it all.
// CHECK-LABEL: func @chain
func.func @chain(%x: tensor<16x1xf32>, %y: tensor<1x64xf32>) -> tensor<16x1xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "early" order 0
  // CHECK: nn.kernel "large" order 1
  // CHECK: nn.kernel "small" order 2
  %5 = nn.kernel "early" order 0 (%a = %x) : (tensor<16x1xf32>) -> tensor<16x1xf32> {
    %8 = nn.softmax soft %a axis 1 : tensor<16x1xf32> -> tensor<16x1xf32>
    nn.yield %8 : tensor<16x1xf32>
  }
  %0 = nn.kernel "large" order 1 (%a = %5, %b = %y) : (tensor<16x1xf32>, tensor<1x64xf32>) -> tensor<16x64xf32> {
    %8 = nn.add %a, %b : tensor<16x1xf32>, tensor<1x64xf32> -> tensor<16x64xf32>
    nn.yield %8 : tensor<16x64xf32>
  }
  %2 = nn.kernel "small" order 2 (%a = %0, %b = %5) : (tensor<16x64xf32>, tensor<16x1xf32>) -> tensor<16x1xf32> {
    %8 = nn.reduce max %a [1] keep_dims : tensor<16x64xf32> -> tensor<16x1xf32>
    %9 = nn.add %8, %b : tensor<16x1xf32>, tensor<16x1xf32> -> tensor<16x1xf32>
    nn.yield %9 : tensor<16x1xf32>
  }
  return %2 : tensor<16x1xf32>
}

// Sizes of the run, and kernels around branches, stay where they are.
// CHECK-LABEL: func @dynamic
func.func @dynamic(%x: tensor<?x1xf32>, %y: tensor<1x64xf32>, %n: index) -> tensor<?x64xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "large0"
  // CHECK: nn.kernel "large1"
  %0 = nn.kernel "large0" order 0 (%a = %x, %b = %y) dims(%n) : (tensor<?x1xf32>, tensor<1x64xf32>) -> tensor<?x64xf32> {
    %8 = nn.add %a, %b : tensor<?x1xf32>, tensor<1x64xf32> -> tensor<?x64xf32>
    nn.yield %8 : tensor<?x64xf32>
  }
  %1 = nn.kernel "large1" order 1 (%a = %0, %b = %y) dims(%n) : (tensor<?x64xf32>, tensor<1x64xf32>) -> tensor<?x64xf32> {
    %8 = nn.mul %a, %b : tensor<?x64xf32>, tensor<1x64xf32> -> tensor<?x64xf32>
    nn.yield %8 : tensor<?x64xf32>
  }
  return %1 : tensor<?x64xf32>
}

// CHECK-LABEL: func @branch
func.func @branch(%x: tensor<16x1xf32>, %y: tensor<1x64xf32>, %c: i1) -> tensor<16x1xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "large0"
  // CHECK: nn.kernel "large1"
  %0 = nn.kernel "large0" order 0 (%a = %x, %b = %y) : (tensor<16x1xf32>, tensor<1x64xf32>) -> tensor<16x64xf32> {
    %8 = nn.add %a, %b : tensor<16x1xf32>, tensor<1x64xf32> -> tensor<16x64xf32>
    nn.yield %8 : tensor<16x64xf32>
  }
  %1 = nn.kernel "large1" order 1 (%a = %x, %b = %y) : (tensor<16x1xf32>, tensor<1x64xf32>) -> tensor<16x64xf32> {
    %8 = nn.mul %a, %b : tensor<16x1xf32>, tensor<1x64xf32> -> tensor<16x64xf32>
    nn.yield %8 : tensor<16x64xf32>
  }
  %5 = scf.if %c -> tensor<16x64xf32> {
    scf.yield %0 : tensor<16x64xf32>
  } else {
    scf.yield %1 : tensor<16x64xf32>
  }
  %2 = nn.kernel "small" order 2 (%a = %5) : (tensor<16x64xf32>) -> tensor<16x1xf32> {
    %8 = nn.reduce max %a [1] keep_dims : tensor<16x64xf32> -> tensor<16x1xf32>
    nn.yield %8 : tensor<16x1xf32>
  }
  return %2 : tensor<16x1xf32>
}

// All that is made is the caller's: no order needs less than nothing.
// CHECK-LABEL: func @outputs
func.func @outputs(%x: tensor<8x8xf32> {nn.name = "x"}) -> (tensor<8x8xf32> {nn.name = "a"}, tensor<8x8xf32> {nn.name = "b"}) attributes {nn.entry} {
  // CHECK: nn.kernel
  // CHECK: nn.kernel
  %0 = nn.kernel "first" order 0 (%i = %x) : (tensor<8x8xf32>) -> tensor<8x8xf32> {
    %2 = nn.softmax soft %i axis 1 : tensor<8x8xf32> -> tensor<8x8xf32>
    nn.yield %2 : tensor<8x8xf32>
  }
  %1 = nn.kernel "second" order 1 (%i = %x) : (tensor<8x8xf32>) -> tensor<8x8xf32> {
    %2 = nn.softmax soft %i axis 0 : tensor<8x8xf32> -> tensor<8x8xf32>
    nn.yield %2 : tensor<8x8xf32>
  }
  return %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
}
