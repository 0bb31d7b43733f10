//===----------------------------------------------------------------------===//
// Batches of samples on an executable that tells what it was given.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Batches.h"

#include <gtest/gtest.h>

using namespace nncrun;
using nncio::ElementType;
using nncio::Tensor;

namespace {
/// Gives its first input back, and remembers the first dimension of each run.
class Echo : public Executable {
public:
  explicit Echo(std::vector<std::vector<int64_t>> dims) {
    for (size_t i = 0; i < dims.size(); ++i) {
      ValueInfo info;
      info.name = "x" + std::to_string(i);
      info.type = ElementType::F32;
      info.dims = dims[i];
      info.dimNames.resize(dims[i].size());
      description.inputs.push_back(info);
    }
    description.outputs.push_back(description.inputs[0]);
  }
  const Signature &signature() const override { return description; }
  nncio::Result<Tensors> run(const Tensors &inputs) override {
    const std::string problem = checkInputs(description, inputs);
    if (!problem.empty())
      return nncio::Result<Tensors>::failure(problem);
    batches.push_back(inputs[0].shape()[0]);
    return Tensors{inputs[0]};
  }
  void setProfile(std::vector<KernelEvent> *) override {}

  std::vector<int64_t> batches;

private:
  Signature description;
};
} // namespace

static Tensor count(int64_t rows, int64_t width) {
  std::vector<double> values;
  for (int64_t i = 0; i < rows * width; ++i)
    values.push_back(double(i));
  return Tensor::fromDoubles(ElementType::F32, {rows, width}, values);
}

TEST(Batches, fixedSizeIsFilledUpAndCutAgain) {
  Echo echo({{2, 3}});
  nncio::Result<BatchRun> run = runBatches(echo, {count(5, 3)}, 64);
  ASSERT_TRUE(run) << run.error();
  EXPECT_EQ(echo.batches, (std::vector<int64_t>{2, 2, 2}));
  EXPECT_EQ(run->outputs[0].shape(), (std::vector<int64_t>{5, 3}));
  EXPECT_EQ(run->outputs[0].toDoubles(), count(5, 3).toDoubles());
  EXPECT_EQ(run->milliseconds.size(), 3u);
}

TEST(Batches, freeSizeIsLimited) {
  Echo echo({{-1, 3}});
  nncio::Result<BatchRun> run = runBatches(echo, {count(5, 3)}, 4);
  ASSERT_TRUE(run) << run.error();
  EXPECT_EQ(echo.batches, (std::vector<int64_t>{4, 1}));
  EXPECT_EQ(run->outputs[0].toDoubles(), count(5, 3).toDoubles());
}

TEST(Batches, oneSampleIsOneRun) {
  Echo echo({{1, 3}});
  ASSERT_TRUE(runBatches(echo, {count(1, 3)}, 64));
  EXPECT_EQ(echo.batches, std::vector<int64_t>{1});
}

TEST(Batches, otherInputsGoToEachRun) {
  Echo echo({{2, 3}, {7}});
  const Tensor table = Tensor(ElementType::F32, {7});
  ASSERT_TRUE(runBatches(echo, {count(4, 3), table}, 64));
  EXPECT_EQ(echo.batches, (std::vector<int64_t>{2, 2}));
}

TEST(Batches, failuresAreTold) {
  Echo sizes({{2, 3}, {3}});
  EXPECT_FALSE(
      runBatches(sizes, {count(6, 3), Tensor(ElementType::F32, {6})}, 64));
  Echo none({{-1, 3}});
  EXPECT_FALSE(runBatches(none, {count(0, 3)}, 64));
  Echo width({{-1, 4}});
  EXPECT_FALSE(runBatches(width, {count(2, 3)}, 64));
}

TEST(Batches, medianOfEvenAndOddCounts) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({4, 1, 3}), 3);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
}
