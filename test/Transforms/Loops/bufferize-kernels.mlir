// RUN: nnc-opt %s -convert-nn-to-linalg -nnc-lower-kernel-abi -nnc-bufferize-kernels | FileCheck %s

// The result is computed where it ends up.
// CHECK-LABEL: func private @relu
func.func private @relu(%x: tensor<4xf32>) -> tensor<4xf32> attributes {nn.kernel} {
  // CHECK-NOT: memref.alloc
  // CHECK: linalg.generic {{.*}} ins(%{{.*}} : memref<4xf32>) outs(%{{.*}} : memref<4xf32>)
  // CHECK-NOT: memref.copy
  %0 = nn.relu %x : tensor<4xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// A copy is a loop, not a call of a library.
// CHECK-LABEL: func private @copy
func.func private @copy(%x: tensor<4xf32>) -> tensor<4xf32> attributes {nn.kernel} {
  // CHECK: linalg.generic
  // CHECK-NOT: memref.copy
  return %x : tensor<4xf32>
}

// CHECK-LABEL: func @host
func.func @host(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: return %{{.*}} : tensor<4xf32>
  return %x : tensor<4xf32>
}
