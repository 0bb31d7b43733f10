/*===----------------------------------------------------------------------===//
// Measures a model in ONNX Runtime, through its C interface:
//
//   ORT_LIB=libonnxruntime.so.1 ort-bench MODEL.onnx [--threads N]
//           [--time-limit SECONDS] [--dim NAME=SIZE]...
//
// Inputs are random; free dimensions are 1 unless told. Prints one JSON object
// with the keys of 'nnc bench'.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===*/
#include "nnc/Runner/Calibration.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The table of functions only grows; these are places in it (struct OrtApi of
   onnxruntime_c_api.h, which the binary packages leave out). */
enum {
  GetErrorMessage = 2,
  CreateEnv = 3,
  CreateSession = 7,
  Run = 9,
  CreateSessionOptions = 10,
  SetSessionGraphOptimizationLevel = 23,
  SetIntraOpNumThreads = 24,
  SetInterOpNumThreads = 25,
  SessionGetInputCount = 30,
  SessionGetOutputCount = 31,
  SessionGetInputTypeInfo = 33,
  SessionGetInputName = 36,
  SessionGetOutputName = 37,
  CreateTensorWithDataAsOrtValue = 49,
  CastTypeInfoToTensorInfo = 55,
  GetTensorElementType = 60,
  GetDimensionsCount = 61,
  GetDimensions = 62,
  GetSymbolicDimensions = 63,
  CreateCpuMemoryInfo = 69,
  GetAllocatorWithDefaultOptions = 78,
  ReleaseValue = 96,
  ApiVersion = 17
};
enum { ErrorLevel = 3, AllOptimizations = 99, DeviceAllocator = 0 };

/* ---- What is measured: at least so long, unless the limit is shorter ---- */
#define ROUND_MS 50.0
#define WARM_UP_MS 300.0
#define MAX_RUNS 100000
#define MAX_ROUNDS 4096
#define MAX_VALUES 256
#define MAX_RANK 16
#define MAX_DIMS 32

typedef void *Handle;
typedef Handle Status;

struct api_base {
  void *const *(*get_api)(uint32_t version);
  const char *(*get_version)(void);
};

static void *const *api;

#define CALL(place, types, ...)                                                \
  check(((Status(*) types)api[place])(__VA_ARGS__))

static void fail(const char *message) {
  fprintf(stderr, "error: %s\n", message);
  exit(3);
}

static void check(Status status) {
  if (status)
    fail(((const char *(*)(Status))api[GetErrorMessage])(status));
}

struct options {
  const char *model;
  int threads;
  double limit_ms;
  const char *dims[MAX_DIMS];
  int num_dims;
};

struct session {
  Handle handle;
  Handle inputs[MAX_VALUES];
  char *input_names[MAX_VALUES], *output_names[MAX_VALUES];
  size_t num_inputs, num_outputs;
};

static struct options read_options(int argc, char **argv) {
  struct options options = {.threads = 1, .limit_ms = 2000};
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-')
      options.model = argv[i];
    else if (i + 1 == argc)
      fail("an option has no value");
    else if (!strcmp(argv[i], "--threads"))
      options.threads = atoi(argv[++i]);
    else if (!strcmp(argv[i], "--time-limit"))
      options.limit_ms = 1e3 * atof(argv[++i]);
    else if (!strcmp(argv[i], "--dim") && options.num_dims < MAX_DIMS)
      options.dims[options.num_dims++] = argv[++i];
    else
      fail("unknown option");
  }
  if (!options.model)
    fail("usage: ort-bench MODEL.onnx [--threads N] [--time-limit S] "
         "[--dim NAME=SIZE]...");
  return options;
}

/* ---- Inputs ---- */

static int64_t find_dim(const struct options *options, const char *name) {
  const size_t length = strlen(name);
  for (int i = 0; length && i < options->num_dims; ++i)
    if (!strncmp(options->dims[i], name, length) &&
        options->dims[i][length] == '=')
      return atoll(options->dims[i] + length + 1);
  return 1;
}

/* Bytes of an element of ONNX's type; 0 for those that are not numbers. */
static size_t element_bytes(int type) {
  static const uint8_t bytes[] = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8};
  return type < (int)sizeof(bytes) ? bytes[type] : 0;
}

