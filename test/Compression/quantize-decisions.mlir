// What stays float, and why; each remark names the reason.

// RUN: nnc-opt %s --split-input-file --nnc-quantize="scheme=int8-dynamic target=znver5" -remark-format=emitRemark -remarks-filter=".*" -o /dev/null 2>&1 | FileCheck %s
// RUN: nnc-opt %s --split-input-file --nnc-quantize="scheme=int8-dynamic target=znver5" | FileCheck %s --check-prefix=IR

// A product of many rows pays on a machine with VNNI.
// CHECK: int8-dynamic, weights at {{.*}} us predicted
// IR-LABEL: func.func @large
// IR: nn.quantization_range
func.func @large(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %w = nn.constant dense<0.5> : tensor<512x512xf32>
  %0 = nn.matmul %x, %w : tensor<512x512xf32>, tensor<512x512xf32> -> tensor<512x512xf32>
  return %0 : tensor<512x512xf32>
}

// -----

// A tiny one does not.
// CHECK: stays float: no gain is predicted
// IR-LABEL: func.func @tiny
// IR-NOT: nn.quantize
func.func @tiny(%x: tensor<64x2xf32>) -> tensor<64x2xf32> {
  %w = nn.constant dense<0.5> : tensor<2x2xf32>
  %0 = nn.matmul %x, %w : tensor<64x2xf32>, tensor<2x2xf32> -> tensor<64x2xf32>
  return %0 : tensor<64x2xf32>
}

// -----

// Weights of the run, and vectors, are no products of bytes at all.
// IR-LABEL: func.func @others
// IR-NOT: nn.quantize
func.func @others(%x: tensor<512x512xf32>, %y: tensor<512xf32>) -> (tensor<512x512xf32>, tensor<512xf32>) {
  %w = nn.constant dense<0.5> : tensor<512x512xf32>
  %0 = nn.matmul %x, %x : tensor<512x512xf32>, tensor<512x512xf32> -> tensor<512x512xf32>
  %1 = nn.matmul %y, %w : tensor<512xf32>, tensor<512x512xf32> -> tensor<512xf32>
  return %0, %1 : tensor<512x512xf32>, tensor<512xf32>
}

// -----

// CHECK: stays float: its weights are not all finite
// IR-LABEL: func.func @infinite
// IR-NOT: nn.quantize
func.func @infinite(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %w = nn.constant dense<0x7F800000> : tensor<512x512xf32>
  %0 = nn.matmul %x, %w : tensor<512x512xf32>, tensor<512x512xf32> -> tensor<512x512xf32>
  return %0 : tensor<512x512xf32>
}
