// RUN: nnc-opt %s -split-input-file -nnc-prune="step=channel:0.5 align=1" | FileCheck %s
// RUN: nnc-opt %s -split-input-file -nnc-prune="step=channel:0.5 align=1 mask=true" | FileCheck %s --check-prefix=MASK
// RUN: nnc-opt %s -split-input-file -nnc-prune="step=channel:0.5 align=1" --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-prune" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: nnc-opt %s -split-input-file -nnc-prune="step=channel:0.1 align=16" --remark-policy=all --remark-format=emitRemark --remarks-filter="nnc-prune" 2>&1 >/dev/null | FileCheck %s --check-prefix=ALIGN

// ALIGN: all 4 channels stay: too few to take from

// What the second product reads goes with what the first makes; the output stays.
// CHECK-LABEL: func @chain
// MASK-LABEL: func @chain
func.func @chain(%x: tensor<3x2xf32>) -> tensor<3x2xf32> attributes {nn.entry} {
  // REMARK: 2 of 4 channels go, in {{[0-9]+}} dimensions
  // CHECK-DAG: nn.constant dense<{{\[}}[4.000000e+00, 3.000000e+00], [4.000000e+00, 3.000000e+00]]> : tensor<2x2xf32>
  // CHECK-DAG: nn.constant dense<1.000000e+00> : tensor<2x2xf32>
  // CHECK: nn.matmul {{.*}} -> tensor<3x2xf32>
  // CHECK: nn.relu {{.*}} -> tensor<3x2xf32>
  // MASK: nn.constant dense<{{\[}}[4.000000e+00, 0.000000e+00, 3.000000e+00, 0.000000e+00], [4.000000e+00, 0.000000e+00, 3.000000e+00, 0.000000e+00]]> : tensor<2x4xf32>
  // MASK: nn.matmul {{.*}} -> tensor<3x4xf32>
  %a = nn.constant dense<[[4.0, 1.0, 3.0, 2.0], [4.0, 1.0, 3.0, 2.0]]> : tensor<2x4xf32>
  %b = nn.constant dense<1.0> : tensor<4x2xf32>
  %0 = nn.matmul %x, %a : tensor<3x2xf32>, tensor<2x4xf32> -> tensor<3x4xf32>
  %1 = nn.relu %0 : tensor<3x4xf32> -> tensor<3x4xf32>
  %2 = nn.matmul %1, %b : tensor<3x4xf32>, tensor<4x2xf32> -> tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}

// -----

// A depthwise convolution has fewer groups, a reshape another size, a part of a
// concatenation begins elsewhere.
// CHECK-LABEL: func @image
func.func @image(%x: tensor<1x3x4x4xf32>) -> tensor<1x5xf32> attributes {nn.entry} {
  // CHECK: nn.conv {{.*}} -> tensor<1x2x4x4xf32>
  // CHECK: nn.conv {{.*}}group = 2 : i64{{.*}} -> tensor<1x2x4x4xf32>
  // CHECK: nn.concat {{.*}} axis 1 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32> -> tensor<1x4x4x4xf32>
  // CHECK: nn.slice {{.*}} -> tensor<1x2x4x4xf32>
  // CHECK: nn.constant dense<[1, 32]> : tensor<2xi64>
  // CHECK: nn.reshape {{.*}} -> tensor<1x32xf32>
  %w = nn.constant dense<[[[[1.0]], [[1.0]], [[1.0]]], [[[2.0]], [[2.0]], [[2.0]]], [[[3.0]], [[3.0]], [[3.0]]], [[[4.0]], [[4.0]], [[4.0]]]]> : tensor<4x3x1x1xf32>
  %d = nn.constant dense<1.0> : tensor<4x1x3x3xf32>
  %f = nn.constant dense<1.0> : tensor<64x5xf32>
  %s = nn.constant dense<[1, 64]> : tensor<2xi64>
  %b = nn.constant dense<4> : tensor<1xi64>
  %e = nn.constant dense<8> : tensor<1xi64>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0] : tensor<1x3x4x4xf32>, tensor<4x3x1x1xf32> -> tensor<1x4x4x4xf32>
  %1 = nn.conv %0, %d strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] {group = 4 : i64} : tensor<1x4x4x4xf32>, tensor<4x1x3x3xf32> -> tensor<1x4x4x4xf32>
  %2 = nn.concat %0, %1 axis 1 : tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32> -> tensor<1x8x4x4xf32>
  %3 = nn.slice %2, %b, %e axes [1] steps [1] : tensor<1x8x4x4xf32>, tensor<1xi64>, tensor<1xi64> -> tensor<1x4x4x4xf32>
  %4 = nn.reshape %3, %s : tensor<1x4x4x4xf32>, tensor<2xi64> -> tensor<1x64xf32>
  %5 = nn.matmul %4, %f : tensor<1x64xf32>, tensor<64x5xf32> -> tensor<1x5xf32>
  return %5 : tensor<1x5xf32>
}

