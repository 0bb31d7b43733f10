//===----------------------------------------------------------------------===//
// Products of a warpgroup against plain sums, for each layout in shared memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelRunner.h"
#include "nnc/DataIO/Tensor.h"
#include "nnc/Target/GPUEmulator/TensorMap.h"

#include <random>

using namespace nncgpu;

namespace {
constexpr int rows = 64, columns = 16, depth = 16;
constexpr int bytesOfB = 8192, bytesOfShared = 16384;

/// How an operand of 2-byte elements lies in shared memory.
struct Layout {
  Swizzle swizzle = Swizzle::Bytes128;
  bool isTransposed = false;

  unsigned span() const { return 16u << unsigned(swizzle); }
  uint64_t leading() const {
    return swizzle == Swizzle::None && !isTransposed ? 128 : 2048;
  }
  uint64_t stride() const {
    if (swizzle == Swizzle::None)
      return isTransposed ? 128 : 256;
    return 8 * span();
  }
  /// As CUTLASS has it for its canonical layouts.
  uint64_t offsetOf(unsigned row, unsigned k) const {
    uint64_t offset;
    if (swizzle == Swizzle::None)
      offset = isTransposed
                   ? row / 8 * 128 + k / 8 * 2048 + k % 8 * 16 + row % 8 * 2
                   : row / 8 * 256 + k / 8 * 128 + row % 8 * 16 + k % 8 * 2;
    else if (isTransposed)
      offset = row / (span() / 2) * 2048 + k / 8 * (8 * span()) +
               k % 8 * span() + row % (span() / 2) * 2;
    else
      offset = row / 8 * (8 * span()) + row % 8 * span() + k * 2;
    return applySwizzle(swizzle, offset);
  }
  uint64_t descriptor(uint64_t start) const {
    constexpr uint64_t modes[] = {0, 3, 2, 1};
    return start >> 4 | leading() >> 4 << 16 | stride() >> 4 << 32 |
           modes[unsigned(swizzle)] << 62;
  }
};

std::string list(const std::string &prefix, int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i)
    text += (i == begin ? "" : ", ") + prefix + std::to_string(i);
  return text;
}

std::string repeat(const std::string &what, int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += (i ? "," : "") + what;
  return text;
}

/// One product of 64x16x16 on an image of shared memory, which the threads copy
/// there; each stores its eight sums. `lines` are put before the product and
/// behind its group is committed.
std::string
makeKernel(const Layout &a, const Layout &b, bool isAInRegisters,
           const std::string &before =
               "call void @llvm.nvvm.wgmma.fence.sync.aligned()",
           const std::string &after =
               "call void @llvm.nvvm.wgmma.wait_group.sync.aligned(i64 0)") {
  constexpr int sums = columns / 2;
  std::string floats = "{ " + repeat("float", sums) + " }";
  int afterSums = 2 * sums;
  std::string operandA = isAInRegisters
                             ? "{" + list("$", afterSums, afterSums + 4) + "}"
                             : "$" + std::to_string(afterSums);
  int atB = afterSums + (isAInRegisters ? 4 : 1);
  std::string orders = isAInRegisters ? std::to_string(b.isTransposed)
                                      : std::to_string(a.isTransposed) + ", " +
                                            std::to_string(b.isTransposed);
  std::string assembly =
      "{\\0A.reg .pred p;\\0Asetp.ne.b32 p, $" + std::to_string(atB + 1) +
      ", 0;\\0Awgmma.mma_async.sync.aligned.m64n16k16.f32.f16.f16 {" +
      list("$", 0, sums) + "}, " + operandA + ", $" + std::to_string(atB) +
      ", p, 1, -1, " + orders + ";\\0A}";
  std::string constraints = repeat("=f", sums);
  std::string zeros;
  for (int i = 0; i < sums; ++i) {
    constraints += "," + std::to_string(i);
    zeros += "float 0x4000000000000000, ";
  }
  constraints += isAInRegisters ? ",r,r,r,r,l,r" : ",l,l,r";
  std::string values = isAInRegisters
                           ? "i32 %a0, i32 %a1, i32 %a2, i32 %a3"
                           : "i64 " + std::to_string(int64_t(a.descriptor(0)));
  std::string text = moduleHead;
  text += R"(
@nnc_dynsmem = external addrspace(3) global [0 x i8], align 1024
declare void @llvm.nvvm.wgmma.fence.sync.aligned()
declare void @llvm.nvvm.wgmma.commit_group.sync.aligned()
declare void @llvm.nvvm.wgmma.wait_group.sync.aligned(i64)
define ptx_kernel void @product(ptr addrspace(1) %image, ptr addrspace(1) %registers, ptr addrspace(1) %out) {
entry:
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  br label %copy
copy:
  %i = phi i32 [ %t, %entry ], [ %next, %copy ]
  %from = getelementptr i32, ptr addrspace(1) %image, i32 %i
  %word = load i32, ptr addrspace(1) %from, align 4
  %to = getelementptr i32, ptr addrspace(3) @nnc_dynsmem, i32 %i
  store i32 %word, ptr addrspace(3) %to, align 4
  %next = add i32 %i, 128
  %more = icmp ult i32 %next, 4096
  br i1 %more, label %copy, label %multiply
multiply:
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %at = shl i32 %t, 2
  %r0 = getelementptr i32, ptr addrspace(1) %registers, i32 %at
  %a0 = load i32, ptr addrspace(1) %r0, align 4
  %r1 = getelementptr i32, ptr addrspace(1) %r0, i32 1
  %a1 = load i32, ptr addrspace(1) %r1, align 4
  %r2 = getelementptr i32, ptr addrspace(1) %r0, i32 2
  %a2 = load i32, ptr addrspace(1) %r2, align 4
  %r3 = getelementptr i32, ptr addrspace(1) %r0, i32 3
  %a3 = load i32, ptr addrspace(1) %r3, align 4
)";
  text += "  " + before + "\n  %d = call " + floats + " asm sideeffect \"" +
          assembly + "\", \"" + constraints + "\"(" + zeros + values +
          ", i64 " + std::to_string(int64_t(b.descriptor(bytesOfB))) +
          ", i32 1)\n  call void "
          "@llvm.nvvm.wgmma.commit_group.sync.aligned()\n  " +
          after + "\n  %first = shl i32 %t, 3\n";
  for (int i = 0; i < sums; ++i) {
    std::string n = std::to_string(i);
    text += "  %d" + n + " = extractvalue " + floats + " %d, " + n + "\n  %at" +
            n + " = add i32 %first, " + n + "\n  %o" + n +
            " = getelementptr float, ptr addrspace(1) %out, i32 %at" + n +
            "\n  store float %d" + n + ", ptr addrspace(1) %o" + n +
            ", align 4\n";
  }
  return text + "  ret void\n}\n";
}