/* Floats within one, and small numbers that are good as indices. */
static void fill(void *data, int type, size_t count) {
  uint64_t state = 1;
  for (size_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const uint32_t random = (uint32_t)(state >> 32);
    const double real = random / 2147483648.0 - 1;
    switch (type) {
    case 1:
      ((float *)data)[i] = (float)real;
      break;
    case 11:
      ((double *)data)[i] = real;
      break;
    case 6:
    case 12:
      ((int32_t *)data)[i] = (int32_t)(random & 1);
      break;
    case 7:
    case 13:
      ((int64_t *)data)[i] = (int64_t)(random & 1);
      break;
    case 2:
    case 3:
      ((uint8_t *)data)[i] = (uint8_t)random;
      break;
    case 9:
      ((uint8_t *)data)[i] = (uint8_t)(random & 1);
      break;
    default:
      break;
    }
  }
}

static Handle make_input(const struct options *options, Handle type_info,
                         Handle memory) {
  Handle tensor = NULL, value = NULL;
  int type = 0;
  size_t rank = 0, count = 1;
  int64_t dims[MAX_RANK];
  const char *names[MAX_RANK] = {0};
  CALL(CastTypeInfoToTensorInfo, (Handle, Handle *), type_info, &tensor);
  if (!tensor)
    fail("an input is no tensor");
  CALL(GetTensorElementType, (Handle, int *), tensor, &type);
  CALL(GetDimensionsCount, (Handle, size_t *), tensor, &rank);
  if (rank > MAX_RANK || !element_bytes(type))
    fail("an input has a type that is not supported");
  CALL(GetDimensions, (Handle, int64_t *, size_t), tensor, dims, rank);
  CALL(GetSymbolicDimensions, (Handle, const char **, size_t), tensor, names,
       rank);
  for (size_t i = 0; i < rank; ++i) {
    if (dims[i] < 0)
      dims[i] = find_dim(options, names[i] ? names[i] : "");
    count *= (size_t)dims[i];
  }
  const size_t bytes = count * element_bytes(type);
  void *data = aligned_alloc(64, (bytes + 64) / 64 * 64);
  if (!data)
    fail("no memory for an input");
  memset(data, 0, bytes);
  fill(data, type, count);
  CALL(CreateTensorWithDataAsOrtValue,
       (Handle, void *, size_t, int64_t *, size_t, int, Handle *), memory, data,
       bytes, dims, rank, type, &value);
  return value;
}

/* ---- The session ---- */

static void open_session(const struct options *options,
                         struct session *session) {
  Handle environment = NULL, settings = NULL, memory = NULL, allocator = NULL;
  CALL(CreateEnv, (int, const char *, Handle *), ErrorLevel, "ort-bench",
       &environment);
  CALL(CreateSessionOptions, (Handle *), &settings);
  CALL(SetSessionGraphOptimizationLevel, (Handle, int), settings,
       AllOptimizations);
  CALL(SetIntraOpNumThreads, (Handle, int), settings, options->threads);
  CALL(SetInterOpNumThreads, (Handle, int), settings, 1);
  CALL(CreateSession, (Handle, const char *, Handle, Handle *), environment,
       options->model, settings, &session->handle);
  CALL(GetAllocatorWithDefaultOptions, (Handle *), &allocator);
  CALL(CreateCpuMemoryInfo, (int, int, Handle *), DeviceAllocator, 0, &memory);
  CALL(SessionGetInputCount, (Handle, size_t *), session->handle,
       &session->num_inputs);
  CALL(SessionGetOutputCount, (Handle, size_t *), session->handle,
       &session->num_outputs);
  if (session->num_inputs > MAX_VALUES || session->num_outputs > MAX_VALUES)
    fail("the model has too many inputs or outputs");
  for (size_t i = 0; i < session->num_inputs; ++i) {
    Handle info = NULL;
    CALL(SessionGetInputName, (Handle, size_t, Handle, char **),
         session->handle, i, allocator, &session->input_names[i]);
    CALL(SessionGetInputTypeInfo, (Handle, size_t, Handle *), session->handle,
         i, &info);
    session->inputs[i] = make_input(options, info, memory);
  }
  for (size_t i = 0; i < session->num_outputs; ++i)
    CALL(SessionGetOutputName, (Handle, size_t, Handle, char **),
         session->handle, i, allocator, &session->output_names[i]);
}

