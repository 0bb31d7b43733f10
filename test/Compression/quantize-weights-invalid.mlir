// RUN: not nnc-opt %s "-nnc-quantize-weights=format=int5-weights" 2>&1 | FileCheck %s --check-prefix=FORMAT
// FORMAT: expects a format of int2-weights, int3-weights, int4-weights, int8-weights, fp8-weights, bf16 or fp16, but got 'int5-weights'
// RUN: not nnc-opt %s "-nnc-quantize-weights=format=bf16 group=8" 2>&1 | FileCheck %s --check-prefix=GROUP
// GROUP: expects a group of 0 or more, of formats with scales only, but got 8
// RUN: not nnc-opt %s "-nnc-quantize-weights=format=fp8-weights asymmetric=1" 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: expects zero points of integers only
// RUN: not nnc-opt %s "-nnc-quantize-weights=method=best" 2>&1 | FileCheck %s --check-prefix=METHOD
// METHOD: expects method rtn, mse, gptq or auto, but got 'best'
// RUN: not nnc-opt %s "-nnc-quantize-weights=damping=-1" 2>&1 | FileCheck %s --check-prefix=DAMPING
// DAMPING: expects a damping and a slowdown of 0 or more
// RUN: not nnc-opt %s "-nnc-quantize-weights=method=gptq" 2>&1 | FileCheck %s --check-prefix=DATA
// DATA: gptq needs calibration data; give some, or use the method 'mse'
// RUN: not nnc-opt %s "-nnc-quantize-weights=target=pdp11" 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: target 'pdp11' is not known
// RUN: not nnc-opt %s "-nnc-quantize-weights=data=x=@absent.npy" 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: absent.npy

// A weight that is no number stays.
// RUN: nnc-opt %s -nnc-quantize-weights --remark-policy=all --remark-format=emitRemark --remarks-filter=nnc-quantize-weights 2>&1 | FileCheck %s
// CHECK: stays f32: a weight is not a finite number
func.func @main(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x1xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.constant dense<[[0x7FC00000], [1.0]]> : tensor<2x1xf32>
  %y = nn.matmul %x, %w : tensor<1x2xf32>, tensor<2x1xf32> -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
