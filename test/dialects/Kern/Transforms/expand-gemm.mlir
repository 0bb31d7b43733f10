// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64 -canonicalize -cse | FileCheck %s --check-prefix=PLAIN
// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v3 -canonicalize -cse -o %t.v3
// RUN: nnc-opt %s -split-input-file -kern-expand=target=aarch64 -canonicalize -cse | diff %t.v3 -

// Multiply and add are one instruction, or two.
// PLAIN-NOT: vector.fma
// PLAIN: %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %{{.*}} : vector<16xf32>
// PLAIN: arith.addf %[[PRODUCT]], %{{.*}} : vector<16xf32>
// PLAIN-NOT: vector.fma

// Whole tiles: a unit a panel, no mask, no strip of what remains.
// CHECK-LABEL: func @whole
// CHECK-SAME: (%[[A:.*]]: memref<8x3xf32>, %[[B:.*]]: memref<2x3x32xf32>, %[[BIAS:.*]]: memref<64xf32>, %[[C:.*]]: memref<8x64xf32>)
func.func @whole(%a: memref<8x3xf32>, %b: memref<2x3x32xf32>, %bias: memref<64xf32>, %c: memref<8x64xf32>) {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG: %[[C8:.*]] = arith.constant 8 : index
  // CHECK-DAG: %[[C16:.*]] = arith.constant 16 : index
  // CHECK-DAG: %[[C32:.*]] = arith.constant 32 : index
  // CHECK: scf.forall (%[[UNIT:.*]]) in (2)
  // CHECK: scf.for %[[PANEL:.*]] = %[[UNIT]] to %
  // CHECK-NEXT: scf.for %[[ROW:.*]] = %[[C0]] to %[[C8]] step %[[C2]]
  // CHECK-NEXT: %[[COLUMN:.*]] = arith.muli %[[PANEL]], %[[C32]]
  // CHECK-NEXT: %[[COLUMN1:.*]] = arith.addi %[[COLUMN]], %[[C16]]
  // CHECK-NEXT: %[[ROW1:.*]] = arith.addi %[[ROW]], %[[C1]]
  // CHECK-NEXT: %[[SUMS:.*]]:4 = scf.for %[[K:.*]] = %[[C0]] to %[[C3]] step %[[C1]] iter_args(%[[S0:.*]] = %[[ZERO]], %[[S1:.*]] = %[[ZERO]], %[[S2:.*]] = %[[ZERO]], %[[S3:.*]] = %[[ZERO]])
  // CHECK-NEXT: %[[B0:.*]] = vector.load %[[B]][%[[PANEL]], %[[K]], %[[C0]]] : memref<2x3x32xf32>, vector<16xf32>
  // CHECK-NEXT: %[[B1:.*]] = vector.load %[[B]][%[[PANEL]], %[[K]], %[[C16]]] : memref<2x3x32xf32>, vector<16xf32>
  // CHECK-NEXT: %[[E0:.*]] = memref.load %[[A]][%[[ROW]], %[[K]]]
  // CHECK-NEXT: %[[A0:.*]] = vector.broadcast %[[E0]] : f32 to vector<16xf32>
  // CHECK-NEXT: %[[F0:.*]] = vector.fma %[[A0]], %[[B0]], %[[S0]]
  // CHECK-NEXT: %[[F1:.*]] = vector.fma %[[A0]], %[[B1]], %[[S1]]
  // CHECK-NEXT: %[[E1:.*]] = memref.load %[[A]][%[[ROW1]], %[[K]]]
  // CHECK-NEXT: %[[A1:.*]] = vector.broadcast %[[E1]] : f32 to vector<16xf32>
  // CHECK-NEXT: %[[F2:.*]] = vector.fma %[[A1]], %[[B0]], %[[S2]]
  // CHECK-NEXT: %[[F3:.*]] = vector.fma %[[A1]], %[[B1]], %[[S3]]
  // CHECK-NEXT: scf.yield %[[F0]], %[[F1]], %[[F2]], %[[F3]]
  // CHECK: %[[X:.*]] = vector.load %[[BIAS]][%[[COLUMN]]] : memref<64xf32>, vector<16xf32>
  // CHECK-NEXT: %[[Y:.*]] = arith.addf %[[SUMS]]#0, %[[X]]
  // CHECK-NEXT: vector.store %[[Y]], %[[C]][%[[ROW]], %[[COLUMN]]]
  // CHECK: vector.store %{{.*}}, %[[C]][%[[ROW]], %[[COLUMN1]]]
  // CHECK: vector.store %{{.*}}, %[[C]][%[[ROW1]], %[[COLUMN]]]
  // CHECK: vector.store %{{.*}}, %[[C]][%[[ROW1]], %[[COLUMN1]]]
  // CHECK-NOT: vector.
  // CHECK: return
  kern.gemm panels %a, %b extras(%bias : memref<64xf32>) outs(%c) tiling <lanes = 16, rows = 2, vectors = 2, n_block = 1> {extra_maps = [affine_map<(m, n) -> (n)>]}
    : memref<8x3xf32>, memref<2x3x32xf32>, memref<8x64xf32> {
  ^bb0(%sum: f32, %x: f32):
    %0 = arith.addf %sum, %x : f32
    kern.yield %0 : f32
  }
  return
}

