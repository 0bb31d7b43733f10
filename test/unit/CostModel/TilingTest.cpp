//===----------------------------------------------------------------------===//
// The analytical model of tilings: its choices are usable on every machine, for
// all extents, and in order.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Tiling.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

#include <vector>

using namespace mlir;
using namespace mlir::nnc;

namespace {

constexpr int64_t unknown = ShapedType::kDynamic;

class TilingTest : public testing::Test {
protected:
  TilingTest() : f32(Float32Type::get(&context)) {
    context.loadDialect<hw::HWDialect>();
  }

  hw::TargetAttr target(StringRef name) {
    return hw::getKnownTarget(&context, name);
  }

  std::vector<TilingChoice> rank(StringRef name, const kern::Extents &extents) {
    SmallVector<TilingChoice> choices =
        rankTilings(target(name), extents, f32, 4);
    return std::vector<TilingChoice>(choices.begin(), choices.end());
  }

  MLIRContext context;
  Type f32;
};

kern::Extents product(int64_t rows, int64_t columns, int64_t depth) {
  return {/*batch=*/1,           rows, /*runs=*/1, columns, depth,
          /*canSplitDepth=*/true};
}

const int64_t sizes[] = {unknown, 0, 1, 2, 7, 64, 1000, 1 << 20};

/// What must hold of each choice on `machine`.
void expectUsable(const std::vector<TilingChoice> &choices,
                  hw::TargetAttr machine, Type type) {
  ASSERT_FALSE(choices.empty());
  for (const TilingChoice &choice : choices) {
    hw::TilingAttr tiling = choice.tiling;
    ASSERT_TRUE(tiling);
    EXPECT_EQ(tiling.getLanes(), machine.getLanes(type));
    EXPECT_GE(tiling.getRows(), 1);
    EXPECT_GE(tiling.getVectors(), 1);
    // Sums, a row of vectors and a factor.
    EXPECT_LE(tiling.getRows() * tiling.getVectors() + tiling.getVectors() + 1,
              int64_t(machine.getVectorRegisters()));
    EXPECT_GE(tiling.getNBlock(), 0);
    EXPECT_GE(tiling.getKBlock(), 0);
    // Expansions cut a unit's rows into whole strips.
    EXPECT_EQ(tiling.getMBlock() % tiling.getRows(), 0);
    EXPECT_GT(choice.cycles, 0);
  }
  for (size_t i = 1; i < choices.size(); ++i)
    EXPECT_LE(choices[i - 1].cycles, choices[i].cycles);
}

TEST_F(TilingTest, AllExtentsOnAllMachines) {
  for (StringRef name : hw::getKnownTargetNames())
    for (int64_t rows : sizes)
      for (int64_t columns : sizes)
        for (int64_t depth : sizes)
          expectUsable(rank(name, product(rows, columns, depth)), target(name),
                       f32);
}

TEST_F(TilingTest, Batches) {
  for (int64_t batch : sizes)
    for (int64_t runs : sizes) {
      kern::Extents extents{batch, 56, runs, 64, 576, /*canSplitDepth=*/false};
      expectUsable(rank("x86-64-v3", extents), target("x86-64-v3"), f32);
      extents.rowBytes = 16 * 64 * 4;
      expectUsable(rank("x86-64-v3", extents), target("x86-64-v3"), f32);
    }
}

TEST_F(TilingTest, RegistersAreUsed) {
  // With 16 registers at most 12 hold sums or so, with 32 more do.
  hw::TilingAttr few =
      rank("x86-64-v3", product(1024, 1024, 1024)).front().tiling;
  hw::TilingAttr many =
      rank("x86-64-v4", product(1024, 1024, 1024)).front().tiling;
  EXPECT_GE(few.getRows() * few.getVectors(), 8);
  EXPECT_LE(few.getRows() * few.getVectors(), 14);
  EXPECT_GT(many.getRows() * many.getVectors(),
            few.getRows() * few.getVectors());
}

/// With 32 registers the tile of a window over vectors leaves room for places
/// that rows share; none has more sums than hide the latency twice.
TEST_F(TilingTest, WindowsShareLoads) {
  kern::Extents extents{
      /*batch=*/1,    /*rows=*/112, /*runs=*/112,
      /*columns=*/64, /*depth=*/9,  /*canSplitDepth=*/false};
  extents.window = 3;
  hw::TargetAttr wide = target("x86-64-v4");
  hw::TilingAttr best = rank("x86-64-v4", extents).front().tiling;
  EXPECT_LE((2 * best.getRows() + 2 + 1) * best.getVectors(),
            wide.getVectorRegisters());
  for (StringRef name : {"x86-64-v4", "x86-64-v3", "aarch64"})
    for (int64_t stride : {1, 2, 3}) {
      hw::TargetAttr machine = target(name);
      extents.stride = stride;
      std::vector<TilingChoice> choices = rank(name, extents);
      expectUsable(choices, machine, f32);
      for (const TilingChoice &choice : choices)
        EXPECT_LE(choice.tiling.getRows() * choice.tiling.getVectors(),
                  2 * machine.getFmaLatency() * machine.getFmaPorts());
    }
}

/// Edges are slower: lines of 14 places are not one tile, all of it at the
/// edge.
TEST_F(TilingTest, EdgesMakeTilesShorter) {
  kern::Extents extents{
      /*batch=*/1,    /*rows=*/14, /*runs=*/14,
      /*columns=*/16, /*depth=*/9, /*canSplitDepth=*/false};
  extents.window = 3;
  int64_t without = rank("x86-64-v4", extents).front().tiling.getRows();
  extents.isPadded = true;
  EXPECT_LT(rank("x86-64-v4", extents).front().tiling.getRows(), without);
}

TEST_F(TilingTest, TilesAreNoLargerThanTheProduct) {
  for (const TilingChoice &choice : rank("x86-64-v4", product(3, 20, 100))) {
    EXPECT_LE(choice.tiling.getRows(), 3);
    EXPECT_LE(choice.tiling.getVectors(), 2);
  }
  std::vector<TilingChoice> one = rank("x86-64-v4", product(1, 1, 1));
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one.front().tiling.getRows(), 1);
  EXPECT_EQ(one.front().tiling.getVectors(), 1);
  EXPECT_EQ(one.front().tiling.getMBlock(), 0);
  EXPECT_EQ(one.front().tiling.getNBlock(), 0);
  EXPECT_EQ(one.front().tiling.getKBlock(), 0);
}

