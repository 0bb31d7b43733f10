// RUN: nnc-opt %s -nnc-distribute-units -split-input-file -verify-diagnostics

func.func private @two_dimensions(%a: memref<8x8xf32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  // expected-error @+1 {{expects a loop over work units to have one dimension from 0 in steps of 1, and no results}}
  scf.forall (%u, %v) in (4, 4) {
    memref.store %zero, %a[%u, %v] : memref<8x8xf32>
  }
  return
}

// -----

func.func private @late_start(%a: memref<8xf32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  // expected-error @+1 {{expects a loop over work units}}
  scf.forall (%u) = (2) to (8) step (2) {
    memref.store %zero, %a[%u] : memref<8xf32>
  }
  return
}

// -----

// expected-error @+1 {{has work units whose number depends on data}}
func.func private @of_data(%a: memref<8xf32>, %n: memref<1xindex>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %count = memref.load %n[%c0] : memref<1xindex>
  scf.forall (%u) in (%count) {
    memref.store %zero, %a[%u] : memref<8xf32>
  }
  return
}

// -----

// Threads of a block share the loop, so it can't become a part of one phase of
// one thread.
func.func private @shared(%a: memref<4xf32>, %s: memref<f32>, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  // expected-error @below {{expects phases that can be cut apart, since threads of a block share it, but what is read between them is written later}}
  scf.forall (%i) in (4) {
    %x = memref.load %a[%i] : memref<4xf32>
    memref.store %x, %s[] : memref<f32>
  } {nn.block_threads = 32 : i64}
  %0 = memref.load %s[] : memref<f32>
  %1 = arith.addf %0, %0 : f32
  memref.store %1, %s[] : memref<f32>
  return
}
