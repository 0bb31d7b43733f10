//===----------------------------------------------------------------------===//
// Solvers, masks, groups of channels and recipes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/ChannelElimination.h"
#include "nnc/Compression/ChannelGroups.h"
#include "nnc/Compression/Masks.h"
#include "nnc/Compression/Recipe.h"
#include "nnc/Compression/SymmetricEigen.h"

#include "mlir/Parser/Parser.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Reference/Interpreter.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace mlir::nnc;

namespace {
MLIRContext *getContext() {
  static MLIRContext context;
  return &context;
}

/// Inputs each of which is close to the one before, with means other than 0.
Hessian makeHessian(int64_t depth, int64_t rows) {
  std::mt19937 random(1);
  std::normal_distribution<float> noise;
  std::vector<float> data(rows * depth);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < depth; ++i)
      data[r * depth + i] =
          (i ? 0.9f * data[r * depth + i - 1] : 0) + noise(random);
  Hessian hessian(depth);
  hessian.add(getContext(), data.data(), rows);
  return hessian;
}

WeightMatrix makeMatrix(int64_t outputs, int64_t depth) {
  std::mt19937 random(2);
  std::normal_distribution<float> number;
  WeightMatrix matrix{outputs, depth, std::vector<float>(outputs * depth)};
  for (float &value : matrix.values)
    value = number(random);
  return matrix;
}

TEST(SolverTest, TheFactorGivesTheInverse) {
  constexpr int64_t n = 100;
  Hessian hessian = makeHessian(n, 300);
  std::vector<double> factor;
  for (int64_t i = 0; i < n * n; ++i)
    factor.push_back(hessian.get(i / n, i % n));
  ASSERT_TRUE(factorInverse(getContext(), n, factor));
  for (int64_t i = 0; i < n; i += 9)
    for (int64_t j = 0; j < n; j += 7) {
      double sum = 0;
      for (int64_t k = 0; k < n; ++k)
        for (int64_t u = 0; u < n; ++u)
          sum += hessian.get(i, k) * factor[u * n + k] * factor[u * n + j];
      EXPECT_NEAR(sum, i == j, 1e-8);
    }
}

TEST(SolverTest, RefusesWhatIsNotPositive) {
  std::vector<double> matrix = {1, 2, 2, 1};
  EXPECT_FALSE(factorInverse(getContext(), 2, matrix));
  std::vector<double> broken = {std::nan("")};
  EXPECT_FALSE(factorInverse(getContext(), 1, broken));
}

/// What the results of a layer of one output lose at the least if inputs go.
double findLeastLoss(const Hessian &hessian, std::vector<float> weight,
                     std::vector<int64_t> gone) {
  // Gauss-Seidel on the others, from their own weights.
  std::vector<float> start = weight;
  for (int64_t input : gone)
    weight[input] = 0;
  for (int round = 0; round < 2000; ++round)
    for (int64_t i = 0; i < hessian.getSize(); ++i) {
      if (llvm::is_contained(gone, i))
        continue;
      double sum = 0;
      for (int64_t j = 0; j < hessian.getSize(); ++j)
        sum += hessian.get(i, j) * double(start[j] - weight[j]);
      weight[i] += float(sum / hessian.get(i, i));
    }
  for (size_t i = 0; i < weight.size(); ++i)
    weight[i] -= start[i];
  return hessian.measure(weight, 1) / hessian.measure(start, 1);
}

TEST(EliminationTest, LossesAreThoseOfTheBestFit) {
  Hessian hessian = makeHessian(8, 500);
  std::vector<float> weight = makeMatrix(1, 8).values;
  auto own = ChannelElimination::create(getContext(), hessian,
                                        /*centers=*/false, 1, weight);
  ASSERT_TRUE(own);
  double first = own->getLoss({2, 5});
  EXPECT_NEAR(first, findLeastLoss(hessian, weight, {2, 5}), 0.01 * first);
  own->remove({2, 5});
  double both = first + own->getLoss({3});
  EXPECT_NEAR(both, findLeastLoss(hessian, weight, {2, 3, 5}), 0.01 * both);
  own->remove({3});
  std::vector<float> change;
  for (int64_t i = 0; i < 8; ++i)
    change.push_back(float(own->getWeight()[i]) - weight[i]);
  EXPECT_EQ(own->getWeight()[3], 0);
  EXPECT_NEAR(hessian.measure(change, 1) / hessian.measure(weight, 1), both,
              0.01 * both);
  EXPECT_EQ(own->getLoss({}), 0);
}

