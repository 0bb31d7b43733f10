// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK: #hw.cost<flops = 4096, bytes = 1024, us = 1.250000e+00, bound = compute>
// CHECK: #hw.cost<>
// CHECK: #hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 6.400000e+01
// What is as by default is left out; all fields of a machine in their order.
// CHECK: #hw.target<name = "x86-64">
// CHECK: #hw.target<name = "big", vector_bits = 512, gflops = 1.600000e+02, dram_gbps = 1.000000e+01, launch_us = 1.000000e+00, fma = true, vector_registers = 32, fma_ports = 1, fma_latency = 5, l1_kib = 48, l2_kib = 1024, l3_kib = 16384, l2_bytes_per_cycle = 64>
// CHECK: #hw.tiling<lanes = 16, rows = 8, vectors = 2, m_block = 128, n_block = 1, k_block = 256, prefetch = true>
// CHECK: #hw.tiling<lanes = 4, rows = 1, vectors = 3>
module attributes {
  a.a = #hw.cost<flops = 4096, bytes = 1024, us = 1.25, bound = compute>,
  a.b = #hw.cost<>,
  a.c = #hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 64.0, dram_gbps = 20.0, launch_us = 1.0>,
  a.d = #hw.target<name = "x86-64", vector_bits = 128, fma = false, vector_registers = 16, fma_ports = 2, fma_latency = 4, l1_kib = 32, l2_kib = 512, l3_kib = 8192, l2_bytes_per_cycle = 32>,
  a.e = #hw.target<l2_bytes_per_cycle = 64, l3_kib = 16384, l2_kib = 1024, l1_kib = 48, fma_latency = 5, fma_ports = 1, vector_registers = 32, fma = true, launch_us = 1.0, dram_gbps = 10.0, gflops = 160.0, vector_bits = 512, name = "big">,
  a.f = #hw.tiling<lanes = 16, rows = 8, vectors = 2, m_block = 128, n_block = 1, k_block = 256, prefetch = true>,
  a.g = #hw.tiling<lanes = 4, rows = 1, vectors = 3, m_block = 0, n_block = 0, k_block = 0, prefetch = false>
} {}
