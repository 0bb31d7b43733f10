// RUN: rm -rf %t && mkdir %t
// RUN: not nnc-opt %s --nnc-quantize 2>&1 | FileCheck %s --check-prefix=NEEDS
// RUN: not nnc-opt %s --nnc-quantize="scheme=int7" 2>&1 | FileCheck %s --check-prefix=SCHEME
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/none.json" 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not nnc-opt %s --nnc-quantize="calibration=%S/Inputs/two-convs.json" 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not nnc-opt %s --nnc-quantize="scheme=int8-dynamic target=nowhere" 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: echo '{"version":1}' > %t/kind.json
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/kind.json" 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: echo '{"version":2,"kind":"nnc-calibration"}' > %t/version.json
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/version.json" 2>&1 | FileCheck %s --check-prefix=VERSION
// RUN: echo '{"version":1,"kind":"nnc-calibration"}' > %t/tensors.json
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/tensors.json" 2>&1 | FileCheck %s --check-prefix=TENSORS
// RUN: echo '{"version":1,"kind":"nnc-calibration","tensors":[{}]}' > %t/name.json
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/name.json" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: echo '{"version":1,"kind":"nnc-calibration","tensors":[{"name":"x","range":{"low":2,"high":1}}]}' > %t/range.json
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/range.json" 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: echo '{"version":1,"kind":"nnc-calibration","tensors":[{"name":"x","range":{"low":0,"high":1}}]}' > %t/histogram.json
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/histogram.json" 2>&1 | FileCheck %s --check-prefix=HISTOGRAM
// RUN: echo '{' > %t/json.json
// RUN: not nnc-opt %s --nnc-quantize="calibration=%t/json.json" 2>&1 | FileCheck %s --check-prefix=JSON

// NEEDS: int8 needs ranges of data: expected a calibration; int8-dynamic needs none
// SCHEME: expected the scheme int8, int8-dynamic, bf16 or f16, but found 'int7'
// ABSENT: cannot read '{{.*}}none.json'
// OTHER: the calibration has none of the model's tensors, such as 'image': it is of another model
// TARGET: nowhere
// KIND: expected a calibration file, as nnc calibrate writes it
// VERSION: expected version 1 of calibration files, but found 2; calibrate again
// TENSORS: expected an array 'tensors'
// NAME: tensor 0 has no 'name'
// RANGE: tensor 'x': expected a 'range' with 'low' and 'high' in order
// HISTOGRAM: tensor 'x': expected 'min', 'max' and a 'histogram' with 'width', 'first' and 'counts'
// JSON: expected JSON:

func.func @main(%x: tensor<8x8xf32> {nn.name = "image"}) -> (tensor<8x8xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.constant dense<0.5> : tensor<8x8xf32>
  %0 = nn.matmul %x, %w : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