TEST(EliminationTest, ConstantsCostNothingBesideABias) {
  std::vector<float> data;
  for (float x : {1.0f, -2.0f, 3.0f, 0.5f})
    data.insert(data.end(), {x, 5.0f});
  Hessian hessian(2);
  hessian.add(getContext(), data.data(), 4);
  EXPECT_EQ(hessian.getMean(1), 5);
  auto lossOf = [&](bool centers) {
    auto own = ChannelElimination::create(getContext(), hessian, centers, 1,
                                          {1.0f, 1.0f});
    return own ? own->getLoss({1}) : -1;
  };
  // Damping alone counts.
  EXPECT_LT(lossOf(true), 1e-3);
  EXPECT_GT(lossOf(false), 0.5);
}

TEST(SolverTest, EigenvectorsGiveTheMatrix) {
  Hessian hessian = makeHessian(12, 40);
  std::vector<double> vectors;
  for (int64_t i = 0; i < 144; ++i)
    vectors.push_back(hessian.get(i / 12, i % 12));
  std::vector<double> values = decomposeSymmetric(vectors, 12);
  for (int64_t i = 1; i < 12; ++i)
    EXPECT_GE(values[i - 1], values[i]);
  for (int64_t i = 0; i < 12; ++i)
    for (int64_t j = 0; j < 12; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < 12; ++k)
        sum += values[k] * vectors[k * 12 + i] * vectors[k * 12 + j];
      EXPECT_NEAR(sum, hessian.get(i, j), 1e-8 * values[0]);
    }
}

TEST(MasksTest, PatternsHoldWithEachMethod) {
  Hessian hessian = makeHessian(48, 400);
  for (PruneMethod method :
       {PruneMethod::Magnitude, PruneMethod::Wanda, PruneMethod::SparseGpt}) {
    PruneStep step;
    step.pattern = PrunePattern::NM;
    WeightMatrix matrix = makeMatrix(8, 48);
    ASSERT_TRUE(sparsify(getContext(), matrix, step, 0, method, hessian));
    for (int64_t f = 0; f < 8; ++f)
      for (int64_t k = 0; k < 48; k += 4)
        EXPECT_EQ(std::count(&matrix.values[f * 48 + k],
                             &matrix.values[f * 48 + k] + 4, 0.0f),
                  2);
    step.pattern = PrunePattern::Block;
    matrix = makeMatrix(8, 48);
    ASSERT_TRUE(sparsify(getContext(), matrix, step, 0.75, method, hessian));
    EXPECT_NEAR(getSparsity(matrix), 0.75, 1e-9);
    for (int64_t f = 0; f < 8; f += 4)
      for (int64_t k = 0; k < 48; ++k)
        for (int64_t i = 1; i < 4; ++i)
          EXPECT_EQ(matrix.at(f, k) == 0, matrix.at(f + i, k) == 0);
  }
}

TEST(MasksTest, ErrorsAreMadeUpFor) {
  Hessian hessian = makeHessian(96, 1000);
  WeightMatrix dense = makeMatrix(32, 96);
  PruneStep step;
  step.pattern = PrunePattern::Unstructured;
  auto getError = [&](PruneMethod method) {
    WeightMatrix matrix = dense;
    EXPECT_TRUE(sparsify(getContext(), matrix, step, 0.5, method, hessian));
    EXPECT_NEAR(getSparsity(matrix), 0.5, 0.01);
    return measureError(dense, matrix, hessian);
  };
  // The published goal: 0.7 of the error of magnitudes at half of the weights.
  EXPECT_LT(getError(PruneMethod::SparseGpt),
            0.7 * getError(PruneMethod::Magnitude));
}

TEST(MasksTest, UnitsBeyondTheEdgeAreCut) {
  PruneStep step;
  step.blockRows = 4;
  step.blockColumns = 4;
  WeightMatrix matrix = makeMatrix(5, 6);
  ASSERT_TRUE(sparsify(getContext(), matrix, step, 0.5, PruneMethod::Magnitude,
                       Hessian()));
  EXPECT_GT(getSparsity(matrix), 0);
  EXPECT_LT(getSparsity(matrix), 1);
}

