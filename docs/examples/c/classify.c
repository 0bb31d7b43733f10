/* Runs a compiled model with its header alone. The model takes an image of 8 by
   8 pixels and gives ten numbers, one a digit.

     nnc compile digits.onnx -o digits.so
     cc classify.c digits.so -Wl,-rpath,. -o classify */
#include "digits.h"
#include <stdio.h>

int main(void) {
  /* A ring, with pixels from 0 to 1. */
  static const char *const rows[8] = {"..####..", ".##..##.", ".#....#.",
                                      ".#....#.", ".#....#.", ".#....#.",
                                      ".##..##.", "..####.."};
  float image[64], logits[10];
  for (int i = 0; i < 64; ++i)
    image[i] = rows[i / 8][i % 8] == '#' ? 1.0f : 0.0f;

  nnc_error error;
  nnc_context *context;
  if (digits_create(NULL, &context, &error) != NNC_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  nnc_value input = {.kind = NNC_TENSOR,
                     .type = NNC_FLOAT32,
                     .rank = 4,
                     .dims = {1, 1, 8, 8},
                     .data = image,
                     .bytes = sizeof image};
  nnc_value output = {
      .kind = NNC_TENSOR, .data = logits, .bytes = sizeof logits};
  if (digits_run(context, &input, 1, &output, 1, &error) != NNC_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  digits_destroy(context);

  int best = 0;
  for (int i = 1; i < 10; ++i)
    best = logits[i] > logits[best] ? i : best;
  printf("digit %d\n", best);
  return 0;
}
