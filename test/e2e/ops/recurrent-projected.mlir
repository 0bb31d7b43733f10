// Recurrent layers with known weights, whose inputs meet them in one product,
// against the reference of the ops as they are written.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/plain.mlir && cd %t
// RUN: nnc compile plain.mlir --compile-to=schedule -o schedule.mlir && FileCheck %s --input-file=schedule.mlir
// DEFINE: %{size} = 1
// DEFINE: %{target} = host
// DEFINE: %{args} = --random-seed=5 --dim=s=%{size} --input=l=@l.npy
// DEFINE: %{outputs} = --output=a=@a.npy --output=b=@b.npy --output=c=@c.npy --output=d=@d.npy --output=e=@e.npy --output=f=@f.npy
// DEFINE: %{expected} = --expected=a=@a.npy --expected=b=@b.npy --expected=c=@c.npy --expected=d=@d.npy --expected=e=@e.npy --expected=f=@f.npy --atol=1e-5
// DEFINE: %{check} = \
// DEFINE:   nnc run plain.mlir %{args} --reference %{outputs} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} %{expected} && \
// DEFINE:   nnc run plain.mlir %{args} --target=%{target} --no-fuse %{expected}
// RUN: nnc run %S/Inputs/lengths.mlir --output=l=@l.npy
// RUN: %{check}
// REDEFINE: %{size} = 0
// RUN: %{check}
// REDEFINE: %{size} = 2
// RUN: %{check}
// REDEFINE: %{target} = x86-64-v3
// REDEFINE: %{size} = 37
// RUN: %{check}

// CHECK-NOT: nn.lstm bidirectional %{{[^,]*}}, %{{[^,]*}}, %
// CHECK: nn.lstm bidirectional
// CHECK: nn.gru reverse
// CHECK: nn.gru forward
// CHECK: nn.rnn bidirectional

