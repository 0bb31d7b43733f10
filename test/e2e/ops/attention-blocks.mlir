// Attention in one kernel against the reference: several blocks of keys, widths that
// fill no vector, transposed operands, heads that queries share, masks, causality.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// RUN: nnc compile m.mlir --target=host -o host.so
// RUN: nnc compile m.mlir --target=x86-64 -o plain.so
// RUN: nnc compile m.mlir -O0 -o parts.so
// DEFINE: %{queries} = 1
// DEFINE: %{keys} = 1
// DEFINE: %{data} = --random-seed=3 --random-dim=l=%{queries} --random-dim=s=%{keys}
// DEFINE: %{expected} = --atol=2e-6 --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir %{data} --reference --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy && \
// DEFINE:   nnc run host.so %{data} %{expected} && \
// DEFINE:   nnc run plain.so %{data} --threads=2 %{expected} && \
// DEFINE:   nnc run parts.so %{data} %{expected}
// RUN: %{check}
// REDEFINE: %{queries} = 7
// REDEFINE: %{keys} = 40
// RUN: %{check}
// REDEFINE: %{queries} = 33
// REDEFINE: %{keys} = 1100
// RUN: %{check}
// REDEFINE: %{queries} = 1
// REDEFINE: %{keys} = 513
// RUN: %{check}
// REDEFINE: %{queries} = 0
// REDEFINE: %{keys} = 3
// RUN: %{check}

// One tensor of scores has as many elements as all operands a hundred times over:
// no kernel makes one.
// RUN: nnc-opt %s --nnc-schedule | FileCheck %s
// CHECK-LABEL: func.func @main
// CHECK-NOT: nn.transpose
// CHECK-NOT: nn.softmax
// CHECK-COUNT-6: kern.attention
// CHECK-NOT: nn.transpose
// CHECK-NOT: kern.gemm

func.func @main(%q: tensor<2x?x4x20xf32> {nn.name = "q", nn.dim_names = ["", "l", "", ""]},
                %k: tensor<2x?x2x20xf32> {nn.name = "k", nn.dim_names = ["", "s", "", ""]},
                %v: tensor<2x?x2x33xf32> {nn.name = "v", nn.dim_names = ["", "s", "", ""]},
                %m: tensor<?x?xf32> {nn.name = "m", nn.dim_names = ["l", "s"]},
                %b: tensor<4x1x?xi1> {nn.name = "n", nn.dim_names = ["", "", "s"]},
                %x: tensor<3x?x8xf32> {nn.name = "x", nn.dim_names = ["", "l", ""]},
                %y: tensor<3x8x600xf32> {nn.name = "y"},
                %z: tensor<3x600x16xf32> {nn.name = "z"})
    -> (tensor<2x?x4x33xf32> {nn.name = "a", nn.dim_names = ["", "l", "", ""]},
        tensor<2x4x?x33xf32> {nn.name = "b", nn.dim_names = ["", "", "l", ""]},
        tensor<2x4x?x33xf32> {nn.name = "c", nn.dim_names = ["", "", "l", ""]},
        tensor<2x4x?x33xf32> {nn.name = "d", nn.dim_names = ["", "", "l", ""]},
        tensor<3x?x16xf32> {nn.name = "e", nn.dim_names = ["", "l", ""]},
        tensor<600x8xf32> {nn.name = "f"}) attributes {nn.entry} {
  %q1 = nn.transpose %q [0, 2, 1, 3] : tensor<2x?x4x20xf32> -> tensor<2x4x?x20xf32>
  %k1 = nn.transpose %k [0, 2, 1, 3] : tensor<2x?x2x20xf32> -> tensor<2x2x?x20xf32>
  %v1 = nn.transpose %v [0, 2, 1, 3] : tensor<2x?x2x33xf32> -> tensor<2x2x?x33xf32>
  %0 = nn.attention %q1, %k1, %v1 scale 0.25 : tensor<2x4x?x20xf32>, tensor<2x2x?x20xf32>, tensor<2x2x?x33xf32> -> tensor<2x4x?x33xf32>
  %a = nn.transpose %0 [0, 2, 1, 3] : tensor<2x4x?x33xf32> -> tensor<2x?x4x33xf32>
  %1 = nn.attention %q1, %k1, %v1 mask %m scale 1.0 {softcap = 2.0 : f64} : tensor<2x4x?x20xf32>, tensor<2x2x?x20xf32>, tensor<2x2x?x33xf32>, tensor<?x?xf32> -> tensor<2x4x?x33xf32>
  %2 = nn.attention %q1, %k1, %v1 mask %b scale 1.0 {fill = -4.0 : f64, causality = #nn<causality from_start>} : tensor<2x4x?x20xf32>, tensor<2x2x?x20xf32>, tensor<2x2x?x33xf32>, tensor<4x1x?xi1> -> tensor<2x4x?x33xf32>
  %3 = nn.attention %q1, %k1, %v1 scale 0.5 {causality = #nn<causality from_end>} : tensor<2x4x?x20xf32>, tensor<2x2x?x20xf32>, tensor<2x2x?x33xf32> -> tensor<2x4x?x33xf32>
  %y1 = nn.transpose %y [0, 2, 1] : tensor<3x8x600xf32> -> tensor<3x600x8xf32>
  %4 = nn.attention %x, %y1, %z scale 1.0 : tensor<3x?x8xf32>, tensor<3x600x8xf32>, tensor<3x600x16xf32> -> tensor<3x?x16xf32>
  %s = nn.constant dense<[0, 0, 0]> : tensor<3xi64>
  %e = nn.constant dense<[1, 600, 8]> : tensor<3xi64>
  %h = nn.constant dense<[600, 8]> : tensor<2xi64>
  %w0 = nn.slice %z, %s, %e axes [0, 1, 2] steps [1, 1, 1] : tensor<3x600x16xf32>, tensor<3xi64>, tensor<3xi64> -> tensor<1x600x8xf32>
  %5 = nn.attention %w0, %w0, %w0 scale 1.0 {causality = #nn<causality from_start>} : tensor<1x600x8xf32>, tensor<1x600x8xf32>, tensor<1x600x8xf32> -> tensor<1x600x8xf32>
  %f = nn.reshape %5, %h : tensor<1x600x8xf32>, tensor<2xi64> -> tensor<600x8xf32>
  return %a, %1, %2, %3, %4, %f : tensor<2x?x4x33xf32>, tensor<2x4x?x33xf32>, tensor<2x4x?x33xf32>, tensor<2x4x?x33xf32>, tensor<3x?x16xf32>, tensor<600x8xf32>
}
