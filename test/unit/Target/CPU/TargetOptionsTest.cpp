//===----------------------------------------------------------------------===//
// Names of targets and of symbols.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "TestModule.h"

#include <algorithm>

using namespace mlir::nnc;
using namespace nnctest;

namespace {

TEST(Target, Levels) {
  TargetOptions v1 = target("x86-64"), v3 = target("x86-64-v3"),
                v4 = target("x86-64-v4");
  EXPECT_EQ(v1.features, (std::vector<std::string>{"cmov", "cx8", "fxsr", "mmx",
                                                   "sse", "sse2", "x87"}));
  EXPECT_EQ(v3.triple, "x86_64-unknown-linux-gnu");
  EXPECT_EQ(v3.cpu, "x86-64");
  EXPECT_TRUE(v3.hasFeature("avx2"));
  EXPECT_TRUE(v3.hasFeature("fma"));
  EXPECT_FALSE(v3.hasFeature("avx512f"));
  EXPECT_TRUE(v4.hasFeature("avx512vl"));
  EXPECT_TRUE(std::is_sorted(v4.features.begin(), v4.features.end()));
  EXPECT_EQ(v1.machine, "x86-64");
  EXPECT_EQ(target("x86-64-v2").machine, "x86-64-v2");
  EXPECT_EQ(v3.machine, "x86-64-v3");
  EXPECT_EQ(v4.machine, "x86-64-v4");
}

TEST(Target, CpuNames) {
  TargetOptions zen = target("znver5"), haswell = target("haswell"),
                rapids = target("sapphirerapids");
  EXPECT_EQ(zen.machine, "znver5");
  EXPECT_EQ(zen.tuneCpu, "znver5");
  EXPECT_TRUE(zen.hasFeature("avx512vnni"));
  EXPECT_EQ(haswell.machine, "x86-64-v3");
  EXPECT_TRUE(rapids.hasFeature("avx512fp16"));
  EXPECT_FALSE(rapids.hasFeature("amx-tile"));
}

TEST(Target, HostRunsHere) {
  TargetOptions host = target("host");
  EXPECT_EQ(messageOf(checkRunsHere(host)), "");
  for (const std::string &feature : host.features)
    EXPECT_TRUE(nncrt_cpu_has(feature.c_str())) << feature;
}

TEST(Target, OtherArchitecture) {
  TargetOptions arm = target("aarch64");
  EXPECT_EQ(arm.machine, "aarch64");
  EXPECT_EQ(arm.triple, "aarch64-unknown-linux-gnu");
  EXPECT_EQ(arm.features, (std::vector<std::string>{"fp-armv8", "neon"}));
  EXPECT_EQ(arm.getArchitecture(), "aarch64");
#if defined(__x86_64__)
  EXPECT_FALSE(arm.isHostArchitecture());
  EXPECT_EQ(getTargetFolder(arm), getTargetFolder(target("host")) + "/aarch64");
  EXPECT_NE(messageOf(checkRunsHere(arm)).find("does not run on this machine"),
            std::string::npos);
#endif
  TargetOptions host = target("host");
  EXPECT_TRUE(host.isHostArchitecture());
  host.name = "warp";
  host.features.push_back("warp-drive");
  EXPECT_EQ(messageOf(checkRunsHere(host)),
            "the target 'warp' needs the CPU feature 'warp-drive', which this "
            "machine does not have; use the target 'host'");
}

TEST(Target, Unknown) {
  for (const char *name : {"", "x86-64-v9", "HOST", "cuda:sm_8", "i386"}) {
    std::string message = messageOf(resolveTarget(name));
    EXPECT_EQ(message.find("unknown target '" + std::string(name) +
                           "'; known are host, "),
              0u)
        << message;
    EXPECT_NE(message.find("x86-64-v4"), std::string::npos);
    EXPECT_NE(message.find("skylake-avx512"), std::string::npos);
  }
}

TEST(Prefix, FromFiles) {
  EXPECT_EQ(makeSymbolPrefix("out/my-net.v2.so"), "my_net_v2");
  EXPECT_EQ(makeSymbolPrefix("resnet50.so"), "resnet50");
  EXPECT_EQ(makeSymbolPrefix("3d.o"), "model_3d");
  EXPECT_EQ(makeSymbolPrefix("/tmp/.so"), "model");
  EXPECT_EQ(makeSymbolPrefix(""), "model");
  EXPECT_EQ(makeSymbolPrefix("nnc.so"), "model_nnc");
  EXPECT_EQ(makeSymbolPrefix("nnc_context.so"), "model_nnc_context");
  EXPECT_EQ(makeSymbolPrefix("\xc3\xa9t\xc3\xa9.so"), "model___t__");
  for (const char *path : {"", "3d.o", "nnc.so", "a b.so", "-", "_.a"})
    EXPECT_EQ(messageOf(checkSymbolPrefix(makeSymbolPrefix(path))), "");
}

TEST(Prefix, Refused) {
  for (const char *prefix : {"", "1a", "a-b", "a b", "a\n"})
    EXPECT_EQ(messageOf(checkSymbolPrefix(prefix)),
              "expects a C identifier as symbol prefix, but got '" +
                  std::string(prefix) + "'");
  EXPECT_EQ(messageOf(checkSymbolPrefix("nncrt")),
            "the symbol prefix 'nncrt' is that of the runtime; choose another "
            "one");
  EXPECT_EQ(messageOf(checkSymbolPrefix("_a1")), "");
}

} // namespace
