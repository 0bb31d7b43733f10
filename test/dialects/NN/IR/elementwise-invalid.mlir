// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @add_types(%a: tensor<4xf32>, %b: tensor<4xi64>) {
  // expected-error @below {{expects operands of one element type, but got f32 and i64}}
  // expected-error @below {{failed to infer returned types}}
  %0 = "nn.add"(%a, %b) : (tensor<4xf32>, tensor<4xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @equal_types(%a: tensor<4xui8>, %b: tensor<4xi8>) {
  // expected-error @below {{expects operands of one element type, but got ui8 and i8}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.equal %a, %b : tensor<4xui8>, tensor<4xi8> -> tensor<4xi1>
  return
}

// -----

func.func @where_types(%c: tensor<4xi1>, %a: tensor<4xf32>, %b: tensor<4xf16>) {
  // expected-error @below {{expects operands of one element type, but got f32 and f16}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.where %c, %a, %b : tensor<4xi1>, tensor<4xf32>, tensor<4xf16> -> tensor<4xf32>
  return
}

// -----

func.func @where_condition(%c: tensor<4xi8>, %a: tensor<4xf32>) {
  // expected-error @below {{operand #0 must be ranked tensor of 1-bit signless integer values}}
  %0 = nn.where %c, %a, %a : tensor<4xi8>, tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @add_shapes(%a: tensor<2x3xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{dimensions 3 and 2 do not broadcast}}
  // expected-error @below {{failed to infer returned types}}
  %0 = "nn.add"(%a, %b) : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @pow_shapes(%a: tensor<0xf32>, %b: tensor<2xi8>) {
  // expected-error @below {{do not broadcast}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.pow %a, %b : tensor<0xf32>, tensor<2xi8> -> tensor<0xf32>
  return
}

// -----

func.func @result_type(%a: tensor<4xf32>) {
  // expected-error @below {{are incompatible with return type(s)}}
  // expected-error @below {{failed to infer returned types}}
  %0 = nn.less %a, %a : tensor<4xf32>, tensor<4xf32> -> tensor<5xi1>
  return
}

// -----

func.func @cast_signed(%a: tensor<4xf32>) {
  // expected-error @below {{expects a float, integer or bool to convert to, but got si8}}
  // expected-error @below {{failed to infer returned types}}
  %0 = "nn.cast"(%a) {to = si8} : (tensor<4xf32>) -> tensor<4xi8>
  return
}

// -----

func.func @cast_index(%a: tensor<4xf32>) {
  // expected-error @below {{expects a float, integer or bool to convert to, but got index}}
  // expected-error @below {{failed to infer returned types}}
  %0 = "nn.cast"(%a) {to = index} : (tensor<4xf32>) -> tensor<4xi8>
  return
}

// -----

func.func @exp_integer(%a: tensor<4xi32>) {
  // expected-error @below {{operand #0 must be}}
  %0 = nn.exp %a : tensor<4xi32> -> tensor<4xi32>
  return
}

// -----

func.func @and_float(%a: tensor<4xf32>) {
  // expected-error @below {{operand #0 must be}}
  %0 = nn.and %a, %a : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
  return
}
