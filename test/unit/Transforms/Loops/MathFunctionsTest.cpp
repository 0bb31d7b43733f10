//===----------------------------------------------------------------------===//
// The elementary functions of compiled code against those of the C library in
// f64: every number of the environment variable NNC_MATH_STEP, 997 by default,
// among all f32; 1 tests all of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "mlir/Parser/Parser.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Target/CPU/JITModel.h"
#include "nnc/Transforms/Passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::nnc;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

float fromBits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

/// |got - want| in units of the last place of `want` as an f32; infinite where
/// NaN, an infinity or the sign of a zero is wrong.
double errorInUlp(float got, double want) {
  if (std::isnan(want) || std::isnan(got))
    return std::isnan(want) && std::isnan(got) ? 0 : infinity;
  if (got == 0 && want == 0)
    return std::signbit(got) == std::signbit(want) ? 0 : infinity;
  // Counted on beyond the largest number, as if there were larger ones.
  constexpr double beyond = 0x1p128, least = 0x1p-149;
  auto finite = [&](double x) { return std::clamp(x, -beyond, beyond); };
  if (std::isinf(want) && !std::isinf(got))
    return infinity;
  int exponent;
  std::frexp(std::clamp(std::abs(want), least, 0x1.fffffep127), &exponent);
  double ulp = std::max(std::ldexp(1, exponent - 24), least);
  return std::abs(finite(got) - finite(want)) / ulp;
}

/// A function of the graph, whose scalar function may be another one.
struct Subject {
  const char *name;
  /// The graph's op, and the op of the math dialect that takes the place of
  /// its; empty to keep it.
  const char *graphOp, *mathOp;
  double (*reference)(double);
  /// In units in the last place.
  double bound;
};

double sigmoid(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
double swish(double x) { return x * sigmoid(x); }
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}
double rsqrt(double x) { return 1 / std::sqrt(x); }

const Subject subjects[] = {
    {"exp", "exp", "", std::exp, 1.5},
    {"exp2", "exp", "math.exp2", std::exp2, 1.5},
    {"expm1", "exp", "math.expm1", std::expm1, 2},
    {"tanh", "tanh", "", std::tanh, 3},
    {"erf", "erf", "", std::erf, 3},
    {"log", "log", "", std::log, 1.5},
    {"log1p", "log", "math.log1p", std::log1p, 2},
    {"log2", "log", "math.log2", std::log2, 0.6},
    {"log10", "log", "math.log10", std::log10, 0.6},
    {"cbrt", "exp", "math.cbrt", std::cbrt, 0.6},
    {"rsqrt", "exp", "math.rsqrt", rsqrt, 1.5},
    {"sinh", "sinh", "", std::sinh, 0.6},
    {"cosh", "cosh", "", std::cosh, 0.6},
    {"asinh", "asinh", "", std::asinh, 0.6},
    {"acosh", "acosh", "", std::acosh, 0.6},
    {"atanh", "atanh", "", std::atanh, 0.6},
    {"sin", "sin", "", std::sin, 0.6},
    {"cos", "cos", "", std::cos, 0.6},
    {"tan", "tan", "", std::tan, 0.6},
    {"asin", "asin", "", std::asin, 0.6},
    {"acos", "acos", "", std::acos, 0.6},
    {"atan", "atan", "", std::atan, 0.6},
    {"sigmoid", "sigmoid", "", sigmoid, 3},
    // x * e^x, where e^x is subnormal: up to 52 of its last places.
    {"swish", "swish", "", swish, 56},
    {"softplus", "softplus", "", softplus, 4},
    {"round", "round", "", std::nearbyint, 0},
    {"floor", "floor", "", std::floor, 0},
    {"ceil", "ceil", "", std::ceil, 0},
    {"trunc", "floor", "math.trunc", std::trunc, 0},
};

/// Compiled code of one function of the graph.
class Compiled {
public:
  Compiled() : context(makeRegistry(), MLIRContext::Threading::DISABLED) {}

  /// `text` is a module with one entry. Skips the test where code for `target`
  /// does not run.
  bool compile(const std::string &text, const std::string &target,
               const std::string &from = "", const std::string &to = "");
  std::vector<float> run(const std::vector<nncio::Tensor> &inputs);

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }

  MLIRContext context;
  std::shared_ptr<nncrun::CompiledModel> executable;
};

/// Replaces ops of one operand by others.
void replaceOps(ModuleOp module, StringRef from, StringRef to) {
  SmallVector<Operation *> found;
  module.walk([&](Operation *op) {
    if (op->getName().getStringRef() == from)
      found.push_back(op);
  });
  EXPECT_FALSE(found.empty()) << from.str();
  for (Operation *op : found) {
    OpBuilder builder(op);
    OperationState state(op->getLoc(), to, op->getOperands(),
                         op->getResultTypes());
    op->replaceAllUsesWith(builder.create(state));
    op->erase();
  }
}

