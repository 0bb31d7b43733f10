// RUN: nnc-opt %s -nnc-form-quantized -canonicalize -split-input-file | FileCheck %s

// The scale of the result is folded into the sums' and the bias; ReLU stays.
// CHECK-LABEL: func @conv
func.func @conv(%x: tensor<1x2x4x4xui8>) -> tensor<1x3x4x4xui8> {
  // CHECK-DAG: %[[W:.*]] = nn.constant dense<{{.*}}> : tensor<3x2x1x1xi8>
  // CHECK-DAG: %[[Z:.*]] = nn.constant dense<7> : tensor<ui8>
  // CHECK-DAG: %[[S:.*]] = nn.constant dense<{{\[\[\[}}5.000000e-01]], {{\[\[}}1.000000e+00]], {{\[\[}}2.000000e+00]]]> : tensor<3x1x1xf32>
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<{{\[\[\[}}2.000000e+00]], {{\[\[}}4.000000e+00]], {{\[\[}}-6.000000e+00]]]> : tensor<3x1x1xf32>
  // CHECK-DAG: %[[ONE:.*]] = nn.constant dense<1.000000e+00> : tensor<f32>
  // CHECK: %[[SUMS:.*]] = nn.conv_integer %arg0, %[[W]] input_zero_point %[[Z]] strides [1, 1]
  // CHECK-NEXT: %[[R:.*]] = nn.dequantize %[[SUMS]], %[[S]]
  // CHECK-NEXT: %[[A:.*]] = nn.add %[[R]], %[[B]]
  // CHECK-NEXT: %[[L:.*]] = nn.relu %[[A]]
  // CHECK-NEXT: nn.quantize %[[L]], %[[ONE]] zero_point %[[Z]] to ui8
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<7> : tensor<ui8>
  %w = nn.constant dense<[[[[1]], [[2]]], [[[3]], [[-4]]], [[[5]], [[-128]]]]> : tensor<3x2x1x1xi8>
  %ws = nn.constant dense<[[[[0.5]]], [[[1.0]]], [[[2.0]]]]> : tensor<3x1x1x1xf32>
  %b = nn.constant dense<[1.0, 2.0, -3.0]> : tensor<3xf32>
  %xr = nn.dequantize %x, %s zero_point %z : (tensor<1x2x4x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x2x4x4xf32>
  %wr = nn.dequantize %w, %ws : (tensor<3x2x1x1xi8>, tensor<3x1x1x1xf32>) -> tensor<3x2x1x1xf32>
  %c = nn.conv %xr, %wr, %b strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>, tensor<3xf32> -> tensor<1x3x4x4xf32>
  %l = nn.relu %c : tensor<1x3x4x4xf32> -> tensor<1x3x4x4xf32>
  %q = nn.quantize %l, %s zero_point %z to ui8 : (tensor<1x3x4x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x3x4x4xui8>
  return %q : tensor<1x3x4x4xui8>
}

// -----

// Scales a column, through a transposition; a vector of scales is one a column.
// CHECK-LABEL: func @matmul
func.func @matmul(%x: tensor<?x2xi8>) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
  // CHECK-DAG: nn.matmul_integer %arg0, %{{.*}} : (tensor<?x2xi8>, tensor<2x3xi8>) -> tensor<?x3xi32>
  // CHECK-DAG: nn.dequantize %{{.*}}, %{{.*}} : (tensor<?x3xi32>, tensor<3xf32>) -> tensor<?x3xf32>
  // CHECK-DAG: nn.dequantize %{{.*}}, %{{.*}} : (tensor<?x3xi32>, tensor<3xf32>) -> tensor<?x3xf32>
  // CHECK-NOT: nn.matmul %
  %s = nn.constant dense<0.5> : tensor<f32>
  %w = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>
  %ws = nn.constant dense<[[0.5], [1.0], [2.0]]> : tensor<3x1xf32>
  %v = nn.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %vs = nn.constant dense<[0.5, 1.0, 2.0]> : tensor<3xf32>
  %xr = nn.dequantize %x, %s : (tensor<?x2xi8>, tensor<f32>) -> tensor<?x2xf32>
  %wr = nn.dequantize %w, %ws : (tensor<3x2xi8>, tensor<3x1xf32>) -> tensor<3x2xf32>
  %wt = nn.transpose %wr [1, 0] : tensor<3x2xf32> -> tensor<2x3xf32>
  %0 = nn.matmul %xr, %wt : tensor<?x2xf32>, tensor<2x3xf32> -> tensor<?x3xf32>
  %vr = nn.dequantize %v, %vs : (tensor<2x3xi8>, tensor<3xf32>) -> tensor<2x3xf32>
  %1 = nn.matmul %xr, %vr : tensor<?x2xf32>, tensor<2x3xf32> -> tensor<?x3xf32>
  return %0, %1 : tensor<?x3xf32>, tensor<?x3xf32>
}

// -----

// 255 - 3 needs nine bits: two factors. With 128 eight are enough.
// CHECK-LABEL: func @zero_points
func.func @zero_points(%x: tensor<4x2xui8>) -> (tensor<4x1xi32>, tensor<4x1xi32>) {
  // CHECK-DAG: %[[LOW:.*]] = nn.constant dense<{{\[\[}}127], [-3]]> : tensor<2x1xi8>
  // CHECK-DAG: %[[HIGH:.*]] = nn.constant dense<{{\[\[}}125], [0]]> : tensor<2x1xi8>
  // CHECK-DAG: %[[ALL:.*]] = nn.constant dense<{{\[\[}}127], [-128]]> : tensor<2x1xi8>
  // CHECK: %[[A:.*]] = nn.matmul_integer %arg0, %[[LOW]] : (tensor<4x2xui8>, tensor<2x1xi8>)
  // CHECK: %[[B:.*]] = nn.matmul_integer %arg0, %[[HIGH]] :
  // CHECK: nn.add %[[A]], %[[B]]
  // CHECK: nn.matmul_integer %arg0, %[[ALL]] :
  // CHECK-NOT: nn.add
  %w = nn.constant dense<[[255], [0]]> : tensor<2x1xui8>
  %z = nn.constant dense<3> : tensor<ui8>
  %m = nn.constant dense<128> : tensor<ui8>
  %0 = nn.matmul_integer %x, %w rhs_zero_point %z : (tensor<4x2xui8>, tensor<2x1xui8>, tensor<ui8>) -> tensor<4x1xi32>
  %1 = nn.matmul_integer %x, %w rhs_zero_point %m : (tensor<4x2xui8>, tensor<2x1xui8>, tensor<ui8>) -> tensor<4x1xi32>
  return %0, %1 : tensor<4x1xi32>, tensor<4x1xi32>
}

// -----

// Pairs cancel, and what moves elements moves bytes.
// CHECK-LABEL: func @moves
func.func @moves(%x: tensor<1x2x4x4xi8>, %y: tensor<1x3x4x4xi8>) -> tensor<1x5x2x2xi8> {
  // CHECK: %[[C:.*]] = nn.concat %arg0, %arg1 {{.*}} -> tensor<1x5x4x4xi8>
  // CHECK-NEXT: %[[P:.*]] = nn.max_pool %[[C]] {{.*}} -> tensor<1x5x2x2xi8>
  // CHECK-NEXT: return %[[P]]
  %s = nn.constant dense<0.5> : tensor<f32>
  %same = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<-3> : tensor<i8>
  %xr = nn.dequantize %x, %s zero_point %z : (tensor<1x2x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x2x4x4xf32>
  %yr = nn.dequantize %y, %same zero_point %z : (tensor<1x3x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x3x4x4xf32>
  %c = nn.concat %xr, %yr axis 1 : tensor<1x2x4x4xf32>, tensor<1x3x4x4xf32> -> tensor<1x5x4x4xf32>
  %cq = nn.quantize %c, %s zero_point %z to i8 : (tensor<1x5x4x4xf32>, tensor<f32>, tensor<i8>) -> tensor<1x5x4x4xi8>
  %cr = nn.dequantize %cq, %s zero_point %z : (tensor<1x5x4x4xi8>, tensor<f32>, tensor<i8>) -> tensor<1x5x4x4xf32>
  %p = nn.max_pool %cr kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] : tensor<1x5x4x4xf32> -> tensor<1x5x2x2xf32>
  %pq = nn.quantize %p, %s zero_point %z to i8 : (tensor<1x5x2x2xf32>, tensor<f32>, tensor<i8>) -> tensor<1x5x2x2xi8>
  return %pq : tensor<1x5x2x2xi8>
}

// -----

// Other parameters, a factor of the run, a scale a row, and a scale where no
// product comes before: nothing changes.
// CHECK-LABEL: func @stays
func.func @stays(%x: tensor<2x2xi8>, %w: tensor<2x2xi8>, %f: tensor<2x2xf32>) -> (tensor<2x2xi8>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xi8>) {
  // CHECK: nn.transpose %{{.*}} : tensor<2x2xf32>
  // CHECK: nn.matmul %
  // CHECK: nn.matmul %
  // CHECK: nn.quantize %arg2, %{{.*}}
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.25> : tensor<f32>
  %rows = nn.constant dense<[[0.25], [0.5]]> : tensor<2x1xf32>
  %v = nn.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %xr = nn.dequantize %x, %s : (tensor<2x2xi8>, tensor<f32>) -> tensor<2x2xf32>
  %wr = nn.dequantize %w, %s : (tensor<2x2xi8>, tensor<f32>) -> tensor<2x2xf32>
  %vr = nn.dequantize %v, %rows : (tensor<2x2xi8>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %xt = nn.transpose %xr [1, 0] : tensor<2x2xf32> -> tensor<2x2xf32>
  %0 = nn.quantize %xt, %t to i8 : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xi8>
  %1 = nn.matmul %xr, %wr : tensor<2x2xf32>, tensor<2x2xf32> -> tensor<2x2xf32>
  %2 = nn.matmul %xr, %vr : tensor<2x2xf32>, tensor<2x2xf32> -> tensor<2x2xf32>
  %3 = nn.quantize %f, %s to i8 : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xi8>
  return %0, %1, %2, %3 : tensor<2x2xi8>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xi8>
}

// -----

// A scale below 0 turns the order of elements around.
// CHECK-LABEL: func @negative_scale
func.func @negative_scale(%x: tensor<1x2x4x4xi8>) -> tensor<1x2x2x2xi8> {
  // CHECK: nn.max_pool %{{.*}} -> tensor<1x2x2x2xf32>
  %s = nn.constant dense<-0.5> : tensor<f32>
  %xr = nn.dequantize %x, %s : (tensor<1x2x4x4xi8>, tensor<f32>) -> tensor<1x2x4x4xf32>
  %p = nn.max_pool %xr kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0] : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32>
  %pq = nn.quantize %p, %s to i8 : (tensor<1x2x2x2xf32>, tensor<f32>) -> tensor<1x2x2x2xi8>
  return %pq : tensor<1x2x2x2xi8>
}
