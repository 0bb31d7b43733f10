// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @attention
func.func @attention(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>, %m: tensor<6xi1>, %a: tensor<4x6xf32>) -> tensor<2x4x5xf32> {
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} scale 5.000000e-01 : tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32> -> tensor<2x4x5xf32>
  %0 = nn.attention %q, %k, %v scale 0.5 : tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32> -> tensor<2x4x5xf32>
  // CHECK: nn.attention {{.*}} mask %{{.*}} scale 5.000000e-01 {fill = -1.000000e+04 : f64}
  %1 = nn.attention %q, %k, %v mask %m scale 0.5 {fill = -1.0e4 : f64} : tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>, tensor<6xi1> -> tensor<2x4x5xf32>
  // CHECK: nn.attention {{.*}} {causality = #nn<causality from_end>, softcap = 2.000000e+01 : f64}
  %2 = nn.attention %q, %k, %v mask %a scale 1.0 {causality = #nn<causality from_end>, softcap = 20.0 : f64} : tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>, tensor<4x6xf32> -> tensor<2x4x5xf32>
  %3 = nn.add %0, %1 : tensor<2x4x5xf32>, tensor<2x4x5xf32> -> tensor<2x4x5xf32>
  %4 = nn.add %3, %2 : tensor<2x4x5xf32>, tensor<2x4x5xf32> -> tensor<2x4x5xf32>
  return %4 : tensor<2x4x5xf32>
}

// Three heads of the query share one of key and value; lengths are free.
// CHECK-LABEL: func @grouped
func.func @grouped(%q: tensor<1x6x?x8xf32>, %k: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x8xf32>) -> tensor<1x6x?x8xf32> {
  // CHECK: nn.attention {{.*}} -> tensor<1x6x?x8xf32>
  %0 = nn.attention %q, %k, %v scale 1.0 : tensor<1x6x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32> -> tensor<1x6x?x8xf32>
  return %0 : tensor<1x6x?x8xf32>
}

// CHECK-LABEL: func @normalize_affine
func.func @normalize_affine(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %b: tensor<2x1xf32>) -> tensor<2x3xf32> {
  // CHECK: nn.normalize %{{.*}} [1] epsilon 1.000000e-05 scale %{{.*}} bias %{{.*}} : tensor<2x3xf32> scale tensor<3xf32> bias tensor<2x1xf32> -> tensor<2x3xf32>
  %0 = nn.normalize %x [1] epsilon 1.0e-5 scale %s bias %b : tensor<2x3xf32> scale tensor<3xf32> bias tensor<2x1xf32> -> tensor<2x3xf32>
  // CHECK: nn.normalize %{{.*}} [1] epsilon 1.000000e-05 uncentered bias %{{.*}} : tensor<2x3xf32> bias tensor<3xf32> -> tensor<2x3xf32>
  %1 = nn.normalize %0 [1] epsilon 1.0e-5 uncentered bias %s : tensor<2x3xf32> bias tensor<3xf32> -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}
