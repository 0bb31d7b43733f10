// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v4 -canonicalize -cse | FileCheck %s
// RUN: nnc-opt %s -split-input-file -kern-expand=target=x86-64-v3 -canonicalize -cse | FileCheck %s --check-prefix=PLAIN
// RUN: nnc-opt %s -split-input-file -kern-expand=target=aarch64 -o /dev/null

// One row: a word holds eight codes, which AVX-512 looks up; others shift and
// convert. Sums of a group are scaled once.
// CHECK-LABEL: func @row
// CHECK: vector.load {{.*}} vector<16xi32>
// CHECK: llvm.x86.avx512.permvar.sf.512
// CHECK: vector.fma
// CHECK-NOT: arith.sitofp
// CHECK: arith.extf {{.*}} vector<16xf16> to vector<16xf32>
// CHECK-NOT: memref.alloc
// PLAIN-LABEL: func @row
// PLAIN-NOT: permvar
// PLAIN: arith.shrsi
// PLAIN: arith.sitofp
func.func @row(%x: memref<1x64xf32>, %w: memref<1x2x4x16xi32>, %s: memref<1x2x16xf16>, %c: memref<1x16xf32>) {
  kern.narrow_gemm packed %x, %w scale %s : memref<1x2x16xf16> outs(%c) stored i4 group 32 tiling <lanes = 16, rows = 1, vectors = 1> {extra_maps = []} : memref<1x64xf32>, memref<1x2x4x16xi32>, memref<1x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Many rows: a panel is widened once, in memory.
// CHECK-LABEL: func @many
// CHECK: memref.alloc() {{.*}} : memref<64x16xf32>
// CHECK: vector.store {{.*}} : memref<64x16xf32>
// CHECK: vector.fma
func.func @many(%x: memref<40x64xf32>, %w: memref<1x1x64x16xi8>, %s: memref<1x1x16xf32>, %c: memref<40x16xf32>) {
  kern.narrow_gemm packed %x, %w scale %s : memref<1x1x16xf32> outs(%c) stored i8 group 64 tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []} : memref<40x64xf32>, memref<1x1x64x16xi8>, memref<40x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// Rows of the run: which way is decided there.
// CHECK-LABEL: func @rows
// CHECK: scf.if
// CHECK: memref.alloc
func.func @rows(%x: memref<?x8xf32>, %w: memref<1x1x8x16xbf16>, %c: memref<?x16xf32>) {
  kern.narrow_gemm packed %x, %w outs(%c) stored bf16 group 8 tiling <lanes = 16, rows = 4, vectors = 1> {extra_maps = []} : memref<?x8xf32>, memref<1x1x8x16xbf16>, memref<?x16xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}

// -----

// What is behind the last column is not written.
// CHECK-LABEL: func @tail
// CHECK: vector.maskedstore
func.func @tail(%x: memref<1x8xf32>, %w: memref<1x1x8x16xf16>, %c: memref<1x13xf32>) {
  kern.narrow_gemm packed %x, %w outs(%c) stored f16 group 8 tiling <lanes = 16, rows = 1, vectors = 1> {extra_maps = []} : memref<1x8xf32>, memref<1x1x8x16xf16>, memref<1x13xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}
