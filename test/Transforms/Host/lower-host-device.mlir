// Of a model for a GPU the host reads copies, and kernels are what a GPU starts:
// threads take units in turn.
//
// RUN: nnc-opt %s -nnc-schedule='fuse=0 target=a100' -nnc-loops=target=a100 -nnc-lower-host | FileCheck %s

// CHECK: module attributes {nn.artifact = {{.*}}phases = [@kernel_relu_gpu]
// CHECK-SAME: nn.device
// CHECK: func.func private @main.host(%[[CTX:.*]]: !llvm.ptr) -> i32
// CHECK: %[[N:.*]] = call @nncrt_input(%[[CTX]], %{{.*}}) : (!llvm.ptr, i32) -> !llvm.ptr
// CHECK: %[[AT:.*]] = llvm.getelementptr %{{.*}}[%{{.*}}] : (!llvm.ptr, i64) -> !llvm.ptr, i8
// CHECK: %[[COPY:.*]] = call @nncrt_to_host(%[[CTX]], %[[AT]], %{{.*}}) : (!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr
// CHECK: llvm.load

// CHECK: func.func private @kernel_relu_gpu(%[[X:.*]]: !llvm.ptr<1> {llvm.noalias}, %[[Y:.*]]: !llvm.ptr<1> {llvm.noalias}, %[[UNITS:.*]]: i64, %[[SCRATCH:.*]]: !llvm.ptr<1> {llvm.noalias}, %[[PART:.*]]: i64)
// CHECK: nvvm.read.ptx.sreg.ctaid.x
// CHECK: nvvm.read.ptx.sreg.tid.x
// CHECK: %[[FIRST:.*]] = arith.addi
// CHECK: %[[STEP:.*]] = arith.muli
// CHECK: arith.muli %[[FIRST]], %[[PART]]
// CHECK: scf.for %[[I:.*]] = %[[FIRST]] to %[[UNITS]] step %[[STEP]] : i64
// CHECK: %[[END:.*]] = arith.addi %[[I]]
// CHECK: call @kernel_relu(%{{.*}}, %{{.*}}, %[[I]], %[[END]], %{{.*}})
func.func @main(%x: tensor<4xf32> {nn.name = "x"}, %n: tensor<3xi64> {nn.name = "n"}) -> (tensor<4xf32> {nn.name = "y"}) attributes {nn.entry} {
  %two = arith.constant 2 : index
  %most = arith.constant 5 : i64
  %value = tensor.extract %n[%two] : tensor<3xi64>
  %fits = arith.cmpi slt, %value, %most : i64
  nn.assert %fits, "too much"
  %y = nn.relu %x : tensor<4xf32> -> tensor<4xf32>
  return %y : tensor<4xf32>
}
