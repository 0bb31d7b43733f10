// RUN: nnc-opt %s --nnc-quantize="calibration=%S/Inputs/two-convs.json always smooth=0 correct-bias=0" | FileCheck %s
// RUN: nnc-opt %s --nnc-quantize="calibration=%S/Inputs/two-convs.json always smooth=0" | FileCheck %s --check-prefix=BIAS
// RUN: nnc-opt %s --nnc-quantize="calibration=%S/Inputs/two-convs.json always smooth=0 correct-bias=0" --nnc-form-quantized | FileCheck %s --check-prefix=FORM
// RUN: nnc-opt %s --nnc-quantize="calibration=%S/Inputs/two-convs.json always keep=second" -remark-format=emitRemark -remarks-filter=".*" -o /dev/null 2>&1 | FileCheck %s --check-prefix=KEEP
// RUN: sed -e '/"pool"/d' -e 's/},$/}/' %S/Inputs/two-convs.json > %t.one.json
// RUN: nnc-opt %s --nnc-quantize="calibration=%t.one.json always" -remark-format=emitRemark -remarks-filter=".*" -o /dev/null 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: sed -e 's/"high":2.55/"high":0/' %S/Inputs/two-convs.json > %t.zero.json
// RUN: nnc-opt %s --nnc-quantize="calibration=%t.zero.json always" -remark-format=emitRemark -remarks-filter=".*" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: nnc-opt %s --nnc-quantize="scheme=int8-dynamic always" | FileCheck %s --check-prefix=DYNAMIC
// RUN: nnc-opt %s --nnc-quantize="scheme=f16 always" | FileCheck %s --check-prefix=HALF
// RUN: nnc-opt %s --nnc-quantize="scheme=bf16 always" | FileCheck %s --check-prefix=BRAIN

// A scale for each channel of the result; bytes move through the pool, which
// has the scale of what the second convolution reads.
// CHECK-LABEL: func.func @main
// CHECK: %[[IN:.*]] = nn.quantize %arg0
// CHECK: %[[X:.*]] = nn.dequantize %[[IN]]
// CHECK: %[[W:.*]] = nn.dequantize {{.*}} : (tensor<2x2x1x1xi8>, tensor<2x1x1x1xf32>) -> tensor<2x2x1x1xf32>
// CHECK: %[[C:.*]] = nn.conv %[[X]], %[[W]]
// CHECK: %[[R:.*]] = nn.relu %[[C]]
// CHECK: %[[RQ:.*]] = nn.quantize %[[R]]
// CHECK: %[[RD:.*]] = nn.dequantize %[[RQ]]
// CHECK: %[[P:.*]] = nn.max_pool %[[RD]]
// CHECK: %[[PQ:.*]] = nn.quantize %[[P]]
// CHECK: %[[PD:.*]] = nn.dequantize %[[PQ]]
// CHECK: nn.conv %[[PD]]

// The rounded weights of the first convolution lose some of the mean of the
// first channel, which is 0.5.
// BIAS: %[[C:.*]] = nn.conv
// BIAS: nn.add %[[C]]

// FORM-LABEL: func.func @main
// FORM: nn.conv_integer
// FORM: nn.max_pool {{.*}} : tensor<1x2x4x4xui8> -> tensor<1x2x2x2xui8>
// FORM: nn.conv_integer
// FORM-NOT: nn.conv %

// KEEP-DAG: nnc-quantize{{.*}}int8, weights at
// KEEP-DAG: stays float: it was asked to stay as it is

// ONE: stays float: the calibration has no tensor 'pool'
// NOTHING: stays float: its data is 0 on all of the calibration's samples

// DYNAMIC: %[[SCALE:.*]], %[[ZERO:.*]] = nn.quantization_range %arg0
// DYNAMIC: nn.quantize %arg0, %[[SCALE]] zero_point %[[ZERO]] to ui8

// HALF: nn.cast %arg0 to f16
// HALF: nn.conv {{.*}} -> tensor<1x2x4x4xf16>
// HALF: nn.cast {{.*}} to f32
// BRAIN: nn.conv {{.*}} -> tensor<1x2x4x4xbf16>

func.func @main(%x: tensor<1x2x4x4xf32> {nn.name = "x"}) -> (tensor<1x3x2x2xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.constant dense<[[[[0.3]], [[-0.7]]], [[[0.1]], [[1.0]]]]> : tensor<2x2x1x1xf32>
  %v = nn.constant dense<0.5> : tensor<3x2x1x1xf32>
  %0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32> -> tensor<1x2x4x4xf32> loc("first")
  %1 = nn.relu %0 : tensor<1x2x4x4xf32> -> tensor<1x2x4x4xf32> loc("relu")
  %2 = nn.max_pool %1 kernel [2, 2] strides [2, 2] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x2x4x4xf32> -> tensor<1x2x2x2xf32> loc("pool")
  %3 = nn.conv %2, %v strides [1, 1] dilations [1, 1] pads [0, 0, 0, 0]
    : tensor<1x2x2x2xf32>, tensor<3x2x1x1xf32> -> tensor<1x3x2x2xf32> loc("second")
  return %3 : tensor<1x3x2x2xf32>
}
