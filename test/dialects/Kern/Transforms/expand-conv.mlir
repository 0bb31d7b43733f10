// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64 | FileCheck %s --check-prefix=PLAIN

// PLAIN-NOT: vector.fma
// PLAIN: arith.mulf {{.*}} : vector<4xf32>
// PLAIN-NOT: vector.fma

// Without padding the input is read where it lies: columns of the kernel and
// channels are one run of 6. Two lines of the result a unit; 3 pixels are a
// strip of 2 and one of 1; 6 features are a panel of 4 and one of 2.
// CHECK-LABEL: func @plain
// CHECK-SAME: (%[[X:.*]]: memref<2x6x5x2xf32>, %[[F:.*]]: memref<1x2x3x3x2x4xf32>, %[[Y:.*]]: memref<2x4x3x6xf32>)
func.func @plain(%x: memref<2x6x5x2xf32>, %w: memref<1x2x3x3x2x4xf32>, %y: memref<2x4x3x6xf32>) {
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG: %[[C4:.*]] = arith.constant 4 : index
  // CHECK-DAG: %[[C6:.*]] = arith.constant 6 : index
  // CHECK: %[[W:.*]] = memref.collapse_shape %[[F]] {{\[\[}}0, 1], [2, 3, 4], [5]] : {{.*}} into memref<2x18x4xf32>
  // CHECK: scf.forall (%[[UNIT:.*]]) in (4)
  // CHECK-DAG: %[[PART:.*]] = arith.remui %[[UNIT]], %[[C2]]
  // CHECK-DAG: %[[N:.*]] = arith.divui %[[UNIT]], %[[C2]]
  // CHECK: %[[BEGIN:.*]] = arith.muli %[[PART]], %[[C2]]
  // CHECK-NOT: memref.alloc
  // CHECK: %[[RUNS:.*]] = memref.collapse_shape %[[X]] {{\[\[}}0], [1], [2, 3]]
  // CHECK: scf.for %[[LINE:.*]] = %[[BEGIN]] to
  // CHECK: %[[SUMS:.*]]:2 = scf.for %[[KH:.*]] = %[[C0]] to %[[C3]] step %[[C1]]
  // CHECK: scf.for %[[AT:.*]] = %[[C0]] to %[[C6]] step %[[C1]]
  // CHECK: vector.load %[[W]][%[[C0]], %{{.*}}, %[[C0]]]
  // CHECK: %[[FROM:.*]] = arith.addi %[[LINE]], %[[KH]]
  // CHECK: memref.load %[[RUNS]][%[[N]], %[[FROM]], %[[AT]]]
  // CHECK: %[[NEXT:.*]] = arith.addi %[[AT]], %[[C2]]
  // CHECK: memref.load %[[RUNS]][%[[N]], %[[FROM]], %[[NEXT]]]
  // CHECK: vector.store %[[SUMS]]#0, %[[Y]][%[[N]], %[[LINE]], %[[C0]], %[[C0]]]
  // CHECK: vector.store %[[SUMS]]#1, %[[Y]][%[[N]], %[[LINE]], %[[C1]], %[[C0]]]
  // CHECK: vector.store %{{.*}}, %[[Y]][%[[N]], %[[LINE]], %[[C2]], %[[C0]]]
  // CHECK: vector.load %[[W]][%[[C1]]
  // CHECK: %[[MASK:.*]] = vector.constant_mask [2] : vector<4xi1>
  // CHECK: vector.maskedstore %[[Y]][%[[N]], %{{.*}}, %[[C0]], %[[C4]]], %[[MASK]]
  // CHECK: vector.maskedstore %[[Y]][%[[N]], %{{.*}}, %[[C1]], %[[C4]]], %[[MASK]]
  // CHECK: vector.maskedstore %[[Y]][%[[N]], %{{.*}}, %[[C2]], %[[C4]]], %[[MASK]]
  kern.conv packed %x, %w outs(%y) strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] tiling <lanes = 4, rows = 2, vectors = 1, m_block = 6> {extra_maps = []}
    : memref<2x6x5x2xf32>, memref<1x2x3x3x2x4xf32>, memref<2x4x3x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// With padding: lines are copied with zeros around, then read without a check.