TEST_F(TilingTest, DepthIsCutOnlyWhereSumsCanWait) {
  kern::Extents deep = product(64, 64, 1 << 16);
  EXPECT_GT(rank("x86-64-v3", deep).front().tiling.getKBlock(), 0);
  deep.canSplitDepth = false;
  EXPECT_EQ(rank("x86-64-v3", deep).front().tiling.getKBlock(), 0);
  // Of whole groups of steps: the last block alone is odd.
  deep = product(64, 64, 4099);
  EXPECT_EQ(rank("x86-64-v3", deep).front().tiling.getKBlock() % 16, 0);
}

TEST_F(TilingTest, UnitsDoNotDependOnUnknownRows) {
  // Rows of the run are cut whatever their number turns out to be.
  EXPECT_GT(
      rank("x86-64-v3", product(unknown, 64, 64)).front().tiling.getMBlock(),
      0);
}

TEST_F(TilingTest, LanesFollowTheType) {
  hw::TargetAttr machine = target("x86-64-v3");
  SmallVector<TilingChoice> choices =
      rankTilings(machine, product(64, 64, 64), Float64Type::get(&context), 8);
  ASSERT_FALSE(choices.empty());
  EXPECT_EQ(choices.front().tiling.getLanes(), 4);
}

TEST_F(TilingTest, EfficiencyIsAShare) {
  for (StringRef name : hw::getKnownTargetNames()) {
    double best = rank(name, product(1024, 1024, 1024)).front().efficiency;
    EXPECT_GT(best, 0.3) << name.str();
    EXPECT_LE(best, 1.0 + 1e-9) << name.str();
  }
}

TEST_F(TilingTest, Transforms) {
  kern::Extents extents{/*batch=*/16, 28, 28,
                        64,           64, /*canSplitDepth=*/false};
  double two = predictWinogradTransforms(target("x86-64-v3"), extents, 2, f32);
  double four = predictWinogradTransforms(target("x86-64-v3"), extents, 4, f32);
  EXPECT_GT(two, 0);
  EXPECT_GT(four, two);
  extents.rows = extents.runs = unknown;
  EXPECT_GT(predictWinogradTransforms(target("x86-64-v3"), extents, 2, f32), 0);
}

} // namespace
