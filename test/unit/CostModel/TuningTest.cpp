//===----------------------------------------------------------------------===//
// Files of measured tilings: written, read again, and refused where they are
// not what they should be.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Tuning.h"

#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::nnc;

namespace {

class TuningTest : public testing::Test {
protected:
  TuningTest() { context.loadDialect<hw::HWDialect>(); }

  /// What is wrong with a text, or "".
  std::string problem(StringRef text) {
    llvm::Expected<TuningTable> table = TuningTable::parse(&context, text);
    return table ? "" : llvm::toString(table.takeError());
  }

  MLIRContext context;
};

TEST_F(TuningTest, RoundTrip) {
  TuningTable table;
  EXPECT_TRUE(table.empty());
  auto tiling = hw::TilingAttr::get(&context, 16, 6, 4, 30, 2, 512, true);
  table.set("znver5", "kern.gemm a=\"b\"", {0, tiling, 12.5});
  table.set("znver5", "kern.conv", {2, tiling, 1});
  table.set("znver5", "kern.conv", {4, tiling, 0.5}); // replaces
  llvm::Expected<TuningTable> read =
      TuningTable::parse(&context, table.print());
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_FALSE(read->empty());
  EXPECT_EQ(read->print(), table.print());
  const MeasuredTiling *gemm = read->find("znver5", "kern.gemm a=\"b\"");
  ASSERT_TRUE(gemm);
  EXPECT_EQ(gemm->tiling, tiling);
  EXPECT_EQ(gemm->winogradTile, 0);
  EXPECT_EQ(gemm->microseconds, 12.5);
  ASSERT_TRUE(read->find("znver5", "kern.conv"));
  EXPECT_EQ(read->find("znver5", "kern.conv")->winogradTile, 4);
  EXPECT_FALSE(read->find("x86-64-v3", "kern.conv"));
  EXPECT_FALSE(read->find("znver5", "kern"));
}

TEST_F(TuningTest, WrongTexts) {
  EXPECT_NE(problem("").find("expected JSON"), std::string::npos);
  EXPECT_NE(problem("[1").find("expected JSON"), std::string::npos);
  EXPECT_NE(problem("[]").find("\"version\": 1"), std::string::npos);
  EXPECT_NE(problem("{\"version\": 2}").find("\"version\": 1"),
            std::string::npos);
  EXPECT_NE(problem("{\"version\": 1}").find("array \"entries\""),
            std::string::npos);
  EXPECT_NE(problem("{\"version\": 1, \"entries\": [7]}").find("entry 0"),
            std::string::npos);
  EXPECT_NE(problem("{\"version\": 1, \"entries\": [{\"key\": \"k\"}]}")
                .find("entry 0"),
            std::string::npos);
  EXPECT_EQ(problem("{\"version\": 1, \"entries\": []}"), "");
}

TEST_F(TuningTest, WrongNumbers) {
  auto entry = [](StringRef rows) {
    return ("{\"version\": 1, \"entries\": [{\"target\": \"t\", \"key\": "
            "\"k\", "
            "\"winograd_tile\": 0, \"lanes\": 8, \"vectors\": 2, \"m_block\": "
            "0, \"n_block\": 0, \"k_block\": 0" +
            rows + "}]}")
        .str();
  };
  EXPECT_EQ(problem(entry(", \"rows\": 6")), "");
  for (StringRef rows : {"", ", \"rows\": -1", ", \"rows\": \"6\"",
                         ", \"rows\": 1.5", ", \"rows\": 0"})
    EXPECT_NE(problem(entry(rows)).find("entry 0"), std::string::npos)
        << rows.str();
}

TEST_F(TuningTest, NoFile) {
  llvm::Expected<TuningTable> table =
      TuningTable::load(&context, "/there/is/no/such/file");
  ASSERT_FALSE(bool(table));
  EXPECT_NE(llvm::toString(table.takeError()).find("cannot read tuning file"),
            std::string::npos);
}

} // namespace
