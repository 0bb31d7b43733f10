//===----------------------------------------------------------------------===//
// CPU features: names, agreement with the compiler's own detection, refusal.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FakeModel.h"

#include <set>

namespace {

std::set<std::string> knownNames() {
  std::set<std::string> names;
  for (const char *const *name = nncrt_known_cpu_features; *name; ++name)
    EXPECT_TRUE(names.insert(*name).second) << *name << " is listed twice";
  return names;
}

TEST(CpuFeatures, ListsTheNamesThatTargetsUse) {
  std::set<std::string> names = knownNames();
#if defined(__x86_64__)
  for (const char *name : {"avx2",         "fma",
                           "f16c",         "bmi",
                           "bmi2",         "lzcnt",
                           "popcnt",       "movbe",
                           "sse4.2",       "avx512f",
                           "avx512bw",     "avx512dq",
                           "avx512vl",     "avx512cd",
                           "avx512vnni",   "avx512bf16",
                           "avx512fp16",   "avx512ifma",
                           "avx512vbmi",   "avx512vbmi2",
                           "avx512bitalg", "avx512vpopcntdq",
                           "avxvnni",      "gfni",
                           "vaes",         "vpclmulqdq",
                           "amx-tile",     "amx-int8",
                           "amx-bf16"})
    EXPECT_TRUE(names.count(name)) << name;
#else
  EXPECT_TRUE(names.count("neon"));
#endif
}

TEST(CpuFeatures, UnknownNamesAreNotThere) {
  EXPECT_FALSE(nncrt_cpu_has(nullptr));
  EXPECT_FALSE(nncrt_cpu_has(""));
  EXPECT_FALSE(nncrt_cpu_has("+sse2"));
  EXPECT_FALSE(nncrt_cpu_has("warp-drive"));
}

#if defined(__x86_64__)
TEST(CpuFeatures, AgreeWithTheCompilerRuntime) {
  EXPECT_TRUE(nncrt_cpu_has("sse2"));
  EXPECT_TRUE(nncrt_cpu_has("cmov"));
  __builtin_cpu_init();
#define EXPECT_SAME(name)                                                      \
  EXPECT_EQ(nncrt_cpu_has(name), __builtin_cpu_supports(name) != 0) << name
  EXPECT_SAME("popcnt");
  EXPECT_SAME("sse4.2");
  EXPECT_SAME("avx");
  EXPECT_SAME("avx2");
  EXPECT_SAME("fma");
  EXPECT_SAME("bmi");
  EXPECT_SAME("bmi2");
  EXPECT_SAME("avx512f");
  EXPECT_SAME("avx512bw");
  EXPECT_SAME("avx512cd");
  EXPECT_SAME("avx512dq");
  EXPECT_SAME("avx512vl");
  EXPECT_SAME("avx512vbmi");
  EXPECT_SAME("avx512ifma");
  EXPECT_SAME("avx512vnni");
  EXPECT_SAME("avx512bf16");
  EXPECT_SAME("avx512vbmi2");
  EXPECT_SAME("avx512bitalg");
  EXPECT_SAME("avx512vpopcntdq");
  EXPECT_SAME("gfni");
  EXPECT_SAME("vpclmulqdq");
#undef EXPECT_SAME
}
#endif

/// What opening the tables with these features gives.
nnc_status wrapWith(const char *const *features, nnc_error &error) {
  nncrt_model model = fake::tables();
  model.cpu_features = features;
  nnc_model *wrapped;
  nnc_status status = nncrt_model_wrap(&model, &wrapped, &error);
  EXPECT_EQ(wrapped != nullptr, status == NNC_OK);
  nnc_model_close(wrapped);
  nnc_context *context;
  EXPECT_EQ(nncrt_context_create(&model, nullptr, &context, nullptr), status);
  nnc_context_destroy(context);
  return status;
}

TEST(CpuFeatures, UnknownOnesAreRefused) {
  const char *const features[] = {"warp-drive", nullptr};
  nnc_error error;
  EXPECT_EQ(wrapWith(features, error), NNC_UNSUPPORTED_CPU);
  EXPECT_STREQ(error.message,
               "the model is compiled for test CPU and needs the CPU feature "
               "'warp-drive', which this runtime does not know");
}

TEST(CpuFeatures, MissingOnesAreNamed) {
  std::vector<const char *> missing;
  for (const char *const *name = nncrt_known_cpu_features; *name; ++name)
    if (!nncrt_cpu_has(*name))
      missing.push_back(*name);
  if (missing.empty())
    GTEST_SKIP() << "this machine has everything";
  for (const char *name : missing) {
    const char *const features[] = {name, nullptr};
    nnc_error error;
    EXPECT_EQ(wrapWith(features, error), NNC_UNSUPPORTED_CPU);
    EXPECT_NE(
        std::string(error.message)
            .find("'" + std::string(name) + "', which this machine does not"),
        std::string::npos);
  }
}

TEST(CpuFeatures, NoneAreFine) {
  nnc_error error;
  const char *const none[] = {nullptr};
  EXPECT_EQ(wrapWith(none, error), NNC_OK);
  EXPECT_EQ(wrapWith(nullptr, error), NNC_OK);
}

} // namespace
