// Embeddings of words and positions: numbers in equal steps, reshaped, pick rows
// that are added to every batch; against the reference of the ops as written.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/plain.mlir && cd %t
// RUN: nnc compile plain.mlir --compile-to=schedule -o schedule.mlir && FileCheck %s --input-file=schedule.mlir
// DEFINE: %{sizes} = --dim=b=1 --dim=t=1
// DEFINE: %{check} = \
// DEFINE:   nnc run plain.mlir --random-seed=5 %{sizes} --reference --output=y=@y.npy && \
// DEFINE:   nnc run plain.mlir --random-seed=5 %{sizes} --expected=y=@y.npy && \
// DEFINE:   nnc run plain.mlir --random-seed=5 %{sizes} --threads=2 --target=x86-64-v3 --expected=y=@y.npy && \
// DEFINE:   nnc run plain.mlir --random-seed=5 %{sizes} --no-fuse --expected=y=@y.npy
// RUN: %{check}
// REDEFINE: %{sizes} = --dim=b=3 --dim=t=11
// RUN: %{check}
// REDEFINE: %{sizes} = --dim=b=0 --dim=t=4
// RUN: %{check}
// REDEFINE: %{sizes} = --dim=b=2 --dim=t=0
// RUN: %{check}
// CHECK-COUNT-2: nn.kernel
// CHECK-NOT: nn.kernel

func.func @main(%x: tensor<?x?x40xf32> {nn.name = "x", nn.dim_names = ["b", "t", ""]},
                %table: tensor<11x40xf32> {nn.name = "table"})
    -> (tensor<?x?x40xf32> {nn.name = "y"}) attributes {nn.entry} {
  %c1 = arith.constant 1 : index
  %length = tensor.dim %x, %c1 : tensor<?x?x40xf32>
  %i = arith.index_cast %length : index to i64
  %n = tensor.from_elements %i : tensor<i64>
  %start = nn.constant dense<0> : tensor<i64>
  %delta = nn.constant dense<1> : tensor<i64>
  %at = nn.range %start, %delta, %n : tensor<i64>, tensor<i64>, tensor<i64> -> tensor<?xi64>
  %shape = nn.constant dense<[1, -1]> : tensor<2xi64>
  %row = nn.reshape %at, %shape : tensor<?xi64>, tensor<2xi64> -> tensor<1x?xi64>
  %p = nn.gather %table, %row axis 0 : tensor<11x40xf32>, tensor<1x?xi64> -> tensor<1x?x40xf32>
  %y = nn.add %x, %p : tensor<?x?x40xf32>, tensor<1x?x40xf32> -> tensor<?x?x40xf32>
  return %y : tensor<?x?x40xf32>
}
