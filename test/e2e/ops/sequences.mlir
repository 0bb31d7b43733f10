// Sequences compiled against the reference: inserted in a loop at both ends,
// erased, read, joined along an old and a new axis.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 1
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir --random-seed=3 --random-dim=n=%{size} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=l=@l.npy && \
// DEFINE:   nnc run m.mlir --random-seed=3 --random-dim=n=%{size} --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=l=@l.npy
// RUN: %{check}
// REDEFINE: %{size} = 9
// RUN: %{check}
//
// Nothing to read from: the same refusal by both.
// RUN: not nnc run m.mlir --random-seed=3 --random-dim=n=0 2>&1 | FileCheck %s
// RUN: not nnc run m.mlir --random-seed=3 --random-dim=n=0 --reference 2>&1 | FileCheck %s
// CHECK: position {{.*}}outside of a sequence of 0

!list = !nn.sequence<tensor<?x3xf32>>
func.func @main(%x: tensor<?x3xf32> {nn.name = "x", nn.dim_names = ["n", ""]})
    -> (tensor<?x3xf32> {nn.name = "a"}, tensor<2x?x3xf32> {nn.name = "b"},
        tensor<?x3xf32> {nn.name = "c"}, tensor<i64> {nn.name = "l"})
    attributes {nn.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %last = arith.constant -1 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %empty = nn.sequence_create : () -> !list
  %s, %y = scf.for %i = %c0 to %n step %c1 iter_args(%l = %empty, %v = %x) -> (!list, tensor<?x3xf32>) {
    %w = nn.add %v, %x : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
    %back = nn.sequence_insert %l, %w : !list, tensor<?x3xf32> -> !list
    %front = nn.sequence_insert %back, %v at %c0 : !list, tensor<?x3xf32> -> !list
    scf.yield %front, %w : !list, tensor<?x3xf32>
  }
  %t = nn.sequence_at %s, %last : !list -> tensor<?x3xf32>
  %less = nn.sequence_erase %s at %c1 : !list
  %a = nn.sequence_join %less axis 0 : !list -> tensor<?x3xf32>
  %two = nn.sequence_create %t, %x : (tensor<?x3xf32>, tensor<?x3xf32>) -> !list
  %b = nn.sequence_join %two axis 0 new_axis : !list -> tensor<2x?x3xf32>
  %c = nn.relu %t : tensor<?x3xf32> -> tensor<?x3xf32>
  %length = nn.sequence_length %less : !list
  %l64 = arith.index_cast %length : index to i64
  %l = tensor.from_elements %l64 : tensor<i64>
  return %a, %b, %c, %l : tensor<?x3xf32>, tensor<2x?x3xf32>, tensor<?x3xf32>, tensor<i64>
}
