// DEFINE: %{kern} = nnc-opt %s -nnc-form-kernels -convert-nn-to-kern
// RUN: %{kern} -nnc-tile-kernels=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3,DEFAULT
// RUN: %{kern} -nnc-tile-kernels=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4,DEFAULT
// RUN: %{kern} -nnc-tile-kernels=target=x86-64 | FileCheck %s --check-prefixes=CHECK,BASE,DEFAULT
// RUN: %{kern} -nnc-tile-kernels=target=aarch64 | FileCheck %s --check-prefixes=CHECK,ARM,DEFAULT
// RUN: %{kern} -nnc-tile-kernels="target=x86-64-v3 precision=strict" | FileCheck %s --check-prefixes=CHECK,V3,STRICT
// RUN: %{kern} -nnc-tile-kernels="target=x86-64-v3 precision=relaxed" | FileCheck %s --check-prefixes=CHECK,V3,RELAXED
// RUN: not nnc-opt %s -nnc-tile-kernels=target=z80 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: %{kern} -nnc-tile-kernels --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-tile.*" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK

// RUN: not nnc-opt %s -nnc-tile-kernels=precision=sloppy 2>&1 | FileCheck %s --check-prefix=PRECISION

// PRECISION: expects precision strict, default or relaxed, but got 'sloppy'
// UNKNOWN: target 'z80' is not known; known are {{.*}}x86-64-v3

