// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-absorb-movements | FileCheck %s
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-absorb-movements -nnc-annotate-cost -nnc-assign-storage -nnc-verify-schedule -o /dev/null
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-absorb-movements --remarks-filter='nnc-absorb-movements' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Heads beside each other: the attention is all that runs. The key has another
// reader, which keeps its transposition.
// CHECK-LABEL: func @heads
func.func @heads(%q: tensor<1x6x4x8xf32>, %k: tensor<1x6x4x8xf32>, %v: tensor<1x6x4x8xf32>) -> (tensor<1x6x4x8xf32>, tensor<1x4x6x8xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "kt" {{.*}} = %arg1)
  // CHECK-NEXT: nn.transpose
  // CHECK: nn.kernel "at" order {{[0-9]+}} (%[[Q:.*]] = %arg0, %[[K:.*]] = %arg1, %[[V:.*]] = %arg2)
  // CHECK-DAG: %[[QT:.*]] = nn.transpose %[[Q]] [0, 2, 1, 3]
  // CHECK-DAG: %[[KT:.*]] = nn.transpose %[[K]] [0, 2, 1, 3]
  // CHECK-DAG: %[[VT:.*]] = nn.transpose %[[V]] [0, 2, 1, 3]
  // CHECK: %[[A:.*]] = nn.attention %[[QT]], %[[KT]], %[[VT]]
  // CHECK-NEXT: %[[R:.*]] = nn.transpose %[[A]] [0, 2, 1, 3]
  // CHECK-NEXT: nn.yield %[[R]]
  // CHECK-NOT: nn.kernel
  // REMARK-COUNT-7: AbsorbMovements{{.*}}becomes an index map
  %0 = nn.transpose %q [0, 2, 1, 3] : tensor<1x6x4x8xf32> -> tensor<1x4x6x8xf32> loc("qt")
  %1 = nn.transpose %k [0, 2, 1, 3] : tensor<1x6x4x8xf32> -> tensor<1x4x6x8xf32> loc("kt")
  %2 = nn.transpose %v [0, 2, 1, 3] : tensor<1x6x4x8xf32> -> tensor<1x4x6x8xf32> loc("vt")
  %3 = nn.attention %0, %1, %2 scale 1.0 : tensor<1x4x6x8xf32>, tensor<1x4x6x8xf32>, tensor<1x4x6x8xf32> -> tensor<1x4x6x8xf32> loc("at")
  %4 = nn.transpose %3 [0, 2, 1, 3] : tensor<1x4x6x8xf32> -> tensor<1x6x4x8xf32> loc("ot")
  return %4, %1 : tensor<1x6x4x8xf32>, tensor<1x4x6x8xf32>
}

// Values that would not be contiguous along their columns, and a result with two
// readers, stay as they are.
// CHECK-LABEL: func @declined
func.func @declined(%q: tensor<4x6x8xf32>, %v: tensor<4x8x6xf32>) -> (tensor<6x4x8xf32>, tensor<4x6x8xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "vt"
  // CHECK: nn.kernel "at"
  // CHECK-NEXT: nn.attention
  // CHECK-NEXT: nn.yield
  // CHECK: nn.kernel "ot"
  // CHECK: nn.kernel "abs"
  %0 = nn.transpose %v [0, 2, 1] : tensor<4x8x6xf32> -> tensor<4x6x8xf32> loc("vt")
  %1 = nn.attention %q, %q, %0 scale 1.0 : tensor<4x6x8xf32>, tensor<4x6x8xf32>, tensor<4x6x8xf32> -> tensor<4x6x8xf32> loc("at")
  %2 = nn.transpose %1 [1, 0, 2] : tensor<4x6x8xf32> -> tensor<6x4x8xf32> loc("ot")
  %3 = nn.abs %1 : tensor<4x6x8xf32> -> tensor<4x6x8xf32> loc("abs")
  return %2, %3 : tensor<6x4x8xf32>, tensor<4x6x8xf32>
}

// Parts of one tensor are views of it.
// CHECK-LABEL: func @parts
func.func @parts(%x: tensor<4x6x24xf32>) -> tensor<4x6x8xf32> attributes {nn.entry} {
  // CHECK: nn.kernel
  // CHECK-COUNT-3: nn.slice
  // CHECK: nn.attention
  // CHECK-NOT: nn.kernel
  %0 = nn.constant dense<0> : tensor<1xi64>
  %8 = nn.constant dense<8> : tensor<1xi64>
  %16 = nn.constant dense<16> : tensor<1xi64>
  %24 = nn.constant dense<24> : tensor<1xi64>
  %q = nn.slice %x, %0, %8 axes [2] steps [1] : tensor<4x6x24xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<4x6x8xf32> loc("q")
  %k = nn.slice %x, %8, %16 axes [2] steps [1] : tensor<4x6x24xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<4x6x8xf32> loc("k")
  %v = nn.slice %x, %16, %24 axes [2] steps [1] : tensor<4x6x24xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<4x6x8xf32> loc("v")
  %1 = nn.attention %q, %k, %v scale 1.0 : tensor<4x6x8xf32>, tensor<4x6x8xf32>, tensor<4x6x8xf32> -> tensor<4x6x8xf32> loc("at")
  return %1 : tensor<4x6x8xf32>
}
