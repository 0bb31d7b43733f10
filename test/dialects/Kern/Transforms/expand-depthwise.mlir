// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v2 | FileCheck %s --check-prefix=PLAIN

// PLAIN-NOT: vector.fma
// PLAIN: arith.mulf {{.*}} : vector<8xf32>
// PLAIN-NOT: vector.fma

// Vectors of channels, a tile of 2 pixels; 12 channels are 8 and 4 of 8. What two
// pixels of a tile share is read once.
// CHECK-LABEL: func @plain
// CHECK-SAME: (%[[X:.*]]: memref<2x4x6x12xf32>, %[[W:.*]]: memref<6x12xf32>, %[[B:.*]]: memref<12xf32>, %[[Y:.*]]: memref<2x2x5x12xf32>)
func.func @plain(%x: memref<2x4x6x12xf32>, %w: memref<6x12xf32>, %b: memref<12xf32>, %y: memref<2x2x5x12xf32>) {
  // CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
  // CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG: %[[C3:.*]] = arith.constant 3 : index
  // CHECK-DAG: %[[C4:.*]] = arith.constant 4 : index
  // CHECK-DAG: %[[C8:.*]] = arith.constant 8 : index
  // CHECK: scf.forall (%[[N:.*]]) in (2)
  // CHECK: scf.for %[[COLUMN:.*]] = %[[C0]] to %[[C4]] step %[[C2]]
  // CHECK: scf.for %[[LINE:.*]] = %[[C0]] to %[[C2]]
  // CHECK: %[[SUMS:.*]]:2 = scf.for %[[KH:.*]] = %[[C0]] to %[[C3]]
  // CHECK-NEXT: %[[FROM:.*]] = arith.addi %[[LINE]], %[[KH]]
  // CHECK-NEXT: %[[TAP:.*]] = arith.muli %[[KH]], %[[C2]]
  // CHECK-NEXT: %[[W0:.*]] = vector.load %[[W]][%[[TAP]], %[[C0]]]
  // CHECK-NEXT: %[[X0:.*]] = vector.load %[[X]][%[[N]], %[[FROM]], %[[COLUMN]], %[[C0]]]
  // CHECK-NEXT: %[[S0:.*]] = vector.fma %[[W0]], %[[X0]], %{{.*}} : vector<8xf32>
  // CHECK-NEXT: %[[AT1:.*]] = arith.addi %[[COLUMN]], %[[C1]]
  // CHECK-NEXT: %[[X1:.*]] = vector.load %[[X]][%[[N]], %[[FROM]], %[[AT1]], %[[C0]]]
  // CHECK-NEXT: %[[S1:.*]] = vector.fma %[[W0]], %[[X1]], %{{.*}}
  // CHECK-NEXT: %[[TAP1:.*]] = arith.addi %[[TAP]], %[[C1]]
  // CHECK-NEXT: %[[W1:.*]] = vector.load %[[W]][%[[TAP1]], %[[C0]]]
  // CHECK-NEXT: %[[R0:.*]] = vector.fma %[[W1]], %[[X1]], %[[S0]]
  // CHECK: %[[R1:.*]] = vector.fma %[[W1]], %{{.*}}, %[[S1]]
  // CHECK-NEXT: scf.yield %[[R0]], %[[R1]]
  // CHECK: vector.load %[[B]][%[[C0]]]
  // CHECK-COUNT-2: vector.store %{{.*}}, %[[Y]]
  // CHECK: %[[MASK:.*]] = vector.constant_mask [4] : vector<8xi1>
  // CHECK: vector.maskedload %[[W]][%{{.*}}, %[[C8]]], %[[MASK]]
  // CHECK: vector.maskedload %[[X]][%[[N]], %{{.*}}, %[[COLUMN]], %[[C8]]], %[[MASK]]
  // CHECK: vector.maskedload %[[B]][%[[C8]]], %[[MASK]]
  // CHECK-COUNT-2: vector.maskedstore %[[Y]]
  // The pixel that remains.
  // CHECK: scf.for %[[LINE:.*]] = %[[C0]] to %[[C2]]
  // CHECK: vector.store %{{.*}}, %[[Y]][%[[N]], %[[LINE]], %[[C4]], %[[C0]]]
  // CHECK: vector.maskedstore %[[Y]][%[[N]], %[[LINE]], %[[C4]], %[[C8]]]
  // CHECK-NOT: vector.
  // CHECK: return
  kern.depthwise packed %x, %w extras(%b : memref<12xf32>) outs(%y) kernel [3, 2] strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] tiling <lanes = 8, rows = 2, vectors = 1> {extra_maps = [affine_map<(n, h, w, c) -> (c)>]}
    : memref<2x4x6x12xf32>, memref<6x12xf32>, memref<2x2x5x12xf32> {
  ^bb0(%sum: f32, %e: f32):
    %0 = arith.addf %sum, %e : f32
    kern.yield %0 : f32
  }
  return
}

// -----

