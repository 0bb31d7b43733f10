// RUN: nnc-opt %s -kern-expand=target=x86-64-v4 -verify-diagnostics

func.func @plain(%x: memref<1x8xf32>, %w: memref<1x8x13xf16>, %c: memref<1x13xf32>) {
  // expected-error @+1 {{expects packed weights; run the pass that packs them}}
  kern.narrow_gemm %x, %w outs(%c) stored f16 group 8 tiling <lanes = 16, rows = 1, vectors = 1> {extra_maps = []} : memref<1x8xf32>, memref<1x8x13xf16>, memref<1x13xf32> {
  ^bb0(%sum: f32):
    kern.yield %sum : f32
  }
  return
}
