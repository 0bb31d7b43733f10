// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise | FileCheck %s
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise=max-inputs=2 | FileCheck %s --check-prefix=FEW
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -nnc-annotate-cost -nnc-assign-storage -nnc-verify-schedule
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise --remarks-filter='nnc-merge-elementwise' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// A chain is one kernel; what broadcasts is an input of it.
// REMARK: Passed] MergeElementwise{{.*}}bias is computed with mm: {{[0-9.]+}} us instead of {{[0-9.]+}}
// CHECK-LABEL: func @chain
func.func @chain(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>, %bias: tensor<16xf32>) -> tensor<4x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "mm" order 2 (%[[A:.*]] = %arg0, %[[B:.*]] = %arg1, %[[C:.*]] = %arg2)
  // CHECK-NEXT: %[[M:.*]] = nn.matmul %[[A]], %[[B]]
  // CHECK-NEXT: %[[S:.*]] = nn.add %[[M]], %[[C]]
  // CHECK-NEXT: %[[R:.*]] = nn.relu %[[S]]
  // CHECK-NEXT: nn.yield %[[R]]
  // CHECK-NOT: nn.kernel
  %0 = nn.matmul %a, %b : tensor<4x8xf32>, tensor<8x16xf32> -> tensor<4x16xf32> loc("mm")
  %1 = nn.add %0, %bias : tensor<4x16xf32>, tensor<16xf32> -> tensor<4x16xf32> loc("bias")
  %2 = nn.relu %1 : tensor<4x16xf32> -> tensor<4x16xf32> loc("act")
  return %2 : tensor<4x16xf32>
}

// Of two contractions the last takes the sum.
// CHECK-LABEL: func @residual
func.func @residual(%a: tensor<16x16xf32>, %b: tensor<16x16xf32>) -> tensor<16x16xf32> attributes {nn.entry} {
  // CHECK: %[[FIRST:.*]] = nn.kernel "first" order 0
  // CHECK: nn.kernel "second" order 2 (%{{.*}} = %arg1, %[[OTHER:.*]] = %[[FIRST]])
  // CHECK-NEXT: %[[M:.*]] = nn.matmul
  // CHECK-NEXT: nn.add %[[M]], %[[OTHER]]
  %0 = nn.matmul %a, %b : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("first")
  %1 = nn.matmul %b, %b : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("second")
  %2 = nn.add %1, %0 : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("sum")
  return %2 : tensor<16x16xf32>
}

// A contraction comes before a transposition, wherever it stands.
// CHECK-LABEL: func @heaviest
func.func @heaviest(%a: tensor<16x16xf32>) -> tensor<16x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "turn" order 1
  // CHECK: nn.kernel "mm" order 2
  // CHECK: nn.matmul
  // CHECK: nn.add
  %0 = nn.matmul %a, %a : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("mm")
  %1 = nn.transpose %a [1, 0] : tensor<16x16xf32> -> tensor<16x16xf32> loc("turn")
  %2 = nn.add %0, %1 : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("sum")
  return %2 : tensor<16x16xf32>
}

// The product's operands meet in the merged kernel: then it is the only use.
// CHECK-LABEL: func @diamond
// FEW-LABEL: func @diamond
func.func @diamond(%a: tensor<16x16xf32>) -> tensor<16x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "mm" order 2 (%{{[a-z0-9]+}} = %arg0)
  // CHECK: nn.matmul
  // CHECK-NEXT: nn.sigmoid
  // CHECK-NEXT: nn.mul
  // CHECK-NOT: nn.kernel
  // CHECK: return
  %0 = nn.matmul %a, %a : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("mm")
  %1 = nn.sigmoid %0 : tensor<16x16xf32> -> tensor<16x16xf32> loc("gate")
  %2 = nn.mul %0, %1 : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("product")
  return %2 : tensor<16x16xf32>
}

// An output must exist; a second use would have to compute it again.
// CHECK-LABEL: func @output
func.func @output(%a: tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "mm" order 0
  // CHECK: nn.kernel "act" order 1
  %0 = nn.matmul %a, %a : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("mm")
  %1 = nn.relu %0 : tensor<16x16xf32> -> tensor<16x16xf32> loc("act")
  return %0, %1 : tensor<16x16xf32>, tensor<16x16xf32>
}

// An operand that the consumer broadcasts would be computed for each of its
// elements.
// CHECK-LABEL: func @broadcast
func.func @broadcast(%a: tensor<1x16xf32>, %b: tensor<16x16xf32>) -> tensor<16x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "mm" order 0
  // CHECK: nn.kernel "sum" order 1
  %0 = nn.matmul %a, %b : tensor<1x16xf32>, tensor<16x16xf32> -> tensor<1x16xf32> loc("mm")
  %1 = nn.add %0, %b : tensor<1x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32> loc("sum")
  return %1 : tensor<16x16xf32>
}

