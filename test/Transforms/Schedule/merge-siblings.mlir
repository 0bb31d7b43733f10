// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements -convert-nn-to-kern -nnc-merge-siblings | FileCheck %s
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements -convert-nn-to-kern -nnc-merge-siblings=max-inputs=3 --remarks-filter='nnc-merge-siblings' -o /dev/null 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements -convert-nn-to-kern -nnc-merge-siblings -nnc-tile-kernels -nnc-pack-weights -nnc-assign-storage -nnc-verify-schedule -o /dev/null
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements -convert-nn-to-kern -nnc-merge-siblings=join-readers=0 | FileCheck %s --check-prefix=APART
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-merge-movements -convert-nn-to-kern -nnc-merge-siblings --remarks-filter='nnc-merge-siblings' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// FEW: MergeSiblings{{.*}}k does not join q: together they have 5 inputs, more than 3
// REMARK: MergeSiblings{{.*}}k is done by the kernel of q, which reads the same tensor: not predicted, sizes are not known
// REMARK: MergeSiblings{{.*}}v is done by the kernel of q, which reads the same tensor

// Queries, keys and values of different widths, two with a bias.
// CHECK-LABEL: func @projections
func.func @projections(%x: tensor<?x32xf32>, %wq: tensor<32x32xf32>, %wk: tensor<32x16xf32>, %wv: tensor<32x16xf32>, %b: tensor<32xf32>, %c: tensor<16xf32>) -> (tensor<?x32xf32>, tensor<?x16xf32>, tensor<?x16xf32>) attributes {nn.entry} {
  // CHECK: %[[K:.*]]:3 = nn.kernel "q"
  // CHECK-COUNT-3: kern.gemm
  // CHECK-NOT: nn.kernel
  // CHECK: return %[[K]]#0, %[[K]]#1, %[[K]]#2
  %q = nn.matmul %x, %wq : tensor<?x32xf32>, tensor<32x32xf32> -> tensor<?x32xf32> loc("q")
  %qb = nn.add %q, %b : tensor<?x32xf32>, tensor<32xf32> -> tensor<?x32xf32> loc("qb")
  %k = nn.matmul %x, %wk : tensor<?x32xf32>, tensor<32x16xf32> -> tensor<?x16xf32> loc("k")
  %kb = nn.add %k, %c : tensor<?x16xf32>, tensor<16xf32> -> tensor<?x16xf32> loc("kb")
  %v = nn.matmul %x, %wv : tensor<?x32xf32>, tensor<32x16xf32> -> tensor<?x16xf32> loc("v")
  return %qb, %kb, %v : tensor<?x32xf32>, tensor<?x16xf32>, tensor<?x16xf32>
}

// The gate is read by its sibling alone: it stays in the kernel, unless memory
// is counted.
// CHECK-LABEL: func @gated
// APART-LABEL: func @gated
// APART-COUNT-2: nn.kernel
func.func @gated(%x: tensor<8x32xf32>, %wg: tensor<32x48xf32>, %wu: tensor<32x48xf32>) -> tensor<8x48xf32> attributes {nn.entry} {
  // CHECK: %[[K:.*]] = nn.kernel "g"
  // CHECK-NOT: nn.kernel
  // CHECK: return %[[K]]
  %g = nn.matmul %x, %wg : tensor<8x32xf32>, tensor<32x48xf32> -> tensor<8x48xf32> loc("g")
  %s = nn.sigmoid %g : tensor<8x48xf32> -> tensor<8x48xf32> loc("s")
  %u = nn.matmul %x, %wu : tensor<8x32xf32>, tensor<32x48xf32> -> tensor<8x48xf32> loc("u")
  %m = nn.mul %s, %u : tensor<8x48xf32>, tensor<8x48xf32> -> tensor<8x48xf32> loc("m")
  return %m : tensor<8x48xf32>
}

