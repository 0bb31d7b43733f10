// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64 | FileCheck %s --check-prefix=PLAIN

// PLAIN-NOT: vector.fma
// PLAIN: arith.mulf {{.*}} : vector<4xf32>
// PLAIN-NOT: vector.fma

// Two lines of two tiles each in one unit: 16 positions of 4 tiles. Input and
// result divide into tiles, so only the padding needs a check.
// CHECK-LABEL: func @whole
// CHECK-SAME: (%[[X:.*]]: memref<1x4x4x4xf32>, %[[W:.*]]: memref<1x16x4x4xf32>, %[[B:.*]]: memref<4xf32>, %[[Y:.*]]: memref<1x4x4x4xf32>)
func.func @whole(%x: memref<1x4x4x4xf32>, %w: memref<1x16x4x4xf32>, %b: memref<4xf32>, %y: memref<1x4x4x4xf32>) {
  // CHECK: %[[T:.*]] = memref.alloc() {alignment = 64 : i64} : memref<16x4x4xf32>
  // CHECK: %[[P:.*]] = memref.alloc() {alignment = 64 : i64} : memref<16x4x4xf32>
  // CHECK: scf.for %{{.*}} = %c0 to %c2
  // CHECK: scf.for %{{.*}} = %c0 to %c2
  // A tile wholly inside of the input.
  // CHECK: scf.if
  // CHECK-COUNT-16: vector.load %[[X]]
  // The transform multiplies with ones only.
  // CHECK-NOT: {{vector.fma|arith.mulf}}
  // CHECK-COUNT-16: vector.store %{{.*}}, %[[T]]
  // CHECK: else
  // CHECK-COUNT-16: vector.maskedload %[[X]]
  // CHECK-NOT: {{vector.fma|arith.mulf}}
  // CHECK-COUNT-16: vector.store %{{.*}}, %[[T]]
  // The products of each position.
  // CHECK: scf.for %[[AT:.*]] = %c0 to %c16
  // CHECK: scf.for %[[TILE:.*]] = %c0 to %c4 step %c2
  // CHECK: vector.load %[[W]][%c0, %[[AT]], %c0, %c0]
  // CHECK: memref.load %[[T]][%[[AT]], %[[TILE]], %c0]
  // CHECK-COUNT-8: vector.fma
  // CHECK-COUNT-2: vector.store %{{.*}}, %[[P]][%[[AT]]
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK-COUNT-16: vector.load %[[P]]
  // CHECK-NOT: {{vector.fma|arith.mulf|scf.if}}
  // CHECK: %[[E:.*]] = vector.load %[[B]][%c0]
  // CHECK: %[[R:.*]] = arith.addf %{{.*}}, %[[E]]
  // CHECK: vector.store %[[R]], %[[Y]]
  // CHECK-NOT: scf.if
  // CHECK-COUNT-3: vector.store %{{.*}}, %[[Y]]
  // CHECK-NOT: vector.
  // CHECK: return
  kern.winograd tile 2 packed %x, %w extras(%b : memref<4xf32>) outs(%y) pads [1, 1, 1, 1] tiling <lanes = 4, rows = 2, vectors = 1, m_block = 4> {extra_maps = [affine_map<(n, h, w, f) -> (f)>]}
    : memref<1x4x4x4xf32>, memref<1x16x4x4xf32>, memref<1x4x4x4xf32> {
  ^bb0(%sum: f32, %e: f32):
    %0 = arith.addf %sum, %e : f32
    kern.yield %0 : f32
  }
  return
}

// -----

