#!/bin/sh
# A job of continuous integration: fails if a model has become wrong, slower by
# prediction, larger, or less accurate than the one that was released.
#
# Usage: check-model.sh MODEL BASELINE.json DATA LABELS LEAST_PERCENT
#
# BASELINE.json is what 'nnc compile --report' wrote for the last release; it is
# written where there is none. Predictions are of the named target, so the job
# gives the same on every machine.
set -eu
model=$1 baseline=$2 data=$3 labels=$4 least=$5
target=x86-64-v3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every layer agrees with the reference interpreter (exit code 1 if not).
nnc compare "$model" >"$work/layers.txt" || { tail -1 "$work/layers.txt"; exit 1; }
tail -1 "$work/layers.txt"

# Not slower, no more memory (exit code 4 if not).
nnc compile "$model" --dim N=1 --target=$target -o "$work/model.so" --report="$work/cost.json"
if [ -f "$baseline" ]; then
  nnc cost diff "$baseline" "$work/cost.json" --fail-over=2%,peak=0
else
  cp "$work/cost.json" "$baseline"
fi

# Accurate.
nnc eval "$model" --data "$data" --labels "$labels" --metric top1 | tee "$work/eval.txt"
percent=$(sed -n 's/^top1 .*(\([0-9]*\)\.[0-9]* %)/\1/p' "$work/eval.txt")
if [ "$percent" -lt "$least" ]; then
  echo "error: top1 is $percent %, but expected at least $least %"
  exit 4
fi
