//===----------------------------------------------------------------------===//
// Values of a module as they are when it runs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Observe.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Reference/Interpreter.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct ObserveTest : testing::Test {
  ObserveTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  OwningOpRef<ModuleOp> parse(StringRef text) {
    return parseSourceString<ModuleOp>(text, &context);
  }

  static DataSet makeData(std::vector<int64_t> shape,
                          const std::vector<double> &numbers) {
    DataSet data;
    data.sets.emplace_back();
    data.sets[0].inputs.push_back(nncio::Tensor::fromDoubles(
        nncio::ElementType::F32, std::move(shape), numbers));
    return data;
  }

  MLIRContext context;
};

constexpr const char *twoSteps = R"(
  func.func @main(%x: tensor<?x2xf32> {nn.name = "x"}) -> (tensor<?x2xf32> {nn.name = "y"})
      attributes {nn.entry} {
    %c = nn.constant dense<2.0> : tensor<f32>
    %0 = nn.mul %x, %c : tensor<?x2xf32>, tensor<f32> -> tensor<?x2xf32>
    %1 = nn.relu %0 : tensor<?x2xf32> -> tensor<?x2xf32>
    return %1 : tensor<?x2xf32>
  }
)";

TEST_F(ObserveTest, GivesValuesOfBatchesInOrder) {
  OwningOpRef<ModuleOp> module = parse(twoSteps);
  ASSERT_TRUE(module);
  Block &block = findEntry(*module).getBody().front();
  Value product = std::next(block.begin())->getResult(0);
  DataSet data = makeData({3, 2}, {1, -1, 2, -2, 3, -3});
  data.batch = 2;
  EXPECT_EQ(data.countSamples(), 3);
  std::vector<std::vector<double>> seen[3];
  llvm::Error error = observe(*module, {product, block.getArgument(0), product},
                              data, [&](size_t i, const nncio::Tensor &tensor) {
                                seen[i].push_back(tensor.toDoubles());
                                return llvm::Error::success();
                              });
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  using Batches = std::vector<std::vector<double>>;
  EXPECT_EQ(seen[0], (Batches{{2, -2, 4, -4}, {6, -6}}));
  EXPECT_EQ(seen[1], (Batches{{1, -1, 2, -2}, {3, -3}}));
  EXPECT_EQ(seen[2], seen[0]);
  // The module is as before.
  EXPECT_EQ(findEntry(*module).getNumResults(), 1u);
}

TEST_F(ObserveTest, ErrorsOfTheVisitorEndTheRun) {
  OwningOpRef<ModuleOp> module = parse(twoSteps);
  Block &block = findEntry(*module).getBody().front();
  int calls = 0;
  llvm::Error error =
      observe(*module, {block.getArgument(0)}, makeData({1, 2}, {1, 2}),
              [&](size_t, const nncio::Tensor &) {
                ++calls;
                return llvm::createStringError("enough");
              });
  EXPECT_EQ(llvm::toString(std::move(error)), "enough");
  EXPECT_EQ(calls, 1);
}

TEST_F(ObserveTest, RefusesValuesInsideOfControlFlow) {
  OwningOpRef<ModuleOp> module = parse(R"(
    func.func @main(%x: tensor<2xf32>, %c: i1) -> tensor<2xf32> attributes {nn.entry} {
      %0 = scf.if %c -> tensor<2xf32> {
        %1 = nn.relu %x : tensor<2xf32> -> tensor<2xf32>
        scf.yield %1 : tensor<2xf32>
      } else {
        scf.yield %x : tensor<2xf32>
      }
      return %0 : tensor<2xf32>
    }
  )");
  Operation &branch = findEntry(*module).getBody().front().front();
  Value inner = branch.getRegion(0).front().front().getResult(0);
  llvm::Expected<Observer> observer = Observer::create(*module, {inner});
  ASSERT_FALSE(bool(observer));
  EXPECT_EQ(llvm::toString(observer.takeError()),
            "a value inside of control flow can't be observed");
}

TEST_F(ObserveTest, GivesTheResultsOfTheModel) {
  OwningOpRef<ModuleOp> module = parse(twoSteps);
  Block &block = findEntry(*module).getBody().front();
  llvm::Expected<Observer> observer =
      Observer::create(*module, {block.getArgument(0)});
  ASSERT_TRUE(bool(observer));
  DataSet data = makeData({3, 2}, {1, -1, 2, -2, 3, -3});
  auto outputs = observer->compute(data.sets[0], 2);
  ASSERT_TRUE(bool(outputs));
  ASSERT_EQ(outputs->size(), 1u);
  EXPECT_EQ((*outputs)[0].toDoubles(), (std::vector<double>{2, 0, 4, 0, 6, 0}));
}
} // namespace
