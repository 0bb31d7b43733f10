// RUN: nnc-opt %s -split-input-file -convert-nn-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[$COLUMN:.*]] = affine_map<(d0, d1) -> (d0, 0)>

// CHECK-LABEL: func @add_broadcast
func.func @add_broadcast(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
  // CHECK: linalg.generic
  // CHECK-SAME: indexing_maps = [#[[$ID]], #[[$ROW]], #[[$ID]]]
  // CHECK: arith.addf
  %0 = nn.add %a, %b : tensor<2x3xf32>, tensor<3xf32> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @sub_size1
func.func @sub_size1(%a: tensor<2x1xf32>, %b: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: indexing_maps = [#[[$COLUMN]], #[[$ID]], #[[$ID]]]
  // CHECK: arith.subf
  %0 = nn.sub %a, %b : tensor<2x1xf32>, tensor<2x3xf32> -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @mul_empty
func.func @mul_empty(%a: tensor<0x1xf32>, %b: tensor<3xf32>) -> tensor<0x3xf32> {
  // CHECK: tensor.empty() : tensor<0x3xf32>
  %0 = nn.mul %a, %b : tensor<0x1xf32>, tensor<3xf32> -> tensor<0x3xf32>
  return %0 : tensor<0x3xf32>
}

// -----

// CHECK-LABEL: func @add_unsigned
// CHECK-SAME: tensor<4xi8>
func.func @add_unsigned(%a: tensor<4xui8>, %b: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK: arith.addi
  %0 = nn.add %a, %b : tensor<4xui8>, tensor<4xui8> -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// CHECK-LABEL: func @max_unsigned
func.func @max_unsigned(%a: tensor<4xui8>, %b: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK: arith.maxui
  %0 = nn.max %a, %b : tensor<4xui8>, tensor<4xui8> -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// CHECK-LABEL: func @less_unsigned
func.func @less_unsigned(%a: tensor<4xui8>, %b: tensor<4xui8>) -> tensor<4xi1> {
  // CHECK: arith.cmpi ult
  %0 = nn.less %a, %b : tensor<4xui8>, tensor<4xui8> -> tensor<4xi1>
  return %0 : tensor<4xi1>
}

// -----

// CHECK-LABEL: func @relu_rank0
func.func @relu_rank0(%a: tensor<f32>) -> tensor<f32> {
  // CHECK: arith.maximumf
  %0 = nn.relu %a : tensor<f32> -> tensor<f32>
  return %0 : tensor<f32>
}

// A dimension that may be 1 only at run time is indexed by hand.
// CHECK-LABEL: func @add_dynamic
func.func @add_dynamic(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: tensor.extract
  %0 = nn.add %a, %b : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// An operand that occurs twice is read once, and needs no broadcast.
// CHECK-LABEL: func @mul_same
func.func @mul_same(%a: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: linalg.generic
  // CHECK-SAME: ins(%{{[^,]*}} : tensor<?xf32>)
  // CHECK: arith.mulf %[[X:.*]], %[[X]]
  %0 = nn.mul %a, %a : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func @constant_splat
func.func @constant_splat(%a: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: linalg.generic
  // CHECK-SAME: ins(%arg0 : tensor<4xf32>)
  // CHECK: %[[C:.*]] = arith.constant 6.000000e+00 : f32
  // CHECK: arith.minimumf %{{.*}}, %[[C]]
  %c = nn.constant dense<6.0> : tensor<f32>
  %0 = nn.min %a, %c : tensor<4xf32>, tensor<f32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A divisor of 0 and the overflow of the least number are guarded.
// CHECK-LABEL: func @div_signed
func.func @div_signed(%a: tensor<4xi32>, %b: tensor<4xi32>) -> tensor<4xi32> {
  // CHECK-DAG: arith.constant -2147483648 : i32
  // CHECK: %[[SAFE:.*]] = arith.select
  // CHECK: arith.divsi %{{.*}}, %[[SAFE]]
  // CHECK: arith.select
  %0 = nn.div %a, %b : tensor<4xi32>, tensor<4xi32> -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// CHECK-LABEL: func @shift_guarded
func.func @shift_guarded(%a: tensor<4xui8>, %b: tensor<4xui8>) -> tensor<4xui8> {
  // CHECK: arith.cmpi ult
  // CHECK: arith.shrui
  // CHECK: arith.select
  %0 = nn.shift_right %a, %b : tensor<4xui8>, tensor<4xui8> -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// CHECK-LABEL: func @cast_saturates
func.func @cast_saturates(%a: tensor<4xf32>) -> tensor<4xui8> {
  // CHECK: arith.constant 2.560000e+02 : f32
  // CHECK: %[[SAFE:.*]] = arith.select
  // CHECK: arith.fptoui %[[SAFE]] : f32 to i8
  // CHECK: arith.select
  // CHECK: arith.select
  %0 = nn.cast %a to ui8 : tensor<4xf32> -> tensor<4xui8>
  return %0 : tensor<4xui8>
}

// Between 16-bit floats by f32.
// CHECK-LABEL: func @cast_half
func.func @cast_half(%a: tensor<4xf16>) -> tensor<4xbf16> {
  // CHECK: arith.extf %{{.*}} : f16 to f32
  // CHECK: arith.truncf %{{.*}} : f32 to bf16
  %0 = nn.cast %a to bf16 : tensor<4xf16> -> tensor<4xbf16>
  return %0 : tensor<4xbf16>
}

// CHECK-LABEL: func @cast_unsigned
func.func @cast_unsigned(%a: tensor<4xui8>) -> tensor<4xf32> {
  // CHECK: arith.uitofp
  %0 = nn.cast %a to f32 : tensor<4xui8> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Math functions of 16-bit floats are f32's.
// CHECK-LABEL: func @exp_half
func.func @exp_half(%a: tensor<4xf16>) -> tensor<4xf16> {
  // CHECK: %[[WIDE:.*]] = arith.extf
  // CHECK: %[[EXP:.*]] = math.exp %[[WIDE]] : f32
  // CHECK: arith.truncf %[[EXP]]
  %0 = nn.exp %a : tensor<4xf16> -> tensor<4xf16>
  return %0 : tensor<4xf16>
}

// CHECK-LABEL: func @pow_mixed
func.func @pow_mixed(%a: tensor<4xf32>, %e: tensor<4xi8>) -> tensor<4xf32> {
  // CHECK: arith.sitofp %{{.*}} : i8 to f32
  // CHECK: math.powf
  %0 = nn.pow %a, %e : tensor<4xf32>, tensor<4xi8> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Integers need no function of floats.
// CHECK-LABEL: func @pow_integer
func.func @pow_integer(%a: tensor<4xi8>, %e: tensor<4xui8>) -> tensor<4xi8> {
  // CHECK-NOT: math.powf
  // CHECK-COUNT-8: arith.andi
  %0 = nn.pow %a, %e : tensor<4xi8>, tensor<4xui8> -> tensor<4xi8>
  return %0 : tensor<4xi8>
}

// CHECK-LABEL: func @where_broadcast
func.func @where_broadcast(%c: tensor<3xi1>, %a: tensor<2x3xi64>, %b: tensor<i64>) -> tensor<2x3xi64> {
  // CHECK: arith.select
  %0 = nn.where %c, %a, %b : tensor<3xi1>, tensor<2x3xi64>, tensor<i64> -> tensor<2x3xi64>
  return %0 : tensor<2x3xi64>
}

// The operand has become known where the result's type has not.
// CHECK-LABEL: func @known_operand
// CHECK: tensor.empty() : tensor<1xf32>
// CHECK: tensor.cast %{{.*}} : tensor<1xf32> to tensor<?xf32>
func.func @known_operand(%x: tensor<1xf32>) -> tensor<?xf32> {
  %0 = nn.neg %x {nn.same_dims} : tensor<1xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
