// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @pad_count(%x: tensor<3xf32>, %p: tensor<2xi64>, %v: tensor<f32>, %i: tensor<i32>, %w: tensor<1xf32>, %q: tensor<3xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects 2 pads, but got 3}}
  %0 = nn.pad constant %x, %q : tensor<3xf32>, tensor<3xi64> -> tensor<?xf32>
  return
}

// -----

func.func @pad_value_mode(%x: tensor<3xf32>, %p: tensor<2xi64>, %v: tensor<f32>, %i: tensor<i32>, %w: tensor<1xf32>, %q: tensor<3xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects no value in mode edge}}
  %0 = nn.pad edge %x, %p value %v : tensor<3xf32>, tensor<2xi64>, tensor<f32> -> tensor<?xf32>
  return
}

// -----

func.func @pad_value_type(%x: tensor<3xf32>, %p: tensor<2xi64>, %v: tensor<f32>, %i: tensor<i32>, %w: tensor<1xf32>, %q: tensor<3xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a value of the input's element type}}
  %0 = nn.pad constant %x, %p value %i : tensor<3xf32>, tensor<2xi64>, tensor<i32> -> tensor<?xf32>
  return
}

// -----

func.func @pad_value_rank(%x: tensor<3xf32>, %p: tensor<2xi64>, %v: tensor<f32>, %i: tensor<i32>, %w: tensor<1xf32>, %q: tensor<3xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a value of rank 0, but got rank 1}}
  %0 = nn.pad constant %x, %p value %w : tensor<3xf32>, tensor<2xi64>, tensor<1xf32> -> tensor<?xf32>
  return
}

// -----

func.func @pad_too_short(%x: tensor<3xf32>) {
  %s = nn.constant dense<-2> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{removes more elements than axis 0 has}}
  %0 = nn.pad constant %x, %s : tensor<3xf32>, tensor<2xi64> -> tensor<?xf32>
  return
}

// -----

func.func @pad_empty(%x: tensor<0xf32>) {
  %s = nn.constant dense<1> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects axis 0 of the padded input not to be empty}}
  %0 = nn.pad reflect %x, %s : tensor<0xf32>, tensor<2xi64> -> tensor<?xf32>
  return
}

// -----

func.func @pad_huge(%x: tensor<3xf32>) {
  %s = nn.constant dense<9223372036854775807> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{has a result of more elements than can be addressed}}
  %0 = nn.pad constant %x, %s : tensor<3xf32>, tensor<2xi64> -> tensor<?xf32>
  return
}

// -----

func.func @tile_count(%x: tensor<3xf32>) {
  %s = nn.constant dense<1> : tensor<2xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects 1 repeats, but got 2}}
  %0 = nn.tile %x, %s : tensor<3xf32>, tensor<2xi64> -> tensor<?xf32>
  return
}

// -----

func.func @tile_negative(%x: tensor<3xf32>) {
  %s = nn.constant dense<-1> : tensor<1xi64>
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects repeats of 0 or more, but got -1}}
  %0 = nn.tile %x, %s : tensor<3xf32>, tensor<1xi64> -> tensor<?xf32>
  return
}

// -----

func.func @range_types(%s: tensor<f32>, %d: tensor<i32>, %n: tensor<i64>, %v: tensor<1xf32>, %m: tensor<1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects start and delta of one element type}}
  %0 = nn.range %s, %d, %n : tensor<f32>, tensor<i32>, tensor<i64> -> tensor<?xf32>
  return
}

// -----

func.func @range_start(%s: tensor<f32>, %d: tensor<i32>, %n: tensor<i64>, %v: tensor<1xf32>, %m: tensor<1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a start of rank 0, but got rank 1}}
  %0 = nn.range %v, %s, %n : tensor<1xf32>, tensor<f32>, tensor<i64> -> tensor<?xf32>
  return
}

// -----

func.func @range_delta(%s: tensor<f32>, %d: tensor<i32>, %n: tensor<i64>, %v: tensor<1xf32>, %m: tensor<1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a delta of rank 0, but got rank 1}}
  %0 = nn.range %s, %v, %n : tensor<f32>, tensor<1xf32>, tensor<i64> -> tensor<?xf32>
  return
}

// -----

func.func @range_size(%s: tensor<f32>, %d: tensor<i32>, %n: tensor<i64>, %v: tensor<1xf32>, %m: tensor<1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a size of rank 0, but got rank 1}}
  %0 = nn.range %s, %s, %m : tensor<f32>, tensor<f32>, tensor<1xi64> -> tensor<?xf32>
  return
}

// -----

func.func @trilu_rank(%x: tensor<3xf32>, %y: tensor<3x4xf32>, %k: tensor<i64>, %l: tensor<1xi64>, %m: tensor<1x1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an input of rank 2 or more, but got rank 1}}
  %0 = nn.trilu %x, %k : tensor<3xf32>, tensor<i64> -> tensor<3xf32>
  return
}

// -----

func.func @trilu_k(%x: tensor<3xf32>, %y: tensor<3x4xf32>, %k: tensor<i64>, %l: tensor<1xi64>, %m: tensor<1x1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects a diagonal of rank 0, but got rank 1}}
  %0 = nn.trilu %y, %l : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x4xf32>
  return
}

// -----

func.func @reverse_rank(%x: tensor<3xf32>, %y: tensor<3x4xf32>, %k: tensor<i64>, %l: tensor<1xi64>, %m: tensor<1x1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects an input of rank 2 or more, but got rank 1}}
  %0 = nn.reverse_sequence %x, %l time_axis 0 batch_axis 1 : tensor<3xf32>, tensor<1xi64> -> tensor<3xf32>
  return
}

// -----

func.func @reverse_axes(%x: tensor<3xf32>, %y: tensor<3x4xf32>, %k: tensor<i64>, %l: tensor<1xi64>, %m: tensor<1x1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects time and batch axes 0 and 1 or 1 and 0, but got 1 and 1}}
  %0 = nn.reverse_sequence %y, %l time_axis 1 batch_axis 1 : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x4xf32>
  return
}

// -----

func.func @reverse_lengths_rank(%x: tensor<3xf32>, %y: tensor<3x4xf32>, %k: tensor<i64>, %l: tensor<1xi64>, %m: tensor<1x1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expects lengths of rank 1, but got rank 2}}
  %0 = nn.reverse_sequence %y, %m time_axis 0 batch_axis 1 : tensor<3x4xf32>, tensor<1x1xi64> -> tensor<3x4xf32>
  return
}

// -----

func.func @reverse_lengths(%x: tensor<3xf32>, %y: tensor<3x4xf32>, %k: tensor<i64>, %l: tensor<1xi64>, %m: tensor<1x1xi64>) {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{batch size and number of lengths must be equal, but are 4 and 1}}
  %0 = nn.reverse_sequence %y, %l time_axis 0 batch_axis 1 : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x4xf32>
  return
}
