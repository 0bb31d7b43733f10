// RUN: nnc-opt %s -split-input-file -verify-diagnostics -nnc-alloc-to-scratch

func.func private @data(%p: !llvm.ptr, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %n = llvm.load %p : !llvm.ptr -> i64
  %size = arith.index_cast %n : i64 to index
  // expected-error@+1 {{needs a temporary whose size depends on data}}
  %0 = memref.alloc(%size) : memref<?xf32>
  return
}

// -----

// expected-error@+1 {{a temporary is too large to address}}
func.func private @huge(%p: !llvm.ptr, %b: i64, %e: i64, %scratch: !llvm.ptr) attributes {nn.kernel} {
  %0 = memref.alloc() : memref<4611686018427387904x2xf64>
  return
}