// A result of odd lines, and columns of a number of the run: tiles that stick
// out write what exists. 6 channels and 12 features do not fill vectors of 8.
// All lines are transformed first, then a unit has one of the panels.
// CHECK-LABEL: func @remainders
// CHECK-SAME: (%[[X:.*]]: memref<2x5x?x6xf32>, %[[W:.*]]: memref<2x16x6x8xf32>, %[[Y:.*]]: memref<2x3x?x12xf32>)
func.func @remainders(%x: memref<2x5x?x6xf32>, %w: memref<2x16x6x8xf32>, %y: memref<2x3x?x12xf32>) {
  // CHECK-DAG: %[[WIDTH:.*]] = memref.dim %[[Y]], %c2
  // CHECK: %[[ROUND:.*]] = arith.addi %[[WIDTH]], %c1
  // CHECK: %[[COLUMNS:.*]] = arith.divui %[[ROUND]], %c2
  // CHECK: %[[TILES:.*]] = arith.muli %[[COLUMNS]], %c4
  // CHECK: %[[T:.*]] = memref.alloc(%[[TILES]]) {alignment = 64 : i64} : memref<16x?x6xf32>
  // Lines of tiles of both batches.
  // CHECK: scf.forall (%{{.*}}) in (4)
  // CHECK: scf.if
  // CHECK: %[[MASK:.*]] = vector.constant_mask [6] : vector<8xi1>
  // CHECK-COUNT-16: vector.maskedload %[[X]][{{.*}}], %[[MASK]]
  // CHECK-COUNT-16: vector.maskedstore %[[T]][{{.*}}], %[[MASK]]
  // CHECK: else
  // CHECK: %[[CHANNELS:.*]] = vector.constant_mask [6] : vector<8xi1>
  // CHECK: %[[EXISTS:.*]] = vector.broadcast %{{.*}} : i1 to vector<8xi1>
  // CHECK: %[[BOTH:.*]] = arith.andi %[[CHANNELS]], %[[EXISTS]]
  // CHECK: vector.maskedload %[[X]][{{.*}}], %[[BOTH]]
  // CHECK-COUNT-16: vector.maskedstore %[[T]][{{.*}}], %[[CHANNELS]]
  // CHECK: scf.forall (%[[UNIT:.*]]) in (2)
  // CHECK: %[[P:.*]] = memref.alloc(%[[TILES]]) {alignment = 64 : i64} : memref<16x?x8xf32>
  // CHECK: scf.for %[[PANEL:.*]] = %[[UNIT]] to
  // CHECK: scf.for %[[AT:.*]] = %c0 to %c16
  // Tiles of a number of the run: strips of 4, 2 and 1.
  // CHECK: vector.load %[[W]][%[[PANEL]], %[[AT]], %{{.*}}, %c0]
  // CHECK-COUNT-4: vector.store %{{.*}}, %[[P]]
  // CHECK: scf.if
  // CHECK-COUNT-2: vector.store %{{.*}}, %[[P]]
  // CHECK: scf.if
  // CHECK: vector.store %{{.*}}, %[[P]]
  // CHECK: vector.store %{{.*}}, %[[Y]][%[[N:.*]], %[[H:.*]], %[[V:.*]], %[[F:.*]]]
  // CHECK: %[[V1:.*]] = arith.addi %[[V]], %c1
  // CHECK: %[[IN:.*]] = arith.cmpi slt, %[[V1]], %[[WIDTH]]
  // CHECK: scf.if %[[IN]]
  // CHECK: vector.store %{{.*}}, %[[Y]][%[[N]], %[[H]], %[[V1]], %[[F]]]
  // CHECK: %[[H1:.*]] = arith.addi %[[H]], %c1
  // CHECK: arith.cmpi slt, %[[H1]], %c3
  // CHECK: scf.if
  // CHECK: vector.store %{{.*}}, %[[Y]][%[[N]], %[[H1]], %[[V]], %[[F]]]
  // CHECK: scf.if
  // CHECK: vector.store %{{.*}}, %[[Y]][%[[N]], %[[H1]], %[[V1]], %[[F]]]
  // The panel that is not full.
  // CHECK: scf.if
  // CHECK: vector.load %[[W]][%c1
  // CHECK: %[[REST:.*]] = vector.constant_mask [4] : vector<8xi1>
  // CHECK-COUNT-4: vector.maskedstore %[[Y]][{{.*}}], %[[REST]]
  // CHECK-NOT: vector.
  // CHECK: return
  kern.winograd tile 2 packed %x, %w outs(%y) pads [0, 0, 0, 0] tiling <lanes = 8, rows = 4, vectors = 1, n_block = 1> {extra_maps = []}
    : memref<2x5x?x6xf32>, memref<2x16x6x8xf32>, memref<2x3x?x12xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// F(4, 3): 36 positions. Operands of 16 bits are transformed in 32.
// CHECK-LABEL: func @four
// CHECK-SAME: (%[[X:.*]]: memref<1x8x8x16xf16>, %[[W:.*]]: memref<1x36x16x32xf16>, %[[Y:.*]]: memref<1x8x8x32xf16>)
func.func @four(%x: memref<1x8x8x16xf16>, %w: memref<1x36x16x32xf16>, %y: memref<1x8x8x32xf16>) {
  // CHECK: %[[T:.*]] = memref.alloc() {alignment = 64 : i64} : memref<36x4x16xf32>
  // CHECK: %[[P:.*]] = memref.alloc() {alignment = 64 : i64} : memref<36x4x32xf32>
  // CHECK: scf.if
  // CHECK: %[[E:.*]] = vector.load %[[X]]
  // CHECK-NEXT: arith.extf %[[E]] : vector<16xf16> to vector<16xf32>
  // CHECK: vector.fma {{.*}} : vector<16xf32>
  // CHECK-COUNT-36: vector.store %{{.*}}, %[[T]]
  // CHECK: else
  // CHECK-COUNT-36: vector.store %{{.*}}, %[[T]]
  // CHECK: %[[F:.*]] = vector.load %[[W]]
  // CHECK: arith.extf %[[F]]
  // CHECK: vector.fma
  // CHECK-COUNT-36: vector.load %[[P]]
  // CHECK: arith.truncf
  // CHECK-COUNT-32: vector.store %{{.*}}, %[[Y]]
  // CHECK-NOT: vector.store
  // CHECK: return
  kern.winograd tile 4 packed %x, %w outs(%y) pads [1, 1, 1, 1] tiling <lanes = 16, rows = 4, vectors = 2, m_block = 4> {extra_maps = []}
    : memref<1x8x8x16xf16>, memref<1x36x16x32xf16>, memref<1x8x8x32xf16> {
  ^bb0(%sum: f32):
    %0 = arith.truncf %sum : f32 to f16
    kern.yield %0 : f16
  }
  return
}