/// Operands of small whole numbers, as they are and as images.
struct Operands {
  std::vector<int> a = std::vector<int>(rows * depth),
                   b = std::vector<int>(columns * depth);
  std::vector<uint16_t> image = std::vector<uint16_t>(bytesOfShared / 2),
                        registers = std::vector<uint16_t>(128 * 8);

  Operands(const Layout &layoutA, const Layout &layoutB) {
    std::mt19937 random(3);
    std::uniform_int_distribution<int> distribution(-5, 5);
    auto encode = [](int value) { return nncio::floatToHalf(float(value)); };
    for (int row = 0; row < rows; ++row)
      for (int k = 0; k < depth; ++k) {
        int value = a[row * depth + k] = distribution(random);
        image[layoutA.offsetOf(row, k) / 2] = encode(value);
      }
    for (int column = 0; column < columns; ++column)
      for (int k = 0; k < depth; ++k) {
        int value = b[column * depth + k] = distribution(random);
        image[(bytesOfB + layoutB.offsetOf(column, k)) / 2] = encode(value);
      }
    // The manual's fragment of A in registers.
    for (int t = 0; t < 128; ++t)
      for (int i = 0; i < 8; ++i) {
        bool isUpper = i < 2 || (i >= 4 && i < 6);
        int row = t / 32 * 16 + t % 32 / 4 + (isUpper ? 0 : 8);
        int k = t % 4 * 2 + (i & 1) + (i >= 4 ? 8 : 0);
        registers[t * 8 + i] = encode(a[row * depth + k]);
      }
  }

  /// 2 - A * B, as each thread stores it: the kernel negates B.
  std::vector<float> expected() const {
    std::vector<float> out(128 * columns / 2);
    for (int t = 0; t < 128; ++t)
      for (int i = 0; i < columns / 2; ++i) {
        int row = t / 32 * 16 + t % 32 / 4 + (i / 2 % 2) * 8;
        int column = i / 4 * 8 + t % 4 * 2 + i % 2;
        float sum = 2;
        for (int k = 0; k < depth; ++k)
          sum -= float(a[row * depth + k] * b[column * depth + k]);
        out[t * (columns / 2) + i] = sum;
      }
    return out;
  }
};

} // namespace

static std::vector<std::string> runProduct(KernelRunner &runner,
                                           const Operands &operands) {
  runner.add(operands.image).add(operands.registers);
  runner.add(std::vector<float>(128 * columns / 2));
  return runner.run(128, bytesOfShared);
}

TEST(Warpgroup, Layouts) {
  for (Swizzle swizzle :
       {Swizzle::None, Swizzle::Bytes32, Swizzle::Bytes64, Swizzle::Bytes128})
    for (bool turnsA : {false, true})
      for (bool turnsB : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << "swizzle " << int(swizzle) << " " << turnsA << turnsB);
        Layout a{swizzle, turnsA}, b{swizzle, turnsB};
        Operands operands(a, b);
        KernelRunner runner(makeKernel(a, b, /*isAInRegisters=*/false));
        ASSERT_EQ(runProduct(runner, operands), std::vector<std::string>());
        EXPECT_EQ(runner.get<float>(2, 128 * columns / 2), operands.expected());
      }
}