bool Compiled::compile(const std::string &text, const std::string &target,
                       const std::string &from, const std::string &to) {
  llvm::Expected<TargetOptions> options = resolveTarget(target);
  if (!options) {
    llvm::consumeError(options.takeError());
    return false;
  }
  if (llvm::Error error = checkRunsHere(*options)) {
    llvm::consumeError(std::move(error));
    return false;
  }
  auto module = parseSourceString<ModuleOp>(text, &context);
  CompilerOptions compiler;
  compiler.target = options->machine;
  if (!module ||
      failed(runPhases(*module, Phase::Import, Phase::Loops, compiler))) {
    ADD_FAILURE() << text;
    return false;
  }
  if (!to.empty())
    replaceOps(*module, from, to);
  EXPECT_TRUE(
      succeeded(runPhases(*module, Phase::Loops, Phase::LLVM, compiler)));
  auto jit = JITModel::create(*module, *options);
  if (!jit) {
    ADD_FAILURE() << llvm::toString(jit.takeError());
    return false;
  }
  std::shared_ptr<JITModel> owner = std::move(*jit);
  auto wrapped = nncrun::CompiledModel::wrap(owner->tables(), owner, 1);
  if (!wrapped) {
    ADD_FAILURE() << wrapped.error();
    return false;
  }
  executable = *wrapped;
  return true;
}

nncio::Tensor makeTensor(const std::vector<float> &values) {
  nncio::Tensor tensor(nncio::ElementType::F32, {int64_t(values.size())});
  if (!values.empty())
    std::memcpy(tensor.mutableData(), values.data(),
                values.size() * sizeof(float));
  return tensor;
}

std::vector<float> Compiled::run(const std::vector<nncio::Tensor> &inputs) {
  auto outputs = executable->run(inputs);
  if (!outputs) {
    ADD_FAILURE() << outputs.error();
    return {};
  }
  const nncio::Tensor &result = outputs->at(0);
  std::vector<float> values(result.size());
  std::memcpy(values.data(), result.data(), values.size() * sizeof(float));
  return values;
}

std::string unaryModule(const std::string &op) {
  return R"mlir(
func.func @main(%x: tensor<?xf32> {nn.name = "x", nn.dim_names = ["n"]})
    -> (tensor<?xf32> {nn.name = "y"}) attributes {nn.entry} {
  %0 = nn.)mlir" +
         op + R"mlir( %x : tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
})mlir";
}

const float specials[] = {
    0.0f, -0.0f, INFINITY, -INFINITY, NAN, -NAN, 1.0f, -1.0f, 0x1p-149f,
    -0x1p-149f, 0x1p-126f, 0x1.fffffep127f, -0x1.fffffep127f, 0x1.fffffep-1f,
    0x1.000002p0f, 0.5f, -0.5f, 1.5f, 2.5f, 8388607.5f,
    // Near multiples of pi / 2.
    1.57079637f, 3.14159274f, 0x1.921fb6p+1f, 16367173.0f * 0x1p+72f,
    0x1.6ac5b2p+2f,
    // Where results overflow or vanish.
    88.7228394f, 88.7228317f, -103.972084f, -103.972076f, -87.3365448f,
    127.999992f, 128.0f, -149.5f, -150.0f, 89.4159851f};

uint64_t getStep() {
  const char *text = std::getenv("NNC_MATH_STEP");
  int64_t step = text ? std::atoll(text) : 997;
  return step < 1 ? 1 : step;
}

/// The worst error, and where.
struct Worst {
  double error = 0;
  float argument = 0, got = 0;

  void add(float x, float y, double want) {
    double error = errorInUlp(y, want);
    if (error > this->error)
      *this = {error, x, y};
  }
};

Worst measure(Compiled &code, double (*reference)(double)) {
  Worst worst;
  auto check = [&](const std::vector<float> &arguments) {
    std::vector<float> results = code.run({makeTensor(arguments)});
    ASSERT_EQ(results.size(), arguments.size());
    for (auto [x, y] : llvm::zip(arguments, results))
      worst.add(x, y, reference(x));
  };
  check(std::vector<float>(std::begin(specials), std::end(specials)));
  constexpr size_t chunk = 1 << 18;
  std::vector<float> arguments;
  uint64_t step = getStep();
  for (uint64_t bits = 0; bits < uint64_t(1) << 32; bits += step) {
    arguments.push_back(fromBits(uint32_t(bits)));
    if (arguments.size() == chunk) {
      check(arguments);
      arguments.clear();
    }
  }
  check(arguments);
  return worst;
}

class MathFunctions : public testing::TestWithParam<const char *> {};

