// Products that normalize their rows, against the reference: with and without
// mean, scale and bias, for one product and two of which one reads the other,
// of rows that fill no vector, and of one element.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/plain.mlir && cd %t
// RUN: nnc compile plain.mlir --target=x86-64-v4 --compile-to=schedule -o schedule.mlir && FileCheck %s --input-file=schedule.mlir
// DEFINE: %{size} = 1
// DEFINE: %{target} = x86-64
// DEFINE: %{args} = --random-seed=5 --dim=t=%{size}
// DEFINE: %{outputs} = --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy
// DEFINE: %{expected} = --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --atol=2e-5
// DEFINE: %{check} = \
// DEFINE:   nnc run plain.mlir %{args} --reference %{outputs} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} %{expected} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} --threads=3 %{expected}
// RUN: %{check}
// REDEFINE: %{size} = 0
// RUN: %{check}
// REDEFINE: %{target} = host
// REDEFINE: %{size} = 2
// RUN: %{check}
// REDEFINE: %{size} = 131
// RUN: %{check}
// RUN: %if x86-64-v3 %{ nnc run plain.mlir %{args} --target=x86-64-v3 %{expected} %}

// CHECK-COUNT-3: kern.normalize
// CHECK-NOT: nn.normalize

func.func @main(%x: tensor<?x3x37xf32> {nn.name = "x", nn.dim_names = ["t", "", ""]},
                %o: tensor<?x3x1xf32> {nn.name = "o", nn.dim_names = ["t", "", ""]},
                %s: tensor<37xf32> {nn.name = "s"}, %bias: tensor<37xf32> {nn.name = "bias"},
                %v: tensor<37x50xf32> {nn.name = "v"}, %w: tensor<37x50xf32> {nn.name = "w"},
                %u: tensor<37x9xf32> {nn.name = "u"}, %z: tensor<1x5xf32> {nn.name = "z"})
    -> (tensor<?x3x50xf32> {nn.name = "a"}, tensor<?x3x9xf32> {nn.name = "b"}, tensor<?x3x5xf32> {nn.name = "c"})
    attributes {nn.entry} {
  %n = nn.normalize %x [2] epsilon 1.0e-5 scale %s bias %bias : tensor<?x3x37xf32> scale tensor<37xf32> bias tensor<37xf32> -> tensor<?x3x37xf32>
  %g = nn.matmul %n, %v : tensor<?x3x37xf32>, tensor<37x50xf32> -> tensor<?x3x50xf32>
  %h = nn.sigmoid %g : tensor<?x3x50xf32> -> tensor<?x3x50xf32>
  %k = nn.matmul %n, %w : tensor<?x3x37xf32>, tensor<37x50xf32> -> tensor<?x3x50xf32>
  %a = nn.mul %h, %k : tensor<?x3x50xf32>, tensor<?x3x50xf32> -> tensor<?x3x50xf32>
  %m = nn.normalize %x [2] epsilon 1.0e-3 uncentered scale %bias : tensor<?x3x37xf32> scale tensor<37xf32> -> tensor<?x3x37xf32>
  %b = nn.matmul %m, %u : tensor<?x3x37xf32>, tensor<37x9xf32> -> tensor<?x3x9xf32>
  %e = nn.normalize %o [2] epsilon 0.1 uncentered : tensor<?x3x1xf32> -> tensor<?x3x1xf32>
  %c = nn.matmul %e, %z : tensor<?x3x1xf32>, tensor<1x5xf32> -> tensor<?x3x5xf32>
  return %a, %b, %c : tensor<?x3x50xf32>, tensor<?x3x9xf32>, tensor<?x3x5xf32>
}