// -----

// Heads go as a whole.
// CHECK-LABEL: func @heads
func.func @heads(%x: tensor<5x8xf32>) -> tensor<5x8xf32> attributes {nn.entry} {
  // CHECK: nn.reshape {{.*}} -> tensor<5x2x3xf32>
  // CHECK: nn.transpose {{.*}} -> tensor<2x5x3xf32>
  // CHECK: nn.attention {{.*}} -> tensor<2x5x3xf32>
  // CHECK: nn.reshape {{.*}} -> tensor<5x6xf32>
  %q = nn.constant dense<1.0> : tensor<8x12xf32>
  %o = nn.constant dense<1.0> : tensor<12x8xf32>
  %s = nn.constant dense<[5, 4, 3]> : tensor<3xi64>
  %t = nn.constant dense<[5, 12]> : tensor<2xi64>
  %0 = nn.matmul %x, %q : tensor<5x8xf32>, tensor<8x12xf32> -> tensor<5x12xf32>
  %1 = nn.reshape %0, %s : tensor<5x12xf32>, tensor<3xi64> -> tensor<5x4x3xf32>
  %2 = nn.transpose %1 [1, 0, 2] : tensor<5x4x3xf32> -> tensor<4x5x3xf32>
  %3 = nn.attention %2, %2, %2 scale 1.0 : tensor<4x5x3xf32>, tensor<4x5x3xf32>, tensor<4x5x3xf32> -> tensor<4x5x3xf32>
  %4 = nn.transpose %3 [1, 0, 2] : tensor<4x5x3xf32> -> tensor<5x4x3xf32>
  %5 = nn.reshape %4, %t : tensor<5x4x3xf32>, tensor<2xi64> -> tensor<5x12xf32>
  %6 = nn.matmul %5, %o : tensor<5x12xf32>, tensor<12x8xf32> -> tensor<5x8xf32>
  return %6 : tensor<5x8xf32>
}

// -----

// Sums over channels need all of them.
// CHECK-LABEL: func @frozen
func.func @frozen(%x: tensor<3x2xf32>) -> tensor<3x2xf32> attributes {nn.entry} {
  // CHECK: nn.matmul {{.*}} -> tensor<3x4xf32>
  %a = nn.constant dense<1.0> : tensor<2x4xf32>
  %b = nn.constant dense<1.0> : tensor<4x2xf32>
  %0 = nn.matmul %x, %a : tensor<3x2xf32>, tensor<2x4xf32> -> tensor<3x4xf32>
  %1 = nn.softmax soft %0 axis 1 : tensor<3x4xf32> -> tensor<3x4xf32>
  %2 = nn.matmul %1, %b : tensor<3x4xf32>, tensor<4x2xf32> -> tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}

// -----

// One constant of two layers does not tie them together, nor to what must stay.
// CHECK-LABEL: func @shared
func.func @shared(%x: tensor<3x2xf32>) -> tensor<3x4xf32> attributes {nn.entry} {
  // CHECK: nn.matmul {{.*}} -> tensor<3x2xf32>
  // CHECK: nn.add {{.*}} -> tensor<3x2xf32>
  // CHECK: nn.matmul {{.*}} -> tensor<3x4xf32>
  // CHECK: nn.add {{.*}} -> tensor<3x4xf32>
  %a = nn.constant dense<1.0> : tensor<2x4xf32>
  %b = nn.constant dense<1.0> : tensor<4x4xf32>
  %zero = nn.constant dense<0.0> : tensor<4xf32>
  %0 = nn.matmul %x, %a : tensor<3x2xf32>, tensor<2x4xf32> -> tensor<3x4xf32>
  %1 = nn.add %0, %zero : tensor<3x4xf32>, tensor<4xf32> -> tensor<3x4xf32>
  %2 = nn.matmul %1, %b : tensor<3x4xf32>, tensor<4x4xf32> -> tensor<3x4xf32>
  %3 = nn.add %2, %zero : tensor<3x4xf32>, tensor<4xf32> -> tensor<3x4xf32>
  return %3 : tensor<3x4xf32>
}