// A residual sum of what a block of two products begins with: the second
// multiplies what the first makes.
// CHECK-LABEL: func @chain
func.func @chain(%x: tensor<8x32xf32>, %w: tensor<32x32xf32>) -> tensor<8x32xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "first"
  // CHECK: nn.kernel "second"
  %0 = nn.matmul %x, %w : tensor<8x32xf32>, tensor<32x32xf32> -> tensor<8x32xf32> loc("first")
  %1 = nn.matmul %0, %w : tensor<8x32xf32>, tensor<32x32xf32> -> tensor<8x32xf32> loc("second")
  %2 = nn.add %1, %x : tensor<8x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> loc("sum")
  return %2 : tensor<8x32xf32>
}

// Light kernels join light ones; one that reads the other does not.
// CHECK-LABEL: func @light
func.func @light(%x: tensor<4x6xf32>, %y: tensor<4x6xf32>) -> (tensor<6x4xf32>, tensor<4x6xf32>, tensor<6x4xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "turn"
  // CHECK: nn.transpose
  // CHECK: nn.exp
  // CHECK: nn.kernel "back"
  // CHECK: nn.add
  %a = nn.transpose %x [1, 0] : tensor<4x6xf32> -> tensor<6x4xf32> loc("turn")
  %b = nn.exp %x : tensor<4x6xf32> -> tensor<4x6xf32> loc("exp")
  %t = nn.transpose %b [1, 0] : tensor<4x6xf32> -> tensor<6x4xf32> loc("back")
  %c = nn.add %t, %a : tensor<6x4xf32>, tensor<6x4xf32> -> tensor<6x4xf32> loc("sum")
  return %a, %b, %c : tensor<6x4xf32>, tensor<4x6xf32>, tensor<6x4xf32>
}

// Kernels of different kinds, kernels that share a weight only, and kernels
// with another one between them that the second needs.
// CHECK-LABEL: func @declined
func.func @declined(%x: tensor<8x16xf32>, %y: tensor<8x16xf32>, %z: tensor<16x16xf32>) -> (tensor<8x16xf32>, tensor<8x16xf32>, tensor<8x16xf32>, tensor<8x16xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "mm"
  // CHECK: nn.kernel "exp"
  // CHECK: nn.kernel "a"
  // CHECK: nn.kernel "b"
  // CHECK: return
  %w = nn.constant dense<1.0> : tensor<16x16xf32>
  %0 = nn.matmul %x, %z : tensor<8x16xf32>, tensor<16x16xf32> -> tensor<8x16xf32> loc("mm")
  %1 = nn.exp %x : tensor<8x16xf32> -> tensor<8x16xf32> loc("exp")
  %2 = nn.matmul %1, %w : tensor<8x16xf32>, tensor<16x16xf32> -> tensor<8x16xf32> loc("a")
  %3 = nn.matmul %y, %w : tensor<8x16xf32>, tensor<16x16xf32> -> tensor<8x16xf32> loc("b")
  return %0, %1, %2, %3 : tensor<8x16xf32>, tensor<8x16xf32>, tensor<8x16xf32>, tensor<8x16xf32>
}

// Views of other results, and sizes that data decides.
// CHECK-LABEL: func @views
// REMARK: MergeSiblings{{.*}}second does not join first: what it needs is computed from results between the two
func.func @views(%x: tensor<8x16xf32>, %w: tensor<16x16xf32>) -> (tensor<8x16xf32>, tensor<8x8xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "first"
  // CHECK: nn.kernel "second"
  %s = nn.constant dense<[16, 8]> : tensor<2xi64>
  %0 = nn.matmul %x, %w : tensor<8x16xf32>, tensor<16x16xf32> -> tensor<8x16xf32> loc("first")
  %1 = nn.reshape %0, %s : tensor<8x16xf32>, tensor<2xi64> -> tensor<16x8xf32> loc("view")
  %2 = nn.matmul %x, %1 : tensor<8x16xf32>, tensor<16x8xf32> -> tensor<8x8xf32> loc("second")
  return %0, %2 : tensor<8x16xf32>, tensor<8x8xf32>
}
