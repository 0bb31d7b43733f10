// RUN: nnc-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{has nn version 2, but this compiler reads 1 to 1}}
module attributes {nn.version = 2 : i64} {}

// -----

// expected-error@+1 {{expects 'nn.version' to be an integer on a module}}
func.func @version() attributes {nn.version = 1 : i64} { return }

// -----

func.func @weight_size() {
  // expected-error@+1 {{expects 12 bytes for 'tensor<3xf32>', but got 8}}
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 8> : tensor<3xf32>
  return
}

// -----

func.func @weight_dynamic() {
  // expected-error@+1 {{expects a static shape, but got 'tensor<?xf32>'}}
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 8> : tensor<?xf32>
  return
}

// -----

func.func @weight_huge() {
  // expected-error@+1 {{expects a size that fits into 63 bits}}
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 8> : tensor<4611686018427387904x4xf32>
  return
}

// -----

// expected-error@+1 {{expects offset and length of at least 0, but got -1 and 8}}
func.func @data_offset() attributes {a = #nn.data<"m.onnx", offset = -1, length = 8>} { return }

// -----

func.func @transform_type() {
  // expected-error@+1 {{expects the type 'tensor<3x2xf32>' that its transforms give, but got 'tensor<2x3xf32>'}}
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 24, stored = tensor<2x3xf32>,
    transforms = [#nn.relayout<shape = [2, 3], perm = [1, 0]>]> : tensor<2x3xf32>
  return
}

// -----

func.func @transform_stored_size() {
  // expected-error@+1 {{expects 24 bytes for 'tensor<2x3xf32>', but got 20}}
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 20, stored = tensor<2x3xf32>,
    transforms = [#nn.relayout<shape = [2, 3], perm = [1, 0]>]> : tensor<3x2xf32>
  return
}

// -----

// expected-error@+1 {{expects transforms of weights, but got unit}}
func.func @transform_kind() attributes {a = #nn.data<"m.onnx", offset = 0, length = 8, stored = tensor<2xf32>, transforms = [unit]>} { return }

// -----

// expected-error@+1 {{expects a static shape whose bytes fit into 63 bits, but got tensor<?xf32>}}
func.func @transform_dynamic() attributes {a = #nn.data<"m.onnx", offset = 0, length = 8, stored = tensor<?xf32>, transforms = [#nn.relayout<shape = [2]>]>} { return }

// -----

// expected-error@+1 {{expects a result whose bytes fit into 63 bits, but got tensor<4611686018427387904xf32>}}
func.func @transform_huge() attributes {a = #nn.data<"m.onnx", offset = 0, length = 4, stored = tensor<1xf32>, transforms = [#nn.relayout<shape = [1], pad = [4611686018427387903]>]>} { return }

// -----

// expected-error@+1 {{expects a weight of 6 elements to lay out, but got tensor<4xf32>}}
func.func @relayout_size() attributes {a = #nn.data<"m.onnx", offset = 0, length = 16, stored = tensor<4xf32>, transforms = [#nn.relayout<shape = [2, 3]>]>} { return }

// -----

// expected-error@+1 {{expects each of the dimensions 4, 3 to be split into parts, but got 2, 2, 2}}
func.func @relayout_split() attributes {a = #nn.relayout<shape = [4, 3], split = [2, 2, 2]>} { return }

// -----

// expected-error@+1 {{expects a permutation of 2 dimensions, but got 1, 1}}
func.func @relayout_perm() attributes {a = #nn.relayout<shape = [4, 3], perm = [1, 1]>} { return }

// -----

// expected-error@+1 {{expects factors of rank 1 of floats of 16, 32 or 64 bits, but got 'tensor<2xi32>'}}
func.func @scale_factors() attributes {a = #nn.scale<axis = 0, factors = dense<[1, 2]> : tensor<2xi32>>} { return }

// -----

// expected-error@+1 {{expects an axis of at least 0, but got -1}}
func.func @scale_axis() attributes {a = #nn.scale<axis = -1, factors = dense<1.0> : tensor<2xf32>>} { return }

// -----

// expected-error@+1 {{expects dimension 1 to have the size 2 of the factors, but got tensor<2xf32>}}
func.func @scale_size() attributes {a = #nn.data<"m.onnx", offset = 0, length = 8, stored = tensor<2xf32>, transforms = [#nn.scale<axis = 1, factors = dense<1.0> : tensor<2xf32>>]>} { return }

// -----

// expected-error@+1 {{expects a weight of floats of 16, 32 or 64 bits to scale, but got tensor<2xi32>}}
func.func @scale_type() attributes {a = #nn.data<"m.onnx", offset = 0, length = 8, stored = tensor<2xi32>, transforms = [#nn.scale<axis = 0, factors = dense<1.0> : tensor<2xf32>>]>} { return }

// -----

// expected-error@+1 {{expects a tile of 2 or 4, but got 3}}
func.func @winograd_tile() attributes {a = #nn.winograd<tile = 3>} { return }

// -----

// expected-error@+1 {{expects a filter [F, C, 3, 3] of floats of 16, 32 or 64 bits, but got tensor<2x1x3xf32>}}
func.func @winograd_shape() attributes {a = #nn.data<"m.onnx", offset = 0, length = 24, stored = tensor<2x1x3xf32>, transforms = [#nn.winograd<tile = 2>]>} { return }

// -----

// expected-error@+1 {{expects the path of a file}}
func.func @data_file() attributes {a = #nn.data<"", offset = 0, length = 8>} { return }

// -----

func.func @kernel_dims(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error@+1 {{expects a size for each of the 1 dynamic result dimensions, but got 0}}
  %0 = nn.kernel "k" (%a = %x) : (tensor<?xf32>) -> tensor<?xf32> {
    nn.yield %a : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// -----

func.func @kernel_slots(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{expects a slot for each of the 1 results, but got 0}}
  %0 = nn.kernel "k" (%a = %x) slots [] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

func.func @kernel_yield(%x: tensor<2xf32>) -> tensor<3xf32> {
  // expected-error@+1 {{expects to yield values of the results' types}}
  %0 = nn.kernel "k" (%a = %x) : (tensor<2xf32>) -> tensor<3xf32> {
    nn.yield %a : tensor<2xf32>
  }
  return %0 : tensor<3xf32>
}

// -----

func.func @kernel_arity(%x: tensor<2xf32>) {
  // expected-error@+1 {{expects 1 input types, but got 0}}
  nn.kernel "k" (%a = %x) : () -> () {
    nn.yield
  }
  return
}

// -----

func.func @kernel_input(%x: memref<2xf32>) {
  // expected-error@+1 {{expects tensors and scalars, but got 'memref<2xf32>'}}
  nn.kernel "k" (%a = %x) : (memref<2xf32>) -> () {
    nn.yield
  }
  return
}

// -----

func.func @place_count(%n: index) {
  // expected-error@+1 {{expects two positions for each of the 1 sizes, but got 1}}
  nn.place %n lifetimes [0]
  return
}

// -----

func.func @place_reversed(%n: index) {
  // expected-error@+1 {{expects a lifetime to start before it ends, but got 2 to 1}}
  nn.place %n lifetimes [2, 1]
  return
}

// -----

func.func @launch_callee(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{expects 'missing' to be a function}}
  %0 = nn.launch @missing "k"(%x) dims() slots [#nn.slot<output 0>] : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
