// Branches and loops compiled against the reference: carried tensors that
// change places, that grow, that pass through; zero iterations; nesting.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 0
// DEFINE: %{trips} = 0
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir --random-seed=%{trips} --random-dim=n=%{size} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy && \
// DEFINE:   nnc run m.mlir --random-seed=%{trips} --random-dim=n=%{size} --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy
// RUN: %{check}
// REDEFINE: %{size} = 1
// RUN: %{check}
// REDEFINE: %{size} = 17
// RUN: %{check}
// REDEFINE: %{trips} = 4
// RUN: %{check}

func.func @main(%x: tensor<?x3xf32> {nn.name = "x", nn.dim_names = ["n", ""]},
                %y: tensor<?x3xf32> {nn.name = "y", nn.dim_names = ["n", ""]},
                %c: tensor<4xi1> {nn.name = "c"})
    -> (tensor<?x3xf32> {nn.name = "a"}, tensor<?x3xf32> {nn.name = "b"},
        tensor<?x3xf32> {nn.name = "c"}, tensor<?x3xf32> {nn.name = "d"},
        tensor<i64> {nn.name = "e"}) attributes {nn.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  // Two tensors change places each time; one is read after the other is made.
  %a, %b = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x, %q = %y) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
    %s = nn.sub %p, %q : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
    %u = nn.add %q, %s : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
    %bit = tensor.extract %c[%c1] : tensor<4xi1>
    %r = scf.if %bit -> tensor<?x3xf32> {
      %t = nn.neg %u : tensor<?x3xf32> -> tensor<?x3xf32>
      scf.yield %t : tensor<?x3xf32>
    } else {
      scf.yield %p : tensor<?x3xf32>
    }
    scf.yield %q, %r : tensor<?x3xf32>, tensor<?x3xf32>
  }
  // One that grows by itself, three times, and one that passes through.
  %g, %same = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %x, %q = %y) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
    %w = nn.concat %p, %q axis 0 : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
    scf.yield %w, %q : tensor<?x3xf32>, tensor<?x3xf32>
  }
  // Until a bit is set, or four times.
  %zero = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  %four = arith.constant 4 : i64
  %k, %d = scf.while (%i = %zero, %p = %same) : (i64, tensor<?x3xf32>) -> (i64, tensor<?x3xf32>) {
    %more = arith.cmpi slt, %i, %four : i64
    scf.condition(%more) %i, %p : i64, tensor<?x3xf32>
  } do {
  ^bb0(%i: i64, %p: tensor<?x3xf32>):
    %at = arith.index_cast %i : i64 to index
    %bit = tensor.extract %c[%at] : tensor<4xi1>
    %stop = arith.select %bit, %four, %i : i64
    %next = arith.addi %stop, %one : i64
    %p2 = nn.add %p, %x : tensor<?x3xf32>, tensor<?x3xf32> -> tensor<?x3xf32>
    scf.yield %next, %p2 : i64, tensor<?x3xf32>
  }
  %e = tensor.from_elements %k : tensor<i64>
  return %a, %b, %g, %d, %e : tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>, tensor<i64>
}
