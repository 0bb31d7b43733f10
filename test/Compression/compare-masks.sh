#!/bin/sh
# Takes a tenth of each group of channels that may go out of models, compiles and
# runs what is left, and compares with the same channels set to 0:
#   compare-masks.sh FOLDER MODEL...
# nnc and nnc-opt are found by PATH; FOLDER is for what is written. A line a
# model: "same", "differs", or what failed; "whole" where nothing may go. Exit code
# 1 if a model differs or fails.
folder=$1
shift
mkdir -p "$folder"
code=0
step="step=channel:0.1 align=1"
# The names in a part of a function's signature.
names() {
  echo "$1" | grep -o 'nn.name = "[^"]*"' | sed 's/.*"\(.*\)"/\1/'
}
check() {
  nnc compile "$1" --compile-to=graph -o "$folder/graph.mlir" 2> "$folder/log" ||
    { echo "import fails"; return 1; }
  nnc-opt "$folder/graph.mlir" -nnc-prune="$step" -o "$folder/cut.mlir" \
    --remark-policy=all --remark-format=emitRemark \
    --remarks-filter=nnc-prune 2> "$folder/remarks" ||
    { echo "pruning fails"; return 1; }
  groups=$(grep -c 'channels go, in' "$folder/remarks")
  [ "$groups" -gt 0 ] || { echo whole; return 0; }
  nnc-opt "$folder/graph.mlir" -nnc-prune="$step mask=true" \
    -o "$folder/masked.mlir" 2> "$folder/log" ||
    { echo "masking fails"; return 1; }
  # The first data set where the model has one, else random numbers.
  signature=$(grep -m 1 'func.func @' "$folder/graph.mlir")
  inputs="--random-seed=1" given="" expected=""
  number=0
  for name in $(names "${signature%%) -> *}"); do
    file=$1/test_data_set_0/input_$number.pb
    [ ! -f "$file" ] || inputs="$inputs --input=$name=@$file"
    number=$((number + 1))
  done
  number=0
  for name in $(names "${signature#*) -> }"); do
    given="$given --output=$name=@$folder/$number.npy"
    expected="$expected --expected=$name=@$folder/$number.npy"
    number=$((number + 1))
  done
  # shellcheck disable=SC2086
  nnc run "$folder/masked.mlir" $inputs $given > "$folder/log" 2>&1 ||
    { echo "the masked model fails"; return 1; }
  # shellcheck disable=SC2086
  nnc run "$folder/cut.mlir" $inputs $expected --atol-of-max=1e-4 \
    > "$folder/log" 2>&1 || { echo differs; return 1; }
  echo "same, $groups groups"
}
for model in "$@"; do
  result=$(check "$model") || code=1
  echo "$(basename "$model"): $result"
done
exit $code
