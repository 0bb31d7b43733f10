#!/bin/sh
# Compares compiled models with ONNX Runtime: rounds of the one and of the other
# in turn, disturbed rounds dropped, medians and their ratio as a Markdown table.
#
#   ORT_LIB=.../libonnxruntime.so.1 compare-with-ort.sh [OPTION...] MODEL...
#
#   -b FOLDER     the build folder (build)
#   -r ROUNDS     rounds of each (5)
#   -s SECONDS    seconds of one measurement (1)
#   -t LIST       numbers of threads: 1,2 (1,2)
#   -T TARGET     what to compile for (host)
#   -d NAME=SIZE  a free dimension of the inputs, repeated for each; others are 1
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

build=build rounds=5 seconds=1 threads=1,2 target=host dims=
while getopts b:r:s:t:T:d: option; do
  case $option in
  b) build=$OPTARG ;;
  r) rounds=$OPTARG ;;
  s) seconds=$OPTARG ;;
  t) threads=$OPTARG ;;
  T) target=$OPTARG ;;
  d) dims="$dims --dim=$OPTARG" ;;
  *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
if [ $# = 0 ] || [ -z "${ORT_LIB:-}" ]; then
  echo "usage: ORT_LIB=.../libonnxruntime.so.1 $0 [-b FOLDER] [-r ROUNDS]" \
    "[-s SECONDS] [-t LIST] [-T TARGET] [-d NAME=SIZE]... MODEL..." >&2
  exit 2
fi
ort=$build/test/benchmarks/ort-bench
if [ ! -x "$ort" ]; then
  echo "error: no '$ort'; build the target nnc-benchmarks" >&2
  exit 2
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM

# The number called $1 in the JSON on stdin.
number() {
  sed -n 's/.*"'"$1"'": *\([0-9.e+-]*\).*/\1/p' | head -n 1
}

# Appends "ENGINE MEDIAN SPEED" of the JSON in $folder/result to $folder/rounds.
record() {
  echo "$1 $(number median_ms <"$folder/result")" \
    "$(number calibration_gflops <"$folder/result")" >>"$folder/rounds"
}

# The row of the table: medians over the quiet rounds of each engine. A round is
# quiet where the processor was within 3 % of its best speed; the best round of
# an engine always counts.
summarize() {
  sort -k1,1 -k2,2g "$folder/rounds" | awk -v name="$1" -v threads="$2" '
    { engine[NR] = $1; ms[NR] = $2; speed[NR] = $3
      if ($3 > top) top = $3
      if ($3 > best[$1]) best[$1] = $3 }
    END {
      for (i = 1; i <= NR; ++i)
        if (speed[i] >= 0.97 * top || speed[i] == best[engine[i]])
          kept[engine[i], ++count[engine[i]]] = ms[i]
        else
          ++dropped
      ours = kept["nnc", int((count["nnc"] + 1) / 2)]
      theirs = kept["ort", int((count["ort"] + 1) / 2)]
      printf "| %s | %d | %.4g | %.4g | %.2f | %d of %d |\n", name, threads,
             ours, theirs, theirs / ours, dropped, NR
    }'
}

echo "| model | threads | nnc ms | ONNX Runtime ms | times as fast | dropped |"
echo "| --- | --- | --- | --- | --- | --- |"
for model in "$@"; do
  name=$(basename "$model" .onnx)
  [ "$name" != model ] || name=$(basename "$(dirname "$model")")
  # shellcheck disable=SC2086
  if ! "$build/bin/nnc" compile "$model" -o "$folder/m.so" \
    --target="$target" $dims >"$folder/log" 2>&1; then
    echo "| $name | - | does not compile | - | - | - |"
    sed 's/^/  /' "$folder/log" >&2
    continue
  fi
  for count in $(echo "$threads" | tr , ' '); do
    : >"$folder/rounds"
    round=0
    while [ $round -lt "$rounds" ]; do
      "$build/bin/nnc" bench "$folder/m.so" --threads="$count" \
        --time-limit="$seconds" --report=- >"$folder/result"
      record nnc
      # shellcheck disable=SC2046
      "$ort" "$model" --threads "$count" --time-limit "$seconds" \
        $(echo "$dims" | sed 's/--dim=/--dim /g') >"$folder/result"
      record ort
      round=$((round + 1))
    done
    summarize "$name" "$count"
  done
done
