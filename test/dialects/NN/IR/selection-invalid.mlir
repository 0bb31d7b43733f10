// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @top_k_axis(%x: tensor<3x4xf32>, %k: tensor<1xi64>) {
  // expected-error @+2 {{expects an axis from 0 to 1, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = "nn.top_k"(%x, %k) {axis = 2 : i64} : (tensor<3x4xf32>, tensor<1xi64>) -> (tensor<3x4xf32>, tensor<3x4xi64>)
  return
}

// -----

func.func @top_k_numbers(%x: tensor<3x4xf32>, %k: tensor<2xi64>) {
  // expected-error @+2 {{expects k of one element, but got tensor<2xi64>}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.top_k %x, %k axis 1 : tensor<3x4xf32>, tensor<2xi64> -> tensor<3x?xf32>, tensor<3x?xi64>
  return
}

// -----

func.func @top_k_too_many(%x: tensor<3x4xf32>) {
  %k = nn.constant dense<5> : tensor<1xi64>
  // expected-error @+2 {{expects k of at most 4, but got 5}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.top_k %x, %k axis 1 : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x?xf32>, tensor<3x?xi64>
  return
}

// -----

func.func @top_k_negative(%x: tensor<3x4xf32>) {
  %k = nn.constant dense<-1> : tensor<1xi64>
  // expected-error @+2 {{expects k of at least 0, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.top_k %x, %k axis 1 : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x?xf32>, tensor<3x?xi64>
  return
}

// -----

func.func @one_hot_values_rank(%i: tensor<2xi64>, %d: tensor<i64>, %v: tensor<2x1xf32>) {
  // expected-error @+2 {{expects values of rank 1, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.one_hot %i, %d, %v axis 1 : tensor<2xi64>, tensor<i64>, tensor<2x1xf32> -> tensor<2x?xf32>
  return
}

// -----

func.func @one_hot_values(%i: tensor<2xi64>, %d: tensor<i64>, %v: tensor<3xf32>) {
  // expected-error @+2 {{the number of values and 2 must be equal, but are 3 and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.one_hot %i, %d, %v axis 1 : tensor<2xi64>, tensor<i64>, tensor<3xf32> -> tensor<2x?xf32>
  return
}

// -----

func.func @one_hot_depth(%i: tensor<2xi64>, %v: tensor<2xf32>) {
  %d = nn.constant dense<-3> : tensor<i64>
  // expected-error @+2 {{expects a depth of at least 0, but got -3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.one_hot %i, %d, %v axis 1 : tensor<2xi64>, tensor<i64>, tensor<2xf32> -> tensor<2x?xf32>
  return
}

// -----

func.func @nonzero_count(%x: tensor<2x3xf32>, %n: tensor<0xi64>) {
  // expected-error @+2 {{expects a count of one element, but got tensor<0xi64>}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.nonzero %x, %n : tensor<2x3xf32>, tensor<0xi64> -> tensor<2x?xi64>
  return
}

// -----

func.func @unique_axis(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expects an axis from 0 to 1, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = nn.count_unique %x axis -1 : tensor<2x3xf32> -> tensor<1xi64>
  return
}

// -----

func.func @unique_count(%x: tensor<6xf32>) {
  %n = nn.constant dense<-2> : tensor<i64>
  // expected-error @+2 {{expects a count of at least 0, but got -2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:4 = nn.unique %x, %n : tensor<6xf32>, tensor<i64> -> tensor<?xf32>, tensor<?xi64>, tensor<6xi64>, tensor<?xi64>
  return
}

// -----

func.func @nms_rank(%b: tensor<6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %t: tensor<f32>) {
  // expected-error @+2 {{expects boxes of rank 3, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x3xi64>, tensor<1xi64>
  return
}

// -----

func.func @nms_type(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %t: tensor<f64>) {
  // expected-error @+2 {{expects boxes, scores and thresholds of one type}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f64>, tensor<f64> -> tensor<?x3xi64>, tensor<1xi64>
  return
}

// -----

func.func @nms_count(%b: tensor<1x6x4xf32>, %s: tensor<1x2x5xf32>, %m: tensor<i64>, %t: tensor<f32>) {
  // expected-error @+2 {{the numbers of boxes and of scores must be equal, but are 6 and 5}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<1x6x4xf32>, tensor<1x2x5xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x3xi64>, tensor<1xi64>
  return
}

// -----

func.func @nms_batch(%b: tensor<2x6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %t: tensor<f32>) {
  // expected-error @+2 {{the batches must be equal, but are 2 and 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<2x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x3xi64>, tensor<1xi64>
  return
}

// -----

func.func @nms_coordinates(%b: tensor<1x6x5xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %t: tensor<f32>) {
  // expected-error @+2 {{a box's coordinates and 4 must be equal, but are 5 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<1x6x5xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<?x3xi64>, tensor<1xi64>
  return
}

// -----

func.func @nms_threshold(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %t: tensor<f32>, %u: tensor<2xf32>) {
  // expected-error @+2 {{expects an overlap threshold of one element, but got tensor<2xf32>}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = nn.non_max_suppression %b, %s, %m, %u, %t : tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<2xf32>, tensor<f32> -> tensor<?x3xi64>, tensor<1xi64>
  return
}
