#!/bin/sh
# Installs what nnc builds and tests with, on Debian 12. Run as root.
set -eu
export DEBIAN_FRONTEND=noninteractive

packages="
  ca-certificates git cmake ninja-build
  clang-22 lld-22 llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools
  liblld-22-dev libclang-rt-22-dev clang-format-22 clang-tidy-22
  libonnx-dev libprotobuf-dev protobuf-compiler
  zlib1g-dev libzstd-dev libpng-dev
  libonnx-testdata libgtest-dev libbenchmark-dev
  libstdc++-12-dev-arm64-cross qemu-user
  chromium dpkg-dev pkg-config"

apt-get update
# shellcheck disable=SC2086 # a list of packages, not one
apt-get install -y --no-install-recommends $packages
