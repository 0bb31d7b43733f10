// Kernels that do the work of neighbours, against the reference of the ops as
// they are written: projections, a gated unit, a rotation, of sizes that give
// each part another number of work units.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/plain.mlir && cd %t
// RUN: nnc compile plain.mlir --compile-to=schedule -o schedule.mlir && FileCheck %s --input-file=schedule.mlir
// DEFINE: %{size} = 1
// DEFINE: %{target} = host
// DEFINE: %{args} = --random-seed=5 --dim=t=%{size}
// DEFINE: %{outputs} = --output=q=@q.npy --output=k=@k.npy --output=v=@v.npy --output=m=@m.npy --output=r=@r.npy --output=s=@s.npy
// DEFINE: %{expected} = --expected=q=@q.npy --expected=k=@k.npy --expected=v=@v.npy --expected=m=@m.npy --expected=r=@r.npy --expected=s=@s.npy --atol=1e-5
// DEFINE: %{check} = \
// DEFINE:   nnc run plain.mlir %{args} --reference %{outputs} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} %{expected} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} --threads=3 %{expected} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} --no-fuse %{expected}
// RUN: %{check}
// REDEFINE: %{size} = 0
// RUN: %{check}
// REDEFINE: %{size} = 2
// RUN: %{check}
// REDEFINE: %{target} = x86-64-v3
// REDEFINE: %{size} = 131
// RUN: %{check}

// CHECK-COUNT-3: nn.kernel
// CHECK-NOT: nn.kernel

func.func @main(%x: tensor<?x40xf32> {nn.name = "x", nn.dim_names = ["t", ""]},
                %wq: tensor<40x96xf32> {nn.name = "wq"},
                %wk: tensor<40x24xf32> {nn.name = "wk"},
                %wv: tensor<40x7xf32> {nn.name = "wv"},
                %wg: tensor<40x50xf32> {nn.name = "wg"},
                %wu: tensor<40x50xf32> {nn.name = "wu"})
    -> (tensor<?x96xf32> {nn.name = "q"}, tensor<?x24xf32> {nn.name = "k"}, tensor<?x7xf32> {nn.name = "v"},
        tensor<?x50xf32> {nn.name = "m"}, tensor<40x?xf32> {nn.name = "r"}, tensor<?x40xf32> {nn.name = "s"})
    attributes {nn.entry} {
  %q = nn.matmul %x, %wq : tensor<?x40xf32>, tensor<40x96xf32> -> tensor<?x96xf32>
  %k = nn.matmul %x, %wk : tensor<?x40xf32>, tensor<40x24xf32> -> tensor<?x24xf32>
  %kr = nn.relu %k : tensor<?x24xf32> -> tensor<?x24xf32>
  %v = nn.matmul %x, %wv : tensor<?x40xf32>, tensor<40x7xf32> -> tensor<?x7xf32>
  %e = nn.exp %q : tensor<?x96xf32> -> tensor<?x96xf32>
  %y = nn.tanh %x : tensor<?x40xf32> -> tensor<?x40xf32>
  %z = nn.transpose %y [1, 0] : tensor<?x40xf32> -> tensor<40x?xf32>
  %a = nn.abs %x : tensor<?x40xf32> -> tensor<?x40xf32>
  %g = nn.matmul %x, %wg : tensor<?x40xf32>, tensor<40x50xf32> -> tensor<?x50xf32>
  %h = nn.sigmoid %g : tensor<?x50xf32> -> tensor<?x50xf32>
  %u = nn.matmul %x, %wu : tensor<?x40xf32>, tensor<40x50xf32> -> tensor<?x50xf32>
  %m = nn.mul %h, %u : tensor<?x50xf32>, tensor<?x50xf32> -> tensor<?x50xf32>
  return %e, %kr, %v, %m, %z, %a : tensor<?x96xf32>, tensor<?x24xf32>, tensor<?x7xf32>, tensor<?x50xf32>, tensor<40x?xf32>, tensor<?x40xf32>
}
