//===----------------------------------------------------------------------===//
// Predictions of kernels: they rise with work, rank where operations rank
// wrong, and answer for ops that are no kernel yet.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/KernelCost.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/STLExtras.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::nnc;

namespace {

class KernelCostTest : public testing::Test {
protected:
  KernelCostTest() {
    context.loadDialect<arith::ArithDialect, func::FuncDialect,
                        kern::KernDialect, math::MathDialect, nn::NNDialect,
                        hw::HWDialect, tensor::TensorDialect>();
  }

  CostModel model(StringRef name = "x86-64-v4", int64_t threads = 1) {
    return CostModel(hw::getKnownTarget(&context, name), threads);
  }

  /// The ops of a function with this body, terminator excluded.
  SmallVector<Operation *> parse(const std::string &arguments,
                                 const std::string &body,
                                 const std::string &result) {
    modules.push_back(parseSourceString<ModuleOp>(
        "func.func @f(" + arguments + ") -> " + result + " {\n" + body + "}\n",
        &context));
    SmallVector<Operation *> ops;
    EXPECT_TRUE(bool(modules.back()));
    if (modules.back())
      for (auto function : modules.back()->getOps<func::FuncOp>())
        for (Operation &op : function.getBody().front().without_terminator())
          ops.push_back(&op);
    return ops;
  }

  SmallVector<Operation *> product(int64_t m, int64_t k, int64_t n) {
    auto type = [](int64_t a, int64_t b) {
      return "tensor<" + std::to_string(a) + "x" + std::to_string(b) + "xf32>";
    };
    std::string a = type(m, k), b = type(k, n), c = type(m, n);
    return parse("%a: " + a + ", %b: " + b,
                 "%0 = nn.matmul %a, %b : " + a + ", " + b + " -> " + c +
                     "\nreturn %0 : " + c + "\n",
                 c);
  }

