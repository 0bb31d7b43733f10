// RUN: nnc-opt %s -nnc-vectorize-linalg=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -nnc-vectorize-linalg=target=x86-64-v3 | FileCheck %s --check-prefix=V3
// RUN: not nnc-opt %s -nnc-vectorize-linalg=target=z80 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: target 'z80' is not known; known are

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>
#turned = affine_map<(i, j) -> (j, i)>

// Contiguous loops are one, cut into work units; nothing remains of 8192.
// CHECK-LABEL: func @elementwise
// V3-LABEL: func @elementwise
func.func @elementwise(%x: memref<64x128xf32>, %y: memref<64x128xf32>) attributes {nn.kernel} {
  // CHECK: scf.forall (%{{.*}}) in (2)
  // CHECK: scf.for {{.*}} step %c16
  // CHECK: vector.load {{.*}} vector<16xf32>
  // CHECK: arith.negf {{.*}} : vector<16xf32>
  // CHECK: vector.store
  // CHECK-NOT: vector.create_mask
  // CHECK: return
  // V3: arith.negf {{.*}} : vector<8xf32>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<64x128xf32>) outs(%y : memref<64x128xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.negf %a : f32
    linalg.yield %n : f32
  }
  return
}

// What remains is done under a mask; the dynamic dimension is a number of units.
// CHECK-LABEL: func @rest
func.func @rest(%x: memref<?x?xf32>, %b: memref<?xf32>, %y: memref<?x?xf32>) attributes {nn.kernel} {
  // CHECK: scf.forall
  // CHECK: arith.addf {{.*}} : vector<16xf32>
  // CHECK: vector.create_mask
  // CHECK: vector.maskedload
  // CHECK: vector.maskedstore
  linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %b : memref<?x?xf32>, memref<?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  }
  return
}

// Sum and quotient of a row stay together; the fill is the sum's start.
// CHECK-LABEL: func @rows
func.func @rows(%x: memref<32x128xf32>, %s: memref<32xf32>, %y: memref<32x128xf32>) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  // CHECK-NOT: linalg
  // CHECK: scf.forall (%{{.*}}) in (32)
  // CHECK: arith.addf {{.*}} : vector<16xf32>
  // CHECK: vector.shuffle
  // CHECK: arith.addf {{.*}} : vector<8xf32>
  // CHECK: memref.store
  // CHECK: arith.divf {{.*}} : vector<16xf32>
  // CHECK-NOT: scf.forall
  // CHECK: return
  linalg.fill ins(%zero : f32) outs(%s : memref<32xf32>)
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<32x128xf32>) outs(%s : memref<32xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.addf %o, %a : f32
    linalg.yield %n : f32
  }
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %s : memref<32x128xf32>, memref<32xf32>) outs(%y : memref<32x128xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %n = arith.divf %a, %b : f32
    linalg.yield %n : f32
  }
  return
}

// Along an outer axis the vectors are parts of the result.
// CHECK-LABEL: func @columns
func.func @columns(%x: memref<128x128xf32>, %s: memref<128xf32>) attributes {nn.kernel} {
  // CHECK: scf.forall (%{{.*}}) in (2)
  // CHECK: scf.for {{.*}} iter_args(
  // CHECK: arith.maximumf {{.*}} : vector<16xf32>
  // CHECK-NOT: vector.shuffle
  // CHECK: return
  linalg.generic {indexing_maps = [#id, #column], iterator_types = ["reduction", "parallel"]} ins(%x : memref<128x128xf32>) outs(%s : memref<128xf32>) {
  ^bb0(%a: f32, %o: f32):
    %n = arith.maximumf %o, %a : f32
    linalg.yield %n : f32
  }
  return
}

// Integer division traps in lanes that are not there: one by one.
// CHECK-LABEL: func @traps
func.func @traps(%x: memref<37xi32>, %y: memref<37xi32>) attributes {nn.kernel} {
  // CHECK: arith.divsi {{.*}} : vector<16xi32>
  // CHECK-NOT: vector.create_mask
  // CHECK: arith.divsi {{.*}} : i32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : memref<37xi32>) outs(%y : memref<37xi32>) {
  ^bb0(%a: i32, %o: i32):
    %n = arith.divsi %a, %a : i32
    linalg.yield %n : i32
  }
  return
}

// A row that a number chooses is contiguous.
// CHECK-LABEL: func @gather
func.func @gather(%table: memref<100x64xf32>, %at: memref<16xindex>, %y: memref<16x64xf32>) attributes {nn.kernel} {
  %c3 = arith.constant 3 : index
  // CHECK: scf.forall (%{{.*}}) in (16)
  // CHECK: vector.load %arg0{{.*}} : memref<100x64xf32>, vector<16xf32>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]} outs(%y : memref<16x64xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %r = memref.load %at[%i] : memref<16xindex>
    %v = memref.load %table[%r, %j] : memref<100x64xf32>
    linalg.yield %v : f32
  }
  return
}

