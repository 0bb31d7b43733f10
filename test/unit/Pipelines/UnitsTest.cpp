//===----------------------------------------------------------------------===//
// Compiled kernels give the same bits however their work units are handed out:
// one by one, in any order, to any number of threads.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Runtime/nncrt.h"
#include "nnc/Target/CPU/JITModel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

using namespace mlir;
using namespace mlir::nnc;

namespace {

/// Runs the last task first, in the caller.
void runBackwards(void *, int32_t count, void (*task)(void *, int32_t),
                  void *data) {
  for (int32_t i = count; i-- > 0;)
    task(data, i);
}

/// Runs every task in a thread of its own.
void runTogether(void *, int32_t count, void (*task)(void *, int32_t),
                 void *data) {
  std::vector<std::thread> threads;
  for (int32_t i = 0; i < count; ++i)
    threads.emplace_back(task, data, i);
  for (std::thread &thread : threads)
    thread.join();
}

/// A module compiled with units of this much work.
class Program {
public:
  Program(const std::string &text, int64_t unitWork)
      : context(makeRegistry(), MLIRContext::Threading::DISABLED) {
    module = parseSourceString<ModuleOp>(text, &context);
    CompilerOptions options;
    options.unitWork = unitWork;
    if (!module ||
        failed(runPhases(*module, Phase::Import, Phase::LLVM, options)))
      return;
    llvm::Expected<TargetOptions> target = resolveTarget("host");
    if (!target) {
      ADD_FAILURE() << llvm::toString(target.takeError());
      return;
    }
    target->prefix = "units";
    auto made = JITModel::create(*module, *target);
    if (made)
      jit = std::move(*made);
    else
      ADD_FAILURE() << llvm::toString(made.takeError());
  }

  /// The only output for these inputs, all float.
  std::vector<float> run(std::vector<nnc_value> inputs, int32_t threads,
                         nnc_executor executor) {
    nnc_context_options options{};
    options.struct_size = sizeof options;
    options.threads = threads;
    options.executor = executor;
    nnc_context *context = nullptr;
    nnc_error error{};
    if (!jit || nncrt_context_create(jit->tables(), &options, &context, &error))
      return {};
    nnc_value output{};
    std::vector<float> result;
    if (nnc_context_run(context, 0, inputs.data(), inputs.size(), &output, 1,
                        &error) == NNC_OK) {
      auto *data = static_cast<const float *>(output.data);
      result.assign(data, data + output.bytes / sizeof(float));
    } else {
      ADD_FAILURE() << error.message;
    }
    nnc_context_destroy(context);
    return result;
  }

  /// Null if the module did not compile.
  const nncrt_model *tables() const { return jit ? jit->tables() : nullptr; }

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<JITModel> jit;
};

struct Input {
  std::vector<float> data;
  nnc_value value{};

  Input(std::initializer_list<int64_t> dims, uint32_t seed) {
    int64_t count = 1;
    value.kind = NNC_TENSOR;
    value.type = NNC_FLOAT32;
    value.rank = static_cast<int32_t>(dims.size());
    int32_t axis = 0;
    for (int64_t dim : dims) {
      value.dims[axis++] = dim;
      count *= dim;
    }
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-2, 2);
    for (int64_t i = 0; i < count; ++i)
      data.push_back(uniform(random));
    value.data = data.data();
    value.bytes = data.size() * sizeof(float);
  }
};

/// Many units on 1, 2, 3 and 5 threads against one unit.
void expectSame(const std::string &text, std::vector<nnc_value> inputs) {
  Program whole(text, int64_t(1) << 40), cut(text, 50);
  ASSERT_TRUE(whole.tables() && cut.tables());
  std::vector<float> expected = whole.run(inputs, 1, nullptr);
  ASSERT_FALSE(expected.empty());
  for (int32_t threads : {1, 2, 3, 5}) {
    SCOPED_TRACE(threads);
    EXPECT_EQ(cut.run(inputs, threads, nullptr), expected);
    EXPECT_EQ(cut.run(inputs, threads, runBackwards), expected);
    EXPECT_EQ(cut.run(inputs, threads, runTogether), expected);
  }
}

std::string makeModule(const std::string &signature, const std::string &body) {
  return "module attributes {nn.version = 1 : i64} {\nfunc.func @main(" +
         signature + " attributes {nn.entry} {\n" + body + "\n}\n}";
}

TEST(Units, Softmax) {
  Input x({7, 61}, 1);
  expectSame(makeModule("%x: tensor<7x61xf32> {nn.name = \"x\"}) -> "
                        "(tensor<7x61xf32> {nn.name = \"y\"})",
                        "%0 = nn.softmax soft %x axis 1 : tensor<7x61xf32> -> "
                        "tensor<7x61xf32>\n"
                        "return %0 : tensor<7x61xf32>"),
             {x.value});
}

/// The first axis: rows of the input belong to no unit.
TEST(Units, SoftmaxOverTheFirstAxis) {
  Input x({7, 61}, 2);
  expectSame(makeModule("%x: tensor<7x61xf32> {nn.name = \"x\"}) -> "
                        "(tensor<7x61xf32> {nn.name = \"y\"})",
                        "%0 = nn.softmax soft %x axis 0 : tensor<7x61xf32> -> "
                        "tensor<7x61xf32>\n"
                        "return %0 : tensor<7x61xf32>"),
             {x.value});
}

TEST(Units, ProductOfDynamicSizes) {
  for (int64_t rows : {1, 2, 19}) {
    Input a({rows, 31}, 3), b({31, 70}, 4);
    expectSame(
        makeModule("%a: tensor<?x31xf32> {nn.name = \"a\"}, "
                   "%b: tensor<31x70xf32> {nn.name = \"b\"}) -> "
                   "(tensor<?x70xf32> {nn.name = \"y\"})",
                   "%0 = nn.matmul %a, %b : tensor<?x31xf32>, "
                   "tensor<31x70xf32> -> tensor<?x70xf32>\n"
                   "%1 = nn.softmax soft %0 axis 1 : tensor<?x70xf32> -> "
                   "tensor<?x70xf32>\n"
                   "return %1 : tensor<?x70xf32>"),
        {a.value, b.value});
  }
}

TEST(Units, ConvolutionWithPadding) {
  Input x({1, 3, 17, 13}, 5), w({5, 3, 3, 3}, 6);
  expectSame(
      makeModule("%x: tensor<1x3x17x13xf32> {nn.name = \"x\"}, "
                 "%w: tensor<5x3x3x3xf32> {nn.name = \"w\"}) -> "
                 "(tensor<1x5x17x13xf32> {nn.name = \"y\"})",
                 "%0 = nn.conv %x, %w strides [1, 1] dilations [1, 1] pads "
                 "[1, 1, 1, 1] : tensor<1x3x17x13xf32>, tensor<5x3x3x3xf32> "
                 "-> tensor<1x5x17x13xf32>\n"
                 "%1 = nn.relu %0 : tensor<1x5x17x13xf32> -> "
                 "tensor<1x5x17x13xf32>\n"
                 "return %1 : tensor<1x5x17x13xf32>"),
      {x.value, w.value});
}

} // namespace
