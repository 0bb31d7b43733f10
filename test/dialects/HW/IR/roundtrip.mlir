// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK: #hw.cost<flops = 4096, bytes = 1024, us = 1.250000e+00, bound = compute>
// CHECK: #hw.cost<>
// CHECK: #hw.cost<flops = 1, us = 2.000000e+00, bound = launch, lo_us = 1.000000e+00, hi_us = 3.000000e+00, critical_us = 1.500000e+00, alpha_flops = 2, weight_bytes = 3, input_bytes = 4, output_bytes = 5, l2_bytes = 6, l3_bytes = 7, dram_bytes = 8, footprint = 9, utilization = 5.000000e-01, energy_uj = 1.000000e+00, co2_ug = 2.000000e+00>
// CHECK: #hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 6.400000e+01
// What is as by default is left out; all fields of a machine in their order.
// CHECK: #hw.target<name = "x86-64">
// CHECK: #hw.target<name = "big", vector_bits = 512, gflops = 1.600000e+02, dram_gbps = 1.000000e+01, launch_us = 1.000000e+00, fma = true, vector_registers = 32, fma_ports = 1, fma_latency = 5, l1_kib = 48, l2_kib = 1024, l3_kib = 16384, l2_bytes_per_cycle = 64>
// CHECK: #hw.target<name = "new", cores = 4, ghz = 2.500000e+00, l2_gbps = 8.000000e+01, l3_gbps = 2.000000e+01, l3_gbps_all = 4.000000e+01, dram_gbps_all = 3.000000e+01, fork_join_us = 1.000000e+00, exp_gops = 2.000000e+00, divide_gops = 3.000000e+00, matrix_gflops = 9.000000e+00, idle_watts = 5.000000e+00, flop_pj = 6.000000e+00, cache_byte_pj = 7.000000e+00, dram_byte_pj = 8.000000e+00, noise = 1.000000e-01, gpu = true, validated = true, coefficients = {launch = 2.000000e+00 : f64}>
// CHECK: #hw.tiling<lanes = 16, rows = 8, vectors = 2, m_block = 128, n_block = 1, k_block = 256, prefetch = true>
// CHECK: #hw.tiling<lanes = 4, rows = 1, vectors = 3>
// CHECK: #hw.total<threads = 2, kernels = 3, unknown = 1, flops = 4, bytes = 5, weight_bytes = 6, peak_bytes = 7, us = 1.000000e+00, lo_us = 5.000000e-01, hi_us = 2.000000e+00, first_us = 4.000000e+00, energy_uj = 1.000000e+00, co2_ug = 2.000000e+00>
// CHECK: #hw.total<>
module attributes {
  a.a = #hw.cost<flops = 4096, bytes = 1024, us = 1.25, bound = compute>,
  a.b = #hw.cost<>,
  a.b1 = #hw.cost<bound = launch, us = 2.0, flops = 1, lo_us = 1.0, hi_us = 3.0, critical_us = 1.5, alpha_flops = 2, weight_bytes = 3, input_bytes = 4, output_bytes = 5, l2_bytes = 6, l3_bytes = 7, dram_bytes = 8, footprint = 9, utilization = 0.5, energy_uj = 1.0, co2_ug = 2.0>,
  a.c = #hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 64.0, dram_gbps = 20.0, launch_us = 1.0>,
  a.d = #hw.target<name = "x86-64", vector_bits = 128, fma = false, vector_registers = 16, fma_ports = 2, fma_latency = 4, l1_kib = 32, l2_kib = 512, l3_kib = 8192, l2_bytes_per_cycle = 32>,
  a.e = #hw.target<l2_bytes_per_cycle = 64, l3_kib = 16384, l2_kib = 1024, l1_kib = 48, fma_latency = 5, fma_ports = 1, vector_registers = 32, fma = true, launch_us = 1.0, dram_gbps = 10.0, gflops = 160.0, vector_bits = 512, name = "big">,
  a.e1 = #hw.target<name = "new", cores = 4, ghz = 2.5, l2_gbps = 80.0, l3_gbps = 20.0, l3_gbps_all = 40.0, dram_gbps_all = 30.0, fork_join_us = 1.0, exp_gops = 2.0, divide_gops = 3.0, matrix_gflops = 9.0, idle_watts = 5.0, flop_pj = 6.0, cache_byte_pj = 7.0, dram_byte_pj = 8.0, noise = 0.1, gpu = true, validated = true, coefficients = {launch = 2.0 : f64}>,
  a.f = #hw.tiling<lanes = 16, rows = 8, vectors = 2, m_block = 128, n_block = 1, k_block = 256, prefetch = true>,
  a.g = #hw.tiling<lanes = 4, rows = 1, vectors = 3, m_block = 0, n_block = 0, k_block = 0, prefetch = false>,
  a.h = #hw.total<kernels = 3, unknown = 1, threads = 2, flops = 4, bytes = 5, weight_bytes = 6, peak_bytes = 7, us = 1.0, lo_us = 0.5, hi_us = 2.0, first_us = 4.0, energy_uj = 1.0, co2_ug = 2.0>,
  a.i = #hw.total<>
} {}
