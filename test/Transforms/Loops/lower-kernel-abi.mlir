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
