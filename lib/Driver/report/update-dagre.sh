#!/bin/sh
# Fetches the layout library of the report page again, from the npm registry.
# Usage: lib/Driver/report/update-dagre.sh [VERSION]
set -eu
cd "$(dirname "$0")"
version=${1:-3.1.3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y >/dev/null && npm install --ignore-scripts "@dagrejs/dagre@$version" >/dev/null)
modules=$folder/node_modules/@dagrejs
graphlib=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$modules/graphlib/package.json")
{
  echo "/* @dagrejs/dagre $version with @dagrejs/graphlib $graphlib, MIT licence: dagre.LICENSE */"
  # Without the references to files that are not shipped.
  sed '/^\/\*! For license/d; /^\/\/# sourceMappingURL/d' "$modules/dagre/dist/dagre.min.js"
} >dagre.min.js
sed '/^\/\*$/d; /^@license$/d; /^\*\/$/d; 1{/^$/d}' \
  "$modules/dagre/dist/dagre.min.js.LEGAL.txt" | sed '1{/^$/d}' >dagre.LICENSE
