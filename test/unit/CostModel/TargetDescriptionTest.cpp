//===----------------------------------------------------------------------===//
// Descriptions of machines as files: what is written reads back, and what no
// machine has is refused.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::nnc;

namespace {

std::string errorOf(StringRef json) {
  llvm::Expected<hw::TargetDescription> target =
      hw::TargetDescription::parse(json);
  return target ? "" : llvm::toString(target.takeError());
}

TEST(TargetDescriptionTest, EveryRowReadsBack) {
  MLIRContext context;
  context.loadDialect<hw::HWDialect>();
  for (StringRef name : hw::getKnownTargetNames()) {
    hw::TargetDescription row = *hw::findDescription(name);
    row.coefficients["launch"] = 1.25;
    llvm::Expected<hw::TargetDescription> read =
        hw::TargetDescription::parse(row.toJson());
    ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->getAttr(&context), row.getAttr(&context)) << name.str();
    EXPECT_EQ(read->instructions.rounding, row.instructions.rounding);
    EXPECT_EQ(read->instructions.scaling, row.instructions.scaling);
  }
}

TEST(TargetDescriptionTest, RowsAreMachines) {
  MLIRContext context;
  context.loadDialect<hw::HWDialect>();
  for (StringRef name : hw::getKnownTargetNames()) {
    hw::TargetAttr target = hw::getKnownTarget(&context, name);
    SCOPED_TRACE(name.str());
    EXPECT_GT(target.getClockGHz(), 0.5);
    EXPECT_LT(target.getClockGHz(), 8);
    EXPECT_GT(target.getDramGbps(), 0);
    EXPECT_GE(target.getDramGbpsAll(), target.getDramGbps());
    EXPECT_GE(target.getCores(), 1u);
    // Peak: lanes, ports and clock, twice where a multiply-add is one.
    double peak = double(target.getVectorBits()) / 32 * target.getFmaPorts() *
                  target.getClockGHz() * (target.getFma() ? 2 : 1);
    EXPECT_NEAR(target.getGflops() / peak, 1, 0.1);
  }
}

TEST(TargetDescriptionTest, BaseGivesWhatIsAbsent) {
  llvm::Expected<hw::TargetDescription> target = hw::TargetDescription::parse(
      R"({"version": 1, "base": "znver5", "dram_gbps": 77})");
  ASSERT_TRUE(bool(target));
  EXPECT_EQ(target->name, "znver5");
  EXPECT_EQ(target->dramGbps, 77);
  EXPECT_EQ(target->l2KiB, 1024);
}

TEST(TargetDescriptionTest, RefusesWhatNoMachineHas) {
  EXPECT_NE(errorOf("no").find("expected JSON"), std::string::npos);
  EXPECT_EQ(errorOf("[]"),
            "target description: expected an object with \"version\": 1");
  EXPECT_EQ(errorOf(R"({"version": 1})"),
            "target description: expected a name");
  auto with = [](const char *field) {
    return errorOf(std::string(R"({"version": 1, "name": "a", )") + field +
                   "}");
  };
  EXPECT_EQ(with(R"("speed": 1)"), "target description: unknown field 'speed'");
  for (const char *field :
       {R"("gflops": -1)", R"("gflops": "x")", R"("l2_kib": 0)",
        R"("l2_kib": 1.5)", R"("cores": -4)", R"("fma": 1)"})
    EXPECT_NE(with(field).find("is none that a machine has"), std::string::npos)
        << field;
  EXPECT_EQ(with(R"("vector_bits": 100)"),
            "target description: expects vector_bits to be a multiple of 64 up "
            "to 2048");
  EXPECT_EQ(with(R"("base": "z80")"),
            "target description: base 'z80' is no known target");
  EXPECT_EQ(with(R"("coefficients": 1)"),
            "target description: expects coefficients to be an object");
  EXPECT_EQ(with(R"("coefficients": {"launch": -1})"),
            "target description: expects coefficient 'launch' to be a number "
            "of 0 to 1e6");
  llvm::Expected<hw::TargetDescription> none =
      hw::TargetDescription::load("/nowhere/none.json");
  ASSERT_FALSE(bool(none));
  EXPECT_NE(llvm::toString(none.takeError()).find("cannot read"),
            std::string::npos);
}

} // namespace
