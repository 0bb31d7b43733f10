// RUN: rm -rf %t && mkdir %t
// RUN: nnc-opt %s -nnc-form-kernels -nnc-annotate-cost -o %t/costs.mlir
// RUN: nnc-opt %t/costs.mlir -nnc-print-cost -o %t/same.mlir 2>&1 | FileCheck %s
// RUN: cmp %t/costs.mlir %t/same.mlir
// RUN: nnc-opt %t/costs.mlir -nnc-print-cost="format=json output=%t/c.json" -o /dev/null
// RUN: FileCheck %s --check-prefix=JSON --input-file=%t/c.json
// RUN: nnc-opt %t/costs.mlir -nnc-print-cost=format=remarks -remarks-filter=nnc-print-cost -remark-format=emitRemark -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: not nnc-opt %s -nnc-print-cost 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not nnc-opt %t/costs.mlir -nnc-print-cost=format=yaml 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not nnc-opt %t/costs.mlir -nnc-print-cost=output=%t/no/c.txt 2>&1 | FileCheck %s --check-prefix=OUTPUT

// NONE: has no predictions; run nnc-annotate-cost before nnc-print-cost
// FORMAT: expects format text, json or remarks, but got 'yaml'
// OUTPUT: {{[Nn]}}o such file or directory

// Exit code 4 is for assertions alone.
// RUN: nnc-opt %t/costs.mlir --assert-cost='time<1s,peak<1MiB' -o %t/same.mlir
// RUN: sh -c 'nnc-opt %t/costs.mlir --assert-cost="flops<10,peak<1MiB"; echo exit=$?' 2>&1 | FileCheck %s --check-prefix=UNMET
// UNMET: assertion 'flops<10' does not hold: flops is 8448; most by '{{.*}}' (97%),
// UNMET: exit=4
// RUN: sh -c 'nnc-opt %t/costs.mlir --assert-cost="size<10"; echo exit=$?' 2>&1 | FileCheck %s --check-prefix=MISUSE
// MISUSE: --assert-cost: expects time<2ms, peak<8MiB, weights<1MB, bytes<1MB or flops<2G, but found 'size<10'
// MISUSE: exit=1
// RUN: sh -c 'nnc-opt %s --assert-cost="flops<10"; echo exit=$?' 2>&1 | FileCheck %s --check-prefix=LACK
// LACK: --assert-cost: the module has no predictions; run nnc-annotate-cost
// LACK: exit=1

// CHECK: predicted for x86-64-v3 (not validated)
// CHECK: us {{ *}}from {{ *}}to {{ *}}flops {{ *}}bytes {{ *}}bound  kernel
// CHECK: 8192 {{ *}}3072 {{ *}}{{compute|memory|launch}}  {{.*}}
// CHECK: 256 {{ *}}2048 {{ *}}{{compute|memory|launch}}
// CHECK: 8448 {{ *}}5120 {{ *}}in all
// CHECK: peak bytes 2048, constant bytes 0
// CHECK-NEXT: first run {{[0-9.]+}} us; modelled, never measured: {{[0-9.]+}} uJ, {{[0-9.]+}} ug of CO2

// JSON: "kernels": [
// JSON: "bound":
// JSON-NEXT: "bytes": 3072,
// JSON-NEXT: "flops": 8192,
// JSON-NEXT: "hi_us": {{[0-9]}}
// JSON-NEXT: "key": "
// JSON-NEXT: "lo_us": {{[0-9]}}
// JSON: "predicted_us": {{[0-9]}}
// JSON: "target": "x86-64-v3 (not validated)"
// JSON: "first_us": {{[0-9]}}
// JSON: "modelled_co2_ug": {{[0-9]}}
// JSON-NEXT: "modelled_energy_uj": {{[0-9]}}
// JSON-NEXT: "peak_bytes": 2048

// REMARK: Flops={{[0-9]+}}, Remark="predicted to take {{[0-9.]+}} us, bound by
func.func @main(%a: tensor<16x16xf32>, %b: tensor<16x16xf32>) -> tensor<16x16xf32> attributes {nn.entry} {
  %0 = nn.matmul %a, %b : tensor<16x16xf32>, tensor<16x16xf32> -> tensor<16x16xf32>
  %1 = nn.relu %0 : tensor<16x16xf32> -> tensor<16x16xf32>
  return %1 : tensor<16x16xf32>
}
