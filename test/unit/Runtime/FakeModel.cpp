//===----------------------------------------------------------------------===//
// Tables, kernels and host functions of the model made by hand.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FakeModel.h"

#include <algorithm>
#include <atomic>

namespace {

template <typename T>
T *pointer(int64_t arg) {
  return reinterpret_cast<T *>(arg);
}
int64_t arg(const void *data) { return reinterpret_cast<int64_t>(data); }

/// out[i] = in[i] * 2 through the scratch of the thread. args: in, out, count.
void doubleKernel(const int64_t *args, int64_t begin, int64_t end,
                  void *scratch) {
  auto *temporary = static_cast<float *>(scratch);
  for (int64_t unit = begin; unit < end; ++unit) {
    int64_t first = unit * fake::unitSize;
    int64_t count = std::min(fake::unitSize, args[2] - first);
    for (int64_t i = 0; i < count; ++i)
      temporary[i] = pointer<float>(args[0])[first + i];
    for (int64_t i = 0; i < count; ++i)
      pointer<float>(args[1])[first + i] = temporary[i] * 2.0f;
  }
}

/// out[i] = in[i] + weight. args: in, out, weight, count.
void addKernel(const int64_t *args, int64_t begin, int64_t end, void *) {
  int64_t last = std::min(end * fake::unitSize, args[3]);
  for (int64_t i = begin * fake::unitSize; i < last; ++i)
    pointer<float>(args[1])[i] =
        pointer<float>(args[0])[i] + *pointer<const float>(args[2]);
}

/// out[i, j] = a[i, j] + b[i]. args: a, b, out, rows, columns; units: rows.
void addRowKernel(const int64_t *args, int64_t begin, int64_t end, void *) {
  for (int64_t i = begin * args[4]; i < end * args[4]; ++i)
    pointer<float>(args[2])[i] =
        pointer<float>(args[0])[i] + pointer<float>(args[1])[i / args[4]];
}

enum Kernel : int32_t { Double, Add, AddRow };
const nncrt_kernel_fn doublePhases[] = {doubleKernel};
const nncrt_kernel_fn addPhases[] = {addKernel};
const nncrt_kernel_fn addRowPhases[] = {addRowKernel};
const nncrt_kernel kernels[] = {
    {"double", "mul_1\nmul_2", doublePhases, 16, 128, 1.5, NNCRT_BOUND_MEMORY,
     1},
    {"add", "add_1", addPhases, -1, -1, -1.0, NNCRT_BOUND_UNKNOWN, 1},
    {"add_row", "add_2", addRowPhases, -1, -1, -1.0, NNCRT_BOUND_UNKNOWN, 1},
};

alignas(NNCRT_ALIGNMENT) const float weights[] = {1.0f};

int64_t unitsOf(int64_t count) {
  return (count + fake::unitSize - 1) / fake::unitSize;
}

/// out = in * 2 + 1 with `slot` between.
void doubleAndAdd(nnc_context *c, const void *in, void *slot, void *out,
                  int64_t count) {
  int64_t first[] = {arg(in), arg(slot), count};
  int64_t units[] = {unitsOf(count)};
  nncrt_parallel(c, Double, first, units);
  int64_t second[] = {arg(slot), arg(out), arg(nncrt_weights(c)), count};
  nncrt_parallel(c, Add, second, units);
}

int32_t runStatic(nnc_context *c) {
  ++fake::hostRuns();
  int64_t dims[] = {2, 8};
  void *out = nncrt_output(c, 0, dims);
  if (!out)
    return nncrt_status(c);
  doubleAndAdd(c, nncrt_input(c, 0), nncrt_arena(c), out, 16);
  return NNC_OK;
}

int32_t runDynamic(nnc_context *c) {
  int64_t rows = nncrt_input_dim(c, 0, 0), columns = nncrt_input_dim(c, 0, 1);
  int64_t bytes;
  if (__builtin_mul_overflow(rows * 4, columns, &bytes))
    bytes = -1;
  int64_t sizes[] = {bytes, bytes}, offsets[2];
  if (int32_t status = nncrt_place(c, sizes, fake::scratchPerThread, offsets))
    return status;
  int64_t dims[] = {rows, columns};
  void *out = nncrt_output(c, 0, dims);
  if (!out)
    return nncrt_status(c);
  uint8_t *arena = nncrt_arena(c);
  int64_t args[] = {arg(nncrt_input(c, 0)), arg(nncrt_input(c, 1)),
                    arg(arena + offsets[0]), rows, columns};
  nncrt_parallel(c, AddRow, args, &rows);
  doubleAndAdd(c, arena + offsets[0], arena + offsets[1], out, rows * columns);
  return NNC_OK;
}

int32_t runNonzero(nnc_context *c) {
  auto *in = static_cast<const float *>(nncrt_input(c, 0));
  int64_t count = nncrt_input_dim(c, 0, 0), found = 0;
  // Grows in steps, as loops of unknown length do.
  int64_t *list = nullptr;
  for (int64_t i = 0; i < count; ++i) {
    if (in[i] == 0.0f)
      continue;
    list = static_cast<int64_t *>(nncrt_pool(c, 0, (found + 1) * 8));
    if (!list)
      return nncrt_status(c);
    list[found++] = i;
  }
  void *out = nncrt_output(c, 0, &found);
  if (!out)
    return nncrt_status(c);
  if (found)
    std::memcpy(out, list, static_cast<size_t>(found) * 8);
  return NNC_OK;
}

int32_t runRepeat(nnc_context *c) {
  int64_t times = *static_cast<const int64_t *>(nncrt_input(c, 0)), offset;
  if (times > 100)
    return nncrt_fail(c, NNC_INVALID_VALUE, "'times' is above 100");
  int64_t bytes = times * 4;
  if (int32_t status = nncrt_place(c, &bytes, 0, &offset))
    return status;
  auto *out = static_cast<float *>(nncrt_output(c, 0, &times));
  if (!out)
    return nncrt_status(c);
  std::fill_n(out, times, 7.0f);
  return NNC_OK;
}

int32_t runPair(nnc_context *c) {
  int64_t dims[] = {2};
  auto *p = static_cast<float *>(nncrt_output(c, 0, dims));
  auto *q = static_cast<float *>(nncrt_output(c, 1, dims));
  if (!p || !q)
    return nncrt_status(c);
  if (nncrt_input(c, 1))
    return nncrt_fail(c, NNC_INTERNAL_ERROR, "an absent input has data");
  auto *x = static_cast<const float *>(nncrt_input(c, 0));
  for (int i = 0; i < 2; ++i) {
    p[i] = x[i];
    q[i] = -x[i];
  }
  return NNC_OK;
}

const int64_t twoByEight[] = {2, 8}, anyByAny[] = {-1, -1}, any[] = {-1},
              one[] = {1};
const char *const rowsByColumns[] = {"N", nullptr}, *const rows[] = {"N"};

const nnc_value_info staticIn[] = {
    {"x", NNC_TENSOR, NNC_FLOAT32, 2, 0, twoByEight, nullptr}};
const nnc_value_info staticOut[] = {
    {"y", NNC_TENSOR, NNC_FLOAT32, 2, 0, twoByEight, nullptr}};
const nnc_value_info dynamicIn[] = {
    {"a", NNC_TENSOR, NNC_FLOAT32, 2, 0, anyByAny, rowsByColumns},
    {"b", NNC_TENSOR, NNC_FLOAT32, 1, 0, any, rows}};
const nnc_value_info dynamicOut[] = {
    {"y", NNC_TENSOR, NNC_FLOAT32, 2, 0, anyByAny, rowsByColumns}};
const nnc_value_info nonzeroIn[] = {
    {"x", NNC_TENSOR, NNC_FLOAT32, 1, 0, any, nullptr}};
const nnc_value_info nonzeroOut[] = {
    {"i", NNC_TENSOR, NNC_INT64, 1, 0, any, nullptr}};
const nnc_value_info repeatIn[] = {
    {"times", NNC_TENSOR, NNC_INT64, 1, 0, one, nullptr}};
const nnc_value_info repeatOut[] = {
    {"y", NNC_TENSOR, NNC_FLOAT32, 1, 0, any, nullptr}};
const nnc_value_info pairIn[] = {
    {"x", NNC_TENSOR, NNC_FLOAT32, 1, 0, twoByEight, nullptr},
    {"bias", NNC_ABSENT, NNC_UNDEFINED, 0, 0, nullptr, nullptr}};
const nnc_value_info pairOut[] = {
    {"p", NNC_TENSOR, NNC_FLOAT32, 1, 0, twoByEight, nullptr},
    {"q", NNC_TENSOR, NNC_FLOAT32, 1, 0, twoByEight, nullptr}};
const nncrt_lifetime bothAtOnce[] = {{0, 1}, {1, 2}};

const nncrt_entry entries[] = {
    {{"static", 1, staticIn, 1, staticOut},
     runStatic,
     fake::staticArena,
     fake::scratchPerThread,
     nullptr,
     0,
     0},
    {{"dynamic", 2, dynamicIn, 1, dynamicOut},
     runDynamic,
     -1,
     -1,
     bothAtOnce,
     2,
     0},
    {{"nonzero", 1, nonzeroIn, 1, nonzeroOut}, runNonzero, 0, 0, nullptr, 0, 1},
    {{"repeat", 1, repeatIn, 1, repeatOut},
     runRepeat,
     -1,
     -1,
     bothAtOnce,
     1,
     0},
    {{"pair", 2, pairIn, 2, pairOut}, runPair, 0, 0, nullptr, 0, 0},
};

#if defined(__x86_64__)
const char *const cpuFeatures[] = {"sse2", nullptr};
#else
const char *const cpuFeatures[] = {"neon", nullptr};
#endif

} // namespace

int &fake::hostRuns() {
  static thread_local int count = 0;
  return count;
}

const nncrt_model &fake::tables() {
  static const nncrt_model model = {NNCRT_MAGIC,
                                    NNCRT_ABI_VERSION,
                                    "test",
                                    "test CPU",
                                    cpuFeatures,
                                    "{\"entries\":[]}",
                                    reinterpret_cast<const uint8_t *>(weights),
                                    sizeof weights,
                                    5,
                                    3,
                                    entries,
                                    kernels,
                                    nullptr,
                                    nullptr};
  return model;
}
