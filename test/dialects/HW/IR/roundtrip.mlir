// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK: #hw.cost<flops = 4096, bytes = 1024, us = 1.250000e+00, bound = compute>
// CHECK: #hw.cost<>
// CHECK: #hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 6.400000e+01
module attributes {
  a.a = #hw.cost<flops = 4096, bytes = 1024, us = 1.25, bound = compute>,
  a.b = #hw.cost<>,
  a.c = #hw.target<name = "x86-64-v3", vector_bits = 256, gflops = 64.0, dram_gbps = 20.0, launch_us = 1.0>
} {}
