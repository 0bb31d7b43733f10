// RUN: nnc-opt %s -nnc-lower-kernel-abi | FileCheck %s

// Pointers, scalars, dynamic sizes, units, scratch.
// CHECK-LABEL: func private @kernel(
// CHECK-SAME: %arg0: !llvm.ptr {llvm.noalias}, %arg1: !llvm.ptr {llvm.noalias},
// CHECK-SAME: %arg2: i64, %arg3: i64, %arg4: i64,
// CHECK-SAME: %arg5: i64, %arg6: i64, %arg7: !llvm.ptr)
func.func private @kernel(%x: tensor<?x4xf32>, %k: index) -> tensor<?x4xf32> attributes {nn.kernel} {
  // CHECK: builtin.unrealized_conversion_cast {{.*}} to memref<?x4xf32>
  // CHECK: bufferization.to_tensor %{{.*}} restrict : memref<?x4xf32> to tensor<?x4xf32>
  // CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable
  // CHECK: return
  return %x : tensor<?x4xf32>
}

// Not a kernel: left alone.
// CHECK-LABEL: func @other(%{{.*}}: tensor<4xf32>)
func.func @other(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

#same = affine_map<(i, j) -> (i, j)>
#swapped = affine_map<(i, j) -> (j, i)>

// A result in the place of an argument is the argument's memref.
// CHECK-LABEL: func private @in_place(
func.func private @in_place(%s: tensor<4xf32>, %x: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {nn.kernel, nn.in_place = array<i64: 1>} {
  // CHECK: builtin.unrealized_conversion_cast {{.*}} to memref<4xf32>
  // CHECK: %[[M:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<4x4xf32>
  // CHECK: %[[X:.*]] = bufferization.to_tensor %[[M]] restrict
  // CHECK-NOT: bufferization.alloc_tensor
  // CHECK: linalg.generic {{.*}} ins(%[[X]]
  // CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[M]]
  %e = tensor.empty() : tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %1 = arith.addf %a, %a : f32
    linalg.yield %1 : f32
  } -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// Read at another place than written: a copy is read.
// CHECK-LABEL: func private @moved(
func.func private @moved(%x: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {nn.kernel, nn.in_place = array<i64: 0>} {
  // CHECK: %[[M:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<4x4xf32>
  // CHECK: %[[X:.*]] = bufferization.to_tensor %[[M]] restrict
  // CHECK: %[[C:.*]] = bufferization.alloc_tensor() copy(%[[X]])
  // CHECK: linalg.generic {{.*}} ins(%[[C]]
  // CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[M]]
  %e = tensor.empty() : tensor<4x4xf32>
  %0 = linalg.generic {indexing_maps = [#swapped, #same], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// Something else may have been written over the argument before it is read.
// CHECK-LABEL: func private @not_first(
func.func private @not_first(%x: tensor<4x4xf32>, %y: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {nn.kernel, nn.in_place = array<i64: 0>} {
  // CHECK: bufferization.alloc_tensor() copy
  %e = tensor.empty() : tensor<4x4xf32>
  %t = linalg.transpose ins(%y : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) permutation = [1, 0]
  %0 = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x4xf32>) outs(%t : tensor<4x4xf32>) {
  ^bb0(%a: f32, %o: f32):
    %1 = arith.addf %a, %o : f32
    linalg.yield %1 : f32
  } -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// What an epilogue reads.
// CHECK-LABEL: func private @epilogue(
func.func private @epilogue(%x: tensor<8x16xf32>, %w: tensor<16x32xf32>, %r: tensor<8x32xf32>) -> tensor<8x32xf32> attributes {nn.kernel, nn.in_place = array<i64: 2>} {
  // CHECK-NOT: bufferization.alloc_tensor
  // CHECK: return
  %e = tensor.empty() : tensor<8x32xf32>
  %0 = kern.gemm rows %x, %w extras(%r : tensor<8x32xf32>) outs(%e) {extra_maps = [#same], tiling = #hw.tiling<lanes = 8, rows = 4, vectors = 2>} : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32, %a: f32):
    %1 = arith.addf %s, %a : f32
    kern.yield %1 : f32
  }
  return %0 : tensor<8x32xf32>
}

// Partial sums are written where the argument is.
// CHECK-LABEL: func private @partial_sums(
func.func private @partial_sums(%x: tensor<8x16xf32>, %w: tensor<16x32xf32>, %r: tensor<8x32xf32>) -> tensor<8x32xf32> attributes {nn.kernel, nn.in_place = array<i64: 2>} {
  // CHECK: bufferization.alloc_tensor() copy
  %e = tensor.empty() : tensor<8x32xf32>
  %0 = kern.gemm rows %x, %w extras(%r : tensor<8x32xf32>) outs(%e) {extra_maps = [#same], tiling = #hw.tiling<lanes = 8, rows = 4, vectors = 2, k_block = 8>} : tensor<8x16xf32>, tensor<16x32xf32>, tensor<8x32xf32> -> tensor<8x32xf32> {
  ^bb0(%s: f32, %a: f32):
    %1 = arith.addf %s, %a : f32
    kern.yield %1 : f32
  }
  return %0 : tensor<8x32xf32>
}
