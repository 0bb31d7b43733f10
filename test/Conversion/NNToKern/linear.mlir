// RUN: nnc-opt %s -nnc-form-kernels -convert-nn-to-kern | FileCheck %s

// CHECK-LABEL: func @matmul
func.func @matmul(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>) -> tensor<4x16xf32> attributes {nn.entry} {
  // CHECK: nn.kernel {{.*}} (%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}}) :
  // CHECK-NEXT: %[[E:.*]] = tensor.empty() : tensor<4x16xf32>
  // CHECK-NEXT: %[[R:.*]] = kern.gemm rows %[[A]], %[[B]] outs(%[[E]]) {extra_maps = []} : tensor<4x8xf32>, tensor<8x16xf32>, tensor<4x16xf32> -> tensor<4x16xf32> {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
  // CHECK-NEXT: kern.yield %[[SUM]] : f32
  // CHECK: nn.yield %[[R]]
  %0 = nn.matmul %a, %b : tensor<4x8xf32>, tensor<8x16xf32> -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// Sizes of the run; sums of narrow types are wider.
// CHECK-LABEL: func @types
func.func @types(%a: tensor<?x8xf16>, %b: tensor<8x?xf16>, %c: tensor<3x8xbf16>, %d: tensor<8x2xbf16>, %e: tensor<3x8xf64>, %f: tensor<8x2xf64>)
    -> (tensor<?x?xf16>, tensor<3x2xbf16>, tensor<3x2xf64>) attributes {nn.entry} {
  // CHECK: tensor.empty(%{{.*}}, %{{.*}}) : tensor<?x?xf16>
  // CHECK-NEXT: kern.gemm rows {{.*}} -> tensor<?x?xf16> {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32):
  // CHECK-NEXT: %[[R:.*]] = arith.truncf %[[SUM]] : f32 to f16
  // CHECK-NEXT: kern.yield %[[R]] : f16
  %0 = nn.matmul %a, %b : tensor<?x8xf16>, tensor<8x?xf16> -> tensor<?x?xf16>
  // CHECK: kern.gemm {{.*}} -> tensor<3x2xbf16> {
  // CHECK-NEXT: ^bb0(%{{.*}}: f32):
  %1 = nn.matmul %c, %d : tensor<3x8xbf16>, tensor<8x2xbf16> -> tensor<3x2xbf16>
  // CHECK: kern.gemm {{.*}} -> tensor<3x2xf64> {
  // CHECK-NEXT: ^bb0(%{{.*}}: f64):
  %2 = nn.matmul %e, %f : tensor<3x8xf64>, tensor<8x2xf64> -> tensor<3x2xf64>
  return %0, %1, %2 : tensor<?x?xf16>, tensor<3x2xbf16>, tensor<3x2xf64>
}

// CHECK-LABEL: func @batches
func.func @batches(%a: tensor<2x3x4x8xf32>, %b: tensor<2x3x8x16xf32>, %m: tensor<8x16xf32>, %v: tensor<3x8x16xf32>, %n: tensor<4x8xf32>)
    -> (tensor<2x3x4x16xf32>, tensor<2x3x4x16xf32>, tensor<2x3x4x16xf32>, tensor<3x4x16xf32>) attributes {nn.entry} {
  // CHECK: kern.gemm rows {{.*}} {batch = 2 : i64, extra_maps = []} : tensor<2x3x4x8xf32>, tensor<2x3x8x16xf32>
  %0 = nn.matmul %a, %b : tensor<2x3x4x8xf32>, tensor<2x3x8x16xf32> -> tensor<2x3x4x16xf32>
  // One matrix for all batches: these are rows.
  // CHECK: kern.gemm rows {{.*}} {extra_maps = []} : tensor<2x3x4x8xf32>, tensor<8x16xf32>
  %1 = nn.matmul %a, %m : tensor<2x3x4x8xf32>, tensor<8x16xf32> -> tensor<2x3x4x16xf32>
  // Axes that one operand lacks are 1.
  // CHECK: %[[B:.*]] = tensor.expand_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] output_shape [1, 3, 8, 16]
  // CHECK: kern.gemm rows %{{.*}}, %[[B]] {{.*}} {batch = 2 : i64, extra_maps = []} : tensor<2x3x4x8xf32>, tensor<1x3x8x16xf32>
  %2 = nn.matmul %a, %v : tensor<2x3x4x8xf32>, tensor<3x8x16xf32> -> tensor<2x3x4x16xf32>
  // CHECK: %[[A:.*]] = tensor.expand_shape %{{.*}} {{\[\[}}0, 1], [2]] output_shape [1, 4, 8]
  // CHECK: kern.gemm rows %[[A]], %{{.*}} {batch = 1 : i64, extra_maps = []} : tensor<1x4x8xf32>, tensor<3x8x16xf32>
  %3 = nn.matmul %n, %v : tensor<4x8xf32>, tensor<3x8x16xf32> -> tensor<3x4x16xf32>
  return %0, %1, %2, %3 : tensor<2x3x4x16xf32>, tensor<2x3x4x16xf32>, tensor<2x3x4x16xf32>, tensor<3x4x16xf32>
}

// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<?x9x6xf32>, %y: tensor<2x?x7x6xf32>, %z: tensor<1x4x5x6x2xf16>, %b: tensor<8xf32>, %c: tensor<3xf16>)
    -> (tensor<?x9x8xf32>, tensor<2x?x4x8xf32>, tensor<1x3x5x7x3xf16>) attributes {nn.entry} {
  %u = nn.weight "u" <"w.bin", offset = 0, length = 576> : tensor<8x6x3xf32>
  %v = nn.weight "v" <"w.bin", offset = 0, length = 576> : tensor<8x3x3x2xf32>
  %w = nn.weight "w" <"w.bin", offset = 0, length = 96> : tensor<3x2x2x2x2xf16>
  // CHECK: kern.conv %{{.*}}, %{{.*}} outs(%{{.*}}) strides [1] dilations [2] pads [3, 1] {extra_maps = []} : tensor<?x9x6xf32>, tensor<8x6x3xf32>, tensor<?x9x8xf32>
  %0 = nn.conv %x, %u strides [1] dilations [2] pads [3, 1] {channels_last} : tensor<?x9x6xf32>, tensor<8x6x3xf32> -> tensor<?x9x8xf32>
  // A bias is added to the sum.
  // CHECK: kern.conv %{{.*}}, %{{.*}} extras(%{{.*}} : tensor<8xf32>) outs(%{{.*}}) strides [2, 2] dilations [1, 1] pads [1, 0, 1, 1] {extra_maps = [#[[LAST:.*]]], group = 2 : i64}
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f32):
  // CHECK-NEXT: %[[R:.*]] = arith.addf %[[SUM]], %[[B]]
  // CHECK-NEXT: kern.yield %[[R]]
  %1 = nn.conv %y, %v, %b strides [2, 2] dilations [1, 1] pads [1, 0, 1, 1] {channels_last, group = 2 : i64}
    : tensor<2x?x7x6xf32>, tensor<8x3x3x2xf32>, tensor<8xf32> -> tensor<2x?x4x8xf32>
  // In the type of the sums.
  // CHECK: kern.conv {{.*}} strides [1, 1, 1] dilations [1, 1, 1] pads [0, 0, 1, 0, 1, 1]
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[B:.*]]: f16):
  // CHECK-NEXT: %[[E:.*]] = arith.extf %[[B]]
  // CHECK-NEXT: %[[R:.*]] = arith.addf %[[SUM]], %[[E]]
  // CHECK-NEXT: %[[T:.*]] = arith.truncf %[[R]]
  // CHECK-NEXT: kern.yield %[[T]]
  %2 = nn.conv %z, %w, %c strides [1, 1, 1] dilations [1, 1, 1] pads [0, 0, 1, 0, 1, 1] {channels_last}
    : tensor<1x4x5x6x2xf16>, tensor<3x2x2x2x2xf16>, tensor<3xf16> -> tensor<1x3x5x7x3xf16>
  return %0, %1, %2 : tensor<?x9x8xf32>, tensor<2x?x4x8xf32>, tensor<1x3x5x7x3xf16>
}

