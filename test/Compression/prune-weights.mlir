// DEFINE: %{options} = align=1
// DEFINE: %{remarks} = --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-prune"
// RUN: nnc-opt %s -nnc-prune="step=unstructured:0.5 least-weights=1" | FileCheck %s --check-prefix=SINGLE
// RUN: nnc-opt %s -nnc-prune="step=block:0.5:2x1 least-weights=1" | FileCheck %s --check-prefix=BLOCK
// RUN: nnc-opt %s -nnc-prune="step=nm:1:2 least-weights=1" | FileCheck %s --check-prefix=NM
// RUN: nnc-opt %s -nnc-prune="step=unstructured:0.5 least-weights=1" %{remarks} 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: nnc-opt %s -nnc-prune="step=unstructured:0.5" %{remarks} 2>&1 >/dev/null | FileCheck %s --check-prefix=FEW
// RUN: nnc-opt %s -nnc-prune="step=unstructured:0.5 least-weights=1 keep=fir" %{remarks} 2>&1 >/dev/null | FileCheck %s --check-prefix=KEEP
// RUN: nnc-opt %s -nnc-prune="step=lowrank:0.5" %{remarks} 2>&1 >/dev/null | FileCheck %s --check-prefix=RANK
// RUN: not nnc-opt %s -nnc-prune="step=halve:2" 2>&1 | FileCheck %s --check-prefix=STEP
// RUN: not nnc-opt %s -nnc-prune="step=block:1.5" 2>&1 | FileCheck %s --check-prefix=SHARE
// RUN: not nnc-opt %s -nnc-prune="step=block:0.5:0x4" 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not nnc-opt %s -nnc-prune="step=nm:4:2" 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: not nnc-opt %s -nnc-prune="step=block:0.5 method=guess" 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not nnc-opt %s -nnc-prune="step=block:0.5 method=wanda" 2>&1 | FileCheck %s --check-prefix=DATA
// RUN: not nnc-opt %s -nnc-prune="step=channel:0.5 align=0" 2>&1 | FileCheck %s --check-prefix=ALIGN

// STEP: expected channel:FRACTION, block:SPARSITY[:RxC], nm:N:M, unstructured:SPARSITY or lowrank:ENERGY, but found 'halve:2'
// SHARE: expected a share between 0 and 1, but found '1.5'
// COUNT: expected a number from 1 to 64, but found '0'
// ORDER: expected N of nm:N:M below M, but found 'nm:4:2'
// METHOD: expected the method auto, magnitude, wanda or sparsegpt, but found 'guess'
// DATA: the method needs data to see inputs of layers
// ALIGN: expected channels in multiples of 1 or more, but found 0

// SINGLE: dense<{{\[}}[0.000000e+00, 0.000000e+00, 5.000000e+00, 6.000000e+00], [8.000000e+00, 7.000000e+00, 0.000000e+00, 0.000000e+00]]>
// BLOCK: dense<{{\[}}[0.000000e+00, 0.000000e+00, 5.000000e+00, 6.000000e+00], [8.000000e+00, 7.000000e+00, 0.000000e+00, 0.000000e+00]]>
// NM: dense<{{\[}}[0.000000e+00, 0.000000e+00, 5.000000e+00, 6.000000e+00], [8.000000e+00, 7.000000e+00, 0.000000e+00, 0.000000e+00]]>
// REMARK: 50.0% of 8 weights are 0; {{[0-9.]+}}% of the output's energy is lost
// FEW: all 8 weights stay: fewer than 512
// KEEP: all weights stay: kept by name
// RANK: stays whole: rank {{[0-9]+}} of 4 x 2 is predicted to take
func.func @main(%x: tensor<3x2xf32>) -> tensor<3x4xf32> attributes {nn.entry} {
  %a = nn.constant dense<[[1.0, -2.0, 5.0, 6.0], [8.0, 7.0, 4.0, 3.0]]> : tensor<2x4xf32>
  %0 = nn.matmul %x, %a : tensor<3x2xf32>, tensor<2x4xf32> -> tensor<3x4xf32> loc("first")
  return %0 : tensor<3x4xf32>
}
