// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @conv_types(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf16>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects operands of one element type, but got f32 and f16}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3xf16> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_input_rank(%x: tensor<4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects an input of rank 3 to 5, but got rank 2}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_filter_rank(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects a filter of rank 3, but got rank 4}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_bias_rank(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>, %b: tensor<4x1xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects a bias of rank 1, but got rank 2}}
  %0 = nn.conv %x, %w, %b strides [1] dilations [1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3xf32>, tensor<4x1xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_bias_size(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>, %b: tensor<5xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{output channels and the bias must be equal, but are 4 and 5}}
  %0 = nn.conv %x, %w, %b strides [1] dilations [1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3xf32>, tensor<5xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_group(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects a group of 1 to 2147483647, but got 0}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {group = 0 : i64} : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_channels(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{input channels and the filter's times group must be equal, but are 4 and 8}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {group = 2 : i64} : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_features(%x: tensor<1x4x8xf32>, %w: tensor<5x2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{output channels and their largest multiple of group must be equal, but are 5 and 4}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {group = 2 : i64} : tensor<1x4x8xf32>, tensor<5x2x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_strides_count(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects 1 strides, but got 2}}
  %0 = nn.conv %x, %w strides [1, 1] dilations [1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_strides(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects strides of 1 to 2147483647, but got 0}}
  %0 = nn.conv %x, %w strides [0] dilations [1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_dilations(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects dilations of 1 to 2147483647, but got -1}}
  %0 = nn.conv %x, %w strides [1] dilations [-1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_pads_count(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects 2 pads, but got 1}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_pads(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects pads of 0 to 2147483647, but got -1}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, -1] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_auto_pad(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects pads of 0 where auto_pad is set, but got 1}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 1] {auto_pad = #nn<auto_pad valid>} : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_kernel(%x: tensor<1x4x8xf32>, %w: tensor<4x4x0xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects kernel dimensions of 1 to 2147483647, but got 0}}
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x0xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_window(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{a window's extent and the part of it in the padded input must be equal, but are 9 and 8}}
  %0 = nn.conv %x, %w strides [1] dilations [4] pads [0, 0] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_transpose_channels(%x: tensor<1x4x8xf32>, %w: tensor<3x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{input channels and the filter's must be equal, but are 4 and 3}}
  %0 = nn.conv_transpose %x, %w strides [1] dilations [1] pads [0, 0] output_padding [0] : tensor<1x4x8xf32>, tensor<3x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_transpose_groups(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{input channels and their largest multiple of group must be equal, but are 4 and 3}}
  %0 = nn.conv_transpose %x, %w strides [1] dilations [1] pads [0, 0] output_padding [0] {group = 3 : i64} : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_transpose_padding(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects output paddings of 0 to 2147483647, but got -1}}
  %0 = nn.conv_transpose %x, %w strides [1] dilations [1] pads [0, 0] output_padding [-1] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_transpose_shape_count(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects 1 output dimensions, but got 2}}
  %0 = nn.conv_transpose %x, %w strides [1] dilations [1] pads [0, 0] output_padding [0] output_shape [1, 2] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_transpose_pads(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{expects pads of at most 10, but got 6 and 5}}
  %0 = nn.conv_transpose %x, %w strides [1] dilations [1] pads [6, 5] output_padding [0] : tensor<1x4x8xf32>, tensor<4x4x3xf32> -> tensor<1x4x6xf32>
  return
}

// -----

func.func @conv_transpose_bias(%x: tensor<1x4x8xf32>, %w: tensor<4x4x3xf32>, %b: tensor<1xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{output channels and the bias must be equal, but are 4 and 1}}
  %0 = nn.conv_transpose %x, %w, %b strides [1] dilations [1] pads [0, 0] output_padding [0] : tensor<1x4x8xf32>, tensor<4x4x3xf32>, tensor<1xf32> -> tensor<1x4x6xf32>
  return
}