// Paddings by the size of the input are numbers where that is one.
// CHECK-LABEL: func @auto_pad
func.func @auto_pad(%x: tensor<1x8x4xf32>) -> tensor<1x8x8xf32> attributes {nn.entry} {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 512> : tensor<8x4x4xf32>
  // CHECK: kern.conv {{.*}} pads [1, 2]
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {channels_last, auto_pad = #nn<auto_pad same_upper>} : tensor<1x8x4xf32>, tensor<8x4x4xf32> -> tensor<1x8x8xf32>
  return %0 : tensor<1x8x8xf32>
}

// One feature a channel; two are a convolution in groups, one channel is too.
// CHECK-LABEL: func @depthwise
func.func @depthwise(%x: tensor<1x9x9x6xf32>, %y: tensor<1x9x9x1xf32>, %b: tensor<6xf32>)
    -> (tensor<1x4x7x6xf32>, tensor<1x7x7x12xf32>, tensor<1x7x7x1xf32>) attributes {nn.entry} {
  %u = nn.weight "u" <"w.bin", offset = 0, length = 216> : tensor<6x1x3x3xf32>
  %v = nn.weight "v" <"w.bin", offset = 0, length = 432> : tensor<12x1x3x3xf32>
  %w = nn.weight "w" <"w.bin", offset = 0, length = 36> : tensor<1x1x3x3xf32>
  // CHECK: kern.depthwise %{{.*}}, %{{.*}} extras(%{{.*}} : tensor<6xf32>) outs(%{{.*}}) kernel [3, 3] strides [2, 1] dilations [1, 1] pads [0, 0, 0, 0]
  %0 = nn.conv %x, %u, %b strides [2, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last, group = 6 : i64}
    : tensor<1x9x9x6xf32>, tensor<6x1x3x3xf32>, tensor<6xf32> -> tensor<1x4x7x6xf32>
  // CHECK: kern.conv {{.*}}group = 6
  %1 = nn.conv %x, %v strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last, group = 6 : i64}
    : tensor<1x9x9x6xf32>, tensor<12x1x3x3xf32> -> tensor<1x7x7x12xf32>
  // CHECK: kern.conv {{.*}} {extra_maps = []} : tensor<1x9x9x1xf32>
  %2 = nn.conv %y, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last}
    : tensor<1x9x9x1xf32>, tensor<1x1x3x3xf32> -> tensor<1x7x7x1xf32>
  return %0, %1, %2 : tensor<1x4x7x6xf32>, tensor<1x7x7x12xf32>, tensor<1x7x7x1xf32>
}