// A dilation keeps columns and channels apart.
// CHECK-LABEL: func @padded
// CHECK-SAME: (%[[X:.*]]: memref<1x6x5x3xf32>, %{{.*}}: memref<1x1x3x2x3x8xf32>, %[[B:.*]]: memref<8xf32>, %[[Y:.*]]: memref<1x3x5x8xf32>)
func.func @padded(%x: memref<1x6x5x3xf32>, %w: memref<1x1x3x2x3x8xf32>, %b: memref<8xf32>, %y: memref<1x3x5x8xf32>) {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG: %[[C6:.*]] = arith.constant 6 : index
  // CHECK-DAG: %[[C7:.*]] = arith.constant 7 : index
  // CHECK-DAG: %[[M1:.*]] = arith.constant -1 : index
  // CHECK: %[[RUNS:.*]] = memref.collapse_shape %[[X]] {{\[\[}}0], [1], [2, 3]] {{.*}} into memref<1x6x15xf32>
  // CHECK: %[[LINES:.*]] = memref.alloc() {alignment = 64 : i64} : memref<1x7x7x3xf32>
  // CHECK: scf.for %[[TO:.*]] = %[[C0]] to %[[C7]] step %[[C1]]
  // CHECK: %[[FROM:.*]] = arith.addi %[[TO]], %[[M1]]
  // CHECK: %[[FLAT:.*]] = memref.collapse_shape %[[LINES]]
  // CHECK: %[[BELOW:.*]] = arith.cmpi sgt, %[[FROM]], %[[M1]]
  // CHECK: %[[ABOVE:.*]] = arith.cmpi slt, %[[FROM]], %[[C6]]
  // CHECK: %[[IN:.*]] = arith.andi %[[BELOW]], %[[ABOVE]]
  // CHECK: scf.if %[[IN]]
  // CHECK: vector.maskedstore %[[FLAT]][{{.*}}], %{{.*}}, %[[ZERO]]
  // CHECK: %[[E:.*]] = vector.load %[[RUNS]][%[[C0]], %[[FROM]], %{{.*}}]
  // CHECK: vector.store %[[E]], %[[FLAT]]
  // CHECK: %[[REST:.*]] = vector.constant_mask [7] : vector<8xi1>
  // CHECK: %[[R:.*]] = vector.maskedload %[[RUNS]][%[[C0]], %[[FROM]], %{{.*}}], %[[REST]]
  // CHECK: vector.maskedstore %[[FLAT]][{{.*}}], %[[REST]], %[[R]]
  // CHECK: vector.maskedstore %[[FLAT]][{{.*}}], %{{.*}}, %[[ZERO]]
  // CHECK: else
  // CHECK: vector.store %[[ZERO]], %[[FLAT]]
  // CHECK: scf.for %[[LINE:.*]] = %[[C0]] to
  // CHECK: scf.for %[[KH:.*]] = %[[C0]] to
  // CHECK: scf.for %[[KW:.*]] = %[[C0]] to %[[C2]]
  // CHECK: scf.for %[[AT:.*]] = %[[C0]] to
  // CHECK: %[[L0:.*]] = arith.muli %[[LINE]], %[[C2]]
  // CHECK: %[[L1:.*]] = arith.addi %[[L0]], %[[KH]]
  // CHECK: %[[P:.*]] = arith.muli %[[KW]], %[[C2]]
  // CHECK: memref.load %[[LINES]][%[[C0]], %[[L1]], %[[P]], %[[AT]]]
  // CHECK-COUNT-5: vector.fma
  // CHECK: vector.load %[[B]][%[[C0]]]
  // CHECK-COUNT-5: vector.store
  // CHECK-NOT: vector.
  // CHECK: return
  kern.conv packed %x, %w extras(%b : memref<8xf32>) outs(%y) strides [2, 1] dilations [1, 2] pads [1, 1, 0, 1] tiling <lanes = 8, rows = 5, vectors = 1> {extra_maps = [affine_map<(n, h, w, f) -> (f)>]}
    : memref<1x6x5x3xf32>, memref<1x1x3x2x3x8xf32>, memref<1x3x5x8xf32> {
  ^bb0(%sum: f32, %e: f32):
    %0 = arith.addf %sum, %e : f32
    kern.yield %0 : f32
  }
  return
}

