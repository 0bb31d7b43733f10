// What GPUs have no form of is told by name, before code generation ends the
// process.
//
// RUN: not nnc compile %s --target=cuda:sm_80 -o %t.so 2>&1 | FileCheck %s
// RUN: not nnc compile %s --target=cuda:sm_80 -o %t.ptx 2>&1 | FileCheck %s

// CHECK: error: kernels call functions that GPUs do not have (some of double have no form there; use float, or a CPU): 'erf' in 'kernel_{{.*}}_gpu'
func.func @main(%x: tensor<64xf64> {nn.name = "x"}) -> (tensor<64xf64> {nn.name = "y"}) attributes {nn.entry} {
  %y = nn.erf %x : tensor<64xf64> -> tensor<64xf64>
  return %y : tensor<64xf64>
}
