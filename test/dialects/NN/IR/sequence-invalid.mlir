// RUN: nnc-opt %s -split-input-file -verify-diagnostics

func.func @element_type(%a: tensor<2xi32>) {
  // expected-error @+1 {{expects elements of type 'tensor<?xf32>', but got 'tensor<2xi32>'}}
  %0 = nn.sequence_create %a : (tensor<2xi32>) -> !nn.sequence<tensor<?xf32>>
  return
}

// -----

func.func @insert_rank(%s: !nn.sequence<tensor<?xf32>>, %a: tensor<2x2xf32>) {
  // expected-error @+1 {{expects elements of type 'tensor<?xf32>', but got 'tensor<2x2xf32>'}}
  %0 = nn.sequence_insert %s, %a : !nn.sequence<tensor<?xf32>>, tensor<2x2xf32> -> !nn.sequence<tensor<?xf32>>
  return
}

// -----

func.func @insert_result(%s: !nn.sequence<tensor<?x?xf32>>, %a: tensor<2xf32>) {
  // expected-error @+1 {{expects a result of the operand's elements 'tensor<?x?xf32>', but got 'tensor<?xf32>'}}
  %0 = nn.sequence_insert %s, %a : !nn.sequence<tensor<?x?xf32>>, tensor<2xf32> -> !nn.sequence<tensor<?xf32>>
  return
}

// -----

func.func @at(%s: !nn.sequence<tensor<*xf32>>, %p: index) {
  // expected-error @+1 {{expects a result of the sequence's element type 'tensor<*xf32>', but got 'tensor<2xf32>'}}
  %0 = nn.sequence_at %s, %p : !nn.sequence<tensor<*xf32>> -> tensor<2xf32>
  return
}

// -----

func.func @join_unranked(%s: !nn.sequence<tensor<*xf32>>) {
  // expected-error @+1 {{expects elements of a known rank, but got 'tensor<*xf32>'}}
  %0 = nn.sequence_join %s axis 0 : !nn.sequence<tensor<*xf32>> -> tensor<?xf32>
  return
}

// -----

func.func @join_rank(%s: !nn.sequence<tensor<?xf32>>) {
  // expected-error @+1 {{expects a result of rank 2 and the elements' type, but got 'tensor<?xf32>'}}
  %0 = nn.sequence_join %s axis 0 new_axis : !nn.sequence<tensor<?xf32>> -> tensor<?xf32>
  return
}

// -----

func.func @join_axis(%s: !nn.sequence<tensor<?xf32>>) {
  // expected-error @+1 {{expects an axis from 0 to 0, but got 1}}
  %0 = nn.sequence_join %s axis 1 : !nn.sequence<tensor<?xf32>> -> tensor<?xf32>
  return
}

// -----

func.func @cast(%s: !nn.sequence<tensor<?xf32>>) {
  // expected-error @+1 {{expects less exact elements than 'tensor<?xf32>', but got 'tensor<2xf32>'}}
  %0 = nn.sequence_cast %s : !nn.sequence<tensor<?xf32>> -> !nn.sequence<tensor<2xf32>>
  return
}

// -----

func.func @optional(%a: tensor<2xf32>) {
  // expected-error @+1 {{expects a value of type 'tensor<3xf32>', but got 'tensor<2xf32>'}}
  %0 = nn.optional_create %a : (tensor<2xf32>) -> !nn.optional<tensor<3xf32>>
  return
}

// -----

// expected-error @+1 {{expects an optional tensor or sequence, but got 'i32'}}
func.func @optional_type(%a: !nn.optional<i32>)
