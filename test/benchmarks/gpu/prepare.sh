#!/bin/sh
# Compiles what run.sh measures on a machine with a GPU, which needs neither
# LLVM nor CUDA's toolkit then: libraries, nnc-run and run.sh, in one archive.
#
#   prepare.sh [OPTION...] OUT.tar.gz [MODEL...]
#
#   -b FOLDER  the build folder (build)
#   -T LIST    targets, by blank (cuda:sm_80 cuda:sm_90a)
#   -p LIST    precisions, by blank (fp32 tf32 bf16)
#
# Without a ptxas the libraries hold PTX, which the driver compiles at its first
# start. MODELs are compiled beside the products, the attention and the row
# kernels of cases.sh.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
set -eu

build=build targets='cuda:sm_80 cuda:sm_90a' precisions='fp32 tf32 bf16'
while getopts b:T:p: option; do
  case $option in
  b) build=$OPTARG ;;
  T) targets=$OPTARG ;;
  p) precisions=$OPTARG ;;
  *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
if [ $# = 0 ]; then
  echo "usage: $0 [-b FOLDER] [-T TARGETS] [-p PRECISIONS] OUT.tar.gz [MODEL...]" >&2
  exit 2
fi
archive=$1
shift
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
mkdir "$folder/nnc-gpu" "$folder/cases"
sh "$here/cases.sh" "$folder/cases"

for target in $targets; do
  for model in "$folder"/cases/*.mlir "$@"; do
    [ -e "$model" ] || { echo "error: no model '$model'" >&2; exit 2; }
    case $model in
    *.f16.mlir | *.bf16.mlir) wanted=fp32 ;; # The types say it already.
    *) wanted=$precisions ;;
    esac
    for precision in $wanted; do
      name=$(basename "$model" .mlir)
      "$build/bin/nnc" compile "$model" --target="$target" \
        --precision="$precision" \
        -o "$folder/nnc-gpu/$name.$precision.${target#cuda:}.so"
    done
  done
done
cp "$build/bin/nnc-run" "$here/run.sh" "$folder/nnc-gpu"
tar -C "$folder" -czf "$archive" nnc-gpu
ls -l "$archive"