  MLIRContext context;
  std::vector<OwningOpRef<ModuleOp>> modules;
};

constexpr const char *vector = "tensor<65536xf32>";

TEST_F(KernelCostTest, RisesWithWork) {
  double before = 0;
  for (int64_t size : {16, 32, 64, 128, 256, 512, 1024}) {
    KernelCost cost = model().estimate(product(size, size, size));
    ASSERT_TRUE(cost.us.has_value());
    EXPECT_EQ(cost.work.flops, 2 * size * size * size);
    EXPECT_GT(*cost.us, before);
    EXPECT_LE(*cost.lowUs, *cost.us);
    EXPECT_GE(*cost.highUs, *cost.us);
    EXPECT_LE(*cost.utilization, 1);
    before = *cost.us;
  }
}

TEST_F(KernelCostTest, VectorTimesMatrixIsSlowerThanItsOperationsSay) {
  // As many operations; one reads every weight for one multiply-add.
  KernelCost thin = model().estimate(product(1, 4096, 4096));
  KernelCost square = model().estimate(product(256, 256, 256));
  EXPECT_EQ(thin.work.flops, square.work.flops);
  EXPECT_GT(*thin.us, 1.5 * *square.us);
  EXPECT_EQ(thin.bound, hw::Bound::memory);
  EXPECT_EQ(square.bound, hw::Bound::compute);
}

TEST_F(KernelCostTest, DepthwiseIsSlowerThanItsOperationsSay) {
  // 3 x 3 on 56 x 56 places, as many operations: 16 channels to each of 16, or
  // 256 channels on their own.
  auto convolution = [&](const std::string &op, const std::string &type,
                         const std::string &weights) {
    return parse("%x: " + type + ", %w: " + weights + ", %o: " + type,
                 "%0 = " + op +
                     " strides [1, 1] dilations [1, 1] pads [1, 1, 1, 1] "
                     "{extra_maps = []} : " +
                     type + ", " + weights + ", " + type + " -> " + type +
                     " {\n^bb0(%s: f32):\nkern.yield %s : f32\n}\n"
                     "return %0 : " +
                     type + "\n",
                 type);
  };
  KernelCost dense = model().estimate(convolution("kern.conv %x, %w outs(%o)",
                                                  "tensor<1x56x56x16xf32>",
                                                  "tensor<16x16x3x3xf32>"));
  KernelCost depthwise = model().estimate(
      convolution("kern.depthwise %x, %w outs(%o) kernel [3, 3]",
                  "tensor<1x56x56x256xf32>", "tensor<256x1x3x3xf32>"));
  ASSERT_TRUE(dense.us && depthwise.us);
  EXPECT_EQ(dense.work.flops, depthwise.work.flops);
  EXPECT_GT(*depthwise.us, 1.2 * *dense.us);
}

TEST_F(KernelCostTest, FunctionsTakeLongerThanAdditions) {
  auto chain = [&](const std::string &op) {
    std::string type = vector, text;
    for (int i = 0; i < 8; ++i)
      text += "%" + std::to_string(i + 1) + " = nn." + op + " %" +
              (i ? std::to_string(i) : "x") + " : " + type + " -> " + type +
              "\n";
    return parse("%x: " + type, text + "return %8 : " + type + "\n", type);
  };
  KernelCost relu = model().estimate(chain("relu"));
  KernelCost exp = model().estimate(chain("exp"));
  KernelCost sqrt = model().estimate(chain("sqrt"));
  EXPECT_EQ(relu.work.flops, exp.work.flops);
  EXPECT_GT(*exp.us, 2 * *relu.us);
  EXPECT_GT(*sqrt.us, *relu.us);
  EXPECT_GT(exp.work.functions, 0);
  EXPECT_GT(sqrt.work.divisions, 0);
}

TEST_F(KernelCostTest, FusedIsCheaperThanApart) {
  std::string type = vector;
  SmallVector<Operation *> ops =
      parse("%x: " + type,
            "%0 = nn.neg %x : " + type + " -> " + type +
                "\n%1 = nn.relu %0 : " + type + " -> " + type +
                "\nreturn %1 : " + type + "\n",
            type);
  ASSERT_EQ(ops.size(), 2u);
  KernelCost both = model().estimate(ops);
  KernelCost first = model().estimate(ArrayRef(ops).take_front());
  KernelCost second = model().estimate(ArrayRef(ops).drop_front());
  EXPECT_LT(*both.us, *first.us + *second.us);
  // The value between stays in registers.
  EXPECT_EQ(both.work.insideBytes, 0);
  EXPECT_EQ(both.work.outputBytes, 4 * 65536);
  EXPECT_EQ(first.work.outputBytes, 4 * 65536);
}

TEST_F(KernelCostTest, UnknownIsNotZero) {
  SmallVector<Operation *> ops =
      parse("%x: tensor<?xf32>",
            "%0 = nn.exp %x : tensor<?xf32> -> tensor<?xf32>\n"
            "return %0 : tensor<?xf32>\n",
            "tensor<?xf32>");
  KernelCost cost = model().estimate(ops);
  EXPECT_FALSE(cost.us || cost.work.flops || cost.bytes || cost.energyUj);
  EXPECT_EQ(cost.bound, hw::Bound::unknown);
  // And nothing of a machine that is not known.
  hw::TargetAttr none = hw::TargetDescription().getAttr(&context);
  KernelCost known = CostModel(none).estimate(product(8, 8, 8));
  EXPECT_TRUE(known.work.flops.has_value());
  EXPECT_FALSE(known.us.has_value());
}

TEST_F(KernelCostTest, ThreadsHelpWhatHasUnits) {
  KernelCost one = model("x86-64-v4", 1).estimate(product(512, 512, 512));
  KernelCost two = model("x86-64-v4", 2).estimate(product(512, 512, 512));
  EXPECT_LT(*two.us, 0.7 * *one.us);
  EXPECT_LE(*one.criticalUs, *one.us);
  KernelCost small1 = model("x86-64-v4", 1).estimate(product(8, 8, 8));
  KernelCost small2 = model("x86-64-v4", 2).estimate(product(8, 8, 8));
  EXPECT_EQ(*small1.us, *small2.us);
}

TEST_F(KernelCostTest, FarOperandsTakeLonger) {
  SmallVector<Operation *> ops = product(4, 512, 512);
  auto at = [&](double distance) {
    auto operand = [&](Value) { return distance; };
    Surroundings around;
    around.operandDistance = operand;
    return model().estimate(ops, around);
  };
  KernelCost near = at(0), far = at(1e12);
  EXPECT_LT(*near.us, *far.us);
  EXPECT_EQ(near.memoryBytes, 0);
  EXPECT_GT(*far.memoryBytes, 512 * 512 * 4);
}

TEST_F(KernelCostTest, GpusAnswerToo) {
  for (StringRef name : {"a100", "h100", "h200"}) {
    KernelCost cost = model(name).estimate(product(4096, 4096, 4096));
    ASSERT_TRUE(cost.us.has_value());
    // No faster than the data sheet.
    EXPECT_GT(*cost.us, 2 * 4096. * 4096 * 4096 / 67e12 * 1e6);
    EXPECT_LT(*cost.utilization, 1);
  }
}

TEST_F(KernelCostTest, GpusNeedBlocksAndThreads) {
  auto efficiency = [&](int64_t rows) {
    return *model("h100").estimate(product(rows, 4096, 128)).utilization;
  };
  // One wave of 132 blocks, and one block more.
  EXPECT_GT(efficiency(128 * 132), 1.5 * efficiency(128 * 133));
  // A small tensor has too few bytes under way for the whole bandwidth.
  auto relu = [&](int64_t size) {
    std::string type = "tensor<" + std::to_string(size) + "xf32>";
    KernelCost cost =
        model("h100").estimate(parse("%x: " + type,
                                     "%0 = nn.relu %x : " + type + " -> " +
                                         type + "\nreturn %0 : " + type + "\n",
                                     type));
    return cost.terms[unsigned(CostTerm::Memory)] / double(size);
  };
  EXPECT_GT(relu(1024), 4 * relu(1 << 22));
  EXPECT_EQ(relu(1 << 22), relu(1 << 23));
}

TEST_F(KernelCostTest, SameQuestionSameAnswer) {
  SmallVector<Operation *> ops = product(100, 200, 300);
  EXPECT_EQ(model().estimate(ops).getAttr(&context),
            model().estimate(ops).getAttr(&context));
}

} // namespace
