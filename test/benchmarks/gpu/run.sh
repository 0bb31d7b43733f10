#!/bin/sh
# Measures the libraries beside it on this machine's GPU: a Markdown table of
# kernel times, and for products the operations a second.
#
#   run.sh [-s SECONDS] [-T ARCHITECTURE] > table.md
#
# Times are those of kernels, each waited for, so that copies from and to the
# host are left out; `run` is a whole run with them. Nothing but the driver is
# needed. Other libraries (cuBLAS, PyTorch) are measured by their own programs.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

seconds=2 architecture=
while getopts s:T: option; do
  case $option in
  s) seconds=$OPTARG ;;
  T) architecture=$OPTARG ;;
  *) echo "usage: $0 [-s SECONDS] [-T ARCHITECTURE]" >&2; exit 2 ;;
  esac
done
folder=$(cd "$(dirname "$0")" && pwd)
report=$(mktemp)
trap 'rm -f "$report"' EXIT INT TERM

# All numbers called $1, a line each.
numbers() {
  tr ',{' '\n\n' <"$report" |
    sed -n 's/.*"'"$1"'": *\([0-9][0-9.e+-]*\).*/\1/p'
}

# Operations of a product by the sizes in its name.
operations() {
  case $1 in
  product.*)
    sizes=${1#product.}
    echo "${sizes%%.*}" | awk -Fx '{ print 2 * $1 * $2 * $3 }' ;;
  attention.*)
    sizes=${1#attention.}
    echo "${sizes%%.*}" | awk -Fx '{ print 4 * $1 * $2 * $2 * $3 }' ;;
  *) echo 0 ;;
  esac
}

echo '| case | kernels, us | predicted, us | TFLOP/s | run, ms |'
echo '| --- | --- | --- | --- | --- |'
failed=0
for library in "$folder"/*"$architecture".so; do
  name=$(basename "$library" .so)
  if ! "$folder/nnc-run" --bench "$library" --time-limit="$seconds" >"$report"; then
    echo "| $name | failed | | | |"
    failed=1
    continue
  fi
  numbers median_us | awk -v name="$name" -v flops="$(operations "$name")" \
    -v predicted="$(numbers predicted_us | awk '{ s += $1 } END { print s }')" \
    -v run="$(numbers median_ms | head -n 1)" '
    { us += $1 }
    END {
      rate = flops > 0 && us > 0 ? sprintf("%.1f", flops / us * 1e-6) : ""
      printf "| %s | %.1f | %s | %s | %s |\n", name, us, predicted, rate, run
    }'
done
exit $failed
