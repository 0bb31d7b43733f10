//===----------------------------------------------------------------------===//
// A model made by hand, with C++ functions in place of compiled kernels and
// host functions:
//
//   entry 0 "static"   y[2,8] = x[2,8] * 2 + 1, through a slot
//   entry 1 "dynamic"  y[N,M] = (a[N,M] + b[N]) * 2 + 1, two slots at the run
//   entry 2 "nonzero"  i[K] = indices of x[N] != 0, K unknown before the run
//   entry 3 "repeat"   y[c[0]] = 7, refuses c[0] > 100 and reports it
//   entry 4 "pair"     p[2] = x[2], q[2] = -x[2]; a second input is absent
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_UNIT_RUNTIME_FAKEMODEL_H
#define NNC_TEST_UNIT_RUNTIME_FAKEMODEL_H

#include "nnc/Runtime/nnc.hpp"
#include "nnc/Runtime/nncrt.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace fake {

/// The tables. Copy and spoil them for tests of their checks.
const nncrt_model &tables();

constexpr size_t staticEntry = 0, dynamicEntry = 1, nonzeroEntry = 2,
                 repeatEntry = 3, pairEntry = 4;
constexpr int64_t staticArena = 64, scratchPerThread = 100;

/// Units of the kernels, in elements.
constexpr int64_t unitSize = 3;

/// How often the host function of "static" ran on this thread.
int &hostRuns();

/// A context on the tables; a test failure if there is none.
class Context {
public:
  explicit Context(int32_t threads = 1)
      : Context(nnc::Context::options(threads)) {}
  explicit Context(const nnc_context_options &options,
                   const nncrt_model &model = tables()) {
    EXPECT_EQ(nncrt_context_create(&model, &options, &context, &error), NNC_OK)
        << error.message;
  }
  ~Context() { nnc_context_destroy(context); }
  Context(const Context &) = delete;
  Context &operator=(const Context &) = delete;

  operator nnc_context *() const { return context; }
  nnc_context *get() const { return context; }

  nnc_status run(size_t entry, const std::vector<nnc_value> &inputs,
                 std::vector<nnc_value> &outputs) {
    return nnc_context_run(context, entry, inputs.data(), inputs.size(),
                           outputs.data(), outputs.size(), &error);
  }
  std::string message() const { return error.message; }

  nnc_error error = {};

private:
  nnc_context *context = nullptr;
};

/// 0.5, 0.75, 1, … from `first`.
inline std::vector<float> ramp(size_t count, float first = 0.5f) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = first + static_cast<float>(i) * 0.25f;
  return values;
}

} // namespace fake

#endif // NNC_TEST_UNIT_RUNTIME_FAKEMODEL_H
