# Lists of models, for scripts that measure many. A line is a model with its free
# dimensions and other options of 'nnc compile', and "as=NAME" if a model is there
# twice: "model.onnx batch=1 as=narrow --quantize=int4-weights". What follows '#'
# at the start of a line is left out; so is a '+' there, which may mean something
# to the script. Scripts set $list to the path before they call for_each_model.
#
# Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
# shellcheck shell=sh

# The name of a line, MODEL WORD..., in the output folder.
name_of() {
  path=${1%/}
  shift
  for word in "$@"; do
    case $word in as=*)
      echo "${word#as=}"
      return
      ;;
    esac
  done
  path=${path%/model.onnx}
  basename "$path" .onnx
}

# Calls "$1" NAME MODEL OPTIONS for each line.
for_each_model() {
  while read -r model words; do
    case $model in '' | '#'*) continue ;; esac
    model=${model#+}
    options=
    for word in $words; do
      case $word in
      as=*) ;;
      -*) options="$options $word" ;;
      *) options="$options --dim $word" ;;
      esac
    done
    # shellcheck disable=SC2086 # words
    "$1" "$(name_of "$model" $words)" "$model" "$options" </dev/null
  done <"$list"
}

# Ends the script unless each program is there; "$1" are targets that make them.
expect_programs() {
  targets=$1
  shift
  for program in "$@"; do
    [ -x "$program" ] || {
      echo "expected $program; build it with 'ninja -C $build $targets'" >&2
      exit 2
    }
  done
}

# Makes $out, a temporary folder if it is empty.
make_out() {
  if [ -z "$out" ]; then
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
  fi
  mkdir -p "$out"
}

# Measures library "$1" of model "$2" into report "$3", which may be there, with
# the other options of 'nnc bench'; needs $build, $seconds and $prefix.
measure_library() {
  library=$1 of=$2 file=$3
  shift 3
  [ -f "$library" ] && [ ! -f "$file" ] || return 0
  # shellcheck disable=SC2086 # the prefix is words
  $prefix "$build/bin/nnc" bench "$library" "$@" --flush-subnormals \
    --time-limit="$seconds" --report="$file" >/dev/null 2>&1 ||
    echo "left out, since it does not run: $of" >&2
}

# Calls measure NAME MODEL OPTIONS for each line, $rounds times; $round is the
# number of the round.
measure_rounds() {
  round=1
  while [ "$round" -le "$rounds" ]; do
    for_each_model measure
    round=$((round + 1))
  done
}
