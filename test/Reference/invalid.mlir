// What the reference interpreter can not do is told with the op's place.
// RUN: split-file %s %t
// RUN: not nnc run %t/divide.mlir --reference --random-seed=1 2>&1 | FileCheck %s --check-prefix=DIVIDE
// RUN: not nnc run %t/outside.mlir --reference --random-seed=1 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: not nnc run %t/check.mlir --reference --random-seed=1 2>&1 | FileCheck %s --check-prefix=CHECKED
// RUN: not nnc run %t/unknown.mlir --reference --random-seed=1 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not nnc run %t/none.mlir --reference --random-seed=1 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not nnc run %t/type.mlir --reference --random-seed=1 2>&1 | FileCheck %s --check-prefix=TYPE

//--- divide.mlir
// DIVIDE: error: 'halve': 'arith.divsi' has no result for its operands
func.func @main() -> tensor<1xi64> {
  %c0 = arith.constant 0 : i64
  %q = arith.divsi %c0, %c0 : i64 loc("halve")
  %t = tensor.from_elements %q : tensor<1xi64>
  return %t : tensor<1xi64>
}

//--- outside.mlir
// OUTSIDE: error: {{.*}}outside.mlir:{{.*}}: 'tensor.extract' reads outside of its tensor
func.func @main(%x: tensor<?xi64>) -> tensor<1xi64> {
  %c9 = arith.constant 9 : index
  %q = tensor.extract %x[%c9] : tensor<?xi64>
  %t = tensor.from_elements %q : tensor<1xi64>
  return %t : tensor<1xi64>
}

//--- check.mlir
// CHECKED: error: {{.*}}: sizes differ
func.func @main(%x: tensor<?xi64>) -> tensor<?xi64> {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %n = tensor.dim %x, %c0 : tensor<?xi64>
  %same = arith.cmpi eq, %n, %c9 : index
  cf.assert %same, "sizes differ"
  return %x : tensor<?xi64>
}

//--- unknown.mlir
// UNKNOWN: error: {{.*}}: 'tensor.collapse_shape' can not be run by the reference interpreter
func.func @main(%x: tensor<2x1xf32>) -> tensor<2xf32> {
  %t = tensor.collapse_shape %x [[0, 1]] : tensor<2x1xf32> into tensor<2xf32>
  return %t : tensor<2xf32>
}

//--- none.mlir
// NONE: error: the module has no entry point
func.func private @f()

//--- type.mlir
// TYPE: error: input 0: expected a ranked tensor of numbers, a sequence or an optional of them, but found index
func.func @main(%i: index) -> tensor<2xf32> {
  %t = arith.constant dense<1.0> : tensor<2xf32>
  return %t : tensor<2xf32>
}