// Sizes are equal if the host computes one number for both.
// CHECK-LABEL: func @dynamic
func.func @dynamic(%a: tensor<?x16xf32> {nn.dim_names = ["n", ""]}, %b: tensor<16x16xf32>, %c: tensor<?x16xf32> {nn.dim_names = ["n", ""]}) -> tensor<?x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "mm" order 1 {{.*}} dims(%[[N:.*]])
  // CHECK: nn.matmul
  // CHECK: nn.add
  %0 = nn.matmul %a, %b : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32> loc("mm")
  %1 = nn.add %0, %c : tensor<?x16xf32>, tensor<?x16xf32> -> tensor<?x16xf32> loc("sum")
  return %1 : tensor<?x16xf32>
}

// CHECK-LABEL: func @unequal
func.func @unequal(%a: tensor<?x16xf32>, %b: tensor<16x16xf32>, %c: tensor<?x16xf32>) -> tensor<?x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "mm" order 0
  // CHECK: nn.kernel "sum" order 1
  %0 = nn.matmul %a, %b : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32> loc("mm")
  %1 = nn.add %0, %c : tensor<?x16xf32>, tensor<?x16xf32> -> tensor<?x16xf32> loc("sum")
  return %1 : tensor<?x16xf32>
}

// A size that data decide is no size of a temporary.
// CHECK-LABEL: func @data
func.func @data(%a: tensor<8xf32>) -> tensor<1x?xi64> attributes {nn.entry} {
  // CHECK: "nonzero" order
  // CHECK: nn.kernel "neg" order
  %n = nn.count_nonzero %a : tensor<8xf32> -> tensor<1xi64>
  %0 = nn.nonzero %a, %n : tensor<8xf32>, tensor<1xi64> -> tensor<1x?xi64>
  %1 = nn.neg %0 : tensor<1x?xi64> -> tensor<1x?xi64>
  return %1 : tensor<1x?xi64>
}

// The other results of a kernel stay; the part that is negated moves behind
// nothing that uses them.
// CHECK-LABEL: func @results
func.func @results(%a: tensor<4x6xf32>) -> (tensor<4x2xf32>, tensor<4x2xi64>) attributes {nn.entry} {
  %k = nn.constant dense<2> : tensor<1xi64>
  // CHECK: %[[K:.*]]:2 = nn.kernel "top_k" order 1
  // CHECK: %[[V:.*]], %[[I:.*]] = nn.top_k
  // CHECK: %[[N:.*]] = nn.neg %[[V]]
  // CHECK: nn.yield %[[N]], %[[I]]
  // CHECK: return %[[K]]#0, %[[K]]#1
  %0:2 = nn.top_k %a, %k axis 1 : tensor<4x6xf32>, tensor<1xi64> -> tensor<4x2xf32>, tensor<4x2xi64>
  %2 = nn.neg %0#0 : tensor<4x2xf32> -> tensor<4x2xf32>
  return %2, %0#1 : tensor<4x2xf32>, tensor<4x2xi64>
}

// Branches and loops are schedules of their own.
// CHECK-LABEL: func @regions
func.func @regions(%x: tensor<16xf32>, %c: i1) -> tensor<16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "outer"
  // CHECK-NOT: nn.neg
  // CHECK: scf.if
  %0 = nn.relu %x : tensor<16xf32> -> tensor<16xf32> loc("outer")
  %1 = scf.if %c -> tensor<16xf32> {
    // CHECK: nn.kernel "inner" order 2
    // CHECK: nn.neg
    // CHECK: nn.exp
    // CHECK: scf.yield
    %2 = nn.neg %0 : tensor<16xf32> -> tensor<16xf32> loc("inner")
    %3 = nn.exp %2 : tensor<16xf32> -> tensor<16xf32>
    scf.yield %3 : tensor<16xf32>
  } else {
    scf.yield %0 : tensor<16xf32>
  }
  return %1 : tensor<16xf32>
}

// FEW-LABEL: func @inputs
func.func @inputs(%a: tensor<8xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>) -> tensor<8xf32> attributes {nn.entry} {
  // FEW: nn.kernel "one"
  // FEW: nn.kernel "two"
  %0 = nn.add %a, %b : tensor<8xf32>, tensor<8xf32> -> tensor<8xf32> loc("one")
  %1 = nn.mul %0, %c : tensor<8xf32>, tensor<8xf32> -> tensor<8xf32> loc("two")
  return %1 : tensor<8xf32>
}
