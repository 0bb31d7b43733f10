// RUN: nnc-opt %s -nnc-fold-weights -split-input-file | FileCheck %s

// Batch normalization behind a convolution: scale and shift are gone.
// CHECK-LABEL: func @conv_scale_shift
func.func @conv_scale_shift(%x: tensor<1x3x8x8xf32>) -> tensor<1x2x8x8xf32> {
  // CHECK-DAG: %[[W:.*]] = nn.weight "w" <"m.onnx", offset = 0, length = 216, stored = tensor<2x3x3x3xf32>, transforms = [#nn.scale<axis = 0, factors = dense<[2.000000e+00, 3.000000e+00]> : tensor<2xf64>>]>
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<[2.500000e+00, 5.000000e+00]> : tensor<2xf32>
  // CHECK: %[[Y:.*]] = nn.conv %arg0, %[[W]], %[[B]]
  // CHECK-NEXT: return %[[Y]]
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 216> : tensor<2x3x3x3xf32>
  %b = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %s = nn.constant dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %t = nn.constant dense<[[[[0.5]], [[-1.0]]]]> : tensor<1x2x1x1xf32>
  %0 = nn.conv %x, %w, %b strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
    : tensor<1x3x8x8xf32>, tensor<2x3x3x3xf32>, tensor<2xf32> -> tensor<1x2x8x8xf32>
  %1 = nn.mul %s, %0 : tensor<2x1x1xf32>, tensor<1x2x8x8xf32> -> tensor<1x2x8x8xf32>
  %2 = nn.add %1, %t : tensor<1x2x8x8xf32>, tensor<1x2x1x1xf32> -> tensor<1x2x8x8xf32>
  return %2 : tensor<1x2x8x8xf32>
}

// -----

// CHECK-LABEL: func @conv_new_bias
func.func @conv_new_bias(%x: tensor<?x2x4xf32>) -> tensor<?x2x4xf32> {
  // CHECK-DAG: transforms = [#nn.scale<axis = 0, factors = dense<5.000000e-01> : tensor<2xf64>>]
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<[-1.000000e+00, -2.000000e+00]> : tensor<2xf32>
  // CHECK: nn.conv %arg0, %{{.*}}, %[[B]]
  // CHECK-NEXT: return
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 8> : tensor<2x1x1xf32>
  %s = nn.constant dense<2.0> : tensor<f32>
  %t = nn.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] {group = 2 : i64}
    : tensor<?x2x4xf32>, tensor<2x1x1xf32> -> tensor<?x2x4xf32>
  %1 = nn.div %0, %s : tensor<?x2x4xf32>, tensor<f32> -> tensor<?x2x4xf32>
  %2 = nn.sub %1, %t : tensor<?x2x4xf32>, tensor<2x1xf32> -> tensor<?x2x4xf32>
  return %2 : tensor<?x2x4xf32>
}

// -----

// A product has no bias: what is added stays, times the factor.
// CHECK-LABEL: func @product
func.func @product(%x: tensor<4x3xf32>) -> tensor<4x2xf32> {
  // CHECK-DAG: %[[W:.*]] = nn.weight {{.*}} transforms = [#nn.scale<axis = 1, factors = dense<[2.000000e+00, 3.000000e+00]> : tensor<2xf64>>]
  // CHECK-DAG: %[[B:.*]] = nn.constant dense<[2.000000e+00, 6.000000e+00]> : tensor<2xf32>
  // CHECK: %[[P:.*]] = nn.matmul %arg0, %[[W]]
  // CHECK-NEXT: %[[S:.*]] = nn.add %[[P]], %[[B]]
  // CHECK-NEXT: return %[[S]]
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 24> : tensor<3x2xf32>
  %b = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %s = nn.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %0 = nn.matmul %x, %w : tensor<4x3xf32>, tensor<3x2xf32> -> tensor<4x2xf32>
  %1 = nn.add %b, %0 : tensor<2xf32>, tensor<4x2xf32> -> tensor<4x2xf32>
  %2 = nn.mul %1, %s : tensor<4x2xf32>, tensor<2xf32> -> tensor<4x2xf32>
  return %2 : tensor<4x2xf32>
}

// -----