// Many rows and columns: registers hold sums, more where there are more. The
// columns of a unit share a block of rows.
// CHECK-LABEL: func @square
func.func @square(%a: tensor<1024x1024xf32>, %b: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> attributes {nn.entry} {
  // V3: kern.gemm {{.*}} tiling <lanes = 8, rows = {{[0-9]+}}, vectors = {{[0-9]+}}, m_block = {{[0-9]+}}
  // V4: kern.gemm {{.*}} tiling <lanes = 16, rows = {{[0-9]+}}, vectors = {{[0-9]+}}, m_block
  // BASE: kern.gemm {{.*}} tiling <lanes = 4, rows = {{[0-9]+}}, vectors = {{[0-9]+}}, m_block
  // ARM: kern.gemm {{.*}} tiling <lanes = 4, rows = {{[0-9]+}}, vectors = {{[0-9]+}}, m_block
  // REMARK: {{[0-9]+}} rows by {{[0-9]+}} vectors of 8: {{[0-9]+}}% of the multiply-add peak expected
  %0 = nn.matmul %a, %b : tensor<1024x1024xf32>, tensor<1024x1024xf32> -> tensor<1024x1024xf32>
  return %0 : tensor<1024x1024xf32>
}

// One row: several vectors, so that additions overlap. A deep product is cut.
// CHECK-LABEL: func @row
func.func @row(%a: tensor<1x4096xf32>, %b: tensor<4096x1000xf32>) -> tensor<1x1000xf32> attributes {nn.entry} {
  // CHECK: kern.gemm {{.*}} tiling <lanes = {{4|8|16}}, rows = 1, vectors = {{[2-9]}}, {{.*}}k_block = {{[0-9]+}}, prefetch = true>
  // REMARK: 1 rows by {{[2-9]}} vectors of 8
  %0 = nn.matmul %a, %b : tensor<1x4096xf32>, tensor<4096x1000xf32> -> tensor<1x1000xf32>
  return %0 : tensor<1x1000xf32>
}

// One column: no more vectors than there are columns for, nothing to cut.
// CHECK-LABEL: func @column
func.func @column(%a: tensor<64x64xf32>, %b: tensor<64x1xf32>) -> tensor<64x1xf32> attributes {nn.entry} {
  // CHECK: kern.gemm {{.*}} tiling <lanes = {{4|8|16}}, rows = {{[0-9]+}}, vectors = 1{{[,>]}}
  %0 = nn.matmul %a, %b : tensor<64x64xf32>, tensor<64x1xf32> -> tensor<64x1xf32>
  return %0 : tensor<64x1xf32>
}

// CHECK-LABEL: func @one
func.func @one(%a: tensor<1x1xf32>, %b: tensor<1x1xf32>) -> tensor<1x1xf32> attributes {nn.entry} {
  // CHECK: kern.gemm {{.*}} tiling <lanes = {{4|8|16}}, rows = 1, vectors = 1> {
  %0 = nn.matmul %a, %b : tensor<1x1xf32>, tensor<1x1xf32> -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// Sizes of the run count as large: units are cut in all directions.
// CHECK-LABEL: func @free
func.func @free(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> attributes {nn.entry} {
  // CHECK: kern.gemm {{.*}} tiling <lanes = {{.*}}, m_block = {{[0-9]+}}, n_block = {{[0-9]+}}, k_block = {{[0-9]+}}
  %0 = nn.matmul %a, %b : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// Lanes follow from the type of the sums; where it is not the result's, the depth
// is not cut.
// CHECK-LABEL: func @types
func.func @types(%a: tensor<128x128xf64>, %b: tensor<128x128xf64>, %c: tensor<128x2048xf16>, %d: tensor<2048x128xf16>) -> (tensor<128x128xf64>, tensor<128x128xf16>) attributes {nn.entry} {
  // V3: kern.gemm {{.*}} tiling <lanes = 4,
  // V4: kern.gemm {{.*}} tiling <lanes = 8,
  // BASE: kern.gemm {{.*}} tiling <lanes = 2,
  // ARM: kern.gemm {{.*}} tiling <lanes = 2,
  %0 = nn.matmul %a, %b : tensor<128x128xf64>, tensor<128x128xf64> -> tensor<128x128xf64>
  // CHECK-NOT: k_block
  // V3: kern.gemm {{.*}} tiling <lanes = 8,
  // V4: kern.gemm {{.*}} tiling <lanes = 16,
  // BASE: kern.gemm {{.*}} tiling <lanes = 4,
  // ARM: kern.gemm {{.*}} tiling <lanes = 4,
  %1 = nn.matmul %c, %d : tensor<128x2048xf16>, tensor<2048x128xf16> -> tensor<128x128xf16>
  return %0, %1 : tensor<128x128xf64>, tensor<128x128xf16>
}

// By 3 x 3 of stride 1, many channels: Winograd's transform, of two or four as
// the precision allows. The epilogue goes with it.
// CHECK-LABEL: func @winograd
func.func @winograd(%x: tensor<1x56x56x64xf32>, %b: tensor<64xf32>) -> tensor<1x56x56x64xf32> attributes {nn.entry} {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 147456> : tensor<64x64x3x3xf32>
  // DEFAULT: kern.winograd tile 2 {{.*}} extras(%{{.*}} : tensor<64xf32>) {{.*}} pads [1, 1, 1, 1] tiling <
  // RELAXED: kern.winograd tile 4 {{.*}} extras(%{{.*}} : tensor<64xf32>) {{.*}} pads [1, 1, 1, 1] tiling <
  // STRICT: kern.conv {{.*}} tiling <
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f32):
  // CHECK-NEXT: arith.addf %[[SUM]], %[[B]]
  // REMARK: F(2,3): {{[0-9.]+}} times faster than direct by prediction
  %0 = nn.conv %x, %w, %b strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last}
    : tensor<1x56x56x64xf32>, tensor<64x64x3x3xf32>, tensor<64xf32> -> tensor<1x56x56x64xf32>
  return %0 : tensor<1x56x56x64xf32>
}

// Few channels: the transforms would cost more than they save.
// CHECK-LABEL: func @few
func.func @few(%x: tensor<1x32x32x3xf32>) -> tensor<1x32x32x8xf32> attributes {nn.entry} {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 864> : tensor<8x3x3x3xf32>
  // DEFAULT: kern.conv
  // STRICT: kern.conv
  // REMARK: the direct convolution is predicted to be faster
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last} : tensor<1x32x32x3xf32>, tensor<8x3x3x3xf32> -> tensor<1x32x32x8xf32>
  return %0 : tensor<1x32x32x8xf32>
}

// No transform: strides, dilations, groups, other kernels, other ranks.
// CHECK-LABEL: func @direct
func.func @direct(%x: tensor<1x56x56x64xf32>, %l: tensor<1x56x64xf32>)
    -> (tensor<1x28x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x64xf32>) attributes {nn.entry} {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 147456> : tensor<64x64x3x3xf32>
  %v = nn.weight "v" <"w.bin", offset = 0, length = 2304> : tensor<64x1x3x3xf32>
  %u = nn.weight "u" <"w.bin", offset = 0, length = 73728> : tensor<64x32x3x3xf32>
  %t = nn.weight "t" <"w.bin", offset = 0, length = 49152> : tensor<64x64x3x1xf32>
  %s = nn.weight "s" <"w.bin", offset = 0, length = 49152> : tensor<64x64x3xf32>
  // CHECK-NOT: kern.winograd
  // CHECK: kern.conv {{.*}} strides [2, 1] {{.*}} tiling <
  %0 = nn.conv %x, %w strides [2, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last} : tensor<1x56x56x64xf32>, tensor<64x64x3x3xf32> -> tensor<1x28x56x64xf32>
  // CHECK: kern.conv {{.*}} dilations [1, 2] {{.*}} tiling <
  %1 = nn.conv %x, %w strides [1, 1] dilations [1, 2] pads [1, 2, 1, 2] {channels_last} : tensor<1x56x56x64xf32>, tensor<64x64x3x3xf32> -> tensor<1x56x56x64xf32>
  // CHECK: kern.depthwise {{.*}} tiling <
  %2 = nn.conv %x, %v strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 64 : i64} : tensor<1x56x56x64xf32>, tensor<64x1x3x3xf32> -> tensor<1x56x56x64xf32>
  // CHECK: kern.conv {{.*}} tiling <{{.*}} group = 2
  %3 = nn.conv %x, %u strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {channels_last, group = 2 : i64} : tensor<1x56x56x64xf32>, tensor<64x32x3x3xf32> -> tensor<1x56x56x64xf32>
  // CHECK: kern.conv {{.*}} pads [1, 0, 1, 0] tiling <
  %4 = nn.conv %x, %t strides [1, 1] dilations [1, 1] pads [1, 0, 1, 0] {channels_last} : tensor<1x56x56x64xf32>, tensor<64x64x3x1xf32> -> tensor<1x56x56x64xf32>
  // CHECK: kern.conv {{.*}} strides [1] {{.*}} tiling <
  %5 = nn.conv %l, %s strides [1] dilations [1] pads [1, 1] {channels_last} : tensor<1x56x64xf32>, tensor<64x64x3xf32> -> tensor<1x56x64xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<1x28x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x56x64xf32>, tensor<1x56x64xf32>
}

// A tiling that is there stays.
// CHECK-LABEL: func @given
func.func @given(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // CHECK: kern.gemm {{.*}} tiling <lanes = 2, rows = 3, vectors = 1> {
  %0 = kern.gemm rows %a, %b outs(%c) tiling <lanes = 2, rows = 3, vectors = 1> {extra_maps = []} : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return %0 : tensor<8x8xf32>
}
