#!/bin/sh
# Writes models to measure single kernels with, into the folder $1: products
# (product.ROWSxSUMSxCOLUMNS.TYPE), attention, rows and elements.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

product() { # rows sums columns type
  cat >"$folder/product.$1x$2x$3.$4.mlir" <<MODEL
func.func @main(%a: tensor<$1x$2x$4> {nn.name = "a"}, %b: tensor<$2x$3x$4> {nn.name = "b"}) -> (tensor<$1x$3x$4> {nn.name = "y"}) attributes {nn.entry} {
  %y = nn.matmul %a, %b : tensor<$1x$2x$4>, tensor<$2x$3x$4> -> tensor<$1x$3x$4>
  return %y : tensor<$1x$3x$4>
}
MODEL
}

attention() { # heads queries width type
  t="tensor<$1x$2x$3x$4>"
  cat >"$folder/attention.$1x$2x$3.$4.mlir" <<MODEL
func.func @main(%q: $t {nn.name = "q"}, %k: $t {nn.name = "k"}, %v: $t {nn.name = "v"}) -> ($t {nn.name = "y"}) attributes {nn.entry} {
  %y = nn.attention %q, %k, %v scale 1.250000e-01 : $t, $t, $t -> $t
  return %y : $t
}
MODEL
}

softmax() { # rows columns
  t="tensor<$1x$2xf32>"
  cat >"$folder/softmax.$1x$2.f32.mlir" <<MODEL
func.func @main(%x: $t {nn.name = "x"}) -> ($t {nn.name = "y"}) attributes {nn.entry} {
  %y = nn.softmax soft %x axis 1 : $t -> $t
  return %y : $t
}
MODEL
}

elements() { # count
  t="tensor<$1xf32>"
  cat >"$folder/elements.$1.f32.mlir" <<MODEL
func.func @main(%x: $t {nn.name = "x"}, %z: $t {nn.name = "z"}) -> ($t {nn.name = "y"}) attributes {nn.entry} {
  %s = nn.add %x, %z : $t, $t -> $t
  %y = nn.tanh %s : $t -> $t
  return %y : $t
}
MODEL
}

folder=$1
for type in f32 f16 bf16; do
  product 8192 8192 8192 $type
  product 4096 4096 4096 $type
  product 128 4096 4096 $type
done
attention 16 2048 64 f16
attention 16 2048 64 f32
attention 16 2048 128 f16
softmax 8192 4096
elements 67108864
