// RUN: nnc-opt %s | nnc-opt | FileCheck %s

// CHECK-LABEL: func @sequences
func.func @sequences(%a: tensor<2xf32>, %b: tensor<3xf32>, %p: index)
    -> (tensor<?xf32>, tensor<?x?xf32>, index) {
  // CHECK: nn.sequence_create %{{.*}}, %{{.*}} : (tensor<2xf32>, tensor<3xf32>) -> !nn.sequence<tensor<?xf32>>
  %s = nn.sequence_create %a, %b : (tensor<2xf32>, tensor<3xf32>) -> !nn.sequence<tensor<?xf32>>
  // CHECK: nn.sequence_insert %{{.*}}, %{{.*}} at %{{.*}} : <tensor<?xf32>>, tensor<2xf32> -> <tensor<?xf32>>
  %t = nn.sequence_insert %s, %a at %p : !nn.sequence<tensor<?xf32>>, tensor<2xf32> -> !nn.sequence<tensor<?xf32>>
  // CHECK: nn.sequence_erase %{{.*}} : <tensor<?xf32>>
  %u = nn.sequence_erase %t : !nn.sequence<tensor<?xf32>>
  // CHECK: nn.sequence_at %{{.*}}, %{{.*}} : <tensor<?xf32>> -> tensor<?xf32>
  %e = nn.sequence_at %u, %p : !nn.sequence<tensor<?xf32>> -> tensor<?xf32>
  // CHECK: nn.sequence_join %{{.*}} axis 1 new_axis : <tensor<?xf32>> -> tensor<?x?xf32>
  %j = nn.sequence_join %u axis 1 new_axis : !nn.sequence<tensor<?xf32>> -> tensor<?x?xf32>
  // CHECK: nn.sequence_cast %{{.*}} : <tensor<?xf32>> -> <tensor<*xf32>>
  %c = nn.sequence_cast %u : !nn.sequence<tensor<?xf32>> -> !nn.sequence<tensor<*xf32>>
  // CHECK: nn.sequence_length %{{.*}} : <tensor<*xf32>>
  %n = nn.sequence_length %c : !nn.sequence<tensor<*xf32>>
  return %e, %j, %n : tensor<?xf32>, tensor<?x?xf32>, index
}

// CHECK-LABEL: func @optional
func.func @optional(%a: tensor<2xf32>) -> (i1, tensor<2xf32>) {
  // CHECK: nn.optional_create %{{.*}} : (tensor<2xf32>) -> !nn.optional<tensor<2xf32>>
  %o = nn.optional_create %a : (tensor<2xf32>) -> !nn.optional<tensor<2xf32>>
  // CHECK: nn.optional_create : () -> !nn.optional<!nn.sequence<tensor<?xf32>>>
  %none = nn.optional_create : () -> !nn.optional<!nn.sequence<tensor<?xf32>>>
  // CHECK: nn.optional_has %{{.*}} : <!nn.sequence<tensor<?xf32>>>
  %b = nn.optional_has %none : !nn.optional<!nn.sequence<tensor<?xf32>>>
  // CHECK: nn.optional_get %{{.*}} : <tensor<2xf32>>
  %v = nn.optional_get %o : !nn.optional<tensor<2xf32>>
  return %b, %v : i1, tensor<2xf32>
}
