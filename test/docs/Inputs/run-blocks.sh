#!/bin/sh
# Runs the shell blocks of a document, those fenced by ```sh, in order and in one
# shell, in the current folder. Usage: run-blocks.sh FILE.md
set -eu
awk '/^ *```/ { inside = $1 == "```sh"; if (inside) print "# line " NR; next } inside' "$1" >blocks.sh
grep -q '^[^#]' blocks.sh || { echo "error: $1 has no block fenced by \`\`\`sh"; exit 1; }
exec sh -eu blocks.sh
