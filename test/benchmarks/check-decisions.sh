#!/bin/sh
# Whether what the cost model decides is right: compiles models twice, measures
# both in turn, and compares them kernel by kernel.
#
#   check-decisions.sh [OPTION...] fusion|tiles MODEL...
#
# fusion: with and without. The sign of the predicted gain is judged where the
# measured one is clear. tiles: as predicted, and the best of 8 by measurement.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0"
  cat <<END
options:
  -b DIR     build folder (build)
  -o DIR     where artifacts and measurements go; what is there is used again
             (a temporary folder)
  -r N       rounds (4)
  -s S       seconds to measure a model in a round at most (0.5)
  -d N=SIZE  fix a dimension, of all models that have it
  -p PREFIX  put before each measurement, such as 'chrt -f 10'
END
  exit "$1"
}

build=build out= rounds=4 seconds=0.5 dims= prefix=
while getopts b:o:r:s:d:p:h option; do
  case $option in
  b) build=$OPTARG ;;
  o) out=$OPTARG ;;
  r) rounds=$OPTARG ;;
  s) seconds=$OPTARG ;;
  d) dims="$dims --dim $OPTARG" ;;
  p) prefix=$OPTARG ;;
  h) usage 0 ;;
  *) usage 2 >&2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage 2 >&2
what=$1
shift
case $what in
fusion) other=--no-fuse judge= ;;
tiles) other=--tile-search=8 judge=--same ;;
*) usage 2 >&2 ;;
esac
for program in "$build/bin/nnc" "$build/test/benchmarks/nnc-compare-kernels"; do
  [ -x "$program" ] || {
    echo "expected $program; build it with 'ninja -C $build nnc nnc-run nnc-compare-kernels'" >&2
    exit 2
  }
done
if [ -z "$out" ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out"

name_of() {
  path=${1%/}
  basename "${path%/model.onnx}" .onnx
}

# Free dimensions that -d does not name are 1.
compile() {
  model=$1 file=$2
  shift 2
  [ -f "$file" ] && return
  # shellcheck disable=SC2086 # dimensions are words
  "$build/bin/nnc" compile "$model" $dims "$@" -o "$file" >/dev/null 2>&1 ||
    "$build/bin/nnc" compile "$model" "$@" -o "$file" >/dev/null 2>&1 ||
    echo "left out, since it does not compile: $model" >&2
}

for model in "$@"; do
  name=$(name_of "$model")
  compile "$model" "$out/$name.chosen.so"
  compile "$model" "$out/$name.$what.so" $other
done
round=1
while [ "$round" -le "$rounds" ]; do
  for model in "$@"; do
    name=$(name_of "$model")
    for side in chosen "$what"; do
      file=$out/$name.$side.r$round.json
      [ -f "$out/$name.$side.so" ] && [ ! -f "$file" ] || continue
      $prefix "$build/bin/nnc" bench "$out/$name.$side.so" \
        --flush-subnormals --time-limit="$seconds" --report="$file" \
        >/dev/null 2>&1 || echo "left out, since it does not run: $model" >&2
    done
  done
  round=$((round + 1))
done
"$build/test/benchmarks/nnc-compare-kernels" $judge "$out" chosen "$what"
