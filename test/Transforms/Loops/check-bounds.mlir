// RUN: nnc-opt %s -nnc-check-bounds | FileCheck %s

// CHECK-DAG: llvm.func @nncrt_out_of_bounds(!llvm.ptr)
// CHECK-DAG: llvm.mlir.global internal constant @nnc_access{{[_0-9]*}}("one, node 'Relu_3': memref.load outside of memref<4x?xf32>\00")
// CHECK-DAG: llvm.mlir.global internal constant @nnc_access{{[_0-9]*}}("one: memref.store outside of memref<4x?xf32>\00")

// Both axes are looked at, as unsigned numbers.
// CHECK-LABEL: func.func private @one
// CHECK-SAME: %[[M:.*]]: memref<4x?xf32>, %[[I:.*]]: index, %[[J:.*]]: index
func.func private @one(%m: memref<4x?xf32>, %i: index, %j: index) {
  // CHECK: %[[INSIDE:.*]] = arith.andi
  // CHECK: %[[X:.*]] = scf.if %[[INSIDE]] -> (f32) {
  // CHECK:   memref.load %[[M]][%[[I]], %[[J]]]
  // CHECK: } else {
  // CHECK:   llvm.mlir.addressof
  // CHECK:   llvm.call @nncrt_out_of_bounds
  // CHECK:   arith.constant 0.0
  // CHECK: }
  %x = memref.load %m[%i, %j] : memref<4x?xf32> loc("Relu_3")
  // CHECK: scf.if
  // CHECK:   memref.store %[[X]]
  // CHECK: } else {
  // CHECK:   llvm.call @nncrt_out_of_bounds
  // CHECK: }
  memref.store %x, %m[%i, %j] : memref<4x?xf32>
  return
}

// The last of 8 elements must lie inside: places below 32 - 7.
// CHECK-LABEL: func.func private @vector
func.func private @vector(%m: memref<32xf32>, %i: index) {
  // CHECK-DAG: arith.cmpi ult, %{{.*}}, %{{.*}} : index
  // CHECK: scf.if
  // CHECK: vector.load
  %x = vector.load %m[%i] : memref<32xf32>, vector<8xf32>
  // CHECK: scf.if
  // CHECK: vector.store
  vector.store %x, %m[%i] : memref<32xf32>, vector<8xf32>
  return
}

// Lanes that the mask leaves out may lie outside.
// CHECK-LABEL: func.func private @masked
func.func private @masked(%m: memref<2x5xf32>, %i: index, %j: index, %mask: vector<8xi1>, %rest: vector<8xf32>) {
  // CHECK: %[[OUTSIDE:.*]] = arith.cmpi uge, %{{.*}}, %{{.*}} : vector<8xindex>
  // CHECK: %[[WRONG:.*]] = arith.andi %[[OUTSIDE]], %{{.*}} : vector<8xi1>
  // CHECK: vector.reduction <or>, %[[WRONG]]
  // CHECK: scf.if
  // CHECK: vector.maskedload
  %x = vector.maskedload %m[%i, %j], %mask, %rest : memref<2x5xf32>, vector<8xi1>, vector<8xf32> into vector<8xf32>
  // CHECK: scf.if
  // CHECK: vector.maskedstore
  vector.maskedstore %m[%i, %j], %mask, %x : memref<2x5xf32>, vector<8xi1>, vector<8xf32>
  return
}

// There is one place.
// CHECK-LABEL: func.func private @scalar
func.func private @scalar(%m: memref<f32>) -> f32 {
  // CHECK-NOT: scf.if
  %x = memref.load %m[] : memref<f32>
  return %x : f32
}
