// RUN: nnc-opt %s -nnc-recompose | FileCheck %s

// CHECK-LABEL: func @layer_norm
func.func @layer_norm(%x: tensor<?x4xf32>, %g: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<?x4xf32> {
  %eps = nn.constant dense<1.000000e-05> : tensor<f32>
  // CHECK: nn.normalize %arg0 [1] epsilon 9.9999997473787516E-6 scale %arg1 bias %arg2
  // CHECK-NOT: nn.{{reduce|mul|add}}
  %0 = nn.reduce mean %x [1] keep_dims : tensor<?x4xf32> -> tensor<?x1xf32>
  %1 = nn.sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32> -> tensor<?x4xf32>
  %2 = nn.mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %3 = nn.reduce mean %2 [1] keep_dims : tensor<?x4xf32> -> tensor<?x1xf32>
  %4 = nn.add %3, %eps : tensor<?x1xf32>, tensor<f32> -> tensor<?x1xf32>
  %5 = nn.sqrt %4 : tensor<?x1xf32> -> tensor<?x1xf32>
  %6 = nn.div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32> -> tensor<?x4xf32>
  %7 = nn.mul %6, %g : tensor<?x4xf32>, tensor<4xf32> -> tensor<?x4xf32>
  %8 = nn.add %7, %b : tensor<?x4xf32>, tensor<4xf32> -> tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// The square as a power, the root as one of -1/2, operands the other way round.
// CHECK-LABEL: func @layer_norm_powers
func.func @layer_norm_powers(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %eps = nn.constant dense<1.000000e-05> : tensor<f32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %half = nn.constant dense<-0.5> : tensor<f32>
  // CHECK: nn.normalize %arg0 [1, 2] epsilon 9.9999997473787516E-6 : tensor<2x3x4xf32>
  %0 = nn.reduce mean %x [1, 2] keep_dims : tensor<2x3x4xf32> -> tensor<2x1x1xf32>
  %1 = nn.sub %x, %0 : tensor<2x3x4xf32>, tensor<2x1x1xf32> -> tensor<2x3x4xf32>
  %2 = nn.pow %1, %two : tensor<2x3x4xf32>, tensor<f32> -> tensor<2x3x4xf32>
  %3 = nn.reduce mean %2 [1, 2] keep_dims : tensor<2x3x4xf32> -> tensor<2x1x1xf32>
  %4 = nn.add %eps, %3 : tensor<f32>, tensor<2x1x1xf32> -> tensor<2x1x1xf32>
  %5 = nn.pow %4, %half : tensor<2x1x1xf32>, tensor<f32> -> tensor<2x1x1xf32>
  %6 = nn.mul %5, %1 : tensor<2x1x1xf32>, tensor<2x3x4xf32> -> tensor<2x3x4xf32>
  return %6 : tensor<2x3x4xf32>
}

// CHECK-LABEL: func @rms_norm
func.func @rms_norm(%x: tensor<2x4xf32>, %g: tensor<4xf32>) -> tensor<2x4xf32> {
  %eps = nn.constant dense<1.000000e-06> : tensor<1xf32>
  %one = nn.constant dense<1.0> : tensor<f32>
  // CHECK: nn.normalize %arg0 [1] epsilon {{.*}} uncentered scale %arg1
  %0 = nn.mul %x, %x : tensor<2x4xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  %1 = nn.reduce mean %0 [1] keep_dims : tensor<2x4xf32> -> tensor<2x1xf32>
  %2 = nn.add %1, %eps : tensor<2x1xf32>, tensor<1xf32> -> tensor<2x1xf32>
  %3 = nn.sqrt %2 : tensor<2x1xf32> -> tensor<2x1xf32>
  %4 = nn.div %one, %3 : tensor<f32>, tensor<2x1xf32> -> tensor<2x1xf32>
  %5 = nn.mul %x, %4 : tensor<2x4xf32>, tensor<2x1xf32> -> tensor<2x4xf32>
  %6 = nn.mul %g, %5 : tensor<4xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  return %6 : tensor<2x4xf32>
}

// Mean and variance over different axes: the variance about 0 remains.
// CHECK-LABEL: func @other_axes
func.func @other_axes(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %eps = nn.constant dense<1.0> : tensor<f32>
  // CHECK: nn.reduce mean %arg0 [0]
  // CHECK: nn.normalize %{{.*}} [1] epsilon 1.000000e+00 uncentered
  %0 = nn.reduce mean %x [0] keep_dims : tensor<2x4xf32> -> tensor<1x4xf32>
  %1 = nn.sub %x, %0 : tensor<2x4xf32>, tensor<1x4xf32> -> tensor<2x4xf32>
  %2 = nn.mul %1, %1 : tensor<2x4xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  %3 = nn.reduce mean %2 [1] keep_dims : tensor<2x4xf32> -> tensor<2x1xf32>
  %4 = nn.add %3, %eps : tensor<2x1xf32>, tensor<f32> -> tensor<2x1xf32>
  %5 = nn.sqrt %4 : tensor<2x1xf32> -> tensor<2x1xf32>
  %6 = nn.div %1, %5 : tensor<2x4xf32>, tensor<2x1xf32> -> tensor<2x4xf32>
  return %6 : tensor<2x4xf32>
}

// Divided by its sum of squares, another tensor's deviation, an epsilon a row.
// CHECK-LABEL: func @not_norms
// CHECK-NOT: nn.normalize
// CHECK: return
func.func @not_norms(%x: tensor<2x4xf32>, %y: tensor<2x4xf32>, %e: tensor<2x1xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {
  %eps = nn.constant dense<1.000000e-05> : tensor<f32>
  %0 = nn.mul %x, %x : tensor<2x4xf32>, tensor<2x4xf32> -> tensor<2x4xf32>
  %1 = nn.reduce sum %0 [1] keep_dims : tensor<2x4xf32> -> tensor<2x1xf32>
  %2 = nn.add %1, %eps : tensor<2x1xf32>, tensor<f32> -> tensor<2x1xf32>
  %3 = nn.sqrt %2 : tensor<2x1xf32> -> tensor<2x1xf32>
  %4 = nn.div %x, %3 : tensor<2x4xf32>, tensor<2x1xf32> -> tensor<2x4xf32>
  %5 = nn.reduce mean %0 [1] keep_dims : tensor<2x4xf32> -> tensor<2x1xf32>
  %6 = nn.add %5, %eps : tensor<2x1xf32>, tensor<f32> -> tensor<2x1xf32>
  %7 = nn.sqrt %6 : tensor<2x1xf32> -> tensor<2x1xf32>
  %8 = nn.div %y, %7 : tensor<2x4xf32>, tensor<2x1xf32> -> tensor<2x4xf32>
  %9 = nn.add %5, %e : tensor<2x1xf32>, tensor<2x1xf32> -> tensor<2x1xf32>
  %10 = nn.sqrt %9 : tensor<2x1xf32> -> tensor<2x1xf32>
  %11 = nn.div %x, %10 : tensor<2x4xf32>, tensor<2x1xf32> -> tensor<2x4xf32>
  return %4, %8, %11 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>
}

// A scale that makes the result larger, and one after the bias, stay apart.
// CHECK-LABEL: func @other_affine
func.func @other_affine(%x: tensor<1x4xf32>, %g: tensor<3x4xf32>, %b: tensor<4xf32>) -> (tensor<3x4xf32>, tensor<1x4xf32>) {
  // CHECK: nn.normalize %arg0 [1] epsilon 1.000000e-05 :
  // CHECK: nn.mul
  %0 = nn.normalize %x [1] epsilon 1.0e-5 : tensor<1x4xf32> -> tensor<1x4xf32>
  %1 = nn.mul %0, %g : tensor<1x4xf32>, tensor<3x4xf32> -> tensor<3x4xf32>
  // CHECK: nn.normalize {{.*}} bias
  // CHECK: nn.mul
  %2 = nn.normalize %x [1] epsilon 1.0e-4 : tensor<1x4xf32> -> tensor<1x4xf32>
  %3 = nn.add %2, %b : tensor<1x4xf32>, tensor<4xf32> -> tensor<1x4xf32>
  %4 = nn.mul %3, %b : tensor<1x4xf32>, tensor<4xf32> -> tensor<1x4xf32>
  return %1, %4 : tensor<3x4xf32>, tensor<1x4xf32>
}
