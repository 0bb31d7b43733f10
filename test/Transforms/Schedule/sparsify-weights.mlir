// DEFINE: %{kern} = nnc-opt %s -nnc-form-kernels -convert-nn-to-kern
// RUN: %{kern} -nnc-sparsify-weights=target=x86-64-v4 | FileCheck %s
// RUN: %{kern} -nnc-sparsify-weights=target=x86-64-v4 --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-sparsify.*" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: %{kern} -nnc-sparsify-weights="target=x86-64-v4 precision=strict" | FileCheck %s --check-prefix=STRICT
// RUN: %{kern} -nnc-sparsify-weights="target=x86-64-v4 precision=strict" --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-sparsify.*" 2>&1 >/dev/null | FileCheck %s --check-prefix=WHY
// RUN: not nnc-opt %s -nnc-sparsify-weights=precision=sloppy 2>&1 | FileCheck %s --check-prefix=PRECISION
// RUN: not nnc-opt %s -nnc-sparsify-weights=target=z80 2>&1 | FileCheck %s --check-prefix=TARGET

// PRECISION: expects precision strict, default or relaxed, but got 'sloppy'
// TARGET: target 'z80' is not known
// STRICT-NOT: kern.sparse
// WHY: precision strict multiplies with every 0

// Nothing but zeros: one block, which keeps constants from being empty.
// CHECK-LABEL: func @zeros
func.func @zeros(%x: tensor<128x256xf32>) -> tensor<128x256xf32> attributes {nn.entry} {
  // CHECK: nn.constant dense<0.000000e+00> : tensor<1x{{[0-9]+}}xf32>
  // CHECK: kern.sparse
  // CHECK-NOT: kern.gemm
  // REMARK: Passed{{.*}}1 blocks of {{[0-9]+}} x 1 are predicted to take {{.*}} us, all of the matrix
  %w = nn.constant dense<0.0> : tensor<256x256xf32>
  %0 = nn.matmul %x, %w : tensor<128x256xf32>, tensor<256x256xf32> -> tensor<128x256xf32> loc("zeros")
  return %0 : tensor<128x256xf32>
}

// CHECK-LABEL: func @dense
func.func @dense(%x: tensor<128x256xf32>) -> tensor<128x256xf32> attributes {nn.entry} {
  // CHECK: kern.gemm
  // CHECK-NOT: kern.sparse
  %w = nn.constant dense<1.0> : tensor<256x256xf32>
  %0 = nn.matmul %x, %w : tensor<128x256xf32>, tensor<256x256xf32> -> tensor<128x256xf32> loc("dense")
  return %0 : tensor<128x256xf32>
}

// Half of very few weights: their blocks cost more than all of them.
// CHECK-LABEL: func @half
func.func @half(%x: tensor<128x4xf32>) -> tensor<128x2xf32> attributes {nn.entry} {
  // CHECK: kern.gemm
  // CHECK-NOT: kern.sparse
  // REMARK: Missed{{.*}}are predicted to take
  %w = nn.constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]> : tensor<4x2xf32>
  %0 = nn.matmul %x, %w : tensor<128x4xf32>, tensor<4x2xf32> -> tensor<128x2xf32> loc("half")
  return %0 : tensor<128x2xf32>
}

// A weight of the run has no zeros that are known.
// CHECK-LABEL: func @run
func.func @run(%x: tensor<128x256xf32>, %w: tensor<256x256xf32>) -> tensor<128x256xf32> attributes {nn.entry} {
  // CHECK: kern.gemm
  %0 = nn.matmul %x, %w : tensor<128x256xf32>, tensor<256x256xf32> -> tensor<128x256xf32>
  return %0 : tensor<128x256xf32>
}

// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32> attributes {nn.entry} {
  // CHECK: kern.sparse {{.*}} window [3, 3, 1, 1, 1, 1, 1, 1, 1, 1]
  %w = nn.constant dense<0.0> : tensor<64x64x3x3xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last} : tensor<1x16x16x64xf32>, tensor<64x64x3x3xf32> -> tensor<1x16x16x64xf32>
  return %0 : tensor<1x16x16x64xf32>
}

// CHECK-LABEL: func @bytes
func.func @bytes(%x: tensor<128x256xui8>) -> tensor<128x256xi32> attributes {nn.entry} {
  // CHECK: kern.sparse columns 16 {{.*}}dot = 2
  %w = nn.constant dense<0> : tensor<256x256xi8>
  %0 = nn.matmul_integer %x, %w : (tensor<128x256xui8>, tensor<256x256xi8>) -> tensor<128x256xi32>
  return %0 : tensor<128x256xi32>
}

// No step of several bytes of what is not a multiple of them.
// CHECK-LABEL: func @odd
func.func @odd(%x: tensor<128x255xui8>) -> tensor<128x256xi32> attributes {nn.entry} {
  // CHECK: kern.gemm
  // REMARK: Missed{{.*}}no form of blocks fits its sizes
  %w = nn.constant dense<0> : tensor<255x256xi8>
  %0 = nn.matmul_integer %x, %w : (tensor<128x255xui8>, tensor<255x256xi8>) -> tensor<128x256xi32> loc("odd")
  return %0 : tensor<128x256xi32>
}

// A depth that only the matrix knows: rows of any length could come.
// CHECK-LABEL: func @unknown_depth
func.func @unknown_depth(%x: tensor<128x?xf32>) -> tensor<128x256xf32> attributes {nn.entry} {
  // CHECK: kern.gemm
  // CHECK-NOT: kern.sparse
  %w = nn.constant dense<0.0> : tensor<256x256xf32>
  %0 = nn.matmul %x, %w : tensor<128x?xf32>, tensor<256x256xf32> -> tensor<128x256xf32>
  return %0 : tensor<128x256xf32>
}
