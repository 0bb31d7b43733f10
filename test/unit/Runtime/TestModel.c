/*
 * A compiled model as a shared library, written by hand: y = -x for f32[4].
 * Macros make it one of another ABI or for a CPU that does not exist.
 *
 * Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
 */
#include "nnc/Runtime/nncrt.h"

#ifdef NNC_TEST_OTHERABI
#define ABI (NNCRT_ABI_VERSION + 1)
#else
#define ABI NNCRT_ABI_VERSION
#endif

static void negate(const int64_t *args, int64_t begin, int64_t end,
                   void *scratch) {
  const float *in = (const float *)args[0];
  float *out = (float *)args[1];
  (void)scratch;
  for (int64_t i = begin; i < end; ++i)
    out[i] = -in[i];
}

static int32_t run(nnc_context *context) {
  const int64_t dims[] = {4};
  float *out = nncrt_output(context, 0, dims);
  if (!out)
    return nncrt_status(context);
  const int64_t args[] = {(int64_t)nncrt_input(context, 0), (int64_t)out};
  const int64_t units[] = {4};
  nncrt_parallel(context, 0, args, units);
  return NNC_OK;
}

static const int64_t four[] = {4};
static const nnc_value_info input = {"x",  NNC_TENSOR, NNC_FLOAT32, 1, 0,
                                     four, 0};
static const nnc_value_info output = {"y",  NNC_TENSOR, NNC_FLOAT32, 1, 0,
                                      four, 0};
static const nncrt_entry entry = {
    {"main", 1, &input, 1, &output}, run, 0, 64, 0, 0, 0};
static const nncrt_kernel_fn phases[] = {negate};
static const nncrt_kernel kernel = {
    "negate", "neg", phases, 4, 32, -1.0, NNCRT_BOUND_LAUNCH, 1};
#ifdef NNC_TEST_OTHERCPU
static const char *const features[] = {"warp-drive", 0};
#else
static const char *const features[] = {0};
#endif

static const nncrt_model model = {
    NNCRT_MAGIC, ABI, "test", "a test", features, "{\"name\":\"negate\"}",
    0,           0,   1,      1,        &entry,   &kernel,
    0,           0};

__attribute__((visibility("default")))
const nncrt_library nnc_library = {NNCRT_MAGIC,
                                   ABI,
                                   &model,
                                   nncrt_context_create,
                                   nnc_context_destroy,
                                   nnc_context_run,
                                   nnc_context_set_profile,
                                   nnc_context_bytes,
                                   nncrt_workspace_bytes};
