// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @product
// CHECK: kern.sparse columns 4 %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} extras(%{{.*}} : tensor<6xf32>) outs(%{{.*}}) tiling <lanes = 8, rows = 4, vectors = 2>
func.func @product(%a: tensor<?x5xf32>, %v: tensor<3x4xf32>, %s: tensor<3xi32>, %p: tensor<3xi32>, %b: tensor<6xf32>, %c: tensor<?x6xf32>) -> tensor<?x6xf32> {
  %0 = kern.sparse columns 4 %a, %v, %s, %p extras(%b : tensor<6xf32>) outs(%c) tiling <lanes = 8, rows = 4, vectors = 2> {extra_maps = [affine_map<(m, n) -> (n)>]} : tensor<?x5xf32>, tensor<3x4xf32>, tensor<3xi32>, tensor<3xi32>, tensor<?x6xf32> -> tensor<?x6xf32> {
  ^bb0(%sum: f32, %bias: f32):
    %1 = arith.addf %sum, %bias : f32
    kern.yield %1 : f32
  }
  return %0 : tensor<?x6xf32>
}

// CHECK-LABEL: func @window
// CHECK: kern.sparse columns 1 {{.*}} window [3, 3, 1, 1, 1, 1, 1, 1, 1, 1]
func.func @window(%a: tensor<1x8x8x2xf32>, %v: tensor<3x1xf32>, %s: tensor<5xi32>, %p: tensor<3xi32>, %c: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  %0 = kern.sparse columns 1 %a, %v, %s, %p outs(%c) window [3, 3, 1, 1, 1, 1, 1, 1, 1, 1] {extra_maps = []} : tensor<1x8x8x2xf32>, tensor<3x1xf32>, tensor<5xi32>, tensor<3xi32>, tensor<1x8x8x4xf32> -> tensor<1x8x8x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return %0 : tensor<1x8x8x4xf32>
}

// CHECK-LABEL: func @bytes
// CHECK: kern.sparse columns 16 {{.*}} {dot = 4 : i64, extra_maps = [], flips}
func.func @bytes(%a: memref<3x8xi8>, %v: memref<2x64xi8>, %s: memref<2xi32>, %p: memref<2xi32>, %c: memref<3x16xi32>) {
  kern.sparse columns 16 %a, %v, %s, %p outs(%c) {dot = 4 : i64, extra_maps = [], flips} : memref<3x8xi8>, memref<2x64xi8>, memref<2xi32>, memref<2xi32>, memref<3x16xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}
