//===----------------------------------------------------------------------===//
// Matrix products of a warp against plain sums, for each layout of fragments in
// the PTX manual.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelRunner.h"
#include "nnc/DataIO/Tensor.h"

#include <functional>
#include <random>

using namespace nncgpu;

namespace {
/// A form of the instruction, with the manual's formulas for the row and column
/// of element i of the lane that is number t of group g.
struct Form {
  std::string name;
  int m, n, k;
  /// Types of registers: of A and B, and of sums.
  std::string registerType, sumType;
  int elementBits, sumBits;
  std::function<std::pair<int, int>(int g, int t, int i)> placeA, placeB;
  std::function<uint64_t(int)> encode;
  bool isIntegerSum = false;
};

std::pair<int, int> placeSum(int g, int t, int i) {
  return {i < 2 ? g : g + 8, 2 * t + (i & 1)};
}

/// Packs the fragment of each lane into words of 32 bits (or one of 64).
std::vector<uint32_t>
packFragments(int perLane, int bits,
              const std::function<uint64_t(int lane, int i)> &element) {
  int words = perLane * bits / 32;
  std::vector<uint32_t> packed(size_t(32) * words, 0);
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < perLane; ++i)
      for (int part = 0; part < std::max(1, bits / 32); ++part) {
        int bit = i * bits + part * 32;
        uint64_t value = element(lane, i) >> (32 * part);
        if (bits < 32)
          value &= (1u << bits) - 1;
        packed[lane * words + bit / 32] |= uint32_t(value << (bit % 32));
      }
  return packed;
}

/// Loads of `count` registers of a lane from an argument.
std::string loadRegisters(const std::string &name, const std::string &type,
                          int count) {
  std::string text, c = std::to_string(count);
  text += "  %" + name + "at = mul i32 %t, " + c + "\n";
  for (int i = 0; i < count; ++i) {
    std::string n = name + std::to_string(i);
    text += "  %" + n + "i = add i32 %" + name + "at, " + std::to_string(i) +
            "\n  %" + n + "p = getelementptr " + type + ", ptr addrspace(1) %" +
            name + ", i32 %" + n + "i\n  %" + n + " = load " + type +
            ", ptr addrspace(1) %" + n + "p, align 4\n";
  }
  return text;
}

std::string makeKernel(const Form &form, int countA, int countB, int countC) {
  std::string sums = "{ ", params, args;
  for (int i = 0; i < countC; ++i)
    sums += (i ? ", " : "") + form.sumType;
  sums += " }";
  auto list = [&](const std::string &name, const std::string &type, int count) {
    for (int i = 0; i < count; ++i) {
      params += (params.empty() ? "" : ", ") + type;
      args +=
          (args.empty() ? "" : ", ") + type + " %" + name + std::to_string(i);
    }
  };
  list("a", form.registerType, countA);
  list("b", form.registerType, countB);
  list("c", form.sumType, countC);
  std::string text = moduleHead;
  text += "declare " + sums + " @llvm.nvvm.mma." + form.name + "(" + params +
          ")\ndefine ptx_kernel void @product(ptr addrspace(1) %a, ptr "
          "addrspace(1) %b, ptr addrspace(1) %c) {\n"
          "  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n";
  text += loadRegisters("a", form.registerType, countA) +
          loadRegisters("b", form.registerType, countB) +
          loadRegisters("c", form.sumType, countC);
  text += "  %d = call " + sums + " @llvm.nvvm.mma." + form.name + "(" + args +
          ")\n";
  for (int i = 0; i < countC; ++i) {
    std::string n = std::to_string(i);
    text += "  %d" + n + " = extractvalue " + sums + " %d, " + n +
            "\n  store " + form.sumType + " %d" + n + ", ptr addrspace(1) %c" +
            n + "p, align 4\n";
  }
  return text + "  ret void\n}\n";
}

