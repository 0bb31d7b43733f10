// RUN: nnc-opt %s --split-input-file --nnc-share-units | FileCheck %s

#row = affine_map<(d0, d1) -> (d0, d1)>
#sum = affine_map<(d0, d1) -> (d0)>
module attributes {nn.device} {
// A row for a warp: the sum by threads, then in the warp; what follows waits.
// CHECK-LABEL: func.func @rows
// CHECK: scf.forall
// CHECK: %[[ID:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[T:.*]] = arith.index_castui %[[ID]]
// CHECK: %[[S:.*]] = scf.for %{{.*}} = %[[T]] to %{{.*}} step %c32{{.*}} iter_args
// CHECK: %[[O:.*]] = nvvm.shfl.sync bfly %{{.*}}, %[[S]], %c16
// CHECK: arith.addf %[[S]], %[[O]]
// CHECK-COUNT-4: nvvm.shfl.sync bfly
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[T]]
// CHECK: scf.if %[[FIRST]]
// CHECK: nvvm.bar.warp.sync
// CHECK: scf.for %{{.*}} = %[[T]] to %{{.*}} step %c32
// CHECK: linalg.generic
// CHECK: nvvm.bar.warp.sync
// CHECK: {nn.block_threads = 32 : i64}
func.func @rows(%x: memref<8x100xf32>, %s: memref<8xf32>, %y: memref<8x100xf32>) attributes {nn.kernel} {
  scf.forall (%i) in (8) {
    %xr = memref.subview %x[%i, 0] [1, 100] [1, 1] : memref<8x100xf32> to memref<1x100xf32, strided<[100, 1], offset: ?>>
    %sr = memref.subview %s[%i] [1] [1] : memref<8xf32> to memref<1xf32, strided<[1], offset: ?>>
    %yr = memref.subview %y[%i, 0] [1, 100] [1, 1] : memref<8x100xf32> to memref<1x100xf32, strided<[100, 1], offset: ?>>
    linalg.generic {indexing_maps = [#row, #sum], iterator_types = ["parallel", "reduction"]}
        ins(%xr : memref<1x100xf32, strided<[100, 1], offset: ?>>) outs(%sr : memref<1xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32):
      %0 = arith.addf %a, %b : f32
      linalg.yield %0 : f32
    }
    linalg.generic {indexing_maps = [#row, #sum, #row], iterator_types = ["parallel", "parallel"]}
        ins(%xr, %sr : memref<1x100xf32, strided<[100, 1], offset: ?>>, memref<1xf32, strided<[1], offset: ?>>)
        outs(%yr : memref<1x100xf32, strided<[100, 1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %0 = arith.divf %a, %b : f32
      linalg.yield %0 : f32
    }
  }
  return
}
}

// -----

// What was not worth cutting is one unit of a block; its warps meet in memory.
#row = affine_map<(d0) -> (d0)>
#sum = affine_map<(d0) -> ()>
module attributes {nn.device} {
// CHECK-LABEL: func.func @all
// CHECK: scf.forall (%{{.*}}) in (1)
// CHECK: step %c256
// CHECK-COUNT-5: nvvm.shfl.sync bfly
// CHECK: memref.alloc() : memref<8xf32>
// CHECK: memref.store
// CHECK: nvvm.barrier0
// CHECK-COUNT-7: arith.maximumf
// CHECK: nvvm.barrier0
// CHECK: {nn.block_threads = 256 : i64}
func.func @all(%x: memref<5000xf32>, %s: memref<f32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [#row, #sum], iterator_types = ["reduction"]}
      ins(%x : memref<5000xf32>) outs(%s : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.maximumf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// Elements of a column lie apart.
// CHECK-LABEL: func.func @columns
// CHECK-NOT: nvvm
func.func @columns(%x: memref<100x8xf32>, %s: memref<8xf32>) attributes {nn.kernel} {
  scf.forall (%i) in (8) {
    %xc = memref.subview %x[0, %i] [100, 1] [1, 1] : memref<100x8xf32> to memref<100x1xf32, strided<[8, 1], offset: ?>>
    %sc = memref.subview %s[%i] [1] [1] : memref<8xf32> to memref<1xf32, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
        ins(%xc : memref<100x1xf32, strided<[8, 1], offset: ?>>) outs(%sc : memref<1xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %b: f32):
      %0 = arith.addf %a, %b : f32
      linalg.yield %0 : f32
    }
  }
  return
}

// A reduction of another form stays with one thread.
// CHECK-LABEL: func.func @last
// CHECK-NOT: nvvm
func.func @last(%x: memref<5000xf32>, %s: memref<f32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [#row, #sum], iterator_types = ["reduction"]}
      ins(%x : memref<5000xf32>) outs(%s : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.divf %b, %a : f32
    linalg.yield %0 : f32
  }
  return
}
}

// -----

// For a CPU nothing changes.
// CHECK-LABEL: func.func @cpu
// CHECK-NOT: scf.forall
func.func @cpu(%x: memref<5000xf32>, %s: memref<f32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<5000xf32>) outs(%s : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// What a block does not share becomes a unit too, so that it does not stand
// between the phases.
module attributes {nn.device} {
// CHECK-LABEL: func.func @rest
// CHECK: scf.forall (%{{.*}}) in (1) {
// CHECK-NEXT: linalg.fill
// CHECK: scf.forall (%{{.*}}) in (1) {
// CHECK: nvvm.shfl.sync
// CHECK: nn.block_threads = 32
// CHECK: scf.forall (%{{.*}}) in (1) {
// CHECK-NEXT: linalg.generic
// CHECK: return
func.func @rest(%x: memref<64xf32>, %s: memref<f32>) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%s : memref<f32>)
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<64xf32>) outs(%s : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []} outs(%s : memref<f32>) {
  ^bb0(%out: f32):
    %0 = arith.mulf %out, %out : f32
    linalg.yield %0 : f32
  }
  return
}
}