// CHECK-LABEL: func @weight_on_the_left
func.func @weight_on_the_left(%x: tensor<5x3x4xf32>) -> tensor<5x2x4xf32> {
  // CHECK: %[[W:.*]] = nn.weight {{.*}} transforms = [#nn.scale<axis = 0, factors = dense<[2.000000e+00, 3.000000e+00]>
  // CHECK: %[[P:.*]] = nn.matmul %[[W]], %arg0
  // CHECK-NEXT: return %[[P]]
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 24> : tensor<2x3xf32>
  %s = nn.constant dense<[[2.0], [3.0]]> : tensor<2x1xf32>
  %0 = nn.matmul %w, %x : tensor<2x3xf32>, tensor<5x3x4xf32> -> tensor<5x2x4xf32>
  %1 = nn.mul %0, %s : tensor<5x2x4xf32>, tensor<2x1xf32> -> tensor<5x2x4xf32>
  return %1 : tensor<5x2x4xf32>
}

// -----

// Factors of the data, also where padding follows.
// CHECK-LABEL: func @before
func.func @before(%x: tensor<1x2x4x4xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) {
  // CHECK: %[[W:.*]] = nn.weight {{.*}} transforms = [#nn.scale<axis = 1, factors = dense<[2.000000e+00, 4.000000e+00]>
  // CHECK: nn.conv %arg0, %[[W]]
  // CHECK: %[[V:.*]] = nn.weight {{.*}} transforms = [#nn.scale<axis = 0, factors = dense<[2.000000e+00, 4.000000e+00]>
  // CHECK: nn.conv_transpose %arg0, %[[V]]
  // CHECK-NEXT: return
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 216> : tensor<3x2x3x3xf32>
  %v = nn.weight "v" <"m.onnx", offset = 0, length = 216> : tensor<2x3x3x3xf32>
  %s = nn.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %0 = nn.mul %x, %s : tensor<1x2x4x4xf32>, tensor<2x1x1xf32> -> tensor<1x2x4x4xf32>
  %1 = nn.conv %0, %w strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1]
    : tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32> -> tensor<1x3x4x4xf32>
  %2 = nn.mul %x, %s : tensor<1x2x4x4xf32>, tensor<2x1x1xf32> -> tensor<1x2x4x4xf32>
  %3 = nn.conv_transpose %2, %v strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] output_padding [0, 0]
    : tensor<1x2x4x4xf32>, tensor<2x3x3x3xf32> -> tensor<1x3x4x4xf32>
  return %1, %3 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>
}

// -----

// What must stay: other uses, factors that differ within a channel, are not
// finite, or widen the result; 16-bit floats; groups whose outputs have no
// dimension of their own.
// CHECK-LABEL: func @stays
// CHECK-NOT: #nn.scale
// CHECK-COUNT-5: nn.mul
func.func @stays(%x: tensor<1x2x4xf32>, %h: tensor<1x2x4xf16>)
    -> (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<3x2x4xf32>, tensor<1x2x4xf16>, tensor<1x2x4xf32>) {
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 16> : tensor<2x2x1xf32>
  %g = nn.weight "g" <"m.onnx", offset = 0, length = 8> : tensor<2x1x1xf32>
  %v = nn.weight "v" <"m.onnx", offset = 0, length = 8> : tensor<2x2x1xf16>
  %two = nn.constant dense<2.0> : tensor<f32>
  %half = nn.constant dense<0.5> : tensor<f16>
  %inf = nn.constant dense<0x7F800000> : tensor<f32>
  %row = nn.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %wide = nn.constant dense<[[[1.0]], [[2.0]], [[3.0]]]> : tensor<3x1x1xf32>
  %0 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x4xf32>, tensor<2x2x1xf32> -> tensor<1x2x4xf32>
  %1 = nn.mul %0, %two : tensor<1x2x4xf32>, tensor<f32> -> tensor<1x2x4xf32>
  %2 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x4xf32>, tensor<2x2x1xf32> -> tensor<1x2x4xf32>
  %3 = nn.mul %2, %row : tensor<1x2x4xf32>, tensor<4xf32> -> tensor<1x2x4xf32>
  %4 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x4xf32>, tensor<2x2x1xf32> -> tensor<1x2x4xf32>
  %5 = nn.mul %4, %wide : tensor<1x2x4xf32>, tensor<3x1x1xf32> -> tensor<3x2x4xf32>
  %6 = nn.conv %h, %v strides [1] dilations [1] pads [0, 0] : tensor<1x2x4xf16>, tensor<2x2x1xf16> -> tensor<1x2x4xf16>
  %7 = nn.mul %6, %half : tensor<1x2x4xf16>, tensor<f16> -> tensor<1x2x4xf16>
  %8 = nn.conv %x, %w strides [1] dilations [1] pads [0, 0] : tensor<1x2x4xf32>, tensor<2x2x1xf32> -> tensor<1x2x4xf32>
  %9 = nn.mul %8, %inf : tensor<1x2x4xf32>, tensor<f32> -> tensor<1x2x4xf32>
  return %0, %1, %3, %5, %7, %9 : tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<3x2x4xf32>, tensor<1x2x4xf16>, tensor<1x2x4xf32>
}

