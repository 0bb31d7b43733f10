#!/bin/sh
# How small a budget a model can have, and what that costs: compiles it with
# budgets of 90 % of what it needs without one and less, runs each in turn with
# the model without a budget, and prints a Markdown table.
#
#   memory-budgets.sh [OPTION...] MODEL [COMPILE-OPTION...]
#
# Columns: the budget in percent of the peak (arena and scratch) without one, the
# peak, predicted and measured time against those without (1.1: a tenth more),
# and whether the outputs are the same bit for bit.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

usage() {
  sed -n '2,10s/^# \{0,1\}//p' "$0"
  cat <<END
options:
  -b DIR   build folder (build)
  -o DIR   where libraries and reports go (a temporary folder)
  -p LIST  budgets in percent ("90 80 70 60 50 40 30 25 20 15 10")
  -s S     seconds to measure at most for each; 0: don't (2)
  -y NAME  the output that is compared (the first)
  -q CMD   put before each measurement, such as 'chrt -f 10'
END
  exit "$1"
}

build=build out= percents="90 80 70 60 50 40 30 25 20 15 10" seconds=2 name=
prefix=
while getopts b:o:p:s:y:q:h option; do
  case $option in
  b) build=$OPTARG ;;
  o) out=$OPTARG ;;
  p) percents=$OPTARG ;;
  s) seconds=$OPTARG ;;
  y) name=$OPTARG ;;
  q) prefix=$OPTARG ;;
  h) usage 0 ;;
  *) usage 2 >&2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || usage 2 >&2
nnc=$build/bin/nnc
[ -x "$nnc" ] || {
  echo "expected $nnc; build it with 'ninja -C $build nnc nnc-run'" >&2
  exit 2
}
model=$1
shift
if [ -n "$out" ]; then
  mkdir -p "$out"
else
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi

# key FILE: the last number of that name.
number() { sed -n "s/.*\"$1\": \([0-9.e+]*\),*\$/\1/p" "$2" | tail -n 1; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

# measure LIBRARY REFERENCE REPORT: the ratio of medians, runs alternating.
measure() {
  [ "$seconds" != 0 ] || { echo -; return; }
  $prefix "$nnc" bench "$1" --compare="$2" --flush-subnormals \
    --time-limit="$seconds" --report="$3" >"$3.txt" 2>&1 ||
    { echo failed; return; }
  sed -n "s/^ *\([0-9.]*\) times the median of .*/\1/p" "$3.txt"
}

result() {
  "$nnc" run "$1" --random-seed=1 --output="$name=@$2" >/dev/null
}

"$nnc" compile "$model" "$@" -o "$out/free.so" --report="$out/free.json" \
  2>/dev/null
[ -n "$name" ] ||
  name=$("$nnc" run "$out/free.so" --random-seed=1 2>/dev/null |
    sed -n '1s/[ :].*//p')
peak=$(number peak_bytes "$out/free.json")
us=$(number predicted_us "$out/free.json")
result "$out/free.so" "$out/free.npy"
echo "$model: $peak bytes without a budget"
echo
echo "| budget | peak | of it | predicted | measured | same |"
echo "| --- | --- | --- | --- | --- | --- |"
for percent in $percents; do
  budget=$(awk -v p="$peak" -v c="$percent" 'BEGIN { printf "%d", p * c / 100 }')
  library=$out/$percent.so
  if ! "$nnc" compile "$model" "$@" -o "$library" --memory-budget="$budget" \
    --report="$out/$percent.json" 2>"$out/$percent.err"; then
    echo "| $percent % | not met | | | | |"
    continue
  fi
  own=$(number peak_bytes "$out/$percent.json")
  predicted=$(ratio "$(number predicted_us "$out/$percent.json")" "$us")
  measured=$(measure "$library" "$out/free.so" "$out/$percent.bench.json")
  result "$library" "$out/$percent.npy"
  same=no
  ! cmp -s "$out/free.npy" "$out/$percent.npy" || same=yes
  echo "| $percent % | $own | $(ratio "$own" "$peak") | $predicted | $measured | $same |"
done
