// RUN: nnc-opt %s -nnc-schedule=fuse=0 -nnc-loops -nnc-lower-host | FileCheck %s

// CHECK: module attributes {nn.artifact = {entries = [{arena_bytes = 64 : i64, arena_lower_bound = 64 : i64
// CHECK-SAME: inputs = [{name = "x", type = tensor<4xf32>}]
// CHECK-SAME: kernels = [{{.*}}name = "relu"{{.*}}name = "concat"
// CHECK-SAME: weights = [{data = dense_resource
// CHECK-SAME: weights_bytes = 1216

// CHECK: func.func private @main.host(%[[CTX:.*]]: !llvm.ptr) -> i32
// CHECK: call @nncrt_input(%[[CTX]]
// CHECK: call @nncrt_arena(%[[CTX]])
// CHECK: call @nncrt_parallel(%[[CTX]]
// CHECK: call @nncrt_output(%[[CTX]]
// CHECK: call @nncrt_parallel(%[[CTX]]

// CHECK: func.func private @kernel_relu.entry(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr)
module attributes {nn.version = 1 : i64} {
  func.func @main(%x: tensor<4xf32> {nn.name = "x"}) -> (tensor<8xf32> {nn.name = "y"}, tensor<300xf32> {nn.name = "z"}) attributes {nn.entry} {
    %c = nn.constant dense_resource<large> : tensor<300xf32>
    %0 = nn.relu %x : tensor<4xf32> -> tensor<4xf32>
    %1 = nn.concat %0, %0 axis 0 : tensor<4xf32>, tensor<4xf32> -> tensor<8xf32>
    %2 = nn.relu %c : tensor<300xf32> -> tensor<300xf32>
    return %1, %2 : tensor<8xf32>, tensor<300xf32>
  }
}

{-#
  dialect_resources: {
    builtin: {
      large: "0x4000000000"
    }
  }
#-}
