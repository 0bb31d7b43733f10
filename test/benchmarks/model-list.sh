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
