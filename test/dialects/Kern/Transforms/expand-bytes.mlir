// RUN: nnc-opt %s -kern-expand=target=znver5 -canonicalize -split-input-file -verify-diagnostics | FileCheck %s

// Four bytes of a row go to all sums; one instruction multiplies and adds them.
// Of the last step two exist. Signed rows count from -128.
// CHECK-LABEL: func @gemm
// CHECK-SAME: %[[A:[a-z0-9]*]]: memref<1x10xi8>, %[[B:[a-z0-9]*]]: memref<1x3x16x4xi8>
func.func @gemm(%a: memref<1x10xi8>, %b: memref<1x3x16x4xi8>, %c: memref<1x16xi32>) {
  // CHECK-DAG: %[[TOP:.*]] = arith.constant -2139062144 : i32
  // CHECK: %[[FLAT:.*]] = memref.collapse_shape %[[B]]
  // CHECK: scf.for
  // CHECK: %[[W:.*]] = vector.load %[[FLAT]][{{.*}}] : memref<1x3x64xi8>, vector<64xi8>
  // CHECK: %[[X:.*]] = vector.load %[[A]][{{.*}}] : memref<1x10xi8>, vector<4xi8>
  // CHECK: vector.bitcast %[[X]] : vector<4xi8> to vector<1xi32>
  // CHECK: %[[F:.*]] = arith.xori %{{.*}}, %[[TOP]]
  // CHECK: %[[V:.*]] = vector.broadcast %[[F]] : i32 to vector<16xi32>
  // CHECK: %[[R:.*]] = vector.bitcast %[[V]] : vector<16xi32> to vector<64xi8>
  // CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%{{.*}}, %[[R]], %[[W]])
  // CHECK: scf.yield
  // CHECK: memref.load %[[A]]
  // CHECK: memref.load %[[A]]
  // CHECK-NOT: memref.load %[[A]]
  // CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 16, rows = 1, vectors = 1> {dot = 4 : i64, flips, extra_maps = []}
    : memref<1x10xi8>, memref<1x3x16x4xi8>, memref<1x16xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

// Pairs, as elements of 16 bits: no sum of two products is lost.
// CHECK-LABEL: func @pairs
func.func @pairs(%a: memref<1x2xi8>, %b: memref<1x1x8x2xi8>, %c: memref<1x8xi32>) {
  // CHECK: arith.extsi %{{.*}} : vector<16xi8> to vector<16xi16>
  // CHECK: arith.extui %{{.*}} : vector<16xi8> to vector<16xi16>
  // CHECK: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
  // CHECK: vector.store %[[P]]
  kern.gemm panels %a, %b outs(%c) tiling <lanes = 8, rows = 1, vectors = 1> {dot = 2 : i64, extra_maps = []}
    : memref<1x2xi8>, memref<1x1x8x2xi8>, memref<1x8xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}

// -----

func.func @rows(%a: memref<1x4xi8>, %b: memref<4x8xi8>, %c: memref<1x8xi32>) {
  // expected-error @+1 {{expects a packed right operand with 'dot'}}
  kern.gemm rows %a, %b outs(%c) tiling <lanes = 8, rows = 1, vectors = 1> {dot = 4 : i64, extra_maps = []}
    : memref<1x4xi8>, memref<4x8xi8>, memref<1x8xi32> {
  ^bb0(%sum: i32):
    kern.yield %sum : i32
  }
  return
}
