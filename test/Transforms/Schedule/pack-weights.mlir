// RUN: nnc-opt %s -nnc-pack-weights | FileCheck %s

// 20 columns in two panels of 16; what nothing reads any more is no input.
// CHECK-LABEL: func @matmul
// CHECK: %[[W:.*]] = nn.weight "w" <"w.bin", offset = 64, length = 640, stored = tensor<8x20xf32>, transforms = [#nn.relayout<shape = [8, 20], pad = [0, 12], split = [8, 2, 16], perm = [1, 0, 2]>]> : tensor<2x8x16xf32>
// CHECK: nn.kernel "a" order 0 (%[[X:.*]] = %{{.*}}, %[[P:.*]] = %[[W]]) : (tensor<4x8xf32>, tensor<2x8x16xf32>) -> tensor<4x20xf32>
// CHECK: kern.gemm panels %[[X]], %[[P]] {{.*}} : tensor<4x8xf32>, tensor<2x8x16xf32>, tensor<4x20xf32>
func.func @matmul(%x: tensor<4x8xf32>) -> tensor<4x20xf32> {
  %w = nn.weight "w" <"w.bin", offset = 64, length = 640> : tensor<8x20xf32>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w) : (tensor<4x8xf32>, tensor<8x20xf32>) -> tensor<4x20xf32> {
    %e = tensor.empty() : tensor<4x20xf32>
    %1 = kern.gemm rows %a, %b outs(%e) tiling <lanes = 8, rows = 2, vectors = 2> {extra_maps = []} : tensor<4x8xf32>, tensor<8x20xf32>, tensor<4x20xf32> -> tensor<4x20xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<4x20xf32>
  }
  return %0 : tensor<4x20xf32>
}

// Batches of a matrix each; a constant in the text; a constant in the kernel.
// CHECK-LABEL: func @constants
// CHECK-DAG: nn.constant {{.*}} : tensor<2x1x3x4xf32>
// CHECK: nn.kernel "a" {{.*}} : (tensor<2x5x3xf32>, tensor<2x1x3x4xf32>)
// CHECK: kern.gemm panels {{.*}}batch = 1
// CHECK: nn.constant {{.*}} : tensor<1x3x4xf32>
// CHECK: kern.gemm panels
func.func @constants(%x: tensor<2x5x3xf32>, %y: tensor<5x3xf32>) -> (tensor<2x5x2xf32>, tensor<5x2xf32>) {
  %w = nn.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]]> : tensor<2x3x2xf32>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w) : (tensor<2x5x3xf32>, tensor<2x3x2xf32>) -> tensor<2x5x2xf32> {
    %e = tensor.empty() : tensor<2x5x2xf32>
    %1 = kern.gemm rows %a, %b outs(%e) tiling <lanes = 4, rows = 2, vectors = 1> {batch = 1 : i64, extra_maps = []} : tensor<2x5x3xf32>, tensor<2x3x2xf32>, tensor<2x5x2xf32> -> tensor<2x5x2xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<2x5x2xf32>
  }
  %2 = nn.kernel "b" order 1 (%a = %y) : (tensor<5x3xf32>) -> tensor<5x2xf32> {
    %v = nn.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
    %e = tensor.empty() : tensor<5x2xf32>
    %1 = kern.gemm rows %a, %v outs(%e) tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []} : tensor<5x3xf32>, tensor<3x2xf32>, tensor<5x2xf32> -> tensor<5x2xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<5x2xf32>
  }
  return %0, %2 : tensor<2x5x2xf32>, tensor<5x2xf32>
}

