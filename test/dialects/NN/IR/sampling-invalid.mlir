// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @resize_axes(%x: tensor<4x4xf32>, %s: tensor<2xi64>) {
  // expected-error @+2 {{expects ascending axes}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s axes [1, 0] linear half_pixel : tensor<4x4xf32>, tensor<2xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @resize_axis(%x: tensor<4x4xf32>, %s: tensor<1xi64>) {
  // expected-error @+2 {{expects an axis from 0 to 1, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s axes [2] linear half_pixel : tensor<4x4xf32>, tensor<1xi64> -> tensor<?x?xf32>
  return
}

// -----

func.func @resize_bool(%x: tensor<4x4xi1>, %s: tensor<1xi64>) {
  // expected-error @+2 {{expects numbers to interpolate, but got i1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s axes [1] linear half_pixel : tensor<4x4xi1>, tensor<1xi64> -> tensor<4x?xi1>
  return
}

// -----

func.func @resize_sizes(%x: tensor<4x4xf32>, %s: tensor<3xi64>) {
  // expected-error @+2 {{expects 1 sizes of rank 1, but got tensor<3xi64>}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s axes [1] linear half_pixel : tensor<4x4xf32>, tensor<3xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @resize_scales(%x: tensor<4x4xf32>, %s: tensor<1xi64>) {
  %f = nn.constant dense<-1.0> : tensor<1xf32>
  // expected-error @+2 {{expects positive and finite scales}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s scales(%f : tensor<1xf32>) axes [1] linear half_pixel : tensor<4x4xf32>, tensor<1xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @resize_no_roi(%x: tensor<4x4xf32>, %s: tensor<1xi64>) {
  // expected-error @+2 {{expects a region to crop}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s axes [1] linear tf_crop_and_resize : tensor<4x4xf32>, tensor<1xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @resize_roi(%x: tensor<4x4xf32>, %s: tensor<1xi64>, %r: tensor<4xf32>) {
  // expected-error @+2 {{expects 2 region coordinates of rank 1, but got tensor<4xf32>}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s roi(%r : tensor<4xf32>) axes [1] linear tf_crop_and_resize : tensor<4x4xf32>, tensor<1xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @resize_negative(%x: tensor<4x4xf32>) {
  %s = nn.constant dense<-1> : tensor<1xi64>
  // expected-error @+2 {{expects a size of at least 0, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s axes [1] linear half_pixel : tensor<4x4xf32>, tensor<1xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @resize_from_nothing(%x: tensor<4x0xf32>) {
  %s = nn.constant dense<2> : tensor<1xi64>
  // expected-error @+2 {{expects a size of an empty axis of at most 0, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.resize %x, %s axes [1] linear half_pixel : tensor<4x0xf32>, tensor<1xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @grid_sample_rank(%x: tensor<4x4xf32>, %g: tensor<1x6x6x2xf32>) {
  // expected-error @+2 {{expects an input of 1 to 3 spatial axes, but got rank 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.grid_sample %x, %g linear zeros : tensor<4x4xf32>, tensor<1x6x6x2xf32> -> tensor<1x1x6x6xf32>
  return
}

// -----

func.func @grid_sample_cubic(%x: tensor<1x1x4x4x4xf32>, %g: tensor<1x6x6x6x3xf32>) {
  // expected-error @+2 {{expects at most 2 spatial axes for cubic, but got 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.grid_sample %x, %g cubic zeros : tensor<1x1x4x4x4xf32>, tensor<1x6x6x6x3xf32> -> tensor<1x1x6x6x6xf32>
  return
}

// -----

func.func @grid_sample_coordinates(%x: tensor<1x1x4x4xf32>, %g: tensor<1x6x6x3xf32>) {
  // expected-error @+2 {{coordinates and spatial axes must be equal, but are 3 and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.grid_sample %x, %g linear zeros : tensor<1x1x4x4xf32>, tensor<1x6x6x3xf32> -> tensor<1x1x6x6xf32>
  return
}

// -----