// Kernels of one place are products, if they read each place once.
// CHECK-LABEL: func @pointwise
func.func @pointwise(%x: tensor<?x5x6x8xf32>, %b: tensor<4xf32>) -> (tensor<?x5x6x4xf32>, tensor<?x3x3x4xf32>, tensor<?x5x6x4xf32>) attributes {nn.entry} {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 128> : tensor<4x8x1x1xf32>
  %v = nn.weight "v" <"w.bin", offset = 0, length = 64> : tensor<4x4x1x1xf32>
  // CHECK: %[[M:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2, 3]] : tensor<4x8x1x1xf32> into tensor<4x8xf32>
  // CHECK: kern.gemm columns %{{.*}}, %[[M]] extras(%{{.*}} : tensor<4xf32>) {{.*}} : tensor<?x5x6x8xf32>, tensor<4x8xf32>, tensor<?x5x6x4xf32>
  %0 = nn.conv %x, %w, %b strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last}
    : tensor<?x5x6x8xf32>, tensor<4x8x1x1xf32>, tensor<4xf32> -> tensor<?x5x6x4xf32>
  // CHECK: kern.conv {{.*}} strides [2, 2]
  %1 = nn.conv %x, %w strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] {channels_last}
    : tensor<?x5x6x8xf32>, tensor<4x8x1x1xf32> -> tensor<?x3x3x4xf32>
  // CHECK: kern.conv {{.*}}group = 2
  %2 = nn.conv %x, %v strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] {channels_last, group = 2 : i64}
    : tensor<?x5x6x8xf32>, tensor<4x4x1x1xf32> -> tensor<?x5x6x4xf32>
  return %0, %1, %2 : tensor<?x5x6x4xf32>, tensor<?x3x3x4xf32>, tensor<?x5x6x4xf32>
}