// A convolution of single places reads its filter through a view.
// CHECK-LABEL: func @pointwise
// CHECK: %[[W:.*]] = nn.weight "w" <"w.bin", offset = 0, length = 96, stored = tensor<6x4x1x1xf32>, transforms = [#nn.relayout<shape = [6, 4], pad = [2, 0], split = [2, 4, 4], perm = [0, 2, 1]>]> : tensor<2x4x4xf32>
// CHECK: nn.kernel "a" order 0 (%[[X:.*]] = %{{.*}}, %[[P:.*]] = %[[W]]) : (tensor<1x3x5x4xf32>, tensor<2x4x4xf32>)
// CHECK-NOT: tensor.collapse_shape
// CHECK: kern.gemm panels %[[X]], %[[P]]
func.func @pointwise(%x: tensor<1x3x5x4xf32>) -> tensor<1x3x5x6xf32> {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 96> : tensor<6x4x1x1xf32>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w) : (tensor<1x3x5x4xf32>, tensor<6x4x1x1xf32>) -> tensor<1x3x5x6xf32> {
    %e = tensor.empty() : tensor<1x3x5x6xf32>
    %m = tensor.collapse_shape %b [[0], [1, 2, 3]] : tensor<6x4x1x1xf32> into tensor<6x4xf32>
    %1 = kern.gemm columns %a, %m outs(%e) tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []} : tensor<1x3x5x4xf32>, tensor<6x4xf32>, tensor<1x3x5x6xf32> -> tensor<1x3x5x6xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<1x3x5x6xf32>
  }
  return %0 : tensor<1x3x5x6xf32>
}

// Windows: groups of 3 features each; one weight a channel; transforms by name.
// CHECK-LABEL: func @windows
// CHECK: transforms = [#nn.relayout<shape = [2, 3, 2, 3, 2], pad = [0, 1, 0, 0, 0], split = [2, 1, 4, 2, 3, 2], perm = [0, 1, 4, 5, 3, 2]>]> : tensor<2x1x3x2x2x4xf32>
// CHECK: kern.conv packed {{.*}} : tensor<1x7x7x4xf32>, tensor<2x1x3x2x2x4xf32>
// CHECK: transforms = [#nn.relayout<shape = [4, 6], {{.*}}perm = [1, 0]>]> : tensor<6x4xf32>
// CHECK: kern.depthwise packed {{.*}} : tensor<1x7x7x4xf32>, tensor<6x4xf32>
// CHECK: transforms = [#nn.winograd<tile = 2>, #nn.relayout<shape = [16, 4, 6], pad = [0, 0, 2], split = [16, 4, 2, 4], perm = [2, 0, 1, 3]>]> : tensor<2x16x4x4xf32>
// CHECK: kern.winograd tile 2 packed {{.*}} : tensor<1x7x7x4xf32>, tensor<2x16x4x4xf32>
// CHECK: transforms = [#nn.winograd<tile = 4>, #nn.relayout<shape = [36, 4, 6], pad = [0, 0, 2], split = [36, 4, 2, 4], perm = [2, 0, 1, 3]>]> : tensor<2x36x4x4xf32>
// CHECK: kern.winograd tile 4 packed {{.*}} : tensor<1x7x7x4xf32>, tensor<2x36x4x4xf32>
func.func @windows(%x: tensor<1x7x7x4xf32>) -> (tensor<1x5x6x6xf32>, tensor<1x5x6x4xf32>, tensor<1x5x5x6xf32>, tensor<1x5x5x6xf32>) {
  %u = nn.weight "u" <"w.bin", offset = 0, length = 288> : tensor<6x2x3x2xf32>
  %v = nn.weight "v" <"w.bin", offset = 0, length = 96> : tensor<4x1x3x2xf32>
  %w = nn.weight "w" <"w.bin", offset = 0, length = 864> : tensor<6x4x3x3xf32>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %u) : (tensor<1x7x7x4xf32>, tensor<6x2x3x2xf32>) -> tensor<1x5x6x6xf32> {
    %e = tensor.empty() : tensor<1x5x6x6xf32>
    %1 = kern.conv %a, %b outs(%e) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = [], group = 2 : i64} : tensor<1x7x7x4xf32>, tensor<6x2x3x2xf32>, tensor<1x5x6x6xf32> -> tensor<1x5x6x6xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<1x5x6x6xf32>
  }
  %2 = nn.kernel "b" order 1 (%a = %x, %b = %v) : (tensor<1x7x7x4xf32>, tensor<4x1x3x2xf32>) -> tensor<1x5x6x4xf32> {
    %e = tensor.empty() : tensor<1x5x6x4xf32>
    %1 = kern.depthwise %a, %b outs(%e) kernel [3, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []} : tensor<1x7x7x4xf32>, tensor<4x1x3x2xf32>, tensor<1x5x6x4xf32> -> tensor<1x5x6x4xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<1x5x6x4xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %x, %b = %w) : (tensor<1x7x7x4xf32>, tensor<6x4x3x3xf32>) -> tensor<1x5x5x6xf32> {
    %e = tensor.empty() : tensor<1x5x5x6xf32>
    %1 = kern.winograd tile 2 %a, %b outs(%e) pads [0, 0, 0, 0] tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []} : tensor<1x7x7x4xf32>, tensor<6x4x3x3xf32>, tensor<1x5x5x6xf32> -> tensor<1x5x5x6xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<1x5x5x6xf32>
  }
  %4 = nn.kernel "d" order 3 (%a = %x, %b = %w) : (tensor<1x7x7x4xf32>, tensor<6x4x3x3xf32>) -> tensor<1x5x5x6xf32> {
    %e = tensor.empty() : tensor<1x5x5x6xf32>
    %1 = kern.winograd tile 4 %a, %b outs(%e) pads [0, 0, 0, 0] tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []} : tensor<1x7x7x4xf32>, tensor<6x4x3x3xf32>, tensor<1x5x5x6xf32> -> tensor<1x5x5x6xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<1x5x5x6xf32>
  }
  return %0, %2, %3, %4 : tensor<1x5x6x6xf32>, tensor<1x5x6x4xf32>, tensor<1x5x5x6xf32>, tensor<1x5x5x6xf32>
}

