// RUN: nnc-opt %s -convert-nn-to-linalg | FileCheck %s

// CHECK-LABEL: func @cosine_window
func.func @cosine_window(%n: tensor<i64>) -> tensor<?xf16> {
  // CHECK: linalg.generic
  // CHECK: math.cos %{{.*}} : f64
  // CHECK-NOT: math.cos
  %0 = nn.cosine_window %n [0.5, 0.5, 0.0] periodic {element_type = f16} : tensor<i64> -> tensor<?xf16>
  return %0 : tensor<?xf16>
}

// CHECK-LABEL: func @frame
func.func @frame(%x: tensor<?x?x1xf32>, %l: tensor<i64>, %s: tensor<i64>) -> tensor<?x?x?x1xf32> {
  // CHECK: linalg.generic
  // CHECK: arith.muli
  // CHECK: tensor.extract %{{.*}} : tensor<?x?x1xf32>
  %0 = nn.frame %x, %l, %s : tensor<?x?x1xf32>, tensor<i64>, tensor<i64> -> tensor<?x?x?x1xf32>
  return %0 : tensor<?x?x?x1xf32>
}

// A table of sines, then the sum; a real signal has no second component.
// CHECK-LABEL: func @dft
func.func @dft(%x: tensor<?x16x1xf32>, %n: tensor<i64>) -> tensor<?x?x2xf32> {
  // CHECK: outs(%{{.*}} : tensor<2x?xf32>)
  // CHECK: math.sin
  // CHECK: scf.for
  // CHECK: tensor.extract %{{.*}} : tensor<?x16x1xf32>
  // CHECK-NOT: tensor.extract
  %0 = nn.dft %x, %n axis 1 onesided : tensor<?x16x1xf32>, tensor<i64> -> tensor<?x?x2xf32>
  return %0 : tensor<?x?x2xf32>
}

// CHECK-LABEL: func @det
func.func @det(%x: tensor<?x?x?xbf16>) -> tensor<?xbf16> {
  // CHECK: scf.for
  // CHECK: arith.extf %{{.*}} : bf16 to f32
  // CHECK: math.absf
  // CHECK: arith.divf %{{.*}} : f32
  %0 = nn.det %x : tensor<?x?x?xbf16> -> tensor<?xbf16>
  return %0 : tensor<?xbf16>
}
