// RUN: nnc-opt %s --split-input-file --nnc-tile-products=precision=tf32 | FileCheck %s
// RUN: nnc-opt %s --split-input-file --nnc-tile-products | FileCheck %s --check-prefix=EXACT

// Copies of four elements go on by themselves while earlier tiles are computed;
// the bias that the result begins with and the function behind are computed on
// the sums.
module attributes {nn.device} {
// CHECK: memref.global "private" @{{.*}} : memref<65536xi8, 3> = uninitialized
// CHECK-LABEL: func.func @rounded
// CHECK-NOT: linalg
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: nvgpu.device_async_copy %{{.*}}, 4 {bypassL1} : memref<128x64xf32> to memref<256x32xf32, 3>
// CHECK: nvgpu.device_async_copy %{{.*}}, 4, %{{.*}} {bypassL1} : memref<64x40xf32> to memref<128x64xf32, 3>
// CHECK: nvvm.cp.async.commit.group
// CHECK: scf.for
// CHECK: nvvm.cp.async.wait.group 2
// CHECK: nvvm.barrier0
// CHECK: nvvm.convert.float.to.tf32
// CHECK: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
// CHECK: scf.yield
// CHECK: memref.load %arg2
// CHECK: arith.maximumf
// CHECK: {nn.block_threads = 128 : i64}
// EXACT-LABEL: func.func @rounded
// EXACT-NOT: nvvm.mma.sync
// EXACT: arith.mulf
func.func @rounded(%a: memref<128x64xf32>, %b: memref<64x40xf32>, %bias: memref<40xf32>, %y: memref<128x40xf32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%bias : memref<40xf32>) outs(%y : memref<128x40xf32>) {
  ^bb0(%x: f32, %s: f32):
    linalg.yield %x : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : memref<128x64xf32>, memref<64x40xf32>) outs(%y : memref<128x40xf32>) {
  ^bb0(%x: f32, %w: f32, %s: f32):
    %0 = arith.mulf %x, %w : f32
    %1 = arith.addf %s, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} outs(%y : memref<128x40xf32>) {
  ^bb0(%s: f32):
    %zero = arith.constant 0.0 : f32
    %0 = arith.maximumf %s, %zero : f32
    linalg.yield %0 : f32
  }
  return
}
}

// -----

// Bytes are exact in every precision; unsigned ones are told by their extension.
module attributes {nn.device} {
// CHECK-LABEL: func.func @bytes
// CHECK: nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<u8>, multiplicandBPtxType = #nvvm.mma_type<s8>, shape = #nvvm.shape<m = 16, n = 8, k = 32>
// EXACT-LABEL: func.func @bytes
// EXACT: nvvm.mma.sync
func.func @bytes(%a: memref<64x64xi8>, %b: memref<64x64xi8>, %y: memref<64x64xi32>) attributes {nn.kernel} {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : memref<64x64xi32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>],
      iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %b : memref<64x64xi8>, memref<64x64xi8>) outs(%y : memref<64x64xi32>) {
  ^bb0(%x: i8, %w: i8, %s: i32):
    %0 = arith.extui %x : i8 to i32
    %1 = arith.extsi %w : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %s, %2 : i32
    linalg.yield %3 : i32
  }
  return
}
}
