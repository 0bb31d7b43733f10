#!/bin/sh
# How well the cost model predicts: compiles models, measures them, and prints
# predicted against measured time by family of kernels and for whole models.
#
#   validate-cost.sh [OPTION...] LIST
#
# Each line of LIST is a model with its free dimensions and other options of
# 'nnc compile', and "as=NAME" if a model is there twice:
# "model.onnx batch=1 as=narrow --quantize=int4-weights".
# Lines that start with '+' are used for fitting, if -f is given, and are
# reported apart.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

usage() {
  sed -n '2,12s/^# \{0,1\}//p' "$0"
  cat <<END
options:
  -b DIR     build folder (build)
  -o DIR     where artifacts and measurements go; what is there is used again
             (a temporary folder)
  -t N       threads (1)
  -r N       rounds (4)
  -s S       seconds to measure a model in a round at most (1)
  -m TARGET  a known target or a description; predictions are for it
             (emeraldrapids)
  -f FILE    fit the coefficients to the lines with '+' and write the target
  -k         print every kernel with its terms
  -p PREFIX  put before each measurement, such as 'chrt -f 10'
END
  exit "$1"
}

build=build out= threads=1 rounds=4 seconds=1 target=emeraldrapids fit= prefix=
kernels=
while getopts b:o:t:r:s:m:f:kp:h option; do
  case $option in
  b) build=$OPTARG ;;
  o) out=$OPTARG ;;
  t) threads=$OPTARG ;;
  r) rounds=$OPTARG ;;
  s) seconds=$OPTARG ;;
  m) target=$OPTARG ;;
  f) fit=$OPTARG ;;
  k) kernels=--kernels ;;
  p) prefix=$OPTARG ;;
  h) usage 0 ;;
  *) usage 2 >&2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# = 1 ] || usage 2 >&2
list=$1
nnc=$build/bin/nnc
judge=$build/test/benchmarks/nnc-validate-cost
. "$(dirname "$0")/model-list.sh"
expect_programs "nnc nnc-run nnc-validate-cost" "$nnc" "$judge"
make_out

prepare() {
  [ -f "$out/$1.so" ] && [ -f "$out/$1.mlir" ] && return
  # shellcheck disable=SC2086 # dimensions are words
  "$nnc" compile "$2" $3 -o "$out/$1.so" 2>/dev/null &&
    "$nnc" compile "$2" $3 --compile-to=schedule -o "$out/$1.mlir" 2>/dev/null ||
    echo "left out, since it does not compile: $2" >&2
}

measure() {
  measure_library "$out/$1.so" "$2" "$out/$1.t$threads.r$round.json" \
    --threads="$threads"
}

for_each_model prepare
measure_rounds

set -- --run-threads="$threads" --target="$target"
fitted=
while read -r model words; do
  # shellcheck disable=SC2086 # words
  case $model in '+'*) fitted=$fitted,$(name_of "${model#+}" $words) ;; esac
done <"$list"
[ -n "$fitted" ] && set -- "$@" --report-apart="${fitted#,}"
[ -n "$fit" ] && set -- "$@" --fit --out="$fit"
[ -n "$kernels" ] && set -- "$@" $kernels
"$judge" "$@" "$out"
