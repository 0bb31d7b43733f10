//===----------------------------------------------------------------------===//
// Which CPU features, by LLVM's names, this machine has and the operating
// system has switched on.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)

namespace {
enum Leaf : uint8_t { Leaf1, Leaf7, Leaf7Sub1, LeafD1, LeafExt1 };
enum Register : uint8_t { EAX, EBX, ECX, EDX };
} // namespace

// Bits of XCR0 without which an instruction faults although CPUID has it.
static constexpr uint32_t osAvx = 0x6, osAvx512 = 0xe6, osAmx = 0x60000;

/// X(name, leaf, register, bit, bits of XCR0)
#define NNCRT_CPU_FEATURES(X)                                                  \
  X("adx", Leaf7, EBX, 19, 0)                                                  \
  X("aes", Leaf1, ECX, 25, 0)                                                  \
  X("amx-bf16", Leaf7, EDX, 22, osAmx)                                         \
  X("amx-complex", Leaf7Sub1, EDX, 8, osAmx)                                   \
  X("amx-fp16", Leaf7Sub1, EAX, 21, osAmx)                                     \
  X("amx-int8", Leaf7, EDX, 25, osAmx)                                         \
  X("amx-tile", Leaf7, EDX, 24, osAmx)                                         \
  X("avx", Leaf1, ECX, 28, osAvx)                                              \
  X("avx2", Leaf7, EBX, 5, osAvx)                                              \
  X("avx512bf16", Leaf7Sub1, EAX, 5, osAvx512)                                 \
  X("avx512bitalg", Leaf7, ECX, 12, osAvx512)                                  \
  X("avx512bw", Leaf7, EBX, 30, osAvx512)                                      \
  X("avx512cd", Leaf7, EBX, 28, osAvx512)                                      \
  X("avx512dq", Leaf7, EBX, 17, osAvx512)                                      \
  X("avx512f", Leaf7, EBX, 16, osAvx512)                                       \
  X("avx512fp16", Leaf7, EDX, 23, osAvx512)                                    \
  X("avx512ifma", Leaf7, EBX, 21, osAvx512)                                    \
  X("avx512vbmi", Leaf7, ECX, 1, osAvx512)                                     \
  X("avx512vbmi2", Leaf7, ECX, 6, osAvx512)                                    \
  X("avx512vl", Leaf7, EBX, 31, osAvx512)                                      \
  X("avx512vnni", Leaf7, ECX, 11, osAvx512)                                    \
  X("avx512vp2intersect", Leaf7, EDX, 8, osAvx512)                             \
  X("avx512vpopcntdq", Leaf7, ECX, 14, osAvx512)                               \
  X("avxifma", Leaf7Sub1, EAX, 23, osAvx)                                      \
  X("avxneconvert", Leaf7Sub1, EDX, 5, osAvx)                                  \
  X("avxvnni", Leaf7Sub1, EAX, 4, osAvx)                                       \
  X("avxvnniint16", Leaf7Sub1, EDX, 10, osAvx)                                 \
  X("avxvnniint8", Leaf7Sub1, EDX, 4, osAvx)                                   \
  X("bmi", Leaf7, EBX, 3, 0)                                                   \
  X("bmi2", Leaf7, EBX, 8, 0)                                                  \
  X("clflushopt", Leaf7, EBX, 23, 0)                                           \
  X("clwb", Leaf7, EBX, 24, 0)                                                 \
  X("cmov", Leaf1, EDX, 15, 0)                                                 \
  X("crc32", Leaf1, ECX, 20, 0)                                                \
  X("cx16", Leaf1, ECX, 13, 0)                                                 \
  X("cx8", Leaf1, EDX, 8, 0)                                                   \
  X("f16c", Leaf1, ECX, 29, osAvx)                                             \
  X("fma", Leaf1, ECX, 12, osAvx)                                              \
  X("fsgsbase", Leaf7, EBX, 0, 0)                                              \
  X("fxsr", Leaf1, EDX, 24, 0)                                                 \
  X("gfni", Leaf7, ECX, 8, 0)                                                  \
  X("lzcnt", LeafExt1, ECX, 5, 0)                                              \
  X("mmx", Leaf1, EDX, 23, 0)                                                  \
  X("movbe", Leaf1, ECX, 22, 0)                                                \
  X("movdir64b", Leaf7, ECX, 28, 0)                                            \
  X("movdiri", Leaf7, ECX, 27, 0)                                              \
  X("pclmul", Leaf1, ECX, 1, 0)                                                \
  X("popcnt", Leaf1, ECX, 23, 0)                                               \
  X("prfchw", LeafExt1, ECX, 8, 0)                                             \
  X("rdpid", Leaf7, ECX, 22, 0)                                                \
  X("rdrnd", Leaf1, ECX, 30, 0)                                                \
  X("rdseed", Leaf7, EBX, 18, 0)                                               \
  X("sahf", LeafExt1, ECX, 0, 0)                                               \
  X("serialize", Leaf7, EDX, 14, 0)                                            \
  X("sha", Leaf7, EBX, 29, 0)                                                  \
  X("sha512", Leaf7Sub1, EAX, 0, osAvx)                                        \
  X("sse", Leaf1, EDX, 25, 0)                                                  \
  X("sse2", Leaf1, EDX, 26, 0)                                                 \
  X("sse3", Leaf1, ECX, 0, 0)                                                  \
  X("sse4.1", Leaf1, ECX, 19, 0)                                               \
  X("sse4.2", Leaf1, ECX, 20, 0)                                               \
  X("sse4a", LeafExt1, ECX, 6, 0)                                              \
  X("ssse3", Leaf1, ECX, 9, 0)                                                 \
  X("tbm", LeafExt1, ECX, 21, 0)                                               \
  X("vaes", Leaf7, ECX, 9, osAvx)                                              \
  X("vpclmulqdq", Leaf7, ECX, 10, osAvx)                                       \
  X("x87", Leaf1, EDX, 0, 0)                                                   \
  X("xsave", Leaf1, ECX, 27, 0)                                                \
  X("xsavec", LeafD1, EAX, 1, 0)                                               \
  X("xsaveopt", LeafD1, EAX, 0, 0)                                             \
  X("xsaves", LeafD1, EAX, 3, 0)