// -----

// Units of panels share one copy of the input, padded on all sides: the lines
// of both batches are work units before them.
// CHECK-LABEL: func @shared
// CHECK-SAME: (%[[X:.*]]: memref<2x4x8xf32>
func.func @shared(%x: memref<2x4x8xf32>, %w: memref<1x2x3x8x8xf32>, %y: memref<2x4x16xf32>) {
  // CHECK: %[[COPY:.*]] = memref.alloc() {alignment = 64 : i64} : memref<2x6x8xf32>
  // CHECK: scf.forall {{.*}} in (2)
  // CHECK: vector.store %{{.*}}, %[[FLAT:.*]][
  // CHECK: scf.forall {{.*}} in (4)
  // CHECK-NOT: memref.alloc
  // CHECK: memref.collapse_shape %[[COPY]]
  // CHECK: vector.fma
  // CHECK: return
  kern.conv packed %x, %w outs(%y) strides [1] dilations [1] pads [1, 1] tiling <lanes = 8, rows = 4, vectors = 1, n_block = 1> {extra_maps = []}
    : memref<2x4x8xf32>, memref<1x2x3x8x8xf32>, memref<2x4x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Halves have no masks: what remains of a run goes one by one.
// CHECK-LABEL: func @halves
func.func @halves(%x: memref<1x5x3xf16>, %w: memref<1x1x3x3x8xf16>, %y: memref<1x5x8xf32>) {
  // CHECK: memref.alloc() {alignment = 64 : i64} : memref<1x1x7x3xf16>
  // CHECK: vector.load {{.*}} vector<8xf16>
  // CHECK: memref.load {{.*}} : memref<1x15xf16>
  // CHECK-NOT: vector.maskedload
  // CHECK: return
  kern.conv packed %x, %w outs(%y) strides [1] dilations [1] pads [1, 1] tiling <lanes = 8, rows = 5, vectors = 1> {extra_maps = []}
    : memref<1x5x3xf16>, memref<1x1x3x3x8xf16>, memref<1x5x8xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Units are batches and groups, 3 features of each in a vector of 4; pixels of
// a number of the run are strips of 4, 2 and 1.
// CHECK-LABEL: func @groups
// CHECK-SAME: (%[[X:.*]]: memref<?x?x4xf32>, %{{.*}}: memref<2x1x3x2x4xf32>, %[[Y:.*]]: memref<?x?x6xf32>)
func.func @groups(%x: memref<?x?x4xf32>, %w: memref<2x1x3x2x4xf32>, %y: memref<?x?x6xf32>) {
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG: %[[BATCH:.*]] = memref.dim %[[Y]], %c0
  // CHECK: %[[UNITS:.*]] = arith.muli %[[BATCH]], %[[C2]]
  // CHECK: scf.forall (%[[UNIT:.*]]) in (%[[UNITS]])
  // CHECK: %[[G:.*]] = arith.remui %[[UNIT]], %[[C2]]
  // CHECK: %[[N:.*]] = arith.divui %[[UNIT]], %[[C2]]
  // CHECK: %[[FIRST:.*]] = arith.muli %[[G]], %[[C2]]
  // CHECK: %[[CHANNEL:.*]] = arith.addi %[[FIRST]], %{{.*}}
  // CHECK: memref.load %[[X]][%[[N]], %{{.*}}, %[[CHANNEL]]]
  // CHECK: %[[FEATURE:.*]] = arith.muli %[[G]], %[[C3]]
  // CHECK: %[[MASK:.*]] = vector.constant_mask [3] : vector<4xi1>
  // CHECK-COUNT-4: vector.maskedstore %[[Y]][%[[N]], %{{.*}}, %[[FEATURE]]], %[[MASK]]
  // CHECK: scf.if
  // CHECK-COUNT-2: vector.maskedstore
  // CHECK-NOT: vector.maskedstore
  // CHECK: scf.if
  // CHECK-COUNT-1: vector.maskedstore
  // CHECK-NOT: vector.maskedstore
  kern.conv packed %x, %w outs(%y) strides [1] dilations [1] pads [0, 0] tiling <lanes = 4, rows = 4, vectors = 1> {extra_maps = [], group = 2 : i64}
    : memref<?x?x4xf32>, memref<2x1x3x2x4xf32>, memref<?x?x6xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Three axes, sizes of the run: planes are units; lines of a unit are as many as
// 16 pixels need if an image had 64 a line: one.
// CHECK-LABEL: func @volume
// CHECK-SAME: (%[[X:.*]]: memref<1x?x?x?x2xf16>, %{{.*}}: memref<1x1x2x3x3x2x16xf16>, %[[Y:.*]]: memref<1x?x?x?x16xf16>)
func.func @volume(%x: memref<1x?x?x?x2xf16>, %w: memref<1x1x2x3x3x2x16xf16>, %y: memref<1x?x?x?x16xf16>) {
  // CHECK-DAG: %[[D:.*]] = memref.dim %[[Y]], %c1
  // CHECK-DAG: %[[H:.*]] = memref.dim %[[Y]], %c2
  // CHECK: %[[UNITS:.*]] = arith.muli %[[D]], %[[H]]
  // CHECK: scf.forall (%[[UNIT:.*]]) in (%[[UNITS]])
  // CHECK: %[[LINES:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<2x3x?x2xf16>
  // CHECK: memref.collapse_shape %[[LINES]] {{\[\[}}0], [1], [2, 3]]
  // CHECK: %[[W:.*]] = vector.load {{.*}} vector<16xf16>
  // CHECK: arith.extf %[[W]]
  // CHECK: %[[E:.*]] = memref.load
  // CHECK: arith.extf %[[E]]
  // CHECK: vector.fma {{.*}} vector<16xf32>
  // CHECK: arith.truncf {{.*}} : vector<16xf32> to vector<16xf16>
  kern.conv packed %x, %w outs(%y) strides [1, 1, 1] dilations [1, 1, 1] pads [0, 1, 1, 0, 1, 1] tiling <lanes = 16, rows = 2, vectors = 1, m_block = 16> {extra_maps = []}
    : memref<1x?x?x?x2xf16>, memref<1x1x2x3x3x2x16xf16>, memref<1x?x?x?x16xf16> {
  ^bb0(%sum: f32):
    %0 = arith.truncf %sum : f32 to f16
    kern.yield %0 : f16
  }
  return
}

// -----

// Some of the panels a unit; the panel that is not full is in the last.
// CHECK-LABEL: func @panels
func.func @panels(%x: memref<1x3x2xf32>, %w: memref<1x3x1x2x8xf32>, %y: memref<1x3x20xf32>) {
  // CHECK: scf.forall (%[[UNIT:.*]]) in (2)
  // CHECK: %[[PART:.*]] = arith.remui %[[UNIT]], %c2
  // CHECK: %[[FIRST:.*]] = arith.muli %[[PART]], %c2
  // CHECK: %[[NEXT:.*]] = arith.addi %[[FIRST]], %c2
  // CHECK: %[[LAST:.*]] = arith.minsi %[[NEXT]], %c3
  // CHECK: scf.for %{{.*}} = %[[FIRST]] to
  // CHECK: %[[TAIL:.*]] = arith.cmpi sgt, %[[LAST]], %c2
  // CHECK: scf.if %[[TAIL]]
  // CHECK: vector.constant_mask [4] : vector<8xi1>
  kern.conv packed %x, %w outs(%y) strides [1] dilations [1] pads [0, 0] tiling <lanes = 8, rows = 3, vectors = 1, n_block = 2> {extra_maps = []}
    : memref<1x3x2xf32>, memref<1x3x1x2x8xf32>, memref<1x3x20xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// CHECK-LABEL: func @prefetch
func.func @prefetch(%x: memref<1x8x4xf32>, %w: memref<1x2x3x4x8xf32>, %y: memref<1x6x16xf32>) {
  // CHECK: memref.prefetch %{{.*}}, read, locality<3>, data : memref<192xf32>
  kern.conv packed %x, %w outs(%y) strides [1] dilations [1] pads [0, 0] tiling <lanes = 8, rows = 3, vectors = 1, prefetch = true> {extra_maps = []}
    : memref<1x8x4xf32>, memref<1x2x3x4x8xf32>, memref<1x6x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}
