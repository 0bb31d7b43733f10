#!/bin/sh
# Whether what the cost model decides is right: compiles models twice, measures
# both in turn, and compares them kernel by kernel.
#
#   check-decisions.sh [OPTION...] fusion|tiles LIST
#
# LIST is as that of validate-cost.sh.
# fusion: with and without. The sign of the predicted gain is judged where the
# measured one is clear. tiles: as predicted, and the best of 8 by measurement.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

usage() {
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  cat <<END
options:
  -b DIR     build folder (build)
  -o DIR     where artifacts and measurements go; what is there is used again
             (a temporary folder)
  -r N       rounds (4)
  -s S       seconds to measure a model in a round at most (0.5)
  -p PREFIX  put before each measurement, such as 'chrt -f 10'
END
  exit "$1"
}

build=build out= rounds=4 seconds=0.5 prefix=
while getopts b:o:r:s:p:h option; do
  case $option in
  b) build=$OPTARG ;;
  o) out=$OPTARG ;;
  r) rounds=$OPTARG ;;
  s) seconds=$OPTARG ;;
  p) prefix=$OPTARG ;;
  h) usage 0 ;;
  *) usage 2 >&2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# = 2 ] || usage 2 >&2
what=$1 list=$2
case $what in
fusion) other=--no-fuse judge= ;;
tiles) other=--tile-search=8 judge=--same ;;
*) usage 2 >&2 ;;
esac
. "$(dirname "$0")/model-list.sh"
expect_programs "nnc nnc-run nnc-compare-kernels" "$build/bin/nnc" \
  "$build/test/benchmarks/nnc-compare-kernels"
make_out

prepare() {
  [ -f "$out/$1.chosen.so" ] && [ -f "$out/$1.$what.so" ] && return
  # shellcheck disable=SC2086 # options are words
  "$build/bin/nnc" compile "$2" $3 -o "$out/$1.chosen.so" >/dev/null 2>&1 &&
    "$build/bin/nnc" compile "$2" $3 $other -o "$out/$1.$what.so" \
      >/dev/null 2>&1 || echo "left out, since it does not compile: $2" >&2
}

measure() {
  for side in chosen "$what"; do
    measure_library "$out/$1.$side.so" "$2" "$out/$1.$side.r$round.json"
  done
}

for_each_model prepare
measure_rounds
# shellcheck disable=SC2086 # nothing, or a flag
"$build/test/benchmarks/nnc-compare-kernels" $judge "$out" chosen "$what"
