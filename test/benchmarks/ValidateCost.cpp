//===----------------------------------------------------------------------===//
// Compares predictions with measurements, and fits the one to the other.
//
//   nnc-validate-cost [--run-threads=N] [--target=NAME|FILE.json]
//       [--report-apart=A,B,…] [--fit] [--out=TARGET.json] FOLDER
//
// FOLDER holds, for each model M, the schedule M.mlir and the JSON of `nnc
// bench
// --report` of several rounds, M.tN.rK.json, for N threads.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FitCost.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "nnc/CostModel/ScheduleCost.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::nnc;
namespace cl = llvm::cl;

static cl::opt<std::string> folder(cl::Positional, cl::Required,
                                   cl::desc("FOLDER"));
static cl::opt<int> threads("run-threads", cl::init(1),
                            cl::desc("threads of the measurements"));
static cl::opt<std::string> targetName("target", cl::init("emeraldrapids"),
                                       cl::desc("a known target or a file"));
static cl::list<std::string>
    fitted("report-apart", cl::CommaSeparated,
           cl::desc("models that coefficients are, or were, fitted to"));
static cl::opt<bool> doFit("fit", cl::desc("fit coefficients to them"));
static cl::opt<std::string> out("out", cl::desc("write the fitted target"));
static cl::opt<bool> verbose("kernels", cl::desc("print every kernel"));
static cl::list<std::string> skipped("skip", cl::CommaSeparated,
                                     cl::desc("models to leave out"));

namespace {
/// A kernel with its measurements.
struct Kernel {
  std::string model, name, family;
  FitSample sample;
  double predicted = 0;
  double again = 0; ///< Measured in another round.
};

struct Model {
  std::string name;
  bool isFitted = false;
  double measured = 0, again = 0; ///< Microseconds of a run.
  double predicted = 0;
  std::vector<Kernel> kernels;
};

/// Errors of predictions.
struct Errors {
  std::vector<std::pair<double, double>> pairs; ///< Predicted, measured.

  void add(double predicted, double measured) {
    pairs.emplace_back(predicted, measured);
  }
  double mape() const {
    double sum = 0;
    for (auto [p, m] : pairs)
      sum += std::fabs(p - m) / m;
    return pairs.empty() ? 0 : sum / double(pairs.size());
  }
  /// Each by how long it takes.
  double weighted() const {
    double sum = 0, all = 0;
    for (auto [p, m] : pairs) {
      sum += std::fabs(p - m);
      all += m;
    }
    return all > 0 ? sum / all : 0;
  }
  double within(double share) const {
    size_t count = llvm::count_if(pairs, [&](auto pair) {
      return std::fabs(pair.first - pair.second) <= share * pair.second;
    });
    return pairs.empty() ? 0 : double(count) / double(pairs.size());
  }
  double spearman() const;
};
} // namespace

static std::vector<double> getRanks(const std::vector<double> &values) {
  std::vector<size_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  llvm::sort(order, [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t i = 0; i < order.size(); ++i)
    ranks[order[i]] = double(i);
  return ranks;
}

double Errors::spearman() const {
  std::vector<double> predicted, measured;
  for (auto [p, m] : pairs) {
    predicted.push_back(p);
    measured.push_back(m);
  }
  predicted = getRanks(predicted);
  measured = getRanks(measured);
  double n = double(pairs.size()), sum = 0;
  for (size_t i = 0; i < pairs.size(); ++i)
    sum += (predicted[i] - measured[i]) * (predicted[i] - measured[i]);
  return n < 2 ? 1 : 1 - 6 * sum / (n * (n * n - 1));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// The least of several rounds, and of the others.
struct Measured {
  std::vector<double> rounds;
  double least() const { return *llvm::min_element(rounds); }
  /// The least of every second round, and of the others: what measuring again
  /// would have given.
  std::pair<double, double> halves() const {
    double a = INFINITY, b = INFINITY;
    for (size_t i = 0; i < rounds.size(); ++i)
      (i % 2 ? b : a) = std::min(i % 2 ? b : a, rounds[i]);
    return {a, rounds.size() > 1 ? b : a};
  }
};
struct Measurements {
  llvm::StringMap<Measured> kernels;
  Measured run;
};
} // namespace

static bool readRound(StringRef path, Measurements &into) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return false;
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse((*buffer)->getBuffer());
  if (!value) {
    llvm::consumeError(value.takeError());
    return false;
  }
  const auto *results = value->getAsObject()->getArray("results");
  const llvm::json::Object &result = *results->front().getAsObject();
  into.run.rounds.push_back(result.getNumber("min_ms").value_or(0) * 1000);
  for (const llvm::json::Value &entry : *result.getArray("kernels")) {
    const llvm::json::Object &kernel = *entry.getAsObject();
    std::optional<double> us = kernel.getNumber("min_us");
    if (!us)
      us = kernel.getNumber("median_us");
    into.kernels[*kernel.getString("name")].rounds.push_back(us.value_or(0));
  }
  return true;
}

