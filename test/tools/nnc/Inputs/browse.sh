#!/bin/sh
# Prints what a page has become once its scripts have run. Usage: browse.sh FILE
set -eu
# What chromium says of its surroundings is none of the page's business.
exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
  --user-data-dir="$PWD/browser" --virtual-time-budget=20000 \
  --dump-dom "file://$(realpath "$1")" 2>browser.log
