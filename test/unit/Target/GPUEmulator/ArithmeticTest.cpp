//===----------------------------------------------------------------------===//
// Instructions on numbers: intrinsics and inline assembly.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelRunner.h"

#include <cmath>

using namespace nncgpu;

/// One thread computes %r of type `type` from %x, the first of the argument.
static std::string makeKernel(const std::string &type, const std::string &body,
                              const std::string &declarations) {
  return moduleHead + declarations +
         "\ndefine ptx_kernel void @compute(ptr addrspace(1) %in, ptr "
         "addrspace(1) %out) {\n  %x = load " +
         type + ", ptr addrspace(1) %in, align 4\n" + body +
         "\n  store i32 %r, ptr addrspace(1) %out, align 4\n  ret void\n}\n";
}

static uint32_t compute(uint32_t x, const std::string &type,
                        const std::string &body,
                        const std::string &declarations = "") {
  KernelRunner runner(makeKernel(type, body, declarations));
  runner.add(std::vector<uint32_t>{x}).add(std::vector<uint32_t>{0});
  EXPECT_EQ(runner.run(1), std::vector<std::string>());
  return runner.get<uint32_t>(1, 1)[0];
}

static uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

static float computeFloat(float x, const std::string &opcode) {
  std::string name = "@llvm.nvvm." + opcode;
  uint32_t bits = compute(bitsOf(x), "float",
                          "  %y = call float " + name +
                              "(float %x)\n  %r = bitcast float %y to i32",
                          "declare float " + name + "(float)\n");
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

TEST(Arithmetic, Functions) {
  EXPECT_EQ(computeFloat(3, "ex2.approx.ftz.f32"), 8);
  EXPECT_EQ(computeFloat(8, "lg2.approx.f"), 3);
  EXPECT_EQ(computeFloat(4, "rsqrt.approx.f"), 0.5f);
  EXPECT_EQ(computeFloat(4, "rcp.approx.ftz.f"), 0.25f);
  EXPECT_EQ(computeFloat(2.25f, "sqrt.rn.f"), 1.5f);
  EXPECT_EQ(computeFloat(-0.5f, "saturate.f"), 0);
  EXPECT_EQ(computeFloat(NAN, "saturate.f"), 0);
  // Subnormal results and operands become zeros only under "ftz".
  EXPECT_EQ(computeFloat(-130, "ex2.approx.ftz.f32"), 0);
  EXPECT_EQ(computeFloat(-130, "ex2.approx.f32"), 0x1p-130f);
  EXPECT_TRUE(std::isinf(computeFloat(0x1p-130f, "rcp.approx.ftz.f")));
}

TEST(Arithmetic, Conversions) {
  EXPECT_EQ(compute(bitsOf(1.0f), "float",
                    "  %r0 = call <2 x bfloat> "
                    "@llvm.nvvm.ff2bf16x2.rn(float %x, float 2.0)\n"
                    "  %r = bitcast <2 x bfloat> %r0 to i32",
                    "declare <2 x bfloat> @llvm.nvvm.ff2bf16x2.rn(float, "
                    "float)\n"),
            0x3f804000u);
  EXPECT_EQ(compute(0x3f801000, "float",
                    "  %r = call i32 @llvm.nvvm.f2tf32.rna(float %x)",
                    "declare i32 @llvm.nvvm.f2tf32.rna(float)\n"),
            0x3f802000u);
  EXPECT_EQ(compute(bitsOf(448.0f), "float",
                    "  %s = call i16 @llvm.nvvm.ff.to.e4m3x2.rn(float %x, "
                    "float 1000.0)\n  %r = zext i16 %s to i32",
                    "declare i16 @llvm.nvvm.ff.to.e4m3x2.rn(float, float)\n"),
            0x7e7eu);
}

TEST(Arithmetic, Integers) {
  EXPECT_EQ(compute(0x44332211, "i32",
                    "  %r = call i32 @llvm.nvvm.prmt(i32 %x, i32 -1, i32 "
                    "30224)",
                    "declare i32 @llvm.nvvm.prmt(i32, i32, i32)\n"),
            0xffff2211u);
  EXPECT_EQ(
      compute(0x01ff0203, "i32",
              "  %r = call i32 @llvm.nvvm.idp4a.s.u(i32 %x, i32 16909060, "
              "i32 10)",
              "declare i32 @llvm.nvvm.idp4a.s.u(i32, i32, i32)\n"),
      10u + 1 * 1 - 1 * 2 + 2 * 3 + 3 * 4);
}

TEST(Assembly, Instructions) {
  EXPECT_EQ(compute(bitsOf(0.0f), "float",
                    "  %y = call float asm \"tanh.approx.f32 $0, $1;\", "
                    "\"=f,f\"(float %x)\n  %r = bitcast float %y to i32"),
            0u);
  EXPECT_EQ(compute(7, "i32",
                    "  %r = call i32 asm \"{ .reg .b32 a, b; .reg .pred p;"
                    "\\0A add.u32 a, $1, 3; // a comment\\0A"
                    " setp.gt.s32 p, a, 9; selp.b32 b, 1, 2, p;"
                    " @!p mov.b32 b, 5; shl.b32 $0, b, 4; }\", "
                    "\"=r,r\"(i32 %x)"),
            16u);
  EXPECT_EQ(compute(0x00020001, "i32",
                    "  %r = call i32 asm \"{ .reg .b16 l, h; mov.b32 {l, h}, "
                    "$1; mov.b32 $0, {h, l}; }\", \"=r,r\"(i32 %x)"),
            0x00010002u);
  // A loop that counts to ten.
  EXPECT_EQ(compute(0, "i32",
                    "  %r = call i32 asm \"{ .reg .pred p; AGAIN:\\0A"
                    " add.u32 $0, $0, 1; setp.lt.u32 p, $0, 10;"
                    " @p bra AGAIN; }\", \"=r,0\"(i32 %x)"),
            10u);
}

TEST(Assembly, Unknown) {
  KernelRunner runner(makeKernel(
      "i32", "  %r = call i32 asm \"frobnicate.b32 $0, $1;\", \"=r,r\"(i32 %x)",
      ""));
  EXPECT_EQ(runner.error,
            "the emulator does not know assembly 'frobnicate.b32'");
}

TEST(Module, Refused) {
  KernelRunner host("target triple = \"x86_64-linux-gnu\"\n");
  EXPECT_EQ(host.error,
            "expected a module for nvptx64, found one for 'x86_64-linux-gnu'");
  KernelRunner text("not assembly");
  EXPECT_NE(text.error.find("error: expected top-level entity"),
            std::string::npos)
      << text.error;
}
