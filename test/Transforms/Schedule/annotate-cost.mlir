// RUN: nnc-opt %s -nnc-form-kernels -nnc-annotate-cost=target=x86-64-v3 | FileCheck %s
// RUN: nnc-opt %s -nnc-form-kernels -nnc-annotate-cost=target=x86-64-v3 > %t.1
// RUN: nnc-opt %s -nnc-form-kernels -nnc-annotate-cost=target=x86-64-v3 | cmp - %t.1
// RUN: nnc-opt %s -nnc-form-kernels -nnc-annotate-cost=target=h200 | FileCheck %s --check-prefix=GPU
// RUN: nnc-opt %s -nnc-form-kernels -nnc-annotate-cost="target=x86-64-v3 threads=2" | FileCheck %s --check-prefix=TWO
// RUN: not nnc-opt %s -nnc-annotate-cost=target=z80 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not nnc-opt %s -nnc-annotate-cost=threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not nnc-opt %s -nnc-annotate-cost=target=%t.none.json 2>&1 | FileCheck %s --check-prefix=FILE

// UNKNOWN: target 'z80' is not known; known are
// THREADS: expects 1 thread or more, but got 0
// FILE: cannot read '{{.*}}none.json'

// Totals, the machine, and the bytes of results that are alive at each kernel.
// CHECK-LABEL: func @matmul
// CHECK-SAME: hw.memory_over_time = array<i64: 16384, 32768>
// CHECK-SAME: hw.predicted_for = "x86-64-v3 (not validated)"
// CHECK-SAME: hw.total = #hw.total<kernels = 2, flops = 528384, bytes = 81920, weight_bytes = 16384, peak_bytes = 32768, us = {{[0-9.e+]+}}, lo_us = {{[0-9.e+]+}}, hi_us
// GPU-LABEL: func @matmul
// GPU-SAME: hw.predicted_for = "h200 (not validated)"
// TWO-LABEL: func @matmul
// TWO-SAME: #hw.total<threads = 2,
func.func @matmul(%a: tensor<64x64xf32>) -> tensor<64x64xf32> attributes {nn.entry} {
  %w = nn.constant dense<0.5> : tensor<64x64xf32>
  // 2 * 64^3 operations on three matrices of 16384 bytes.
  // CHECK: cost <flops = 524288, bytes = 49152, us = [[US:[0-9.e+-]+]], bound = compute, lo_us = {{.*}}, hi_us = {{.*}}, alpha_flops = {{[0-9]+}}, weight_bytes = 16384, input_bytes = 16384, output_bytes = 16384, l2_bytes = {{[0-9]+}}, l3_bytes = 0, dram_bytes = 0, footprint = 49152, utilization = {{.*}}, energy_uj = {{.*}}, co2_ug = {{.*}}>
  // GPU: cost <flops = 524288, bytes = 49152, us = {{.*}}, bound = launch
  %0 = nn.matmul %a, %w : tensor<64x64xf32>, tensor<64x64xf32> -> tensor<64x64xf32>
  // CHECK: cost <flops = 4096, bytes = 32768,
  %1 = nn.exp %0 : tensor<64x64xf32> -> tensor<64x64xf32>
  return %1 : tensor<64x64xf32>
}

// Unknown is left out, never 0.
// CHECK-LABEL: func @dynamic
// CHECK-SAME: hw.total = #hw.total<kernels = 1, unknown = 1>
func.func @dynamic(%a: tensor<?xf32>) -> tensor<?xf32> attributes {nn.entry} {
  // CHECK: cost <>
  %0 = nn.relu %a : tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
