// Strings: the type and its constants, folding, and ops that do not take them.
//
// RUN: nnc-opt %s --split-input-file --verify-diagnostics --canonicalize | FileCheck %s
// RUN: nnc-opt %s --split-input-file --verify-diagnostics --canonicalize | nnc-opt --split-input-file | FileCheck %s

// CHECK-LABEL: func @types(%{{.*}}: tensor<?x!nn.string>, %{{.*}}: !nn.sequence<tensor<?x!nn.string>>)
func.func @types(%x: tensor<?x!nn.string>, %s: !nn.sequence<tensor<?x!nn.string>>) {
  return
}

// CHECK-LABEL: func @fold
// CHECK-DAG: nn.constant dense<["c", "", "a"]> : tensor<3x!nn.string>
// CHECK-DAG: nn.constant dense<[false, true, true]> : tensor<3xi1>
// CHECK-DAG: nn.constant dense<"same"> : tensor<2x2x!nn.string>
func.func @fold() -> (tensor<3x!nn.string>, tensor<3xi1>, tensor<2x2x!nn.string>) {
  %a = nn.constant dense<["a", "", "c"]> : tensor<3x!nn.string>
  %i = nn.constant dense<[2, 1, 0]> : tensor<3xi64>
  %r = nn.gather %a, %i axis 0 : tensor<3x!nn.string>, tensor<3xi64> -> tensor<3x!nn.string>
  %b = nn.constant dense<["b", "", "c"]> : tensor<3x!nn.string>
  %e = nn.equal %a, %b : tensor<3x!nn.string>, tensor<3x!nn.string> -> tensor<3xi1>
  %s = nn.constant dense<"same"> : tensor<!nn.string>
  %shape = nn.constant dense<2> : tensor<2xi64>
  %t = nn.broadcast %s, %shape : tensor<!nn.string>, tensor<2xi64> -> tensor<2x2x!nn.string>
  return %r, %e, %t : tensor<3x!nn.string>, tensor<3xi1>, tensor<2x2x!nn.string>
}

// -----

func.func @add(%x: tensor<2x!nn.string>) -> tensor<2x!nn.string> {
  // expected-error @below {{operand #0 must be}}
  %0 = nn.add %x, %x : tensor<2x!nn.string>, tensor<2x!nn.string> -> tensor<2x!nn.string>
  return %0 : tensor<2x!nn.string>
}

// -----

func.func @less(%x: tensor<2x!nn.string>) -> tensor<2xi1> {
  // expected-error @below {{operand #0 must be}}
  %0 = nn.less %x, %x : tensor<2x!nn.string>, tensor<2x!nn.string> -> tensor<2xi1>
  return %0 : tensor<2xi1>
}

// -----

func.func @cast(%x: tensor<2x!nn.string>) -> tensor<2xf32> {
  // expected-error @below {{operand #0 must be}}
  %0 = nn.cast %x to f32 : tensor<2x!nn.string> -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @to(%x: tensor<2xf32>) -> tensor<2x!nn.string> {
  // expected-error @below {{result #0 must be}}
  %0 = nn.cast %x to !nn.string : tensor<2xf32> -> tensor<2x!nn.string>
  return %0 : tensor<2x!nn.string>
}

// -----

func.func @bitcast(%x: tensor<2x!nn.string>) -> tensor<2xi64> {
  // expected-error @below {{operand #0 must be}}
  %0 = nn.bitcast %x to i64 : tensor<2x!nn.string> -> tensor<2xi64>
  return %0 : tensor<2xi64>
}
