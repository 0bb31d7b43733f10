#!/bin/sh
# Writes a chain of residual blocks with its backward pass, as one function in
# nn assembly. Block i is h + relu(h * A_i) * B_i on a batch of rows; the loss is
# half the sum of squares of the last h. Outputs are the gradients of all weights.
#
# usage: residual-training.sh BLOCKS ROWS WIDTH HIDDEN
awk -v n="$1" -v rows="$2" -v d="$3" -v w="$4" 'BEGIN {
  h = "tensor<" rows "x" d "xf32>"; a = "tensor<" rows "x" w "xf32>"
  ht = "tensor<" d "x" rows "xf32>"; at = "tensor<" w "x" rows "xf32>"
  up = "tensor<" d "x" w "xf32>"; down = "tensor<" w "x" d "xf32>"
  printf "func.func @main(%%h0: %s {nn.name = \"x\"}", h
  for (i = 0; i < n; ++i)
    printf ", %%a%d: %s {nn.name = \"a%d\"}, %%b%d: %s {nn.name = \"b%d\"}", i, up, i, i, down, i
  printf ") -> ("
  for (i = 0; i < n; ++i)
    printf "%s%s {nn.name = \"da%d\"}, %s {nn.name = \"db%d\"}", i ? ", " : "", up, i, down, i
  print ") attributes {nn.entry} {"
  print "  %zero = nn.constant dense<0.0> : tensor<f32>"
  for (i = 0; i < n; ++i) {
    printf "  %%z%d = nn.matmul %%h%d, %%a%d : %s, %s -> %s loc(\"up%d\")\n", i, i, i, h, up, a, i
    printf "  %%r%d = nn.relu %%z%d : %s -> %s loc(\"relu%d\")\n", i, i, a, a, i
    printf "  %%m%d = nn.matmul %%r%d, %%b%d : %s, %s -> %s loc(\"down%d\")\n", i, i, i, a, down, h, i
    printf "  %%h%d = nn.add %%h%d, %%m%d : %s, %s -> %s loc(\"sum%d\")\n", i + 1, i, i, h, h, h, i
  }
  g = "%h" n
  for (i = n - 1; i >= 0; --i) {
    printf "  %%rt%d = nn.transpose %%r%d [1, 0] : %s -> %s loc(\"rt%d\")\n", i, i, a, at, i
    printf "  %%db%d = nn.matmul %%rt%d, %s : %s, %s -> %s loc(\"db%d\")\n", i, i, g, at, h, down, i
    printf "  %%bt%d = nn.transpose %%b%d [1, 0] : %s -> %s loc(\"bt%d\")\n", i, i, down, up, i
    printf "  %%gr%d = nn.matmul %s, %%bt%d : %s, %s -> %s loc(\"gr%d\")\n", i, g, i, h, up, a, i
    printf "  %%on%d = nn.less %%zero, %%r%d : tensor<f32>, %s -> tensor<%dx%dxi1> loc(\"on%d\")\n", i, i, a, rows, w, i
    printf "  %%gz%d = nn.where %%on%d, %%gr%d, %%zero : tensor<%dx%dxi1>, %s, tensor<f32> -> %s loc(\"gz%d\")\n", i, i, i, rows, w, a, a, i
    printf "  %%ht%d = nn.transpose %%h%d [1, 0] : %s -> %s loc(\"ht%d\")\n", i, i, h, ht, i
    printf "  %%da%d = nn.matmul %%ht%d, %%gz%d : %s, %s -> %s loc(\"da%d\")\n", i, i, i, ht, a, up, i
    if (i > 0) {
      printf "  %%at%d = nn.transpose %%a%d [1, 0] : %s -> %s loc(\"at%d\")\n", i, i, up, down, i
      printf "  %%gh%d = nn.matmul %%gz%d, %%at%d : %s, %s -> %s loc(\"gh%d\")\n", i, i, i, a, down, h, i
      printf "  %%g%d = nn.add %s, %%gh%d : %s, %s -> %s loc(\"g%d\")\n", i, g, i, h, h, h, i
      g = "%g" i
    }
  }
  printf "  return "
  for (i = 0; i < n; ++i) printf "%s%%da%d, %%db%d", i ? ", " : "", i, i
  printf " : "
  for (i = 0; i < n; ++i) printf "%s%s, %s", i ? ", " : "", up, down
  print "\n}"
}'
