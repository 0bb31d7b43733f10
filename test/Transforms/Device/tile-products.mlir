// RUN: nnc-opt %s --split-input-file --nnc-tile-products | FileCheck %s

// A product with what is computed on its sums; the temporary has no use left.
module attributes {nn.device} {
// CHECK-DAG: memref.global "private" @{{.*}} : memref<16x65xf32, 3> = uninitialized
// CHECK-LABEL: func.func @product
// CHECK-NOT: linalg
// CHECK: scf.forall (%{{.*}}) in (4)
// CHECK: nvvm.read.ptx.sreg.tid.x
// CHECK: scf.for %{{.*}} step %c16
// The last products of a sum are not whole.
// CHECK: scf.if
// CHECK: memref.load %arg0
// CHECK: memref.store {{.*}} : memref<16x65xf32, 3>
// CHECK: nvvm.barrier0
// CHECK-COUNT-16: arith.mulf
// CHECK: nvvm.barrier0
// CHECK: memref.load %arg2
// CHECK: arith.addf
// CHECK: memref.store {{.*}}%arg3
// CHECK: {nn.block_threads = 256 : i64}
func.func @product(%a: memref<128x40xf32>, %b: memref<40x128xf32>, %bias: memref<128xf32>, %y: memref<128x128xf32>) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  %t = memref.alloc() : memref<128x128xf32>
  linalg.fill ins(%zero : f32) outs(%t : memref<128x128xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : memref<128x40xf32>, memref<40x128xf32>) outs(%t : memref<128x128xf32>) {
  ^bb0(%x: f32, %w: f32, %s: f32):
    %0 = arith.mulf %x, %w : f32
    %1 = arith.addf %s, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%t, %bias : memref<128x128xf32>, memref<128xf32>) outs(%y : memref<128x128xf32>) {
  ^bb0(%x: f32, %w: f32, %s: f32):
    %0 = arith.addf %x, %w : f32
    linalg.yield %0 : f32
  }
  return
}
}

// -----

// Few rows are left to others, and so are products that are none.
module attributes {nn.device} {
// CHECK-LABEL: func.func @few
// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK-NOT: scf.forall
func.func @few(%a: memref<8x40xf32>, %b: memref<40x128xf32>, %y: memref<8x128xf32>) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x128xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : memref<8x40xf32>, memref<40x128xf32>) outs(%y : memref<8x128xf32>) {
  ^bb0(%x: f32, %w: f32, %s: f32):
    %0 = arith.mulf %x, %w : f32
    %1 = arith.addf %s, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// CHECK-LABEL: func.func @distance
// CHECK: linalg.generic
// CHECK-NOT: scf.forall
func.func @distance(%a: memref<64x40xf32>, %b: memref<40x128xf32>, %y: memref<64x128xf32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : memref<64x40xf32>, memref<40x128xf32>) outs(%y : memref<64x128xf32>) {
  ^bb0(%x: f32, %w: f32, %s: f32):
    %0 = arith.subf %x, %w : f32
    %1 = arith.addf %s, %0 : f32
    linalg.yield %1 : f32
  }
  return
}
}

// -----

// Many tiles are large ones; a factor that is read later keeps its own store.
module attributes {nn.device} {
// CHECK-DAG: memref.global "private" @{{.*}} : memref<8x129xf32, 3> = uninitialized
// CHECK-LABEL: func.func @large
// CHECK: scf.forall (%{{.*}}) in (256)
// CHECK-COUNT-64: arith.mulf
// CHECK: memref.store {{.*}}%arg2
// CHECK: linalg.generic
func.func @large(%a: memref<2048x64xf32>, %b: memref<64x2048xf32>, %t: memref<2048x2048xf32>, %y: memref<2048x2048xf32>) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%t : memref<2048x2048xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : memref<2048x64xf32>, memref<64x2048xf32>) outs(%t : memref<2048x2048xf32>) {
  ^bb0(%x: f32, %w: f32, %s: f32):
    %0 = arith.mulf %x, %w : f32
    %1 = arith.addf %s, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%t : memref<2048x2048xf32>) outs(%y : memref<2048x2048xf32>) {
  ^bb0(%x: f32, %s: f32):
    %0 = arith.negf %x : f32
    linalg.yield %0 : f32
  }
  return
}
}
