// RUN: nnc-opt %s --nnc-allow-contraction | FileCheck %s

// CHECK-LABEL: func.func @kernel
// CHECK: arith.mulf %{{.*}}, %{{.*}} fastmath<contract> : f32
// CHECK: arith.addf %{{.*}}, %{{.*}} fastmath<nnan,contract> : f32
// CHECK: arith.subf %{{.*}}, %{{.*}} fastmath<contract> : f32
// CHECK: arith.divf %{{.*}}, %{{.*}} : f32
func.func @kernel(%a: f32, %b: f32) -> f32 attributes {nn.kernel} {
  %0 = arith.mulf %a, %b : f32
  %1 = arith.addf %0, %b fastmath<nnan> : f32
  %2 = arith.subf %1, %a : f32
  %3 = arith.divf %2, %a : f32
  return %3 : f32
}

// CHECK-LABEL: func.func @host
// CHECK: arith.mulf %{{.*}}, %{{.*}} : f32
func.func @host(%a: f32, %b: f32) -> f32 {
  %0 = arith.mulf %a, %b : f32
  return %0 : f32
}
