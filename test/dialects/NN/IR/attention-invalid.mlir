// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @ranks(%q: tensor<2x4x8xf32>, %k: tensor<6x8xf32>) {
  // expected-error@+2 {{expects query, key and value of one rank of 2 or more, but got ranks 3, 2 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %k scale 1.0 : tensor<2x4x8xf32>, tensor<6x8xf32>, tensor<6x8xf32> -> tensor<2x4x8xf32>
  return
}

// -----

func.func @rank_1(%q: tensor<8xf32>) {
  // expected-error@+2 {{expects query, key and value of one rank of 2 or more, but got ranks 1, 1 and 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q scale 1.0 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @heads(%q: tensor<3x4x8xf32>, %k: tensor<2x6x8xf32>) {
  // expected-error@+2 {{expects a number of query heads that is a multiple of the key's, but got 3 and 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %k scale 1.0 : tensor<3x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x8xf32> -> tensor<3x4x8xf32>
  return
}

// -----

func.func @no_heads(%q: tensor<3x4x8xf32>, %k: tensor<0x6x8xf32>) {
  // expected-error@+2 {{expects a number of query heads that is a multiple of the key's, but got 3 and 0}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %k scale 1.0 : tensor<3x4x8xf32>, tensor<0x6x8xf32>, tensor<0x6x8xf32> -> tensor<3x4x8xf32>
  return
}

// -----

func.func @width(%q: tensor<4x8xf32>, %k: tensor<6x7xf32>) {
  // expected-error@+2 {{widths of query and key must be equal, but are 8 and 7}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %k scale 1.0 : tensor<4x8xf32>, tensor<6x7xf32>, tensor<6x7xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @length(%q: tensor<4x8xf32>, %k: tensor<6x8xf32>, %v: tensor<5x8xf32>) {
  // expected-error@+2 {{lengths of key and value must be equal, but are 6 and 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %k, %v scale 1.0 : tensor<4x8xf32>, tensor<6x8xf32>, tensor<5x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @mask_type(%q: tensor<4x8xf32>, %m: tensor<4xi32>) {
  // expected-error@+2 {{expects a mask of bool or of the query's element type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q mask %m scale 1.0 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4xi32> -> tensor<4x8xf32>
  return
}

// -----

func.func @mask_size(%q: tensor<4x8xf32>, %m: tensor<3x4xi1>) {
  // expected-error@+2 {{dimensions of scores and mask must be equal, but are 3 and 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q mask %m scale 1.0 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<3x4xi1> -> tensor<4x8xf32>
  return
}

// -----

func.func @mask_rank(%q: tensor<4x8xf32>, %m: tensor<1x1x4xi1>) {
  // expected-error@+2 {{expects a mask of rank 2 or less, but got rank 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.attention %q, %q, %q mask %m scale 1.0 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<1x1x4xi1> -> tensor<4x8xf32>
  return
}

// -----

func.func @scale_size(%x: tensor<2x3xf32>, %s: tensor<2xf32>) {
  // expected-error@+2 {{dimensions of input and scale must be equal, but are 2 and 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.normalize %x [1] epsilon 1.0e-5 scale %s : tensor<2x3xf32> scale tensor<2xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @bias_rank(%x: tensor<2x3xf32>, %b: tensor<1x1x3xf32>) {
  // expected-error@+2 {{expects a bias of rank 2 or less, but got rank 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.normalize %x [1] epsilon 1.0e-5 bias %b : tensor<2x3xf32> bias tensor<1x1x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @scale_type(%x: tensor<2x3xf32>, %s: tensor<3xf16>) {
  // expected-error@+2 {{expects a scale of the input's element type}}
  // expected-error@+1 {{failed to infer returned types}}
  %0 = nn.normalize %x [1] epsilon 1.0e-5 scale %s : tensor<2x3xf32> scale tensor<3xf16> -> tensor<2x3xf32>
  return
}
