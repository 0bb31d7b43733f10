// RUN: nnc-opt %s -nnc-verify-schedule -split-input-file -verify-diagnostics

func.func @order(%x: tensor<2xf32>) -> tensor<2xf32> attributes {nn.entry} {
  %0 = nn.kernel "a" order 1 (%a = %x) slots [#nn.slot<arena 0 at 0>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  // expected-error@+1 {{expects an order above 1, that of the kernel before}}
  %1 = nn.kernel "b" order 0 (%a = %0) slots [#nn.slot<output 0>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  return %1 : tensor<2xf32>
}

// -----

func.func @slots(%x: tensor<2xf32>) -> tensor<2xf32> attributes {nn.entry} {
  // expected-error@+1 {{expects a slot for each result}}
  %0 = nn.kernel "a" order 0 (%a = %x) : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// -----

func.func @overlap(%x: tensor<2xf32>) -> tensor<2xf32> attributes {nn.entry} {
  %0 = nn.kernel "a" order 0 (%a = %x) slots [#nn.slot<arena 0 at 0>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  // expected-error@+1 {{writes arena bytes 4 to 12 that hold a live result at 0 to 8}}
  %1 = nn.kernel "b" order 1 (%a = %0) slots [#nn.slot<arena 1 at 4>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  %2 = nn.kernel "c" order 2 (%a = %1) slots [#nn.slot<output 0>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  return %2 : tensor<2xf32>
}

// -----

// A carried buffer is in use from the loop's first kernel on.
func.func @carried(%x: tensor<4xf32>, %n: index) -> tensor<4xf32> attributes {nn.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> tensor<4xf32> {
    %0 = nn.kernel "a" order 0 (%a = %p) slots [#nn.slot<arena 0 at 0>] : (tensor<4xf32>) -> tensor<4xf32> {
      %1 = nn.relu %a : tensor<4xf32> -> tensor<4xf32>
      nn.yield %1 : tensor<4xf32>
    }
    %2 = nn.kernel "b" order 1 (%a = %0) slots [#nn.slot<arena 1 at 64>] : (tensor<4xf32>) -> tensor<4xf32> {
      %1 = nn.relu %a : tensor<4xf32> -> tensor<4xf32>
      nn.yield %1 : tensor<4xf32>
    }
    // expected-error @+1 {{writes arena bytes 0 to 16 that hold a live result at 0 to 16}}
    %3 = nn.kernel "c" order 2 (%a = %2) slots [#nn.slot<arena 2 at 0>] : (tensor<4xf32>) -> tensor<4xf32> {
      nn.yield %a : tensor<4xf32>
    }
    scf.yield %3 : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A kernel may write over an operand only element by element.
func.func @moved_in_place(%x: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {nn.entry} {
  %0 = nn.kernel "a" order 0 (%a = %x) slots [#nn.slot<arena 0 at 0>] : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    nn.yield %a : tensor<4x4xf32>
  }
  // expected-error@+1 {{writes arena bytes 0 to 64 that hold a live result at 0 to 64}}
  %1 = nn.kernel "b" order 1 (%a = %0) slots [#nn.slot<arena 0 at 0>] : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    %2 = nn.transpose %a [1, 0] : tensor<4x4xf32> -> tensor<4x4xf32>
    nn.yield %2 : tensor<4x4xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %1) slots [#nn.slot<output 0>] : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    nn.yield %a : tensor<4x4xf32>
  }
  return %3 : tensor<4x4xf32>
}

// -----

// The run would place both results in one slot.
func.func @read_later(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> attributes {nn.entry} {
  nn.place %n lifetimes [0, 2]
  %0 = nn.kernel "a" order 0 (%a = %x) dims(%n) slots [#nn.slot<arena 0>] : (tensor<?xf32>) -> tensor<?xf32> {
    nn.yield %a : tensor<?xf32>
  }
  // expected-error@+1 {{writes arena slot 0, which holds a live result}}
  %1 = nn.kernel "b" order 1 (%a = %0) dims(%n) slots [#nn.slot<arena 0>] : (tensor<?xf32>) -> tensor<?xf32> {
    %2 = nn.relu %a : tensor<?xf32> -> tensor<?xf32>
    nn.yield %2 : tensor<?xf32>
  }
  %3 = nn.kernel "c" order 2 (%a = %1, %b = %0) dims(%n) slots [#nn.slot<output 0>] : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> {
    %2 = nn.add %a, %b : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
    nn.yield %2 : tensor<?xf32>
  }
  return %3 : tensor<?xf32>
}

// -----

func.func @short_life(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> attributes {nn.entry} {
  // expected-error@+1 {{expects slot 0 to live from 0 to 1, as a result in it does}}
  nn.place %n lifetimes [0, 0]
  %0 = nn.kernel "a" order 0 (%a = %x) dims(%n) slots [#nn.slot<arena 0>] : (tensor<?xf32>) -> tensor<?xf32> {
    nn.yield %a : tensor<?xf32>
  }
  %1 = nn.kernel "b" order 1 (%a = %0) dims(%n) slots [#nn.slot<output 0>] : (tensor<?xf32>) -> tensor<?xf32> {
    nn.yield %a : tensor<?xf32>
  }
  return %1 : tensor<?xf32>
}

// -----

// Parts of a joined tensor must lie one behind the other.
func.func @apart(%x: tensor<2xf32>) -> tensor<4xf32> attributes {nn.entry} {
  %0 = nn.kernel "a" order 0 (%a = %x) slots [#nn.slot<output 0 at 0>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  %1 = nn.kernel "b" order 1 (%a = %x) slots [#nn.slot<output 0 at 16>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  // expected-error@+1 {{expects a part at 8 of the slot of the part before, but got #nn.slot<output 0 at 16>}}
  %2 = tensor.concat dim(0) %0, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// -----

func.func @no_part(%x: tensor<2xf32>) -> tensor<4xf32> attributes {nn.entry} {
  %0 = nn.kernel "a" order 0 (%a = %x) slots [#nn.slot<output 0 at 0>] : (tensor<2xf32>) -> tensor<2xf32> {
    nn.yield %a : tensor<2xf32>
  }
  // expected-error@+1 {{expects to join results of kernels whose places are known}}
  %1 = tensor.concat dim(0) %0, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

func.func @inner_join(%x: tensor<2x2xf32>) -> tensor<2x4xf32> attributes {nn.entry} {
  %0 = nn.kernel "a" order 0 (%a = %x) slots [#nn.slot<output 0 at 0>] : (tensor<2x2xf32>) -> tensor<2x2xf32> {
    nn.yield %a : tensor<2x2xf32>
  }
  %1 = nn.kernel "b" order 1 (%a = %x) slots [#nn.slot<output 0 at 16>] : (tensor<2x2xf32>) -> tensor<2x2xf32> {
    nn.yield %a : tensor<2x2xf32>
  }
  // expected-error@+1 {{expects to join along the outermost axis}}
  %2 = tensor.concat dim(1) %0, %1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
  return %2 : tensor<2x4xf32>
}

// -----

func.func @inner_slice(%x: tensor<2x4xf32>) -> tensor<2x2xf32> attributes {nn.entry} {
  // expected-error@+1 {{expects a stretch along the outermost axis}}
  %0 = tensor.extract_slice %x[0, 0] [2, 2] [1, 1] : tensor<2x4xf32> to tensor<2x2xf32>
  %1 = nn.kernel "a" order 0 (%a = %0) slots [#nn.slot<output 0>] : (tensor<2x2xf32>) -> tensor<2x2xf32> {
    nn.yield %a : tensor<2x2xf32>
  }
  return %1 : tensor<2x2xf32>
}