// A small constant is made in the kernel.
// CHECK-LABEL: func @constant
func.func @constant(%x: tensor<1x3x1xf32>) -> tensor<1x2x1xf32> attributes {nn.entry} {
  %w = nn.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
  // CHECK: kern.conv
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {channels_last} : tensor<1x3x1xf32>, tensor<1x1x2xf32> -> tensor<1x2x1xf32>
  return %0 : tensor<1x2x1xf32>
}

// What stays: integers, vectors, channels before places, filters of the run,
// paddings of the run.
// CHECK-LABEL: func @others
// CHECK-NOT: kern.
func.func @others(%a: tensor<4x8xi32>, %b: tensor<8x16xi32>, %v: tensor<8xf32>, %m: tensor<8x16xf32>, %x: tensor<1x6x5x4xf32>, %z: tensor<1x?x4xf32>, %f: tensor<8x4x1xf32>)
    -> (tensor<4x16xi32>, tensor<16xf32>, tensor<8xf32>, tensor<1x8x5x4xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>) attributes {nn.entry} {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 192> : tensor<8x6x1x1xf32>
  %u = nn.weight "u" <"w.bin", offset = 0, length = 384> : tensor<8x4x3xf32>
  // CHECK: nn.matmul
  %0 = nn.matmul %a, %b : tensor<4x8xi32>, tensor<8x16xi32> -> tensor<4x16xi32>
  // CHECK: nn.matmul
  %1 = nn.matmul %v, %m : tensor<8xf32>, tensor<8x16xf32> -> tensor<16xf32>
  %k = nn.matmul %m, %1 : tensor<8x16xf32>, tensor<16xf32> -> tensor<8xf32>
  // CHECK: nn.conv
  %2 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] : tensor<1x6x5x4xf32>, tensor<8x6x1x1xf32> -> tensor<1x8x5x4xf32>
  // CHECK: nn.conv
  %3 = nn.conv %z, %f strides [1] dilations [1] pads [0, 0] {channels_last} : tensor<1x?x4xf32>, tensor<8x4x1xf32> -> tensor<1x?x8xf32>
  // CHECK: nn.conv
  %4 = nn.conv %z, %u strides [2] dilations [1] pads [0, 0] {channels_last, auto_pad = #nn<auto_pad same_lower>} : tensor<1x?x4xf32>, tensor<8x4x3xf32> -> tensor<1x?x8xf32>
  return %0, %1, %k, %2, %3, %4 : tensor<4x16xi32>, tensor<16xf32>, tensor<8xf32>, tensor<1x8x5x4xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>
}

// Outside of kernels the graph is what it was.
// CHECK-LABEL: func @helper
// CHECK-NOT: kern.
// CHECK: nn.matmul
func.func @helper(%a: tensor<4x8xf32>, %b: tensor<8x16xf32>) -> tensor<4x16xf32> {
  %0 = nn.matmul %a, %b : tensor<4x8xf32>, tensor<8x16xf32> -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// Channels that are not known of the input are known by the filter.
// CHECK-LABEL: func @channels
func.func @channels(%x: tensor<1x9x?xf32>, %y: tensor<1x9x?xf32>) -> (tensor<1x7x8xf32>, tensor<1x9x8xf32>) attributes {nn.entry} {
  %u = nn.weight "u" <"w.bin", offset = 0, length = 288> : tensor<8x3x3xf32>
  %v = nn.weight "v" <"w.bin", offset = 0, length = 192> : tensor<8x6x1xf32>
  // CHECK: %[[X:.*]] = tensor.cast %{{.*}} : tensor<1x9x?xf32> to tensor<1x9x6xf32>
  // CHECK: kern.conv %[[X]]
  %0 = nn.conv %x, %u strides [1] dilations [1] pads [0, 0] {channels_last, group = 2 : i64} : tensor<1x9x?xf32>, tensor<8x3x3xf32> -> tensor<1x7x8xf32>
  // CHECK: %[[Y:.*]] = tensor.cast %{{.*}} : tensor<1x9x?xf32> to tensor<1x9x6xf32>
  // CHECK: kern.gemm columns %[[Y]]
  %1 = nn.conv %y, %v strides [1] dilations [1] pads [0, 0] {channels_last} : tensor<1x9x?xf32>, tensor<8x6x1xf32> -> tensor<1x9x8xf32>
  return %0, %1 : tensor<1x7x8xf32>, tensor<1x9x8xf32>
}
