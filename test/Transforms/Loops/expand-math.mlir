// RUN: nnc-opt %s -nnc-expand-math -split-input-file | FileCheck %s
// RUN: nnc-opt %s -nnc-expand-math=target=x86-64 -split-input-file \
// RUN:   | FileCheck %s --check-prefix=BASE
// RUN: not nnc-opt %s -nnc-expand-math=target=pdp11 -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNKNOWN

// RUN: nnc-opt %s -nnc-expand-math=target=x86-64-v4 -split-input-file \
// RUN:   | FileCheck %s --check-prefix=WIDE

// UNKNOWN: target 'pdp11' is not known; known are znver5,

// No function is left, and products are fused where the target can.
// CHECK-LABEL: func @exp
// CHECK-NOT: math.exp
// CHECK: math.fma
// CHECK-NOT: math.exp
// CHECK: return
// BASE-LABEL: func @exp
// BASE-NOT: math.
// BASE: arith.mulf
// BASE-NOT: math.
// BASE: return
func.func @exp(%x: f32) -> f32 {
  %0 = math.exp %x : f32
  return %0 : f32
}

// -----

// One instruction multiplies with powers of two where there is one for the
// width: not for scalars, not for odd widths, not on machines without.
// CHECK-LABEL: func @scaling
// CHECK-NOT: llvm.call_intrinsic
// BASE-LABEL: func @scaling
// BASE-NOT: llvm.call_intrinsic
// WIDE-LABEL: func @scaling
// WIDE: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"({{.*}}) : (vector<16xf32>, vector<16xf32>, vector<16xf32>, i16, i32) -> vector<16xf32>
// WIDE: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.256"({{.*}}) : (vector<8xf32>, vector<8xf32>, vector<8xf32>, i8) -> vector<8xf32>
// WIDE: llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.128"({{.*}}) : (vector<4xf32>, vector<4xf32>, vector<4xf32>, i8) -> vector<4xf32>
// WIDE-NOT: llvm.call_intrinsic
// WIDE: return
func.func @scaling(%a: vector<16xf32>, %b: vector<8xf32>, %c: vector<4xf32>, %d: vector<5xf32>, %e: f32)
    -> (vector<16xf32>, vector<8xf32>, vector<4xf32>, vector<5xf32>, f32) {
  %0 = math.exp %a : vector<16xf32>
  %1 = math.exp2 %b : vector<8xf32>
  %2 = math.exp %c : vector<4xf32>
  %3 = math.exp %d : vector<5xf32>
  %4 = math.exp %e : f32
  return %0, %1, %2, %3, %4 : vector<16xf32>, vector<8xf32>, vector<4xf32>, vector<5xf32>, f32
}

// -----

// Vectors of any rank and width stay vectors.
// CHECK-LABEL: func @vectors
// CHECK-NOT: math.log
// CHECK: math.fma %{{.*}} : vector<2x7xf32>
// CHECK: arith.select %{{.*}} : vector<2x7xi1>, vector<2x7xf32>
// CHECK: return %{{.*}} : vector<2x7xf32>
func.func @vectors(%x: vector<2x7xf32>) -> vector<2x7xf32> {
  %0 = math.log %x : vector<2x7xf32>
  return %0 : vector<2x7xf32>
}

// -----

// Narrow floats are computed in f32.
// CHECK-LABEL: func @narrow
// CHECK: arith.extf %{{.*}} : vector<4xbf16> to vector<4xf32>
// CHECK-NOT: math.tanh
// CHECK: arith.truncf %{{.*}} : vector<4xf32> to vector<4xbf16>
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK-NOT: math.sin
// CHECK: arith.truncf %{{.*}} : f32 to f16
func.func @narrow(%x: vector<4xbf16>, %y: f16) -> (vector<4xbf16>, f16) {
  %0 = math.tanh %x : vector<4xbf16>
  %1 = math.sin %y : f16
  return %0, %1 : vector<4xbf16>, f16
}

// -----

// f64 stays, but for rounding on machines without an instruction for it.
// CHECK-LABEL: func @wide
// CHECK: math.exp %{{.*}} : f64
// CHECK: math.floor
// BASE-LABEL: func @wide
// BASE: math.exp %{{.*}} : f64
// BASE-NOT: math.floor
// BASE: arith.addf %{{.*}} : f64
func.func @wide(%x: f64) -> (f64, f64) {
  %0 = math.exp %x : f64
  %1 = math.floor %x : f64
  return %0, %1 : f64, f64
}

// -----

// The reduction of angles rounds, too.
// CHECK-LABEL: func @sin
// CHECK: math.roundeven %{{.*}} : f64
// BASE-LABEL: func @sin
// BASE-NOT: math.roundeven
// BASE: return
func.func @sin(%x: f32) -> f32 {
  %0 = math.sin %x : f32
  return %0 : f32
}

// -----

// Constant powers that are simpler, as scalars and as splats.
// CHECK-LABEL: func @square
// CHECK-SAME: (%[[X:.*]]: f32, %[[V:.*]]: vector<8xf32>, %[[Y:.*]]: f32)
// CHECK: %[[A:.*]] = arith.mulf %[[X]], %[[X]] : f32
// CHECK: %[[B:.*]] = arith.mulf %[[V]], %[[V]] : vector<8xf32>
// CHECK: arith.extf %[[Y]]
// CHECK-NOT: math.powf
// CHECK: return %[[A]], %[[B]]
func.func @square(%x: f32, %v: vector<8xf32>, %y: f32) -> (f32, vector<8xf32>, f32) {
  %two = arith.constant 2.0 : f32
  %twos = arith.constant dense<2.0> : vector<8xf32>
  %0 = math.powf %x, %two : f32
  %1 = math.powf %v, %twos : vector<8xf32>
  %2 = math.powf %x, %y : f32
  return %0, %1, %2 : f32, vector<8xf32>, f32
}

// -----

// What is one instruction everywhere stays.
// CHECK-LABEL: func @instructions
// CHECK: math.sqrt
// CHECK: math.absf
// BASE-LABEL: func @instructions
// BASE: math.sqrt
// BASE: math.absf
func.func @instructions(%x: f32) -> (f32, f32) {
  %0 = math.sqrt %x : f32
  %1 = math.absf %x : f32
  return %0, %1 : f32, f32
}
