// RUN: rm -rf %t && mkdir %t && split-file %s %t
// DEFINE: %{kern} = nnc-opt %t/m.mlir -nnc-form-kernels -convert-nn-to-kern
// DEFINE: %{remarks} = --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-tile.*"

// The first and the last of the model's list; what has a key tells it.
// RUN: %{kern} -nnc-tile-kernels="target=x86-64-v3 candidate=0" | FileCheck %t/m.mlir --check-prefix=KEY
// RUN: %{kern} -nnc-tile-kernels="target=x86-64-v3 candidate=100000" | FileCheck %t/m.mlir --check-prefix=LAST

// By the file, for the target and the kernel that it names.
// RUN: %{kern} -nnc-tile-kernels="target=x86-64-v3 tuning=%t/good.json" %{remarks} 2>%t/good.txt | FileCheck %t/m.mlir --check-prefix=GOOD
// RUN: FileCheck %t/m.mlir --check-prefix=GOOD-REMARK --input-file=%t/good.txt
// RUN: %{kern} -nnc-tile-kernels="target=x86-64-v4 tuning=%t/good.json" | FileCheck %t/m.mlir --check-prefix=OTHER

// A tiling that the model would not allow is not taken.
// RUN: %{kern} -nnc-tile-kernels="target=x86-64-v3 tuning=%t/absent.json" %{remarks} 2>%t/absent.txt | FileCheck %t/m.mlir --check-prefix=ABSENT
// RUN: FileCheck %t/m.mlir --check-prefix=ABSENT-REMARK --input-file=%t/absent.txt
// RUN: not %{kern} -nnc-tile-kernels=tuning=%t/none.json 2>&1 | FileCheck %t/m.mlir --check-prefix=NONE

//--- m.mlir
// KEY-LABEL: func @product
// KEY: kern.gemm {{.*}} tiling <lanes = 8, {{.*}}> {{{.*}}kern.tuning_key = "kern.gemm tensor<40x48xf32> tensor<48x56xf32> tensor<40x56xf32> batch=0 : i64 extra_maps=[] layout=0 : i32"
// LAST-LABEL: func @product
// LAST: kern.gemm {{.*}} tiling <lanes = 8, rows = 1, vectors = 1
// GOOD-LABEL: func @product
// GOOD: kern.gemm {{.*}} tiling <lanes = 8, rows = 4, vectors = 2, m_block = 40>
// GOOD-NOT: kern.tuning_key
// GOOD-REMARK: by measurement, in the tuning file
// OTHER-LABEL: func @product
// OTHER: kern.gemm {{.*}} tiling <lanes = 16
// ABSENT-LABEL: func @product
// ABSENT-NOT: m_block = 35
// ABSENT: kern.gemm {{.*}} tiling <lanes = 8
// ABSENT-REMARK: the tuning file's choice is none of those that are possible here
// NONE: cannot read tuning file
func.func @product(%a: tensor<40x48xf32>, %b: tensor<48x56xf32>) -> tensor<40x56xf32> attributes {nn.entry} {
  %0 = nn.matmul %a, %b : tensor<40x48xf32>, tensor<48x56xf32> -> tensor<40x56xf32>
  return %0 : tensor<40x56xf32>
}

// Free sizes have no key: nothing can be measured that holds for all.
// KEY-LABEL: func @free
// KEY-NOT: kern.tuning_key
func.func @free(%a: tensor<?x48xf32>, %b: tensor<48x56xf32>) -> tensor<?x56xf32> attributes {nn.entry} {
  %0 = nn.matmul %a, %b : tensor<?x48xf32>, tensor<48x56xf32> -> tensor<?x56xf32>
  return %0 : tensor<?x56xf32>
}

//--- good.json
{"version": 1, "entries": [{"target": "x86-64-v3", "winograd_tile": 0, "lanes": 8, "rows": 4,
 "vectors": 2, "m_block": 40, "n_block": 0, "k_block": 0, "prefetch": false, "us": 3,
 "key": "kern.gemm tensor<40x48xf32> tensor<48x56xf32> tensor<40x56xf32> batch=0 : i64 extra_maps=[] layout=0 : i32"}]}
//--- absent.json
{"version": 1, "entries": [{"target": "x86-64-v3", "winograd_tile": 0, "lanes": 8, "rows": 5,
 "vectors": 2, "m_block": 35, "n_block": 0, "k_block": 0, "prefetch": false, "us": 3,
 "key": "kern.gemm tensor<40x48xf32> tensor<48x56xf32> tensor<40x56xf32> batch=0 : i64 extra_maps=[] layout=0 : i32"}]}
