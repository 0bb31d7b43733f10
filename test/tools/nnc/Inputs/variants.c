#include "m.h"
#include <stdio.h>

int main(void) {
  static float x[32], y[12];
  nnc_context *context;
  nnc_error error;
  float sum = 0;
  for (int i = 0; i < 32; ++i)
    x[i] = 1;
  if (m_create(NULL, &context, &error) != NNC_OK)
    return puts(error.message), 1;
  nnc_value in = {.kind = NNC_TENSOR,
                  .type = NNC_FLOAT32,
                  .rank = 2,
                  .dims = {4, 8},
                  .data = x,
                  .bytes = sizeof x};
  nnc_value out = {.kind = NNC_TENSOR, .data = y, .bytes = sizeof y};
  if (m_run(context, &in, 1, &out, 1, &error) != NNC_OK)
    return puts(error.message), 1;
  for (int i = 0; i < 12; ++i)
    sum += y[i];
  m_destroy(context);
  printf("sum %.1f\n", sum);
}