func.func @main(%x: tensor<?x2x5xf32> {nn.name = "x", nn.dim_names = ["s", "", ""]},
                %l: tensor<2xi32> {nn.name = "l"})
    -> (tensor<?x2x2x7xf32> {nn.name = "a"}, tensor<2x2x7xf32> {nn.name = "b"}, tensor<?x1x2x7xf32> {nn.name = "c"},
        tensor<?x1x2x7xf32> {nn.name = "d"}, tensor<?x2x2x7xf32> {nn.name = "e"}, tensor<2x2x7xf32> {nn.name = "f"})
    attributes {nn.entry} {
  %i0 = nn.constant dense<0> : tensor<i64>
  %i1 = nn.constant dense<1> : tensor<i64>
  %n = nn.constant dense<392> : tensor<i64>
  %whole = nn.range %i0, %i1, %n : tensor<i64>, tensor<i64>, tensor<i64> -> tensor<392xi64>
  %numbers = nn.cast %whole to f32 : tensor<392xi64> -> tensor<392xf32>
  %waves = nn.sin %numbers : tensor<392xf32> -> tensor<392xf32>
  %z = nn.constant dense<0> : tensor<1xi64>
  %n280 = nn.constant dense<280> : tensor<1xi64>
  %n140 = nn.constant dense<140> : tensor<1xi64>
  %n112 = nn.constant dense<112> : tensor<1xi64>
  %n105 = nn.constant dense<105> : tensor<1xi64>
  %n147 = nn.constant dense<147> : tensor<1xi64>
  %n70 = nn.constant dense<70> : tensor<1xi64>
  %n98 = nn.constant dense<98> : tensor<1xi64>
  %n42 = nn.constant dense<42> : tensor<1xi64>

  %lw0 = nn.slice %waves, %z, %n280 axes [0] steps [1] : tensor<392xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<280xf32>
  %lws = nn.constant dense<[2, 28, 5]> : tensor<3xi64>
  %lw = nn.reshape %lw0, %lws : tensor<280xf32>, tensor<3xi64> -> tensor<2x28x5xf32>
  %lrs = nn.constant dense<[2, 28, 7]> : tensor<3xi64>
  %lr = nn.reshape %waves, %lrs : tensor<392xf32>, tensor<3xi64> -> tensor<2x28x7xf32>
  %lb0 = nn.slice %waves, %z, %n112 axes [0] steps [1] : tensor<392xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<112xf32>
  %lbs = nn.constant dense<[2, 56]> : tensor<2xi64>
  %lb = nn.reshape %lb0, %lbs : tensor<112xf32>, tensor<2xi64> -> tensor<2x56xf32>
  %a, %b, %lc = nn.lstm bidirectional %x, %lw, %lr bias %lb lengths %l {clip = 3.0 : f64,
      activations = [#nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>,
                     #nn.activation<sigmoid>, #nn.activation<tanh>, #nn.activation<tanh>]}
    : (tensor<?x2x5xf32>, tensor<2x28x5xf32>, tensor<2x28x7xf32>, tensor<2x56xf32>, tensor<2xi32>)
    -> (tensor<?x2x2x7xf32>, tensor<2x2x7xf32>, tensor<2x2x7xf32>)

  %gw0 = nn.slice %waves, %z, %n105 axes [0] steps [1] : tensor<392xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<105xf32>
  %gws = nn.constant dense<[1, 21, 5]> : tensor<3xi64>
  %gw = nn.reshape %gw0, %gws : tensor<105xf32>, tensor<3xi64> -> tensor<1x21x5xf32>
  %gr0 = nn.slice %waves, %z, %n147 axes [0] steps [1] : tensor<392xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<147xf32>
  %grs = nn.constant dense<[1, 21, 7]> : tensor<3xi64>
  %gr = nn.reshape %gr0, %grs : tensor<147xf32>, tensor<3xi64> -> tensor<1x21x7xf32>
  %gb0 = nn.slice %waves, %z, %n42 axes [0] steps [1] : tensor<392xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<42xf32>
  %gbs = nn.constant dense<[1, 42]> : tensor<2xi64>
  %gb = nn.reshape %gb0, %gbs : tensor<42xf32>, tensor<2xi64> -> tensor<1x42xf32>
  %c, %gh = nn.gru reverse %x, %gw, %gr bias %gb {linear_before_reset,
      activations = [#nn.activation<sigmoid>, #nn.activation<tanh>]}
    : (tensor<?x2x5xf32>, tensor<1x21x5xf32>, tensor<1x21x7xf32>, tensor<1x42xf32>)
    -> (tensor<?x1x2x7xf32>, tensor<1x2x7xf32>)
  %d, %gk = nn.gru forward %x, %gw, %gr bias %gb lengths %l {
      activations = [#nn.activation<sigmoid>, #nn.activation<tanh>]}
    : (tensor<?x2x5xf32>, tensor<1x21x5xf32>, tensor<1x21x7xf32>, tensor<1x42xf32>, tensor<2xi32>)
    -> (tensor<?x1x2x7xf32>, tensor<1x2x7xf32>)

  %rw0 = nn.slice %waves, %z, %n70 axes [0] steps [1] : tensor<392xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<70xf32>
  %rws = nn.constant dense<[2, 7, 5]> : tensor<3xi64>
  %rw = nn.reshape %rw0, %rws : tensor<70xf32>, tensor<3xi64> -> tensor<2x7x5xf32>
  %rr0 = nn.slice %waves, %z, %n98 axes [0] steps [1] : tensor<392xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<98xf32>
  %rrs = nn.constant dense<[2, 7, 7]> : tensor<3xi64>
  %rr = nn.reshape %rr0, %rrs : tensor<98xf32>, tensor<3xi64> -> tensor<2x7x7xf32>
  %e, %f = nn.rnn bidirectional %x, %rw, %rr {
      activations = [#nn.activation<tanh>, #nn.activation<relu>]}
    : (tensor<?x2x5xf32>, tensor<2x7x5xf32>, tensor<2x7x7xf32>) -> (tensor<?x2x2x7xf32>, tensor<2x2x7xf32>)
  return %a, %b, %c, %d, %e, %f : tensor<?x2x2x7xf32>, tensor<2x2x7xf32>, tensor<?x1x2x7xf32>, tensor<?x1x2x7xf32>, tensor<?x2x2x7xf32>, tensor<2x2x7xf32>
}
