/*
 * Opens a library whose weights are in a file in three ways: linked, by its
 * path, and with the path of the weights.
 */
#include "m.h"
#include "nnc/Runtime/nnc_weights.h"

#include <stdio.h>

int main(int argc, char **argv) {
  (void)argc;
  nnc_error error;
  nnc_context *context = NULL;
  nnc_status status = digits_create(NULL, &context, &error);
  printf("linked %d %s\n", status, error.message);
  digits_destroy(context);
  nnc_model *model = NULL;
  status = nnc_model_open_weights(argv[1], NULL, NULL, &model, &error);
  printf("beside %d %s\n", status, error.message);
  nnc_model_close(model);
  model = NULL;
  status = nnc_model_open_weights(argv[1], NULL, argv[2], &model, &error);
  printf("named %d %s\n", status, error.message);
  nnc_model_close(model);
  return 0;
}
