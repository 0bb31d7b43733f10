#!/bin/sh
# Layers whose weights are partly 0 against the same layers without zeros, one
# thread, in turn:
#   compare-sparse.sh BUILD FOLDER table
#   compare-sparse.sh BUILD FOLDER COUNT SEED
# A line a case: name, least milliseconds of both, how many times faster, and
# whether a sparse form was taken ("sparse" or "dense").
set -e
build=$1
folder=$2
shift 2
mkdir -p "$folder"
"$build/test/benchmarks/nnc-sparse-cases" "$folder" "$@" > "$folder/names"
while read -r name; do
  form=dense
  "$build/bin/nnc" compile "$folder/$name.mlir" --compile-to=schedule -o - \
    2> /dev/null | grep -q 'kern.sparse' && form=sparse
  for kind in "" _dense; do
    "$build/bin/nnc" compile "$folder/$name$kind.mlir" \
      -o "$folder/case$kind.so" 2> /dev/null
  done
  "$build/bin/nnc" bench "$folder/case.so" "$folder/case_dense.so" \
    --threads 1 --report="$folder/bench.json" > /dev/null
  tr ',' '\n' < "$folder/bench.json" | grep '"min_ms"' | tr -dc '0-9.\n' |
    paste -s -d ' ' - |
    awk -v n="$name" -v f="$form" '{ printf "%s %s %s %.2f %s\n", n, $1, $2, $2 / $1, f }'
done < "$folder/names"