// Columns outside of the input: a tile wholly inside reads without masks.
// CHECK-LABEL: func @columns
// CHECK-SAME: (%[[X:.*]]: memref<?x?x?x4xf32>, %{{.*}}: memref<3x4xf32>, %[[Y:.*]]: memref<?x?x?x4xf32>)
func.func @columns(%x: memref<?x?x?x4xf32>, %w: memref<3x4xf32>, %y: memref<?x?x?x4xf32>) {
  // CHECK-DAG: %[[WIDTH:.*]] = memref.dim %[[X]], %c2
  // CHECK: scf.forall
  // CHECK: scf.for %[[COLUMN:.*]] = %{{.*}} step %c2
  // CHECK: %[[AT:.*]] = arith.muli %[[COLUMN]], %c2
  // CHECK: %[[FIRST:.*]] = arith.subi %[[AT]], %c1
  // CHECK: %[[BELOW:.*]] = arith.cmpi sgt, %[[FIRST]], %c-1
  // CHECK: %[[LAST:.*]] = arith.addi %[[AT]], %c3
  // CHECK: %[[ABOVE:.*]] = arith.cmpi slt, %[[LAST]], %[[WIDTH]]
  // CHECK: %[[IN:.*]] = arith.andi %[[BELOW]], %[[ABOVE]]
  // CHECK: scf.if %[[IN]]
  // CHECK-NOT: vector.maskedload
  // CHECK-COUNT-2: vector.store %{{.*}}, %[[Y]]
  // CHECK: else
  // CHECK: %[[EXISTS:.*]] = vector.broadcast %{{.*}} : i1 to vector<4xi1>
  // CHECK: vector.maskedload %[[X]][%{{.*}}, %{{.*}}, %[[FIRST]], %{{.*}}], %[[EXISTS]]
  // CHECK-COUNT-2: vector.store %{{.*}}, %[[Y]]
  kern.depthwise packed %x, %w outs(%y) kernel [1, 3] strides [1, 2] dilations [1, 1] pads [0, 1, 0, 1] tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []}
    : memref<?x?x?x4xf32>, memref<3x4xf32>, memref<?x?x?x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Lines outside of the input are left out of the loop over the kernel.
// CHECK-LABEL: func @lines
// CHECK-SAME: (%[[X:[a-z0-9]*]]: memref<1x4x2x4xf32>
func.func @lines(%x: memref<1x4x2x4xf32>, %w: memref<2x4xf32>, %y: memref<1x4x2x4xf32>) {
  // CHECK: scf.for %[[LINE:.*]] = %c0 to %c4
  // CHECK-DAG: %[[B0:.*]] = arith.subi %c2, %[[LINE]]
  // CHECK-DAG: %[[B1:.*]] = arith.maxsi %[[B0]], %c0
  // CHECK-DAG: %[[B2:.*]] = arith.addi %[[B1]], %c1
  // CHECK-DAG: %[[B3:.*]] = arith.divui %[[B2]], %c2
  // CHECK-DAG: %[[BEGIN:.*]] = arith.minsi %[[B3]], %c2
  // CHECK-DAG: %[[E0:.*]] = arith.subi %c6, %[[LINE]]
  // CHECK-DAG: %[[E1:.*]] = arith.maxsi %[[E0]], %c0
  // CHECK-DAG: %[[E2:.*]] = arith.addi %[[E1]], %c1
  // CHECK-DAG: %[[E3:.*]] = arith.divui %[[E2]], %c2
  // CHECK-DAG: %[[END:.*]] = arith.minsi %[[E3]], %c2
  // CHECK: scf.for %[[KH:.*]] = %[[BEGIN]] to %[[END]]
  // CHECK: %[[D:.*]] = arith.muli %[[KH]], %c2
  // CHECK: %[[A:.*]] = arith.addi %[[LINE]], %[[D]]
  // CHECK: %[[FROM:.*]] = arith.subi %[[A]], %c2
  // CHECK: vector.load %[[X]][%c0, %[[FROM]], %c0, %c0]
  kern.depthwise packed %x, %w outs(%y) kernel [2, 1] strides [1, 1] dilations [2, 1] pads [2, 0, 0, 0] tiling <lanes = 4, rows = 2, vectors = 1> {extra_maps = []}
    : memref<1x4x2x4xf32>, memref<2x4xf32>, memref<1x4x2x4xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Three axes: planes are units; sums wider than operands; a mask for channels
// and columns together.
// CHECK-LABEL: func @volume
func.func @volume(%x: memref<1x?x4x?x5xf16>, %w: memref<12x5xf16>, %y: memref<1x?x4x?x5xf16>) {
  // CHECK: scf.forall (%{{.*}}) in (%{{.*}})
  // CHECK: else
  // CHECK: %[[TAIL:.*]] = vector.constant_mask [1] : vector<4xi1>
  // CHECK: %[[OWN:.*]] = vector.broadcast %{{.*}} : i1 to vector<4xi1>
  // CHECK: %[[BOTH:.*]] = arith.andi %[[TAIL]], %[[OWN]]
  // CHECK: %[[E:.*]] = vector.maskedload %{{.*}}, %[[BOTH]], {{.*}} vector<4xf16>
  // CHECK: arith.extf %[[E]]
  // CHECK: vector.fma {{.*}} vector<4xf32>
  kern.depthwise packed %x, %w outs(%y) kernel [2, 3, 2] strides [1, 1, 1] dilations [1, 1, 1] pads [0, 1, 1, 1, 1, 0] tiling <lanes = 4, rows = 1, vectors = 1> {extra_maps = []}
    : memref<1x?x4x?x5xf16>, memref<12x5xf16>, memref<1x?x4x?x5xf16> {
  ^bb0(%sum: f32):
    %0 = arith.truncf %sum : f32 to f16
    kern.yield %0 : f16
  }
  return
}