namespace {
struct Feature {
  const char *name;
  Leaf leaf;
  Register reg;
  uint8_t bit;
  uint32_t xcr0;
};
} // namespace

#define NNCRT_ROW(name, leaf, reg, bit, xcr0) {name, leaf, reg, bit, xcr0},
static constexpr Feature features[] = {NNCRT_CPU_FEATURES(NNCRT_ROW)};
#undef NNCRT_ROW

#define NNCRT_NAME(name, leaf, reg, bit, xcr0) name,
const char *const nncrt_known_cpu_features[] = {
    NNCRT_CPU_FEATURES(NNCRT_NAME) nullptr};
#undef NNCRT_NAME

/// Low half of XCR0: the register states that the operating system saves.
static uint32_t readXcr0() {
  uint32_t a, b, c, d;
  constexpr uint32_t osxsave = 1u << 27;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static bool hasFeature(const Feature &feature) {
  static constexpr struct {
    uint32_t leaf, sub;
  } leaves[] = {{1, 0}, {7, 0}, {7, 1}, {0xd, 1}, {0x80000001, 0}};
  uint32_t regs[4];
  auto [leaf, sub] = leaves[feature.leaf];
  uint32_t most;
  // Sub-leaf 0 of leaf 7 tells in EAX how many there are.
  if (leaf == 7 && sub > 0 &&
      (!__get_cpuid_count(7, 0, &most, &regs[1], &regs[2], &regs[3]) ||
       most < sub))
    return false;
  if (!__get_cpuid_count(leaf, sub, &regs[0], &regs[1], &regs[2], &regs[3]))
    return false;
  if (!(regs[feature.reg] >> feature.bit & 1))
    return false;
  return feature.xcr0 == 0 || (readXcr0() & feature.xcr0) == feature.xcr0;
}

static bool isAmx(const char *name) { return strncmp(name, "amx-", 4) == 0; }

/// Linux gives AMX tile registers to processes that ask for them only.
static bool requestAmx() {
  constexpr long archReqXcompPerm = 0x1023, xfeatureXtiledata = 18;
  return syscall(SYS_arch_prctl, archReqXcompPerm, xfeatureXtiledata) == 0;
}

#elif defined(__aarch64__)

/// X(name, type of the auxiliary vector's entry, bit); type 0: always there.
/// Bits as in Linux's asm/hwcap.h.
#define NNCRT_CPU_FEATURES(X)                                                  \
  X("aes", 16, 3)                                                              \
  X("bf16", 26, 14)                                                            \
  X("complxnum", 16, 14)                                                       \
  X("crc", 16, 7)                                                              \
  X("dotprod", 16, 20)                                                         \
  X("fp-armv8", 0, 0)                                                          \
  X("fp16fml", 16, 23)                                                         \
  X("fullfp16", 16, 10)                                                        \
  X("i8mm", 26, 13)                                                            \
  X("jsconv", 16, 13)                                                          \
  X("lse", 16, 8)                                                              \
  X("neon", 0, 0)                                                              \
  X("rcpc", 16, 15)                                                            \
  X("rdm", 16, 12)                                                             \
  X("sha2", 16, 6)                                                             \
  X("sha3", 16, 17)                                                            \
  X("sm4", 16, 19)                                                             \
  X("sve", 16, 22)                                                             \
  X("sve2", 26, 1)

namespace {
struct Feature {
  const char *name;
  uint8_t vector;
  uint8_t bit;
};
} // namespace

#define NNCRT_ROW(name, vector, bit) {name, vector, bit},
static constexpr Feature features[] = {NNCRT_CPU_FEATURES(NNCRT_ROW)};
#undef NNCRT_ROW

#define NNCRT_NAME(name, vector, bit) name,
const char *const nncrt_known_cpu_features[] = {
    NNCRT_CPU_FEATURES(NNCRT_NAME) nullptr};
#undef NNCRT_NAME

static bool hasFeature(const Feature &feature) {
  return feature.vector == 0 ||
         (getauxval(feature.vector) >> feature.bit & 1) != 0;
}

static bool isAmx(const char *) { return false; }
static bool requestAmx() { return false; }

#else
#error "no table of CPU features for this architecture"
#endif

static const Feature *findFeature(const char *name) {
  for (const Feature &feature : features)
    if (strcmp(feature.name, name) == 0)
      return &feature;
  return nullptr;
}

bool nncrt_cpu_has(const char *name) {
  const Feature *feature = name ? findFeature(name) : nullptr;
  return feature && hasFeature(*feature);
}

nnc_status nncrt::checkCpu(const nncrt_model *tables, nnc_error *error) {
  const char *target = tables->target ? tables->target : "another CPU";
  bool needsAmx = false;
  for (const char *const *name = tables->cpu_features; name && *name; ++name) {
    const Feature *feature = findFeature(*name);
    if (!feature)
      return report(error, NNC_UNSUPPORTED_CPU,
                    "the model is compiled for %s and needs the CPU feature "
                    "'%s', which this runtime does not know",
                    target, *name);
    if (!hasFeature(*feature))
      return report(error, NNC_UNSUPPORTED_CPU,
                    "the model is compiled for %s and needs the CPU feature "
                    "'%s', which this machine does not have; compile for "
                    "another target",
                    target, *name);
    needsAmx |= isAmx(*name);
  }
  if (needsAmx && !requestAmx())
    return report(error, NNC_UNSUPPORTED_CPU,
                  "the model needs the CPU feature 'amx-tile', which the "
                  "operating system does not allow to this process");
  return NNC_OK;
}
