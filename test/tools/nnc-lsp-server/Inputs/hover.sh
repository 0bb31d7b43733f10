#!/bin/sh
# What an editor says to a language server when the mouse rests on the first place
# where a text stands in a module. Usage: hover.sh FILE TEXT
set -eu
send() { printf 'Content-Length: %d\r\n\r\n%s' "$(printf %s "$1" | wc -c)" "$1"; }
text=$(sed 's/\\/\\\\/g; s/"/\\"/g' "$1" | awk '{ printf "%s\\n", $0 }')
line=$(grep -n "$2" "$1" | head -1 | cut -d: -f1)
column=$(sed -n "${line}p" "$1" | awk -v text="$2" '{ print index($0, text) }')
send '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"processId":1,"rootPath":"","capabilities":{}}}'
send '{"jsonrpc":"2.0","method":"initialized","params":{}}'
send "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"file:///s.mlir\",\"languageId\":\"mlir\",\"version\":1,\"text\":\"$text\"}}}"
send "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"textDocument/hover\",\"params\":{\"textDocument\":{\"uri\":\"file:///s.mlir\"},\"position\":{\"line\":$((line - 1)),\"character\":$column}}}"
send '{"jsonrpc":"2.0","id":2,"method":"shutdown"}'
send '{"jsonrpc":"2.0","method":"exit"}'
