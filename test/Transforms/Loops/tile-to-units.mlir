// RUN: nnc-opt %s -pass-pipeline='builtin.module(func.func(nnc-tile-to-units{unit-work=64}))' | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#swap = affine_map<(d0, d1) -> (d1, d0)>

// Rows are the units; what is left of the innermost loop stays whole.
// CHECK-LABEL: func private @rows
// CHECK: scf.forall (%[[U:.*]]) in (16)
// CHECK: memref.subview %{{.*}}[%[[U]], 0] [1, 64] [1, 1]
// CHECK: linalg.generic
func.func private @rows(%x: memref<16x64xf32>, %y: memref<16x64xf32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<16x64xf32>) outs(%y : memref<16x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  }
  return
}

// Blocks of the innermost loop are whole lines of cache; the last is smaller.
// CHECK-LABEL: func private @flat
// CHECK: scf.forall (%{{.*}}) in (4)
// CHECK: arith.minui
func.func private @flat(%x: memref<200xf32>, %y: memref<200xf32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : memref<200xf32>) outs(%y : memref<200xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  }
  return
}

// Little work, a sum over everything, and functions that are not kernels stay.
// CHECK-LABEL: func private @small
// CHECK-NOT: scf.forall
// CHECK-LABEL: func private @total
// CHECK-NOT: scf.forall
// CHECK-LABEL: func private @plain
// CHECK-NOT: scf.forall
func.func private @small(%x: memref<63xf32>, %y: memref<63xf32>) attributes {nn.kernel} {
  linalg.copy ins(%x : memref<63xf32>) outs(%y : memref<63xf32>)
  return
}
func.func private @total(%x: memref<4096xf32>, %y: memref<f32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%x : memref<4096xf32>) outs(%y : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}
func.func private @plain(%x: memref<4096xf32>, %y: memref<4096xf32>) {
  linalg.copy ins(%x : memref<4096xf32>) outs(%y : memref<4096xf32>)
  return
}

// The sum of a row and its division share a loop; of the sums, each unit needs
// its own alone.
// CHECK-LABEL: func private @normalize
// CHECK-NOT: memref.alloc
// CHECK: scf.forall (%[[U:.*]]) in (16)
// CHECK: %[[SUM:.*]] = memref.alloc() : memref<1xf32>
// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK-NOT: scf.forall
// CHECK: return
func.func private @normalize(%x: memref<16x64xf32>, %y: memref<16x64xf32>) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  %sum = memref.alloc() : memref<16xf32>
  linalg.fill ins(%zero : f32) outs(%sum : memref<16xf32>)
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<16x64xf32>) outs(%sum : memref<16xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %sum : memref<16x64xf32>, memref<16xf32>) outs(%y : memref<16x64xf32>) {
  ^bb0(%a: f32, %s: f32, %b: f32):
    %0 = arith.divf %a, %s : f32
    linalg.yield %0 : f32
  }
  return
}

// A transposed read crosses units: two loops, and the temporary stays whole.
// CHECK-LABEL: func private @crossing
// CHECK: memref.alloc() : memref<64x64xf32>
// CHECK: scf.forall
// CHECK: scf.forall
func.func private @crossing(%x: memref<64x64xf32>, %y: memref<64x64xf32>) attributes {nn.kernel} {
  %t = memref.alloc() : memref<64x64xf32>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<64x64xf32>) outs(%t : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%t : memref<64x64xf32>) outs(%y : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}

// A body that reads anywhere may not share the loop that writes there.
// CHECK-LABEL: func private @gathered
// CHECK: scf.forall
// CHECK: scf.forall
func.func private @gathered(%x: memref<1024xf32>, %i: memref<1024xindex>, %y: memref<1024xf32>) attributes {nn.kernel} {
  %t = memref.alloc() : memref<1024xf32>
  linalg.copy ins(%x : memref<1024xf32>) outs(%t : memref<1024xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%i : memref<1024xindex>) outs(%y : memref<1024xf32>) {
  ^bb0(%at: index, %b: f32):
    %0 = memref.load %t[%at] : memref<1024xf32>
    linalg.yield %0 : f32
  }
  return
}

// In place, but each element from another one: no units.
// CHECK-LABEL: func private @shifted
// CHECK-NOT: scf.forall
func.func private @shifted(%x: memref<64x64xf32>) attributes {nn.kernel} {
  linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<64x64xf32>) outs(%x : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}

// Dynamic sizes: as many units as the sizes are worth, none for an empty one.
// CHECK-LABEL: func private @dynamic
// CHECK: memref.dim
// CHECK: arith.minui
// CHECK: scf.forall (%{{.*}}) in (%{{.*}})
func.func private @dynamic(%x: memref<?x64xf32>, %y: memref<?x64xf32>) attributes {nn.kernel} {
  linalg.copy ins(%x : memref<?x64xf32>) outs(%y : memref<?x64xf32>)
  return
}

// The host can't count units of a size that is read from memory.
// CHECK-LABEL: func private @of_data
// CHECK-NOT: scf.forall
func.func private @of_data(%x: memref<4096xf32>, %n: memref<index>, %y: memref<4096xf32>) attributes {nn.kernel} {
  %count = memref.load %n[] : memref<index>
  %from = memref.subview %x[0] [%count] [1] : memref<4096xf32> to memref<?xf32, strided<[1]>>
  %to = memref.subview %y[0] [%count] [1] : memref<4096xf32> to memref<?xf32, strided<[1]>>
  linalg.copy ins(%from : memref<?xf32, strided<[1]>>) outs(%to : memref<?xf32, strided<[1]>>)
  return
}
