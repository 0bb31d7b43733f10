// DEFINE: %{form} = -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -convert-nn-to-kern -nnc-merge-siblings
// RUN: nnc-opt %s %{form} -nnc-merge-norms=target=x86-64-v4 | FileCheck %s
// RUN: nnc-opt %s %{form} -nnc-merge-norms=target=x86-64-v4 -nnc-tile-kernels -nnc-pack-weights -nnc-assign-storage -nnc-verify-schedule -o /dev/null
// RUN: nnc-opt %s %{form} -nnc-merge-norms=target=x86-64-v4 --remarks-filter='nnc-merge-norms' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// CHECK-LABEL: func @products
func.func @products(%x: tensor<?x7x32xf32>, %s: tensor<32xf32>) -> (tensor<?x7x16xf32>, tensor<?x7x8xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "norm"
  // CHECK: %[[N:.*]] = kern.normalize %{{.*}} scale %{{.*}} uncentered
  // CHECK: kern.gemm rows %[[N]]
  // CHECK: kern.gemm rows %[[N]]
  // CHECK-NOT: nn.kernel
  // CHECK: return
  // REMARK: Passed] MergeNorms{{.*}}a normalizes the rows of norm as it reads them: not predicted, sizes are not known
  %v = nn.weight "v" <"x", offset = 0, length = 2048> : tensor<32x16xf32>
  %w = nn.weight "w" <"x", offset = 2048, length = 1024> : tensor<32x8xf32>
  %0 = nn.normalize %x [2] epsilon 1.0e-5 uncentered scale %s : tensor<?x7x32xf32> scale tensor<32xf32> -> tensor<?x7x32xf32> loc("norm")
  %1 = nn.matmul %0, %v : tensor<?x7x32xf32>, tensor<32x16xf32> -> tensor<?x7x16xf32> loc("a")
  %2 = nn.matmul %0, %w : tensor<?x7x32xf32>, tensor<32x8xf32> -> tensor<?x7x8xf32> loc("b")
  return %1, %2 : tensor<?x7x16xf32>, tensor<?x7x8xf32>
}

// What others read too, other axes, and the right operand.
// CHECK-LABEL: func @declined
func.func @declined(%x: tensor<64x64xf32>) -> (tensor<64x64xf32>, tensor<64x16xf32>, tensor<64x16xf32>, tensor<64x64xf32>) attributes {nn.entry} {
  // CHECK-NOT: kern.normalize
  %v = nn.weight "v" <"x", offset = 0, length = 4096> : tensor<64x16xf32>
  %0 = nn.normalize %x [1] epsilon 1.0e-5 : tensor<64x64xf32> -> tensor<64x64xf32> loc("shared")
  %1 = nn.matmul %0, %v : tensor<64x64xf32>, tensor<64x16xf32> -> tensor<64x16xf32> loc("a")
  %2 = nn.normalize %x [0] epsilon 1.0e-5 : tensor<64x64xf32> -> tensor<64x64xf32> loc("columns")
  %3 = nn.matmul %2, %v : tensor<64x64xf32>, tensor<64x16xf32> -> tensor<64x16xf32> loc("b")
  %4 = nn.normalize %x [1] epsilon 1.0e-4 : tensor<64x64xf32> -> tensor<64x64xf32> loc("right")
  %5 = nn.matmul %x, %4 : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32> loc("c")
  return %0, %1, %3, %5 : tensor<64x64xf32>, tensor<64x16xf32>, tensor<64x16xf32>, tensor<64x64xf32>
}

// CHECK-LABEL: func @few
// REMARK: Missed] MergeNorms{{.*}}n stays a kernel: 8 rows are too few to be shared out
func.func @few(%x: tensor<8x64xf32>) -> tensor<8x16xf32> attributes {nn.entry} {
  // CHECK-NOT: kern.normalize
  %v = nn.weight "v" <"x", offset = 0, length = 4096> : tensor<64x16xf32>
  %0 = nn.normalize %x [1] epsilon 1.0e-5 : tensor<8x64xf32> -> tensor<8x64xf32> loc("n")
  %1 = nn.matmul %0, %v : tensor<8x64xf32>, tensor<64x16xf32> -> tensor<8x16xf32> loc("a")
  return %1 : tensor<8x16xf32>
}

// CHECK-LABEL: func @heavy
// REMARK: Missed] MergeNorms{{.*}}n stays a kernel: weights of 4194304 bytes, which each unit would read, are more than half of the second-level cache
func.func @heavy(%x: tensor<128x1024xf32>) -> tensor<128x1024xf32> attributes {nn.entry} {
  // CHECK-NOT: kern.normalize
  %v = nn.weight "v" <"x", offset = 0, length = 4194304> : tensor<1024x1024xf32>
  %0 = nn.normalize %x [1] epsilon 1.0e-5 : tensor<128x1024xf32> -> tensor<128x1024xf32> loc("n")
  %1 = nn.matmul %0, %v : tensor<128x1024xf32>, tensor<1024x1024xf32> -> tensor<128x1024xf32> loc("a")
  return %1 : tensor<128x1024xf32>
}

// A matrix of unknown size.
// CHECK-LABEL: func @unknown
// REMARK: Missed] MergeNorms{{.*}}n stays a kernel: sizes are not known
func.func @unknown(%x: tensor<128x64xf32>, %v: tensor<64x?xf32>) -> tensor<128x?xf32> attributes {nn.entry} {
  // CHECK-NOT: kern.normalize
  %0 = nn.normalize %x [1] epsilon 1.0e-5 : tensor<128x64xf32> -> tensor<128x64xf32> loc("n")
  %1 = nn.matmul %0, %v : tensor<128x64xf32>, tensor<64x?xf32> -> tensor<128x?xf32> loc("a")
  return %1 : tensor<128x?xf32>
}
