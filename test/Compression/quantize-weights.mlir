// RUN: rm -rf %t && split-file %s %t && cd %t
// RUN: nnc run random.mlir --random-seed=7 --output=w=@w.npy --output=x=@x.npy

// Groups along the depth; the last one is filled up and cut again.
// RUN: nnc-opt model.mlir "-nnc-quantize-weights=format=int4-weights group=16 target=x86-64-v4" --remark-policy=all --remark-format=emitRemark --remarks-filter=nnc-quantize-weights 2> %t/remarks | FileCheck model.mlir
// RUN: FileCheck model.mlir --check-prefix=MSE --input-file %t/remarks

// One scale a column; zero points; floats.
// RUN: nnc-opt model.mlir "-nnc-quantize-weights=format=int8-weights asymmetric=1" | FileCheck model.mlir --check-prefix=BYTES
// RUN: nnc-opt model.mlir "-nnc-quantize-weights=format=bf16" | FileCheck model.mlir --check-prefix=HALF
// RUN: nnc-opt model.mlir "-nnc-quantize-weights=format=fp8-weights" | FileCheck model.mlir --check-prefix=FLOAT8

// With data, what the results' errors are is known.
// RUN: nnc-opt model.mlir "-nnc-quantize-weights=format=int4-weights group=16 data=x=@x.npy" --remark-policy=all --remark-format=emitRemark --remarks-filter=nnc-quantize-weights -o /dev/null 2>&1 | FileCheck model.mlir --check-prefix=GPTQ
// RUN: nnc-opt model.mlir "-nnc-quantize-weights=format=int4-weights group=16 data=x=@x.npy activity-order=1" -o /dev/null

// What would be slower stays.
// RUN: nnc-opt slower.mlir "-nnc-quantize-weights=most-slowdown=0 target=x86-64-v3" --remark-policy=all --remark-format=emitRemark --remarks-filter=nnc-quantize-weights 2>&1 | FileCheck slower.mlir

//--- random.mlir
func.func @main(%a: tensor<40x24xf32> {nn.name = "a"}, %b: tensor<60x40xf32> {nn.name = "b"}) -> (tensor<40x24xf32> {nn.name = "w"}, tensor<60x40xf32> {nn.name = "x"}) attributes {nn.entry} {
  return %a, %b : tensor<40x24xf32>, tensor<60x40xf32>
}

//--- model.mlir
// MSE: int4, groups of 16: error {{[0-9.]+}}% of the weights, 5.00 bits a weight, {{.*}} us predicted
// GPTQ: int4, groups of 16: error {{[0-9.]+}}% of the results, 5.00 bits a weight

// CHECK-LABEL: func @main
// CHECK: nn.dequantize {{.*}} : (tensor<3x16x24xi4>, tensor<3x1x24xf32>) -> tensor<3x16x24xf32>
// CHECK: nn.reshape {{.*}} -> tensor<48x24xf32>
// CHECK: %[[W:.*]] = nn.slice {{.*}} -> tensor<40x24xf32>
// CHECK: nn.matmul %{{.*}}, %[[W]]
// BYTES: nn.dequantize {{.*}} zero_point {{.*}} : (tensor<40x24xui8>, tensor<24xf32>, tensor<24xui8>) -> tensor<40x24xf32>
// HALF: nn.cast {{.*}} : tensor<40x24xbf16> -> tensor<40x24xf32>
// FLOAT8: nn.dequantize {{.*}} : (tensor<40x24xf8E4M3FN>, tensor<24xf32>) -> tensor<40x24xf32>
func.func @main(%x: tensor<?x40xf32> {nn.name = "x", nn.dim_names = ["n", ""]}) -> (tensor<?x24xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.weight "w" <"w.npy", offset = 128, length = 3840> : tensor<40x24xf32>
  %y = nn.matmul %x, %w : tensor<?x40xf32>, tensor<40x24xf32> -> tensor<?x24xf32>
  return %y : tensor<?x24xf32>
}

//--- slower.mlir
// CHECK: stays f32: {{.*}} us predicted, {{.*}} before
// CHECK-NOT: nn.dequantize
func.func @main(%x: tensor<512x40xf32> {nn.name = "x"}) -> (tensor<512x24xf32> {nn.name = "y"}) attributes {nn.entry} {
  %w = nn.weight "w" <"w.npy", offset = 128, length = 3840> : tensor<40x24xf32>
  %y = nn.matmul %x, %w : tensor<512x40xf32>, tensor<40x24xf32> -> tensor<512x24xf32>
  return %y : tensor<512x24xf32>
}