/* Milliseconds of one run. */
static double run_once(struct session *session) {
  Handle outputs[MAX_VALUES] = {0};
  const double begin = nnc_now_ms();
  CALL(Run,
       (Handle, Handle, char **, Handle *, size_t, char **, size_t, Handle *),
       session->handle, NULL, session->input_names, session->inputs,
       session->num_inputs, session->output_names, session->num_outputs,
       outputs);
  const double milliseconds = nnc_now_ms() - begin;
  for (size_t i = 0; i < session->num_outputs; ++i)
    ((void (*)(Handle))api[ReleaseValue])(outputs[i]);
  return milliseconds;
}

/* ---- Measurement ---- */

struct measurement {
  double *times;
  size_t count, dropped;
  double first_ms, best_speed;
};

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Keeps the runs of rounds at whose ends the processor was fast, and those of
   the better half in any case; as 'nnc bench' does. */
static void keep_quiet(struct measurement *m, const double *speeds,
                       const size_t *ends, size_t rounds) {
  double slower[MAX_ROUNDS], sorted[MAX_ROUNDS];
  size_t kept = 0;
  for (size_t i = 0; i < rounds; ++i) {
    slower[i] = speeds[i] < speeds[i + 1] ? speeds[i] : speeds[i + 1];
    sorted[i] = slower[i];
  }
  qsort(sorted, rounds, sizeof(*sorted), compare);
  double limit = NNC_CALIBRATION_SHARE * m->best_speed;
  if (sorted[rounds / 2] < limit)
    limit = sorted[rounds / 2];
  for (size_t i = 0; i < rounds; ++i)
    for (size_t run = ends[i]; run < ends[i + 1]; ++run)
      if (slower[i] >= limit)
        m->times[kept++] = m->times[run];
  m->dropped = m->count - kept;
  m->count = kept;
}

static struct measurement measure(struct session *session, double limit_ms) {
  static double speeds[MAX_ROUNDS + 1];
  static size_t ends[MAX_ROUNDS + 1];
  size_t rounds = 0;
  struct measurement m = {.times = malloc(MAX_RUNS * sizeof(double))};
  if (!m.times)
    fail("no memory for the results");
  m.first_ms = run_once(session);
  const double begin = nnc_now_ms();
  while (nnc_now_ms() - begin < WARM_UP_MS)
    run_once(session);
  m.best_speed = speeds[0] = nnc_calibrate();
  while (rounds < MAX_ROUNDS && m.count < MAX_RUNS &&
         (rounds == 0 || nnc_now_ms() - begin < limit_ms)) {
    const double start = nnc_now_ms();
    do
      m.times[m.count++] = run_once(session);
    while (m.count < MAX_RUNS && nnc_now_ms() - start < ROUND_MS);
    ends[++rounds] = m.count;
    speeds[rounds] = nnc_calibrate();
    if (speeds[rounds] > m.best_speed)
      m.best_speed = speeds[rounds];
  }
  keep_quiet(&m, speeds, ends, rounds);
  qsort(m.times, m.count, sizeof(*m.times), compare);
  return m;
}

int main(int argc, char **argv) {
  const struct options options = read_options(argc, argv);
  static struct session session;
  const char *path = getenv("ORT_LIB");
  void *library = dlopen(path ? path : "libonnxruntime.so.1", RTLD_NOW);
  if (!library)
    fail("cannot open ONNX Runtime; set ORT_LIB to libonnxruntime.so.1");
  const struct api_base *(*get_base)(void) =
      (const struct api_base *(*)(void))dlsym(library, "OrtGetApiBase");
  if (!get_base || !(api = get_base()->get_api(ApiVersion)))
    fail("ORT_LIB names no ONNX Runtime of 1.17 or later");
  open_session(&options, &session);
  const struct measurement m = measure(&session, options.limit_ms);
  printf("{\"model\":\"%s\",\"version\":\"%s\",\"threads\":%d,\"runs\":%zu,"
         "\"dropped_runs\":%zu,\"min_ms\":%.6g,\"median_ms\":%.6g,"
         "\"first_ms\":%.6g,\"calibration_gflops\":%.6g}\n",
         options.model, get_base()->get_version(), options.threads, m.count,
         m.dropped, m.times[0], m.times[m.count / 2], m.first_ms, m.best_speed);
  return 0;
}
