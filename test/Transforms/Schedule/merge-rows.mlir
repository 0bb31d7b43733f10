// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -convert-nn-to-kern -nnc-merge-rows=target=x86-64-v4 | FileCheck %s
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -convert-nn-to-kern -nnc-merge-rows=target=x86-64-v4 -nnc-assign-storage -nnc-verify-schedule -o /dev/null
// RUN: nnc-opt %s -nnc-form-kernels -canonicalize -cse -nnc-merge-elementwise -convert-nn-to-kern -nnc-merge-rows=target=x86-64-v4 --remarks-filter='nnc-merge-rows' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// What lies between goes along.
// CHECK-LABEL: func @block
func.func @block(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x24xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "dw"
  // CHECK: kern.depthwise
  // CHECK: %[[R:.*]] = nn.relu
  // CHECK: kern.gemm columns %[[R]],
  // CHECK-NOT: nn.kernel
  // CHECK: return
  // REMARK: Passed] MergeRows{{.*}}units compute their rows of dw themselves: 4096 bytes are not written and read, {{[0-9.]+}} us instead of {{[0-9.]+}}
  %w = nn.weight "w" <"x", offset = 0, length = 576> : tensor<16x1x3x3xf32>
  %p = nn.weight "p" <"x", offset = 576, length = 1536> : tensor<24x16x1x1xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 16 : i64} : tensor<1x8x8x16xf32>, tensor<16x1x3x3xf32> -> tensor<1x8x8x16xf32> loc("dw")
  %1 = nn.relu %0 : tensor<1x8x8x16xf32> -> tensor<1x8x8x16xf32> loc("act")
  %2 = nn.conv %1, %p strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last} : tensor<1x8x8x16xf32>, tensor<24x16x1x1xf32> -> tensor<1x8x8x24xf32> loc("pw")
  return %2 : tensor<1x8x8x24xf32>
}

// Rows that another op reads, too, are written.
// CHECK-LABEL: func @shared
func.func @shared(%x: tensor<1x8x8x16xf32>) -> (tensor<1x8x8x24xf32>, tensor<1x8x8x16xf32>) attributes {nn.entry} {
  // CHECK: nn.kernel "dw"
  // CHECK: nn.kernel "pw"
  %w = nn.weight "w" <"x", offset = 0, length = 576> : tensor<16x1x3x3xf32>
  %p = nn.weight "p" <"x", offset = 576, length = 1536> : tensor<24x16x1x1xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 16 : i64} : tensor<1x8x8x16xf32>, tensor<16x1x3x3xf32> -> tensor<1x8x8x16xf32> loc("dw")
  %2 = nn.conv %0, %p strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last} : tensor<1x8x8x16xf32>, tensor<24x16x1x1xf32> -> tensor<1x8x8x24xf32> loc("pw")
  %3 = nn.abs %0 : tensor<1x8x8x16xf32> -> tensor<1x8x8x16xf32> loc("abs")
  return %2, %3 : tensor<1x8x8x24xf32>, tensor<1x8x8x16xf32>
}

// A residual sum of the rows themselves reads them twice.
// CHECK-LABEL: func @residual
func.func @residual(%x: tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "dw"
  // CHECK: nn.kernel "pw"
  %w = nn.weight "w" <"x", offset = 0, length = 576> : tensor<16x1x3x3xf32>
  %p = nn.weight "p" <"x", offset = 576, length = 1024> : tensor<16x16x1x1xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 16 : i64} : tensor<1x8x8x16xf32>, tensor<16x1x3x3xf32> -> tensor<1x8x8x16xf32> loc("dw")
  %2 = nn.conv %0, %p strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last} : tensor<1x8x8x16xf32>, tensor<16x16x1x1xf32> -> tensor<1x8x8x16xf32> loc("pw")
  %3 = nn.add %2, %0 : tensor<1x8x8x16xf32>, tensor<1x8x8x16xf32> -> tensor<1x8x8x16xf32> loc("sum")
  return %3 : tensor<1x8x8x16xf32>
}

// Lines that only the run knows are shared out by the run.
// CHECK-LABEL: func @dynamic
func.func @dynamic(%x: tensor<?x?x?x16xf32>) -> tensor<?x?x?x24xf32> attributes {nn.entry} {
  // CHECK: nn.kernel
  // CHECK: kern.depthwise
  // CHECK: kern.gemm
  // CHECK-NOT: nn.kernel
  // CHECK: return
  // REMARK: Passed] MergeRows{{.*}}units compute their rows of dw themselves: rows are not written and read, not predicted, sizes are not known
  %w = nn.weight "w" <"x", offset = 0, length = 576> : tensor<16x1x3x3xf32>
  %p = nn.weight "p" <"x", offset = 576, length = 1536> : tensor<24x16x1x1xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 16 : i64} : tensor<?x?x?x16xf32>, tensor<16x1x3x3xf32> -> tensor<?x?x?x16xf32> loc("dw")
  %2 = nn.conv %0, %p strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last} : tensor<?x?x?x16xf32>, tensor<24x16x1x1xf32> -> tensor<?x?x?x24xf32> loc("pw")
  return %2 : tensor<?x?x?x24xf32>
}

// CHECK-LABEL: func @heavy
func.func @heavy(%x: tensor<1x7x7x512xf32>) -> tensor<1x7x7x1024xf32> attributes {nn.entry} {
  // CHECK: nn.kernel "dw"
  // CHECK: nn.kernel "pw"
  // REMARK: Missed] MergeRows{{.*}}dw stays a kernel: weights of 2097152 bytes, which each unit would read, are more than half of the second-level cache
  %w = nn.weight "w" <"x", offset = 0, length = 18432> : tensor<512x1x3x3xf32>
  %p = nn.weight "p" <"x", offset = 18432, length = 2097152> : tensor<1024x512x1x1xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 512 : i64} : tensor<1x7x7x512xf32>, tensor<512x1x3x3xf32> -> tensor<1x7x7x512xf32> loc("dw")
  %2 = nn.conv %0, %p strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last} : tensor<1x7x7x512xf32>, tensor<1024x512x1x1xf32> -> tensor<1x7x7x1024xf32> loc("pw")
  return %2 : tensor<1x7x7x1024xf32>
}
