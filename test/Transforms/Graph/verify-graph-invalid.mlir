// RUN: nnc-opt %s -nnc-verify-graph -split-input-file -verify-diagnostics

// expected-error@+1 {{expects a function with 'nn.entry', an entry point}}
module {}

// -----

// expected-error@+1 {{expects a name, 'nn.name', for argument 0}}
func.func @argument_name(%x: tensor<2xf32>) attributes {nn.entry} { return }

// -----

// expected-error@+1 {{expects a ranked tensor of a supported element type as argument 0, but got 'tensor<2xcomplex<f32>>'}}
func.func @argument_type(%x: tensor<2xcomplex<f32>> {nn.name = "x"}) attributes {nn.entry} { return }

// -----

// expected-error@+1 {{expects a name, 'nn.name', for result 0}}
func.func @result_name(%x: tensor<2xf32> {nn.name = "x"}) -> tensor<2xf32> attributes {nn.entry} {
  return %x : tensor<2xf32>
}

// -----

// expected-error@+1 {{expects one block}}
func.func @blocks() attributes {nn.entry} {
  cf.br ^next
^next:
  return
}

// -----

func.func @op(%x: tensor<2xf32> {nn.name = "x"}) attributes {nn.entry} {
  // expected-error@+1 {{can not be scheduled: expects a graph op, a constant, control flow, or a host op on scalars}}
  %0 = tensor.empty() : tensor<2xf32>
  return
}

// -----

func.func @groups(%x: tensor<1x4x8xf32> {nn.name = "x"}, %f: tensor<?x2x1xf32> {nn.name = "f"}) -> (tensor<1x?x8xf32> {nn.name = "y"}) attributes {nn.entry} {
  // expected-error@+1 {{expects a filter of known channels where group is above 1, but got 'tensor<?x2x1xf32>'}}
  %0 = nn.conv %x, %f strides [1] dilations [1] pads [0, 0] {group = 2 : i64} : tensor<1x4x8xf32>, tensor<?x2x1xf32> -> tensor<1x?x8xf32>
  return %0 : tensor<1x?x8xf32>
}