TEST(Warpgroup, Registers) {
  for (bool turnsB : {false, true}) {
    Layout b{Swizzle::Bytes128, turnsB};
    Operands operands(b, b);
    KernelRunner runner(makeKernel(b, b, /*isAInRegisters=*/true));
    ASSERT_EQ(runProduct(runner, operands), std::vector<std::string>());
    EXPECT_EQ(runner.get<float>(2, 128 * columns / 2), operands.expected());
  }
}

/// A descriptor that does not fit the layout gives other sums.
TEST(Warpgroup, WrongStep) {
  Layout layout{Swizzle::Bytes128, true}, other{Swizzle::Bytes64, true};
  Operands operands(layout, layout);
  KernelRunner runner(makeKernel(layout, other, /*isAInRegisters=*/false));
  ASSERT_EQ(runProduct(runner, operands), std::vector<std::string>());
  EXPECT_NE(runner.get<float>(2, 128 * columns / 2), operands.expected());
}

TEST(Warpgroup, NeedsFence) {
  Layout layout;
  Operands operands(layout, layout);
  KernelRunner runner(makeKernel(layout, layout, false, ""));
  std::vector<std::string> findings = runProduct(runner, operands);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].find("a wgmma without a wgmma.fence before it"),
            std::string::npos)
      << findings[0];
}

/// Who writes an operand before the product is waited for races with it.
TEST(Warpgroup, OperandInFlight) {
  Layout layout;
  Operands operands(layout, layout);
  std::string write =
      "  %mine = getelementptr i32, ptr addrspace(3) @nnc_dynsmem, i32 %t\n"
      "  store i32 0, ptr addrspace(3) %mine, align 4\n";
  std::string wait =
      "call void @llvm.nvvm.wgmma.wait_group.sync.aligned(i64 0)\n"
      "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n";
  KernelRunner good(makeKernel(
      layout, layout, false, "call void @llvm.nvvm.wgmma.fence.sync.aligned()",
      wait + write));
  EXPECT_EQ(runProduct(good, operands), std::vector<std::string>());
  KernelRunner bad(makeKernel(layout, layout, false,
                              "call void @llvm.nvvm.wgmma.fence.sync.aligned()",
                              write + "  " + wait));
  std::vector<std::string> findings = runProduct(bad, operands);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].find("of shared memory, which a wgmma of warpgroup 0 "
                             "reads, and nothing orders them"),
            std::string::npos)
      << findings[0];
}

/// A stage of a ring that is given back, and filled again, while a product
/// still reads it.
TEST(Warpgroup, StageReleasedTooEarly) {
  Layout layout;
  Operands operands(layout, layout);
  std::string refill =
      "call void asm sideeffect \"{ .reg .pred p; setp.eq.u32 p, $0, 0;"
      " @p mbarrier.init.shared.b64 [$1], 1;"
      " @p mbarrier.arrive.expect_tx.shared.b64 _, [$1], 128;"
      " @p cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes"
      " [$2], [$3], 128, [$1]; }\", \"r,r,r,l\"(i32 %t, ptr addrspace(3) "
      "getelementptr (i8, ptr addrspace(3) @nnc_dynsmem, i32 16384), ptr "
      "addrspace(3) @nnc_dynsmem, ptr addrspace(1) %image)\n";
  std::string wait =
      "call void @llvm.nvvm.wgmma.wait_group.sync.aligned(i64 0)\n"
      "  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)\n  ";
  std::string fence = "call void @llvm.nvvm.wgmma.fence.sync.aligned()";
  auto run = [&](const std::string &after, bool isLazy) {
    KernelRunner runner(makeKernel(layout, layout, false, fence, after));
    runner.add(operands.image).add(operands.registers);
    runner.add(std::vector<float>(128 * columns / 2));
    LaunchOptions options;
    options.lazyCopies = isLazy;
    return runner.run(128, bytesOfShared + 8, options);
  };
  for (bool isLazy : {false, true}) {
    EXPECT_EQ(run(wait + refill, isLazy), std::vector<std::string>());
    std::vector<std::string> findings = run(refill + "  " + wait, isLazy);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_NE(findings[0].find(
                  "an asynchronous copy for the mbarrier at offset 16384 "
                  "writes offset 0 of shared memory, which a wgmma of "
                  "warpgroup 0 reads, and nothing orders them"),
              std::string::npos)
        << findings[0];
  }
}

TEST(Warpgroup, NeedsAllThreads) {
  Layout layout;
  KernelRunner runner(makeKernel(layout, layout, false));
  Operands operands(layout, layout);
  runner.add(operands.image).add(operands.registers);
  runner.add(std::vector<float>(128 * columns / 2));
  std::vector<std::string> findings = runner.run(64, bytesOfShared);
  ASSERT_FALSE(findings.empty());
  EXPECT_NE(findings[0].find("a wgmma needs all 128 threads of a warpgroup"),
            std::string::npos)
      << findings[0];
}