// What is added at several places goes through memory in each step, from the
// zeros that are there before the first.
// CHECK-LABEL: func @scatter
func.func @scatter(%x: memref<33x16xf32>, %w: memref<2x16x16xf32>, %y: memref<34x16xf32>) attributes {nn.kernel} {
  // CHECK: vector.store %{{.*}}, %[[Y:[a-z0-9_]+]][
  // CHECK: scf.for %{{.*}} to %c33
  // CHECK: scf.for %{{.*}} to %c2
  // CHECK: %[[OLD:[0-9]+]] = vector.load %[[Y]][%[[AT:[0-9]+]]]
  // CHECK: %[[SUM:[0-9]+]] = scf.for {{.*}} iter_args(%{{.*}} = %[[OLD]])
  // CHECK: vector.store %[[SUM]], %[[Y]][%[[AT]]]
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<34x16xf32>)
  linalg.generic {
    indexing_maps = [affine_map<(i, k, c, f) -> (i, c)>, affine_map<(i, k, c, f) -> (k, c, f)>, affine_map<(i, k, c, f) -> (i + k, f)>],
    iterator_types = ["reduction", "reduction", "reduction", "parallel"]
  } ins(%x, %w : memref<33x16xf32>, memref<2x16x16xf32>) outs(%y : memref<34x16xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  }
  return
}

// Squares are turned around in registers; of 20 columns 4 remain, whose vectors
// are known to be the first ones of a square.
// CHECK-LABEL: func @turn
func.func @turn(%x: memref<20x64xf32>, %s: memref<20xf32>, %y: memref<64x20xf32>) attributes {nn.kernel} {
  // CHECK: scf.for
  // CHECK-COUNT-16: vector.load {{.*}} vector<16xf32>
  // CHECK-COUNT-64: vector.shuffle {{.*}} : vector<16xf32>, vector<16xf32>
  // CHECK: vector.load {{.*}} vector<16xf32>
  // CHECK: arith.addf {{.*}} : vector<16xf32>
  // CHECK: vector.store
  // CHECK: scf.for
  // CHECK-COUNT-4: vector.load {{.*}} vector<16xf32>
  // CHECK-NOT: vector.load
  // CHECK: vector.maskedload
  // CHECK: vector.maskedstore
  // CHECK: return
  linalg.generic {indexing_maps = [#turned, #column, #id], iterator_types = ["parallel", "parallel"]} ins(%x, %s : memref<20x64xf32>, memref<20xf32>) outs(%y : memref<64x20xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %n = arith.addf %a, %b : f32
    linalg.yield %n : f32
  }
  return
}

// Bytes have no masks: what does not fill a square goes one by one. Rows that
// may not exist are asked for.
// CHECK-LABEL: func @turn_rest
func.func @turn_rest(%x: memref<?x40xi8>, %y: memref<40x?xi8>, %z: memref<?x?xf32>, %w: memref<?x?xf32>) attributes {nn.kernel} {
  // CHECK: vector.shuffle {{.*}} : vector<16xi8>, vector<16xi8>
  // CHECK: memref.load {{.*}} : memref<?xi8
  // CHECK: memref.store {{.*}} : memref<?xi8
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<?x40xi8>) outs(%y : memref<40x?xi8>) {
  ^bb0(%a: i8, %o: i8):
    linalg.yield %a : i8
  }
  // CHECK: scf.if
  // CHECK: vector.maskedstore
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]} ins(%z : memref<?x?xf32>) outs(%w : memref<?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  return
}

// No loop is contiguous for the input.
// CHECK-LABEL: func @apart
func.func @apart(%x: memref<20x64x2xf32>, %y: memref<64x20xf32>) attributes {nn.kernel} {
  // CHECK: linalg.generic
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i, 0)>, #id], iterator_types = ["parallel", "parallel"]} ins(%x : memref<20x64x2xf32>) outs(%y : memref<64x20xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  return
}

// Booleans are bytes in memory but bits in vectors; reversed rows have no
// vector: both are left to others.
// CHECK-LABEL: func @left
func.func @left(%x: memref<64xi1>, %y: memref<64xi1>, %z: memref<64xf32>, %w: memref<64xf32>) attributes {nn.kernel} {
  %c63 = arith.constant 63 : index
  // CHECK: linalg.generic
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%x : memref<64xi1>) outs(%y : memref<64xi1>) {
  ^bb0(%a: i1, %o: i1):
    linalg.yield %a : i1
  }
  // CHECK: linalg.generic
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%w : memref<64xf32>) {
  ^bb0(%o: f32):
    %i = linalg.index 0 : index
    %j = arith.subi %c63, %i : index
    %v = memref.load %z[%j] : memref<64xf32>
    linalg.yield %v : f32
  }
  return
}