void testForm(const Form &form) {
  SCOPED_TRACE(form.name);
  std::mt19937 random(7);
  std::uniform_int_distribution<int> distribution(-4, 4);
  std::vector<int> a(size_t(form.m * form.k)), b(size_t(form.k * form.n)),
      c(size_t(form.m * form.n));
  for (auto *matrix : {&a, &b, &c})
    for (int &each : *matrix)
      each = distribution(random);
  int perA = form.m * form.k / 32, perB = form.k * form.n / 32,
      perC = form.m * form.n / 32;
  auto fragmentA = packFragments(perA, form.elementBits, [&](int lane, int i) {
    auto [row, column] = form.placeA(lane / 4, lane % 4, i);
    return form.encode(a[row * form.k + column]);
  });
  auto fragmentB = packFragments(perB, form.elementBits, [&](int lane, int i) {
    auto [row, column] = form.placeB(lane / 4, lane % 4, i);
    return form.encode(b[row * form.n + column]);
  });
  auto encodeSum = [&](int value) -> uint64_t {
    if (form.isIntegerSum)
      return uint32_t(value);
    if (form.sumBits == 64) {
      double number = value;
      uint64_t bits;
      std::memcpy(&bits, &number, sizeof bits);
      return bits;
    }
    if (form.sumBits == 16)
      return nncio::floatToHalf(float(value));
    float number = float(value);
    uint32_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
  };
  auto fragmentC = packFragments(perC, form.sumBits, [&](int lane, int i) {
    auto [row, column] = placeSum(lane / 4, lane % 4, i);
    return encodeSum(c[row * form.n + column]);
  });
  auto registers = [&](int elements, int bits) {
    return bits == 64 ? elements : elements * bits / 32;
  };
  KernelRunner runner(makeKernel(form, registers(perA, form.elementBits),
                                 registers(perB, form.elementBits),
                                 registers(perC, form.sumBits)));
  runner.add(fragmentA).add(fragmentB).add(fragmentC);
  ASSERT_EQ(runner.run(32), std::vector<std::string>());
  EXPECT_EQ(runner.counters.matrixProducts, 1u);
  auto expected = packFragments(perC, form.sumBits, [&](int lane, int i) {
    auto [row, column] = placeSum(lane / 4, lane % 4, i);
    int sum = c[row * form.n + column];
    for (int k = 0; k < form.k; ++k)
      sum += a[row * form.k + k] * b[k * form.n + column];
    return encodeSum(sum);
  });
  EXPECT_EQ(runner.get<uint32_t>(2, expected.size()), expected);
}

uint64_t encodeFloat(int value) {
  float number = float(value);
  uint32_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  return bits;
}

Form halfForm(const std::string &name, const std::string &type,
              std::function<uint64_t(int)> encode) {
  Form form;
  form.name = name;
  form.m = 16, form.n = 8, form.k = 16;
  form.registerType = type, form.sumType = "float";
  form.elementBits = 16, form.sumBits = 32;
  form.placeA = [](int g, int t, int i) {
    bool isUpper = i < 2 || (i >= 4 && i < 6);
    return std::pair(isUpper ? g : g + 8, 2 * t + (i & 1) + (i >= 4 ? 8 : 0));
  };
  form.placeB = [](int g, int t, int i) {
    return std::pair(2 * t + (i & 1) + (i >= 2 ? 8 : 0), g);
  };
  form.encode = std::move(encode);
  return form;
}
} // namespace

TEST(Products, Halves) {
  auto encode = [](int value) -> uint64_t {
    return nncio::floatToHalf(float(value));
  };
  Form form = halfForm("m16n8k16.row.col.f32.f32", "<2 x half>", encode);
  testForm(form);
  form.name = "m16n8k16.row.col.f16.f16";
  form.sumType = "<2 x half>", form.sumBits = 16;
  testForm(form);
  form = halfForm("m16n8k8.row.col.f32.f32", "<2 x half>", encode);
  form.k = 8;
  testForm(form);
}

TEST(Products, BFloats) {
  testForm(halfForm("m16n8k16.row.col.bf16", "i32", [](int value) -> uint64_t {
    return nncio::floatToBFloat(float(value));
  }));
}

TEST(Products, TensorFloats) {
  Form form;
  form.name = "m16n8k8.row.col.tf32";
  form.m = 16, form.n = 8, form.k = 8;
  form.registerType = "i32", form.sumType = "float";
  form.elementBits = form.sumBits = 32;
  form.placeA = [](int g, int t, int i) {
    return std::pair(i % 2 ? g + 8 : g, t + (i >= 2 ? 4 : 0));
  };
  form.placeB = [](int g, int t, int i) { return std::pair(t + 4 * i, g); };
  // Bits that the type does not have must not matter.
  form.encode = [](int value) -> uint64_t {
    return value ? encodeFloat(value) | 0xfff : 0;
  };
  testForm(form);
}

