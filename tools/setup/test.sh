#!/bin/sh
# From nothing to green: installs the packages, builds everything, runs all tests.
set -eu
cd "$(dirname "$0")/../.."
tools/setup/install-debian12.sh
tools/setup/build.sh all check-nnc
