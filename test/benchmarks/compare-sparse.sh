#!/bin/sh
# Sparse forms against dense ones of the same weights, one thread, in turn:
#   compare-sparse.sh BUILD FOLDER table
#   compare-sparse.sh BUILD FOLDER COUNT SEED
# A line a case: name, milliseconds of both, how many times faster, whether a
# sparse form was taken. Then the worst of all.
set -e
build=$1
folder=$2
shift 2
mkdir -p "$folder"
"$build/test/benchmarks/nnc-sparse-cases" "$folder" "$@" > "$folder/names"
while read -r name; do
  "$build/bin/nnc" compile "$folder/$name.mlir" -o "$folder/sparse.so" \
    --report="$folder/sparse.json" 2> /dev/null
  "$build/bin/nnc" compile "$folder/$name.mlir" -o "$folder/dense.so" \
    --no-sparse 2> /dev/null
  taken=$(grep -c 'are predicted to take' "$folder/sparse.json" || true)
  if cmp -s "$folder/sparse.so" "$folder/dense.so"; then
    echo "$name same 1.00"
    continue
  fi
  "$build/bin/nnc" bench "$folder/sparse.so" "$folder/dense.so" --threads 1 \
    --report="$folder/bench.json" > /dev/null
  tr ',' '\n' < "$folder/bench.json" | grep '"min_ms"' | tr -dc '0-9.\n' |
    paste -s -d ' ' - | awk -v n="$name" '{ printf "%s %s %s %.2f\n", n, $1, $2, $2 / $1 }'
done < "$folder/names"