TEST(Products, Bytes) {
  Form form;
  form.name = "m16n8k32.row.col.s8";
  form.m = 16, form.n = 8, form.k = 32;
  form.registerType = form.sumType = "i32";
  form.elementBits = 8, form.sumBits = 32, form.isIntegerSum = true;
  form.placeA = [](int g, int t, int i) {
    bool isUpper = i < 4 || (i >= 8 && i < 12);
    return std::pair(isUpper ? g : g + 8, 4 * t + (i & 3) + (i >= 8 ? 16 : 0));
  };
  form.placeB = [](int g, int t, int i) {
    return std::pair(4 * t + (i & 3) + (i >= 4 ? 16 : 0), g);
  };
  form.encode = [](int value) -> uint64_t { return uint8_t(value); };
  testForm(form);
}

/// A tile of shared memory, by ldmatrix, comes to the lanes as the fragment of
/// A that the product expects; transposed, as that of B.
TEST(Products, LoadsOfMatrices) {
  std::string text = moduleHead;
  text += R"(
@tile = internal addrspace(3) global [512 x i8] undef, align 16
declare { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3))
declare { i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.trans.b16.p3(ptr addrspace(3))
define ptx_kernel void @load(ptr addrspace(1) %in, ptr addrspace(1) %out) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %at = shl i32 %t, 4
  %p = getelementptr i8, ptr addrspace(1) %in, i32 %at
  %x = load <4 x i32>, ptr addrspace(1) %p, align 16
  %q = getelementptr i8, ptr addrspace(3) @tile, i32 %at
  store <4 x i32> %x, ptr addrspace(3) %q, align 16
  call void @llvm.nvvm.barrier.cta.sync.aligned.all(i32 0)
  %low = and i32 %t, 15
  %rowat = shl i32 %low, 5
  %half = lshr i32 %t, 4
  %halfat = shl i32 %half, 4
  %offset = add i32 %rowat, %halfat
  %r = getelementptr i8, ptr addrspace(3) @tile, i32 %offset
  %a = call { i32, i32, i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3(ptr addrspace(3) %r)
  %s = getelementptr i8, ptr addrspace(3) @tile, i32 %rowat
  %b = call { i32, i32 } @llvm.nvvm.ldmatrix.sync.aligned.m8n8.x2.trans.b16.p3(ptr addrspace(3) %s)
  %six = mul i32 %t, 6
  %o = getelementptr i32, ptr addrspace(1) %out, i32 %six
)";
  for (int i = 0; i < 6; ++i) {
    std::string n = std::to_string(i);
    text += i < 4
                ? "  %v" + n + " = extractvalue { i32, i32, i32, i32 } %a, " + n
                : "  %v" + n + " = extractvalue { i32, i32 } %b, " +
                      std::to_string(i - 4);
    text += "\n  %o" + n + " = getelementptr i32, ptr addrspace(1) %o, i32 " +
            n + "\n  store i32 %v" + n + ", ptr addrspace(1) %o" + n +
            ", align 4\n";
  }
  text += "  ret void\n}\n";
  std::vector<uint16_t> tile(256), out(32 * 12);
  for (size_t i = 0; i < tile.size(); ++i)
    tile[i] = uint16_t(i);
  KernelRunner runner(text);
  runner.add(tile).add(out);
  ASSERT_EQ(runner.run(32), std::vector<std::string>());
  out = runner.get<uint16_t>(1, out.size());
  Form form = halfForm("", "", nullptr);
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 8; ++i) {
      auto [row, column] = form.placeA(lane / 4, lane % 4, i);
      EXPECT_EQ(out[lane * 12 + i], row * 16 + column);
    }
    for (int i = 0; i < 4; ++i) {
      auto [row, column] = form.placeB(lane / 4, lane % 4, i);
      EXPECT_EQ(out[lane * 12 + 8 + i], row * 16 + column);
    }
  }
  // Rows of 32 bytes: eight rows of a matrix lie in two passes of the banks.
  EXPECT_EQ(runner.counters.sharedWavefronts, 12u);
  EXPECT_EQ(runner.counters.idealWavefronts, 6u);
}

TEST(Products, NeedsAllLanes) {
  Form form = halfForm("m16n8k16.row.col.f32.f32", "<2 x half>", nullptr);
  KernelRunner runner(makeKernel(form, 4, 2, 4));
  runner.add(std::vector<uint32_t>(128)).add(std::vector<uint32_t>(64));
  runner.add(std::vector<uint32_t>(128));
  std::vector<std::string> findings = runner.run(16);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].find("a matrix product needs all 32 lanes of a warp"),
            std::string::npos)
      << findings[0];
}