// -----

// A sum in front of the factor, with a use of its own, and a summand in front
// of a convolution, which its padding does not see.
// CHECK-LABEL: func @sum_stays
// CHECK-COUNT-2: nn.add
func.func @sum_stays(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 48> : tensor<2x2x3xf32>
  %t = nn.constant dense<2.0> : tensor<f32>
  %0 = nn.add %x, %t : tensor<1x2x4xf32>, tensor<f32> -> tensor<1x2x4xf32>
  %1 = nn.conv %0, %w strides [1] dilations [1] pads [1, 1] : tensor<1x2x4xf32>, tensor<2x2x3xf32> -> tensor<1x2x4xf32>
  %2 = nn.add %1, %x : tensor<1x2x4xf32>, tensor<1x2x4xf32> -> tensor<1x2x4xf32>
  return %2 : tensor<1x2x4xf32>
}

// -----

// CHECK-LABEL: func @layout
func.func @layout(%x: tensor<4x3xf32>) -> (tensor<4x2xf32>, tensor<2x3xf32>) {
  // CHECK-DAG: %[[W:.*]] = nn.weight "w" <"m.onnx", offset = 0, length = 24, stored = tensor<2x3xf32>, transforms = [#nn.relayout<shape = [2, 3], perm = [1, 0]>]> : tensor<3x2xf32>
  // CHECK-DAG: %[[V:.*]] = nn.weight "v" <"m.onnx", offset = 0, length = 24, stored = tensor<6xf32>, transforms = [#nn.relayout<shape = [2, 3]>]> : tensor<2x3xf32>
  // CHECK-NOT: nn.transpose
  // CHECK-NOT: nn.reshape
  // CHECK: nn.matmul %arg0, %[[W]]
  // CHECK: return %{{.*}}, %[[V]]
  %w = nn.weight "w" <"m.onnx", offset = 0, length = 24> : tensor<2x3xf32>
  %v = nn.weight "v" <"m.onnx", offset = 0, length = 24> : tensor<6xf32>
  %shape = nn.constant dense<[2, 3]> : tensor<2xi64>
  %0 = nn.transpose %w [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %1 = nn.reshape %v, %shape : tensor<6xf32>, tensor<2xi64> -> tensor<2x3xf32>
  %2 = nn.matmul %x, %0 : tensor<4x3xf32>, tensor<3x2xf32> -> tensor<4x2xf32>
  return %2, %1 : tensor<4x2xf32>, tensor<2x3xf32>
}

// -----

// What small integers stand for is a weight of its own, known here since the
// integers are in the module. (Right factors of products stay, see
// narrow-weights.mlir.)
// CHECK-LABEL: func @dequantize
func.func @dequantize(%x: tensor<3x1xf32>, %q: tensor<2x3xi8>) -> (tensor<2x1xf32>, tensor<2x3xf32>) {
  // CHECK: %[[W:.*]] = nn.constant dense<{{\[\[}}5.000000e-01, 4.000000e+00, -2.000000e+00], [1.000000e+00, -4.000000e+00, 0.000000e+00]]> : tensor<2x3xf32>
  // CHECK: nn.matmul %[[W]], %arg0
  // CHECK: nn.dequantize %arg1
  %w = nn.constant dense<[[2, 5, 0], [3, -3, 1]]> : tensor<2x3xi8>
  %s = nn.constant dense<[0.5, 1.0, 2.0]> : tensor<3xf32>
  %z = nn.constant dense<[1, 1, 1]> : tensor<3xi8>
  %0 = nn.dequantize %w, %s zero_point %z : (tensor<2x3xi8>, tensor<3xf32>, tensor<3xi8>) -> tensor<2x3xf32>
  %1 = nn.matmul %0, %x : tensor<2x3xf32>, tensor<3x1xf32> -> tensor<2x1xf32>
  %2 = nn.dequantize %q, %s : (tensor<2x3xi8>, tensor<3xf32>) -> tensor<2x3xf32>
  return %1, %2 : tensor<2x1xf32>, tensor<2x3xf32>
}