/// What a kernel mainly is: its contraction, else its first op.
static std::string getFamily(nn::KernelOp kernel) {
  std::string family;
  for (Operation &op : kernel.getBody().front()) {
    if (op.hasTrait<OpTrait::ConstantLike>() ||
        op.hasTrait<OpTrait::IsTerminator>())
      continue;
    StringRef name = op.getName().getStringRef();
    if (isa<kern::EpilogueOpInterface>(op))
      return name.str();
    if (family.empty() && name.starts_with("nn."))
      family = name.str();
  }
  return family;
}

static bool readModel(MLIRContext &context, StringRef name, Model &model,
                      const CostModel &plain) {
  Measurements measured;
  for (int round = 1;; ++round) {
    std::string path =
        llvm::formatv("{0}/{1}.t{2}.r{3}.json", folder, name, threads, round);
    if (!readRound(path, measured))
      break;
  }
  if (measured.run.rounds.empty())
    return false;
  auto module = parseSourceFile<ModuleOp>(
      llvm::formatv("{0}/{1}.mlir", folder, name).str(), &context);
  if (!module)
    return false;
  model.name = name.str();
  model.isFitted = llvm::is_contained(fitted, name);
  std::tie(model.measured, model.again) = measured.run.halves();
  for (auto function : module->getOps<func::FuncOp>())
    for (auto &[kernel, cost] : estimateSchedule(function, plain).kernels) {
      auto found = measured.kernels.find(kernel.getName());
      if (!cost.us || found == measured.kernels.end() ||
          found->second.least() <= 0)
        continue;
      auto [first, again] = found->second.halves();
      double least = found->second.least();
      model.kernels.push_back({name.str(),
                               kernel.getName().str(),
                               getFamily(kernel),
                               {cost.terms, least, 1},
                               0,
                               std::max(first, again)});
    }
  return !model.kernels.empty();
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

static void printErrors(StringRef name, const Errors &errors,
                        const Errors &noise) {
  llvm::outs() << llvm::formatv(
      "| {0,-28} | {1,5} | {2,7:P1} | {3,7:P1} | {4,7:P1} | {5,7:F3} | "
      "{6,7:P1} |\n",
      name, errors.pairs.size(), errors.mape(), errors.weighted(),
      errors.within(0.1), errors.spearman(), noise.mape());
}

static void printHeader(StringRef title) {
  llvm::outs() << llvm::formatv(
      "\n| {0,-28} | count |    MAPE | by time |  in 10% | Spearm. |   noise "
      "|\n| --- | --- | --- | --- | --- | --- | --- |\n",
      title);
}

/// Kernels of less than this many microseconds are mostly the clock.
static constexpr double leastUs = 1;

static void printSet(ArrayRef<Model> models, bool isFitted) {
  printHeader(isFitted ? "fitted" : "not fitted");
  llvm::MapVector<StringRef, std::pair<Errors, Errors>> families;
  Errors kernels, kernelNoise, whole, wholeNoise;
  for (const Model &model : models) {
    if (model.isFitted != isFitted)
      continue;
    whole.add(model.predicted, std::min(model.measured, model.again));
    wholeNoise.add(model.again, model.measured);
    for (const Kernel &kernel : model.kernels) {
      double measured = kernel.sample.measured;
      if (measured < leastUs)
        continue;
      kernels.add(kernel.predicted, measured);
      kernelNoise.add(kernel.again, measured);
      auto &[errors, noise] = families[kernel.family];
      errors.add(kernel.predicted, measured);
      noise.add(kernel.again, measured);
    }
  }
  for (auto &[family, errors] : families)
    printErrors(family, errors.first, errors.second);
  printErrors("all kernels of 1 us or more", kernels, kernelNoise);
  printErrors("whole models", whole, wholeNoise);
}

static void printModels(ArrayRef<Model> models) {
  llvm::outs() << "\n| model | fitted | kernels | measured us | predicted us | "
                  "ratio |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const Model &model : models) {
    double measured = std::min(model.measured, model.again);
    llvm::outs() << llvm::formatv(
        "| {0} | {1} | {2} | {3:F1} | {4:F1} | {5:F2} |\n", model.name,
        model.isFitted ? "yes" : "no", model.kernels.size(), measured,
        model.predicted, model.predicted / measured);
  }
}

