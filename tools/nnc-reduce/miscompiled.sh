#!/bin/sh
# Tells nnc-reduce whether a module is still compiled wrongly: exit code 1 if so.
#
#   nnc import model.onnx -o m.mlir
#   nnc-reduce m.mlir --test=tools/nnc-reduce/miscompiled.sh -o small.mlir
#
# NNC_COMPARE_OPTIONS are options of nnc compare, which decides. What is not a
# valid module, or does not compile, is of no interest: exit code 0.
# shellcheck disable=SC2086 # options, not one word
timeout 100 nnc compare "$1" ${NNC_COMPARE_OPTIONS:-} >/dev/null 2>&1
[ $? -ne 1 ]
