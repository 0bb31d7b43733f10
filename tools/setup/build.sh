#!/bin/sh
# Configures and builds nnc in build/, with the pinned toolchain.
# Usage: tools/setup/build.sh [TARGET...]
set -eu
cd "$(dirname "$0")/../.."
[ -f build/build.ninja ] || cmake --preset release
exec ninja -C build "$@"