static void printKernels(ArrayRef<Model> models) {
  for (const Model &model : models)
    for (const Kernel &kernel : model.kernels) {
      llvm::outs() << llvm::formatv(
          "{0,10:F2} {1,10:F2} {2,6:F2} {3,-18} {4} {5}:",
          kernel.sample.measured, kernel.predicted,
          kernel.predicted / kernel.sample.measured, kernel.family, model.name,
          kernel.name);
      for (unsigned i = 0; i < numCostTerms; ++i)
        if (kernel.sample.terms[i] > 0.005)
          llvm::outs() << llvm::formatv(" {0}={1:F2}",
                                        stringifyCostTerm(CostTerm(i)),
                                        kernel.sample.terms[i]);
      llvm::outs() << "\n";
    }
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

static std::vector<std::string> listModels() {
  std::vector<std::string> names;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), end;
       it != end && !error; it.increment(error))
    if (llvm::sys::path::extension(it->path()) == ".mlir")
      names.push_back(llvm::sys::path::stem(it->path()).str());
  llvm::sort(names);
  return names;
}

/// Each model counts alike, within it kernels by the root of their time.
static CostCoefficients fit(std::vector<Model> &models,
                            const CostCoefficients &start) {
  std::vector<FitSample> samples;
  for (Model &model : models) {
    if (!model.isFitted)
      continue;
    double sum = 0;
    for (Kernel &kernel : model.kernels)
      sum += std::sqrt(kernel.sample.measured);
    for (Kernel &kernel : model.kernels) {
      kernel.sample.weight = std::sqrt(kernel.sample.measured) / sum +
                             0.5 / double(model.kernels.size());
      if (kernel.sample.measured >= 0.1)
        samples.push_back(kernel.sample);
    }
  }
  return fitCoefficients(samples, start);
}

static void tellCoefficients(const CostCoefficients &c,
                             hw::TargetDescription &target) {
  for (unsigned i = 0; i < numCostTerms; ++i)
    target.coefficients[stringifyCostTerm(CostTerm(i)).str()] = c.terms[i];
  target.coefficients["overlap"] = c.overlap;
  target.coefficients["sharing"] = c.sharing;
  target.coefficients["low"] = c.low;
  target.coefficients["high"] = c.high;
  for (const auto &[name, value] : target.coefficients)
    llvm::outs() << llvm::formatv("{{\"{0}\", {1:F3}},\n", name, value);
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv);
  DialectRegistry registry;
  // What schedules hold.
  registry.insert<arith::ArithDialect, func::FuncDialect, hw::HWDialect,
                  kern::KernDialect, math::MathDialect, nn::NNDialect,
                  scf::SCFDialect, tensor::TensorDialect>();
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  OwningOpRef<ModuleOp> empty = ModuleOp::create(UnknownLoc::get(&context));
  hw::TargetAttr target = hw::findTarget(*empty, targetName);
  if (!target)
    return 1;
  hw::TargetDescription description = *hw::findDescription("emeraldrapids");
  if (hw::isTargetFile(targetName))
    description = llvm::cantFail(hw::TargetDescription::load(targetName));
  else
    description = *hw::findDescription(targetName);
  hw::TargetDescription plain = description;
  for (unsigned i = 0; i < numCostTerms; ++i)
    plain.coefficients[stringifyCostTerm(CostTerm(i)).str()] = 1;
  CostModel model(plain.getAttr(&context), threads);
  std::vector<Model> models;
  for (const std::string &name : listModels()) {
    Model one;
    if (!llvm::is_contained(skipped, name) &&
        readModel(context, name, one, model))
      models.push_back(std::move(one));
  }
  CostCoefficients c = CostCoefficients::get(target);
  if (doFit)
    c = fit(models, c);
  for (Model &one : models)
    for (Kernel &kernel : one.kernels)
      one.predicted += kernel.predicted = predictSample(kernel.sample, c);
  if (verbose)
    printKernels(models);
  if (doFit)
    tellCoefficients(c, description);
  if (!out.empty()) {
    std::error_code error;
    llvm::raw_fd_ostream file(out, error);
    file << description.toJson();
  }
  printModels(models);
  if (!fitted.empty())
    printSet(models, true);
  printSet(models, false);
  return 0;
}
