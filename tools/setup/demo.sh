#!/bin/sh
# From nothing to a compiled model: installs the packages, builds, compiles the
# digits network ahead of time and runs it on 450 real images.
set -eu
cd "$(dirname "$0")/../.."
tools/setup/install-debian12.sh
tools/setup/build.sh nnc nnc-run nncrt

model=test/e2e/models/digits_cnn
out=build/demo
mkdir -p "$out"
build/bin/nnc compile "$model" -o "$out/digits.so"
build/bin/nnc eval "$out/digits.so" --metric top1 \
  --data "$model" --labels "$model/labels.pb"
