// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -verify-diagnostics

func.func @types(%a: memref<2x8xf16>, %v: memref<3x4xf16>, %s: memref<2xi32>, %p: memref<3xi32>, %c: memref<2x4xf32>) {
  // expected-error @+1 {{expects elements of the type of sums, or bytes with 'dot', but got 'f16' and 'f16'}}
  kern.sparse columns 4 %a, %v, %s, %p outs(%c) tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []} : memref<2x8xf16>, memref<3x4xf16>, memref<2xi32>, memref<3xi32>, memref<2x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

func.func @steps(%a: memref<2x6xi8>, %v: memref<3x64xi8>, %s: memref<2xi32>, %p: memref<3xi32>, %c: memref<2x16xi32>) {
  // expected-error @+1 {{expects channels in whole steps of 4, but got 6}}
  kern.sparse columns 16 %a, %v, %s, %p outs(%c) tiling <lanes = 16, rows = 4, vectors = 1> {dot = 4 : i64, extra_maps = []} : memref<2x6xi8>, memref<3x64xi8>, memref<2xi32>, memref<3xi32>, memref<2x16xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

func.func @width(%a: memref<2x8xf32>, %v: memref<3x3xf32>, %s: memref<2xi32>, %p: memref<3xi32>, %c: memref<2x3xf32>) {
  // expected-error @+1 {{expects blocks as wide as the 16 lanes of its tiling, or narrower ones of floats that divide them, but got 3 columns}}
  kern.sparse columns 3 %a, %v, %s, %p outs(%c) tiling <lanes = 16, rows = 3, vectors = 1> {extra_maps = []} : memref<2x8xf32>, memref<3x3xf32>, memref<2xi32>, memref<3xi32>, memref<2x3xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}
