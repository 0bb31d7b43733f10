// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements | FileCheck %s
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements=max-inputs=1 | FileCheck %s --check-prefix=FEW
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements -nnc-assign-storage -nnc-verify-schedule -o /dev/null
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements --remarks-filter='nnc-merge-movements' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Rotary positions: halves change places, one negated; all of it is one kernel.
// CHECK-LABEL: func @rotate
// FEW-LABEL: func @rotate
func.func @rotate(%x: tensor<4x6x8xf32>, %c: tensor<4x6x8xf32>, %s: tensor<4x6x8xf32>) -> tensor<4x6x8xf32> attributes {nn.entry} {
  // CHECK-COUNT-1: nn.kernel
  // CHECK-NOT: nn.kernel
  // CHECK: return
  // FEW-COUNT-3: nn.kernel
  // REMARK: MergeMovements{{.*}}is done by{{.*}}: {{[0-9.]+}} us instead of {{[0-9.]+}}
  %0 = nn.constant dense<0> : tensor<1xi64>
  %4 = nn.constant dense<4> : tensor<1xi64>
  %8 = nn.constant dense<8> : tensor<1xi64>
  %a = nn.slice %x, %0, %4 axes [2] steps [1] : tensor<4x6x8xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<4x6x4xf32> loc("a")
  %b = nn.slice %x, %4, %8 axes [2] steps [1] : tensor<4x6x8xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<4x6x4xf32> loc("b")
  %n = nn.neg %b : tensor<4x6x4xf32> -> tensor<4x6x4xf32> loc("n")
  %j = nn.concat %n, %a axis 2 : tensor<4x6x4xf32>, tensor<4x6x4xf32> -> tensor<4x6x8xf32> loc("j")
  %p = nn.mul %j, %s : tensor<4x6x8xf32>, tensor<4x6x8xf32> -> tensor<4x6x8xf32> loc("p")
  %q = nn.mul %x, %c : tensor<4x6x8xf32>, tensor<4x6x8xf32> -> tensor<4x6x8xf32> loc("q")
  %r = nn.add %q, %p : tensor<4x6x8xf32>, tensor<4x6x8xf32> -> tensor<4x6x8xf32> loc("r")
  return %r : tensor<4x6x8xf32>
}

// What would be computed anew for each copy, and what others read, stays.
// CHECK-LABEL: func @declined
func.func @declined(%x: tensor<8xf32>, %y: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x8xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "exp"
  // CHECK: nn.kernel "copies"
  // CHECK: nn.kernel "abs"
  // CHECK: nn.kernel "turn"
  %s = nn.constant dense<[4, 8]> : tensor<2xi64>
  %0 = nn.exp %x : tensor<8xf32> -> tensor<8xf32> loc("exp")
  %1 = nn.broadcast %0, %s : tensor<8xf32>, tensor<2xi64> -> tensor<4x8xf32> loc("copies")
  %2 = nn.abs %y : tensor<4x8xf32> -> tensor<4x8xf32> loc("abs")
  %3 = nn.transpose %2 [1, 0] : tensor<4x8xf32> -> tensor<8x4xf32> loc("turn")
  return %1, %3, %2 : tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x8xf32>
}

// A product is no light kernel.
// CHECK-LABEL: func @product
func.func @product(%a: tensor<16x16xf32>) -> tensor<16x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "mm"
  // CHECK: nn.kernel "turn"
  %0 = nn.matmul %a, %a : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("mm")
  %1 = nn.transpose %0 [1, 0] : tensor<16x16xf32> -> tensor<16x16xf32> loc("turn")
  return %1 : tensor<16x16xf32>
}

// Numbers in equal steps are made where they are read.
// CHECK-LABEL: func @range
func.func @range(%table: tensor<9x8xf32>, %start: tensor<i64>, %delta: tensor<i64>) -> tensor<4x8xf32> attributes {nn.entry} {
  // CHECK-COUNT-1: nn.kernel
  // CHECK: nn.range
  // CHECK: nn.gather
  // CHECK-NOT: nn.kernel
  // CHECK: return
  %n = nn.constant dense<4> : tensor<i64>
  %0 = nn.range %start, %delta, %n : tensor<i64>, tensor<i64>, tensor<i64> -> tensor<4xi64>
  %1 = nn.gather %table, %0 axis 0 : tensor<9x8xf32>, tensor<4xi64> -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}