func.func @grid_sample_empty(%x: tensor<1x1x4x0xf32>, %g: tensor<1x6x6x2xf32>) {
  // expected-error @+2 {{expects a grid on an empty input of at most 0, but got 36}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.grid_sample %x, %g linear zeros : tensor<1x1x4x0xf32>, tensor<1x6x6x2xf32> -> tensor<1x1x6x6xf32>
  return
}

// -----

func.func @affine_grid_sizes(%t: tensor<2x2x3xf32>, %s: tensor<4xi64>) {
  // expected-error @+2 {{expects 1 to 3 sizes, but got 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.affine_grid %t, %s : tensor<2x2x3xf32>, tensor<4xi64> -> tensor<2x?x?x2xf32>
  return
}

// -----

func.func @affine_grid_length(%t: tensor<2x2x3xf32>, %s: tensor<?xi64>) {
  // expected-error @+2 {{expects sizes of rank 1 and fixed length}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.affine_grid %t, %s : tensor<2x2x3xf32>, tensor<?xi64> -> tensor<2x?x?x2xf32>
  return
}

// -----

func.func @affine_grid_theta(%t: tensor<2x2x2xf32>, %s: tensor<2xi64>) {
  // expected-error @+2 {{columns of theta and sizes + 1 must be equal, but are 2 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.affine_grid %t, %s : tensor<2x2x2xf32>, tensor<2xi64> -> tensor<2x?x?x2xf32>
  return
}

// -----

func.func @roi_align_type(%x: tensor<1x2x8x8xf32>, %r: tensor<3x4xf16>, %b: tensor<3xi64>) {
  // expected-error @+2 {{expects an input and regions of one type}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.roi_align %x, %r, %b avg size [5, 5] : tensor<1x2x8x8xf32>, tensor<3x4xf16>, tensor<3xi64> -> tensor<3x2x5x5xf32>
  return
}

// -----

func.func @roi_align_size(%x: tensor<1x2x8x8xf32>, %r: tensor<3x4xf32>, %b: tensor<3xi64>) {
  // expected-error @+2 {{expects two sizes of at least 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.roi_align %x, %r, %b avg size [0, 5] : tensor<1x2x8x8xf32>, tensor<3x4xf32>, tensor<3xi64> -> tensor<3x2x0x5xf32>
  return
}

// -----

func.func @roi_align_ratio(%x: tensor<1x2x8x8xf32>, %r: tensor<3x4xf32>, %b: tensor<3xi64>) {
  // expected-error @+2 {{expects a sampling ratio of at least 0, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.roi_align %x, %r, %b avg size [5, 5] {sampling_ratio = -1 : i64} : tensor<1x2x8x8xf32>, tensor<3x4xf32>, tensor<3xi64> -> tensor<3x2x5x5xf32>
  return
}

// -----

func.func @roi_align_count(%x: tensor<1x2x8x8xf32>, %r: tensor<3x4xf32>, %b: tensor<2xi64>) {
  // expected-error @+2 {{the numbers of regions and of batch indices must be equal, but are 3 and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.roi_align %x, %r, %b avg size [5, 5] : tensor<1x2x8x8xf32>, tensor<3x4xf32>, tensor<2xi64> -> tensor<3x2x5x5xf32>
  return
}

// -----

func.func @roi_align_coordinates(%x: tensor<1x2x8x8xf32>, %r: tensor<3x5xf32>, %b: tensor<3xi64>) {
  // expected-error @+2 {{a region's coordinates and 4 must be equal, but are 5 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.roi_align %x, %r, %b avg size [5, 5] : tensor<1x2x8x8xf32>, tensor<3x5xf32>, tensor<3xi64> -> tensor<3x2x5x5xf32>
  return
}

// -----

func.func @roi_align_empty(%x: tensor<1x2x0x8xf32>, %r: tensor<3x4xf32>, %b: tensor<3xi64>) {
  // expected-error @+2 {{expects a number of regions of an empty input of at most 0, but got 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.roi_align %x, %r, %b avg size [5, 5] : tensor<1x2x0x8xf32>, tensor<3x4xf32>, tensor<3xi64> -> tensor<3x2x5x5xf32>
  return
}
