// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @window_coefficients(%n: tensor<i64>) {
  // expected-error @+2 {{expects 3 coefficients, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.cosine_window %n [0.5, 0.5] {element_type = f32} : tensor<i64> -> tensor<?xf32>
  return
}

// -----

func.func @window_type(%n: tensor<i64>) {
  // expected-error @+2 {{expects an element type that is a number}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.cosine_window %n [0.5, 0.5, 0.0] {element_type = i1} : tensor<i64> -> tensor<?xf32>
  return
}

// -----

func.func @window_size() {
  %n = nn.constant dense<-1> : tensor<i64>
  // expected-error @+2 {{expects a size of at least 0, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.cosine_window %n [0.5, 0.5, 0.0] {element_type = f32} : tensor<i64> -> tensor<?xf32>
  return
}

// -----

func.func @frame_step(%x: tensor<1x128x1xf32>, %l: tensor<i64>) {
  %s = nn.constant dense<0> : tensor<i64>
  // expected-error @+2 {{expects a step of at least 1, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.frame %x, %l, %s : tensor<1x128x1xf32>, tensor<i64>, tensor<i64> -> tensor<1x?x?x1xf32>
  return
}

// -----

func.func @frame_rank(%x: tensor<128x1xf32>, %l: tensor<i64>) {
  // expected-error @+2 {{expects a signal of rank 3, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.frame %x, %l, %l : tensor<128x1xf32>, tensor<i64>, tensor<i64> -> tensor<1x?x?x1xf32>
  return
}

// -----

func.func @dft_rank(%x: tensor<16xf32>, %n: tensor<i64>) {
  // expected-error @+2 {{expects a signal of rank 2 or more, but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.dft %x, %n axis 0 : tensor<16xf32>, tensor<i64> -> tensor<?xf32>
  return
}

// -----

func.func @dft_axis(%x: tensor<16x2xf32>, %n: tensor<i64>) {
  // expected-error @+2 {{expects an axis from 0 to 0, but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.dft %x, %n axis 1 : tensor<16x2xf32>, tensor<i64> -> tensor<?x2xf32>
  return
}

// -----

func.func @dft_components(%x: tensor<16x3xf32>, %n: tensor<i64>) {
  // expected-error @+2 {{expects a number of components of at most 2, but got 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.dft %x, %n axis 0 : tensor<16x3xf32>, tensor<i64> -> tensor<?x2xf32>
  return
}

// -----

func.func @dft_length(%x: tensor<16x2xf32>) {
  %n = nn.constant dense<0> : tensor<i64>
  // expected-error @+2 {{expects a length of at least 1, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.dft %x, %n axis 0 : tensor<16x2xf32>, tensor<i64> -> tensor<?x2xf32>
  return
}

// -----

func.func @det_rank(%x: tensor<16xf32>) {
  // expected-error @+2 {{expects matrices, but got rank 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.det %x : tensor<16xf32> -> tensor<f32>
  return
}

// -----

func.func @det_square(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{rows and columns must be equal, but are 2 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.det %x : tensor<2x3xf32> -> tensor<f32>
  return
}