// A tensor of the run stays, and what has no tiling.
// CHECK-LABEL: func @others
// CHECK-NOT: panels
func.func @others(%x: tensor<4x8xf32>, %y: tensor<8x20xf32>) -> (tensor<4x20xf32>, tensor<4x20xf32>) {
  %w = nn.weight "w" <"w.bin", offset = 0, length = 640> : tensor<8x20xf32>
  // CHECK: kern.gemm rows
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %y) : (tensor<4x8xf32>, tensor<8x20xf32>) -> tensor<4x20xf32> {
    %e = tensor.empty() : tensor<4x20xf32>
    %1 = kern.gemm rows %a, %b outs(%e) tiling <lanes = 8, rows = 2, vectors = 2> {extra_maps = []} : tensor<4x8xf32>, tensor<8x20xf32>, tensor<4x20xf32> -> tensor<4x20xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<4x20xf32>
  }
  // CHECK: kern.gemm rows
  %2 = nn.kernel "b" order 1 (%a = %x, %b = %w) : (tensor<4x8xf32>, tensor<8x20xf32>) -> tensor<4x20xf32> {
    %e = tensor.empty() : tensor<4x20xf32>
    %1 = kern.gemm rows %a, %b outs(%e) {extra_maps = []} : tensor<4x8xf32>, tensor<8x20xf32>, tensor<4x20xf32> -> tensor<4x20xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<4x20xf32>
  }
  return %0, %2 : tensor<4x20xf32>, tensor<4x20xf32>
}

// There is nothing to pack in a weight of no columns.
// CHECK-LABEL: func @empty
// CHECK-NOT: relayout
// CHECK: kern.gemm rows
func.func @empty(%x: tensor<4x2xf32>) -> tensor<4x0xf32> {
  %w = nn.constant dense<> : tensor<2x0xf32>
  %0 = nn.kernel "a" order 0 (%a = %x, %b = %w) : (tensor<4x2xf32>, tensor<2x0xf32>) -> tensor<4x0xf32> {
    %e = tensor.empty() : tensor<4x0xf32>
    %1 = kern.gemm rows %a, %b outs(%e) tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []} : tensor<4x2xf32>, tensor<2x0xf32>, tensor<4x0xf32> -> tensor<4x0xf32> {
    ^bb0(%sum: f32):
      kern.yield %sum : f32
    }
    nn.yield %1 : tensor<4x0xf32>
  }
  return %0 : tensor<4x0xf32>
}