TEST_P(MathFunctions, WithinBounds) {
  for (const Subject &subject : subjects) {
    Compiled code;
    if (!code.compile(unaryModule(subject.graphOp), GetParam(),
                      std::string("math.") + subject.graphOp, subject.mathOp))
      GTEST_SKIP() << "no code for " << GetParam() << " here";
    Worst worst = measure(code, subject.reference);
    std::printf("%-10s %-10s %6.3f ulp at %.9g\n", GetParam(), subject.name,
                worst.error, worst.argument);
    EXPECT_LE(worst.error, subject.bound)
        << subject.name << " of " << worst.argument << " gives " << worst.got
        << ", expects " << subject.reference(worst.argument);
  }
}

TEST_P(MathFunctions, Saturate) {
  for (const char *op : {"tanh", "erf", "sigmoid"}) {
    Compiled code;
    if (!code.compile(unaryModule(op), GetParam()))
      GTEST_SKIP() << "no code for " << GetParam() << " here";
    std::vector<float> arguments;
    for (int i = 0; i < 100000; ++i)
      arguments.push_back(2 + i * 1e-4f);
    arguments.push_back(INFINITY);
    std::vector<float> results = code.run({makeTensor(arguments)});
    for (auto [x, y] : llvm::zip(arguments, results))
      EXPECT_LE(y, 1) << op << " of " << x;
    EXPECT_EQ(results.back(), 1) << op;
  }
}

std::string powModule() {
  return R"mlir(
func.func @main(%x: tensor<?xf32> {nn.name = "x", nn.dim_names = ["n"]},
                %y: tensor<?xf32> {nn.name = "y", nn.dim_names = ["n"]})
    -> (tensor<?xf32> {nn.name = "z"}) attributes {nn.entry} {
  %0 = nn.pow %x, %y : tensor<?xf32>, tensor<?xf32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
})mlir";
}

/// Pairs of special numbers, then arguments whose powers are numbers of f32.
void makePowArguments(std::vector<float> &bases, std::vector<float> &powers) {
  const float more[] = {2, -2, 3, -3, 0.3f, -0.3f, 16777216, 33554432, -1e9f};
  SmallVector<float> all(std::begin(specials), std::end(specials));
  all.append(std::begin(more), std::end(more));
  for (float x : all)
    for (float y : all) {
      bases.push_back(x);
      powers.push_back(y);
    }
  uint64_t state = 1;
  auto next = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return uint32_t(state >> 32);
  };
  for (int i = 0; i < 1000000; ++i) {
    float x = fromBits(next() & 0x7fffffff), scale = next() * 0x1p-32f;
    bases.push_back(i % 4 ? x : -x);
    float y = 310 * (scale - 0.5f) / std::log2(x);
    powers.push_back(i % 4 ? y : std::round(y));
  }
}

TEST_P(MathFunctions, Pow) {
  Compiled code;
  if (!code.compile(powModule(), GetParam()))
    GTEST_SKIP() << "no code for " << GetParam() << " here";
  std::vector<float> bases, powers;
  makePowArguments(bases, powers);
  std::vector<float> results =
      code.run({makeTensor(bases), makeTensor(powers)});
  ASSERT_EQ(results.size(), bases.size());
  double worst = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    double want = std::pow(double(bases[i]), double(powers[i]));
    double error = errorInUlp(results[i], want);
    worst = std::max(worst, error);
    ASSERT_LE(error, 0.6) << bases[i] << " to the power " << powers[i]
                          << " gives " << results[i] << ", expects " << want;
  }
  std::printf("%-10s %-10s %6.3f ulp\n", GetParam(), "pow", worst);
}

TEST_P(MathFunctions, ConstantPow) {
  for (const char *exponent : {"2.0", "3.0", "0.5", "-0.5", "-1.0", "1.0"}) {
    Compiled code;
    std::string text = R"mlir(
func.func @main(%x: tensor<?xf32> {nn.name = "x", nn.dim_names = ["n"]})
    -> (tensor<?xf32> {nn.name = "z"}) attributes {nn.entry} {
  %y = nn.constant dense<)mlir" +
                       std::string(exponent) +
                       R"mlir(> : tensor<f32>
  %0 = nn.pow %x, %y : tensor<?xf32>, tensor<f32> -> tensor<?xf32>
  return %0 : tensor<?xf32>
})mlir";
    if (!code.compile(text, GetParam()))
      GTEST_SKIP() << "no code for " << GetParam() << " here";
    std::vector<float> arguments(std::begin(specials), std::end(specials));
    for (int i = 1; i < 1000; ++i)
      arguments.push_back(i * 0.037f - 10);
    std::vector<float> results = code.run({makeTensor(arguments)});
    for (auto [x, y] : llvm::zip(arguments, results))
      EXPECT_LE(errorInUlp(y, std::pow(double(x), std::atof(exponent))), 1.5)
          << x << " to the power " << exponent << " gives " << y;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, MathFunctions,
                         testing::Values("host", "x86-64", "x86-64-v3"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
