// The reference interpreter on scf, arith and tensor ops around graph ops.
// RUN: not nnc run %s --reference --input input0=@%t.npy --output output0=@%t.none 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: nnc run %s --reference --random-seed=3 | FileCheck %s

// ABSENT: error: input 'input0'

// Sums of 0 + 1 + 2 + 3, then doubled until 40 is passed; the branch by size.
// CHECK: output0: i64[2] min 3 max 48 {{.*}} [48 3]
// CHECK: output1: f32[3,4] min 1 max 1
func.func @main(%x: tensor<3x4xf32>) -> (tensor<2xi64>, tensor<3x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %limit = arith.constant 40 : i64
  %zero = arith.constant 0 : i64
  %two = arith.constant 2 : i64
  %rows = tensor.dim %x, %c0 : tensor<3x4xf32>
  %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%acc = %zero) -> i64 {
    %n = arith.index_cast %i : index to i64
    %next = arith.addi %acc, %n : i64
    scf.yield %next : i64
  }
  %doubled = scf.while (%v = %sum) : (i64) -> i64 {
    %go = arith.cmpi slt, %v, %limit : i64
    scf.condition(%go) %v : i64
  } do {
  ^bb0(%v: i64):
    %w = arith.muli %v, %two : i64
    scf.yield %w : i64
  }
  %rows64 = arith.index_cast %rows : index to i64
  %shape = tensor.from_elements %doubled, %rows64 : tensor<2xi64>
  %wide = arith.cmpi uge, %rows, %c4 : index
  %y = scf.if %wide -> tensor<3x4xf32> {
    scf.yield %x : tensor<3x4xf32>
  } else {
    %one = arith.constant dense<1.0> : tensor<3x4xf32>
    scf.yield %one : tensor<3x4xf32>
  }
  return %shape, %y : tensor<2xi64>, tensor<3x4xf32>
}