// -----

// 7 rows in strips of 3: one remains. 13 columns in vectors of 4, panels of 8:
// the second panel has 5, the last vector 1. All panels hold zeros behind the
// last column, so only the result needs masks. Four steps of the depth are one.
// CHECK-LABEL: func @remainders
// CHECK-SAME: %[[C:[a-z0-9]*]]: memref<7x13xf32>)
func.func @remainders(%a: memref<7x8xf32>, %b: memref<2x8x8xf32>, %c: memref<7x13xf32>) {
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG: %[[C4:.*]] = arith.constant 4 : index
  // CHECK-DAG: %[[C6:.*]] = arith.constant 6 : index
  // CHECK-DAG: %[[C8:.*]] = arith.constant 8 : index
  // CHECK-DAG: %[[C12:.*]] = arith.constant 12 : index
  // CHECK: scf.for %{{.*}} = %[[C0]] to %[[C6]] step %[[C3]]
  // CHECK: scf.for %{{.*}} = %[[C0]] to %[[C8]] step %[[C4]] iter_args
  // CHECK-COUNT-24: vector.fma
  // CHECK-NOT: vector.fma
  // CHECK-COUNT-6: vector.store
  // The row that remains.
  // CHECK: scf.for %{{.*}} = %[[C0]] to %[[C8]] step %[[C4]] iter_args
  // CHECK-COUNT-8: vector.fma
  // CHECK: vector.store %{{.*}}, %[[C]][%[[C6]], %[[C0]]]
  // CHECK: vector.store %{{.*}}, %[[C]][%[[C6]], %[[C4]]]
  // The columns that remain.
  // CHECK: %[[MASK:.*]] = vector.constant_mask [1] : vector<4xi1>
  // CHECK-NOT: vector.maskedload
  // CHECK: vector.store %{{.*}}, %[[C]][%[[ROW:.*]], %[[C8]]]
  // CHECK: vector.maskedstore %[[C]][%[[ROW]], %[[C12]]], %[[MASK]]
  // CHECK-COUNT-2: vector.maskedstore
  // CHECK: vector.store %{{.*}}, %[[C]][%[[C6]], %[[C8]]]
  // CHECK: vector.maskedstore %[[C]][%[[C6]], %[[C12]]]
  // CHECK-NOT: vector.
  // CHECK: return
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 4, rows = 3, vectors = 2> {extra_maps = []}
    : memref<7x8xf32>, memref<2x8x8xf32>, memref<7x13xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Columns that fill some of the vectors of a panel only: no vector for the rest.
// CHECK-LABEL: func @narrow
func.func @narrow(%a: memref<1x3xf32>, %b: memref<1x3x32xf32>, %c: memref<1x5xf32>) {
  // CHECK: scf.for
  // CHECK-COUNT-1: vector.fma {{.*}} vector<8xf32>
  // CHECK-NOT: vector.fma
  // CHECK: vector.maskedstore {{.*}} vector<8xf32>
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 8, rows = 1, vectors = 4> {extra_maps = []}
    : memref<1x3xf32>, memref<1x3x32xf32>, memref<1x5xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Sizes of the run: strips of 4 rows, then of 2 and of 1. A panel of the right
// operand is copied together before it is used.
// CHECK-LABEL: func @dynamic
// CHECK-SAME: (%[[A:.*]]: memref<?x?xf32>, %[[B:.*]]: memref<?x?xf32>, %[[C:.*]]: memref<?x?xf32>)
func.func @dynamic(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  // CHECK-DAG: %[[N:.*]] = memref.dim %[[C]], %c1
  // CHECK-DAG: %[[K:.*]] = memref.dim %[[A]], %c1
  // CHECK: scf.forall (%{{.*}}) in (%{{.*}})
  // CHECK: scf.for
  // CHECK: %[[COPY:.*]] = memref.alloc(%[[K]]) {alignment = 64 : i64} : memref<?x8xf32>
  // CHECK: scf.for %[[AT:.*]] = %{{.*}} to %[[K]]
  // CHECK: %[[V:.*]] = vector.load %[[B]][%[[AT]], %{{.*}}] : memref<?x?xf32>, vector<8xf32>
  // CHECK: vector.store %[[V]], %[[COPY]][%[[AT]], %{{.*}}]
  // CHECK: vector.load %[[COPY]]
  // CHECK-COUNT-4: vector.fma
  // CHECK-NOT: vector.fma
  // CHECK-COUNT-4: vector.store %{{.*}}, %[[C]]
  // CHECK: scf.if
  // CHECK-COUNT-2: vector.fma
  // CHECK-NOT: vector.fma
  // CHECK-COUNT-2: vector.store %{{.*}}, %[[C]]
  // CHECK: scf.if
  // CHECK-COUNT-1: vector.fma
  // CHECK-NOT: vector.fma
  // CHECK: vector.store %{{.*}}, %[[C]]
  // Then the columns behind the last whole panel.
  // CHECK: scf.if
  // CHECK: memref.alloc(%[[K]])
  // CHECK: %[[REST:.*]] = arith.subi %[[N]], %{{.*}}
  // CHECK: %[[MASK:.*]] = vector.create_mask %[[REST]] : vector<8xi1>
  // CHECK: vector.maskedload %[[B]][%{{.*}}, %{{.*}}], %[[MASK]]
  // CHECK-COUNT-4: vector.maskedstore %[[C]]
  // CHECK: scf.if
  // CHECK-COUNT-2: vector.maskedstore %[[C]]
  // CHECK: scf.if
  // CHECK: vector.maskedstore %[[C]]
  // CHECK-NOT: vector.
  // CHECK: return
  kern.gemm rows %a, %b outs(%c) tiling <lanes = 8, rows = 4, vectors = 1, m_block = 64> {extra_maps = []}
    : memref<?x?xf32>, memref<?x?xf32>, memref<?x?xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// One strip of rows reads a right operand where it lies.
// CHECK-LABEL: func @in_place
// CHECK-SAME: %[[B:[a-z0-9]*]]: memref<5x12xf32>, %
func.func @in_place(%a: memref<2x5xf32>, %b: memref<5x12xf32>, %c: memref<2x12xf32>) {
  // CHECK-NOT: memref.alloc
  // CHECK: vector.load %[[B]]
  // CHECK: vector.maskedload %[[B]]
  kern.gemm rows %a, %b outs(%c) tiling <lanes = 8, rows = 2, vectors = 1> {extra_maps = []}
    : memref<2x5xf32>, memref<5x12xf32>, memref<2x12xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// The other order is brought into rows, zeros behind the last column.
// CHECK-LABEL: func @columns
// CHECK-SAME: %[[B:[a-z0-9]*]]: memref<12x5xf32>, %
func.func @columns(%a: memref<2x5xf32>, %b: memref<12x5xf32>, %c: memref<2x12xf32>) {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: %[[COPY:.*]] = memref.alloc() {alignment = 64 : i64} : memref<5x8xf32>
  // CHECK: %[[E:.*]] = memref.load %[[B]][%{{.*}}, %[[K:.*]]]
  // CHECK: memref.store %[[E]], %[[COPY]][%[[K]], %{{.*}}]
  // CHECK: %[[TAIL:.*]] = memref.alloc() {alignment = 64 : i64} : memref<5x8xf32>
  // CHECK: memref.store %[[ZERO]], %[[TAIL]]
  kern.gemm columns %a, %b outs(%c) tiling <lanes = 8, rows = 2, vectors = 1> {extra_maps = []}
    : memref<2x5xf32>, memref<12x5xf32>, memref<2x12xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Sums wait in the result between blocks of the depth, the epilogue is last.
// CHECK-LABEL: func @depth_blocks
// CHECK-SAME: %[[C:[a-z0-9]*]]: memref<2x8xf32>)
func.func @depth_blocks(%a: memref<2x40xf32>, %b: memref<1x40x8xf32>, %c: memref<2x8xf32>) {
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C4:.*]] = arith.constant 4 : index
  // CHECK-DAG: %[[C16:.*]] = arith.constant 16 : index
  // CHECK-DAG: %[[C32:.*]] = arith.constant 32 : index
  // CHECK-DAG: %[[C40:.*]] = arith.constant 40 : index
  // CHECK: scf.for %[[AT:.*]] = %[[C0]] to %[[C32]] step %[[C16]]
  // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[AT]], %[[C0]]
  // CHECK: %[[END:.*]] = arith.addi %[[AT]], %[[C16]]
  // CHECK: scf.if %[[FIRST]]
  // CHECK: else
  // CHECK: vector.load %[[C]]
  // CHECK: scf.for %{{.*}} = %[[AT]] to %[[END]] step %[[C4]]
  // CHECK-NOT: arith.negf
  // CHECK-COUNT-2: vector.store %{{.*}}, %[[C]]
  // CHECK: vector.load %[[C]]
  // CHECK: scf.for %{{.*}} = %[[C32]] to %[[C40]] step %[[C4]]
  // CHECK: %[[R:.*]] = arith.negf
  // CHECK: vector.store %[[R]], %[[C]]
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 8, rows = 2, vectors = 1, k_block = 16> {extra_maps = []}
    : memref<2x40xf32>, memref<1x40x8xf32>, memref<2x8xf32> {
  ^bb0(%sum: f32):
    %0 = arith.negf %sum : f32
    kern.yield %0 : f32
  }
  return
}

// -----

// Sums that do not fit the result are not cut; operands are converted one by one.
// CHECK-LABEL: func @f16
func.func @f16(%a: memref<2x40xf16>, %b: memref<1x40x8xf16>, %c: memref<2x8xf16>) {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C40:.*]] = arith.constant 40 : index
  // CHECK: scf.for %{{.*}} = %[[C0]] to %[[C40]] {{.*}} = %[[ZERO]]
  // CHECK: %[[B:.*]] = vector.load {{.*}} vector<8xf16>
  // CHECK-NEXT: %[[BE:.*]] = arith.extf %[[B]] : vector<8xf16> to vector<8xf32>
  // CHECK-NEXT: %[[A:.*]] = memref.load
  // CHECK-NEXT: %[[AE:.*]] = arith.extf %[[A]] : f16 to f32
  // CHECK-NEXT: %[[AV:.*]] = vector.broadcast %[[AE]]
  // CHECK-NEXT: vector.fma %[[AV]], %[[BE]]
  // CHECK: %[[R:.*]] = arith.truncf %{{.*}} : vector<8xf32> to vector<8xf16>
  // CHECK: vector.store %[[R]]
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 8, rows = 2, vectors = 1, k_block = 16> {extra_maps = []}
    : memref<2x40xf16>, memref<1x40x8xf16>, memref<2x8xf16> {
  ^bb0(%sum: f32):
    %0 = arith.truncf %sum : f32 to f16
    kern.yield %0 : f16
  }
  return
}

// -----

// Batches are units; an operand of one batch is read by all. An axis that is
// known at run time only may be 1.
// CHECK-LABEL: func @batch
// CHECK-SAME: (%[[A:.*]]: memref<3x2x2x3xf32>, %[[B:.*]]: memref<?x1x3x8xf32>, %[[C:.*]]: memref<3x2x2x8xf32>)
func.func @batch(%a: memref<3x2x2x3xf32>, %b: memref<?x1x3x8xf32>, %c: memref<3x2x2x8xf32>) {
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK: scf.forall (%[[UNIT:.*]]) in (6)
  // CHECK-DAG: %[[Y:.*]] = arith.remui %[[UNIT]], %[[C2]]
  // CHECK-DAG: %[[X:.*]] = arith.divui %[[UNIT]], %[[C2]]
  // CHECK-DAG: %[[SIZE:.*]] = memref.dim %[[B]], %[[C0]]
  // CHECK-DAG: %[[ONE:.*]] = arith.cmpi eq, %[[SIZE]], %[[C1]]
  // CHECK-DAG: %[[XB:.*]] = arith.select %[[ONE]], %[[C0]], %[[X]]
  // CHECK: vector.load %[[B]][%[[XB]], %[[C0]], %{{.*}}, %[[C0]]]
  // CHECK: memref.load %[[A]][%[[X]], %[[Y]], %[[C0]], %{{.*}}]
  // CHECK: vector.store %{{.*}}, %[[C]][%[[X]], %[[Y]], %[[C0]], %[[C0]]]
  kern.gemm rows %a, %b outs(%c) tiling <lanes = 8, rows = 2, vectors = 1> {batch = 2 : i64, extra_maps = []}
    : memref<3x2x2x3xf32>, memref<?x1x3x8xf32>, memref<3x2x2x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Rows of several axes are one axis; extra operands are read by the axes of the
// result: one number a row, one a column, and each.
// CHECK-LABEL: func @rows_and_extras
// CHECK-SAME: (%[[A:.*]]: memref<3x2x5xf32>, %{{.*}}: memref<1x5x8xf32>, %[[R:.*]]: memref<3x2xf32>, %[[E:.*]]: memref<3x2x8xf32>, %[[C:.*]]: memref<3x2x8xi32>, %[[F:.*]]: f32)
func.func @rows_and_extras(%a: memref<3x2x5xf32>, %b: memref<1x5x8xf32>, %r: memref<3x2xf32>, %e: memref<3x2x8xf32>, %c: memref<3x2x8xi32>, %f: f32) {
  // CHECK: %[[FLAT:.*]] = memref.collapse_shape %[[A]] {{\[\[}}0, 1], [2]]
  // CHECK: memref.load %[[FLAT]]
  // CHECK: %[[E0:.*]] = memref.load %[[R]][%[[X:.*]], %[[Y:.*]]]
  // CHECK-NEXT: %[[E1:.*]] = vector.broadcast %[[E0]]
  // CHECK-NEXT: %[[E2:.*]] = vector.load %[[E]][%[[X]], %[[Y]], %{{.*}}]
  // CHECK: %[[V0:.*]] = arith.mulf %{{.*}}, %[[E1]] : vector<8xf32>
  // CHECK: %[[V1:.*]] = arith.addf %[[V0]], %[[E2]] : vector<8xf32>
  // CHECK: %[[FV:.*]] = vector.broadcast %[[F]] : f32 to vector<8xf32>
  // CHECK: %[[B:.*]] = arith.cmpf ogt, %[[V1]], %[[FV]] : vector<8xf32>
  // CHECK: %[[V2:.*]] = arith.select %[[B]], %[[V1]], %[[FV]] : vector<8xi1>, vector<8xf32>
  // CHECK: %[[V3:.*]] = arith.fptosi %[[V2]] : vector<8xf32> to vector<8xi32>
  // CHECK: vector.store %[[V3]], %[[C]][%[[X]], %[[Y]], %{{.*}}]
  kern.gemm panels %a, %b extras(%r, %e : memref<3x2xf32>, memref<3x2x8xf32>) outs(%c) tiling <lanes = 8, rows = 1, vectors = 1>
    {extra_maps = [affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>]}
    : memref<3x2x5xf32>, memref<1x5x8xf32>, memref<3x2x8xi32> {
  ^bb0(%sum: f32, %x: f32, %y: f32):
    %0 = arith.mulf %sum, %x : f32
    %1 = arith.addf %0, %y : f32
    %2 = arith.cmpf ogt, %1, %f : f32
    %3 = arith.select %2, %1, %f : f32
    %4 = arith.fptosi %3 : f32 to i32
    kern.yield %4 : i32
  }
  return
}

// -----

// The next panel is fetched while this one is computed with.
// CHECK-LABEL: func @prefetch
func.func @prefetch(%a: memref<4x16xf32>, %b: memref<4x16x16xf32>, %c: memref<4x64xf32>) {
  // CHECK: %[[FLAT:.*]] = memref.collapse_shape %{{.*}} {{\[\[}}0, 1, 2]] : memref<4x16x16xf32> into memref<1024xf32>
  // CHECK: memref.prefetch %[[FLAT]][%{{.*}}], read, locality<3>, data
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 2, vectors = 1, prefetch = true> {extra_maps = []}
    : memref<4x16xf32>, memref<4x16x16xf32>, memref<4x64xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Nothing to sum up: the epilogue of zero. No rows: no units.
// CHECK-LABEL: func @empty
func.func @empty(%a: memref<2x0xf32>, %b: memref<1x0x8xf32>, %c: memref<2x8xf32>, %d: memref<0x4xf32>, %e: memref<1x4x8xf32>, %f: memref<0x8xf32>) {
  // CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
  // CHECK-COUNT-2: vector.store %[[ZERO]]
  // CHECK-NOT: vector.
  // CHECK: return
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 8, rows = 2, vectors = 1> {extra_maps = []}
    : memref<2x0xf32>, memref<1x0x8xf32>, memref<2x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  kern.gemm panels %d, %e outs(%f) tiling <lanes = 8, rows = 2, vectors = 1, m_block = 2> {extra_maps = []}
    : memref<0x4xf32>, memref<1x4x8xf32>, memref<0x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// A result of another type than the sums can't hold them between blocks: there
// are none, and the copy of a panel has the whole depth.
// CHECK-LABEL: func @no_partial
func.func @no_partial(%a: memref<8x?xf32>, %b: memref<?x32xf32>, %c: memref<8x32xf16>) {
  // CHECK: memref.alloc(%{{.*}}) {{.*}} : memref<?x16xf32>
  // CHECK-NOT: memref<512x16xf32>
  // CHECK: return
  kern.gemm rows %a, %b outs(%c) tiling <lanes = 8, rows = 4, vectors = 2, k_block = 512> {extra_maps = []}
    : memref<8x?xf32>, memref<?x32xf32>, memref<8x32xf16> {
  ^bb0(%sum: f32):
    %0 = arith.truncf %sum : f32 to f16
    kern.yield %0 : f16
  }
  return
}