struct GroupsTest : testing::Test {
  GroupsTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }
  MLIRContext context;
};

TEST_F(GroupsTest, ConcatenationsAndRunsShareClasses) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(R"(
    func.func @main(%x: tensor<2x3xf32> {nn.name = "x"}) -> (tensor<2x5xf32> {nn.name = "y"}) attributes {nn.entry} {
      %a = nn.constant dense<1.0> : tensor<3x4xf32>
      %b = nn.constant dense<1.0> : tensor<3x2xf32>
      %c = nn.constant dense<1.0> : tensor<6x5xf32>
      %0 = nn.matmul %x, %a : tensor<2x3xf32>, tensor<3x4xf32> -> tensor<2x4xf32>
      %1 = nn.matmul %x, %b : tensor<2x3xf32>, tensor<3x2xf32> -> tensor<2x2xf32>
      %2 = nn.concat %0, %1 axis 1 : tensor<2x4xf32>, tensor<2x2xf32> -> tensor<2x6xf32>
      %3 = nn.matmul %2, %c : tensor<2x6xf32>, tensor<6x5xf32> -> tensor<2x5xf32>
      return %3 : tensor<2x5xf32>
    })",
                                                             &context);
  ASSERT_TRUE(module);
  func::FuncOp function = findEntry(*module);
  ChannelGroups groups(function);
  // Of the depth of the first two and of the result nothing may go.
  ASSERT_EQ(groups.getGroups().size(), 1u);
  EXPECT_EQ(groups.getGroups()[0].classes.size(), 6u);
  auto op = function.getBody().front().begin();
  Value b = std::next(op)->getResult(0), c = std::next(op, 2)->getResult(0);
  EXPECT_EQ(groups.getClass(b, 1, 1), groups.getClass(c, 0, 5));
  llvm::SmallDenseSet<unsigned> removed;
  removed.insert(groups.getClass(b, 1, 0));
  KeptEntries kept = groups.keep(removed);
  ASSERT_TRUE(kept.find(c, 0));
  EXPECT_EQ(*kept.find(c, 0), (SmallVector<int64_t>{0, 1, 2, 3, 5}));
  EXPECT_FALSE(kept.find(c, 1));
  EXPECT_EQ(kept.countBelow(c, 0, 5), 4);
}

TEST(RecipeTest, ReadsSteps) {
  llvm::Expected<Recipe> recipe = Recipe::parse(R"(version: 1
steps:
  - prune: channel:0.25
    keep: [ head, stem ]
    align: 8
  - prune: block:0.8:4x1
    method: magnitude
    spread: false
    max-accuracy-drop: 0.5
)",
                                                "r.yaml");
  ASSERT_TRUE(bool(recipe)) << llvm::toString(recipe.takeError());
  ASSERT_EQ(recipe->steps.size(), 2u);
  EXPECT_EQ(recipe->steps[0].keep.size(), 2u);
  EXPECT_EQ(recipe->steps[0].align, 8);
  EXPECT_FALSE(recipe->steps[0].maxDrop);
  EXPECT_EQ(recipe->steps[1].maxDrop, 0.5);
  EXPECT_FALSE(recipe->steps[1].spread);
}

std::string getMessage(StringRef text) {
  llvm::Expected<Recipe> recipe = Recipe::parse(text, "r.yaml");
  return recipe ? "" : llvm::toString(recipe.takeError());
}

TEST(RecipeTest, TellsWhatIsWrong) {
  EXPECT_NE(getMessage("version: 2\nsteps: []\n").find("expected version 1"),
            std::string::npos);
  EXPECT_NE(getMessage("version: 1\nsteps:\n  - method: auto\n")
                .find("expected a step to have one of 'prune' and 'quantize'"),
            std::string::npos);
  EXPECT_NE(getMessage("version: 1\nsteps:\n  - prune: block:0.5\n    x: 1\n")
                .find("r.yaml:4: unknown key 'x'"),
            std::string::npos);
  EXPECT_NE(getMessage("version: 1\nsteps:\n  - prune: block:2\n")
                .find("expected a share between 0 and 1, but found '2'"),
            std::string::npos);
}
} // namespace
