//===----------------------------------------------------------------------===//
// Lets weights be 0: blocks, patterns, single ones.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Masks.h"

#include "mlir/IR/Remarks.h"
#include "nnc/CostModel/Sparse.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

static remark::RemarkOpts getRemarkOpts() {
  return remark::RemarkOpts::name("Weights").category("nnc-prune");
}

bool mlir::nnc::isKeptByName(const LinearLayer &layer, const PruneStep &step) {
  std::string name = layer.getName();
  return llvm::any_of(step.keep, [&](const std::string &part) {
    return StringRef(name).contains(part);
  });
}

namespace {
/// What one layer loses at one sparsity.
struct Level {
  double sparsity;
  double error;   ///< Of the output's energy.
  double seconds; ///< Predicted; only ratios count.
};

/// A layer that is pruned.
struct Target {
  LinearLayer layer;
  WeightMatrix matrix;
  const Hessian *hessian;
  SmallVector<Level> levels;
  double chosen;
};

class WeightPruner {
public:
  WeightPruner(const PruneStep &step, hw::TargetAttr target)
      : step(step), target(target) {}

  llvm::Error run(ModuleOp module, const DataSet *data);

private:
  llvm::Error collect(func::FuncOp function);
  PruneMethod getMethod(const Hessian &hessian) const;
  double predict(const Target &own, double sparsity) const;
  void measureLevels(Target &own) const;
  void spread();
  double getTime(double weight);

  const PruneStep &step;
  hw::TargetAttr target;
  std::vector<Target> targets;
};
} // namespace

static const Hessian unknown;

/// A layer whose inputs are not known has nothing but its weights.
PruneMethod WeightPruner::getMethod(const Hessian &hessian) const {
  if (!hessian.isKnown())
    return PruneMethod::Magnitude;
  return step.method;
}

/// Layers with enough weights; others keep them, with a remark.
llvm::Error WeightPruner::collect(func::FuncOp function) {
  for (const LinearLayer &layer : LinearLayer::findAll(function)) {
    int64_t weights = layer.getDepth() * layer.getOutputs();
    auto refuse = [&](const std::string &why) {
      remark::missed(layer.getOp()->getLoc(), getRemarkOpts()) << why;
    };
    if (isKeptByName(layer, step)) {
      refuse("all weights stay: kept by name");
      continue;
    }
    if (weights < step.leastWeights) {
      refuse(llvm::formatv("all {0} weights stay: fewer than {1}", weights,
                           step.leastWeights)
                 .str());
      continue;
    }
    llvm::Expected<std::vector<float>> values = layer.readWeight();
    if (!values)
      return values.takeError();
    targets.push_back({layer,
                       {layer.getOutputs(), layer.getDepth(), *values},
                       &unknown,
                       {},
                       step.amount});
  }
  return llvm::Error::success();
}

/// Cycles of the blocks that are left, or of the dense product where that is
/// faster.
double WeightPruner::predict(const Target &own, double sparsity) const {
  Type type = Float32Type::get(target.getContext());
  int64_t width = step.pattern == PrunePattern::Block ? step.blockRows : 1;
  int64_t rows = own.layer.countRows();
  kern::Extents extents{1, rows, 1, own.matrix.outputs, own.matrix.depth, true};
  double dense = rankTilings(target, extents, type, 4).front().cycles;
  int64_t lanes = target.getLanes(type);
  if (width > lanes || lanes % width)
    return dense;
  SparseShape shape{
      rows,
      own.matrix.outputs,
      own.matrix.depth,
      int64_t((1 - sparsity) * double(own.matrix.depth) *
              double(llvm::divideCeil(own.matrix.outputs, width))),
      width,
      1};
  hw::TilingAttr tiling = chooseSparseTiling(target, shape, type);
  TilingCost cost = predictSparse(target, shape, type, tiling);
  // Weights of 0 that cost time still make the artifact smaller.
  double storage = 1e-3 * (1 - sparsity) * dense;
  return std::min(dense, cost.cycles + cost.stripCycles) + storage;
}

void WeightPruner::measureLevels(Target &own) const {
  for (double sparsity : {0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95}) {
    WeightMatrix cut = own.matrix;
    PruneMethod method = getMethod(*own.hessian) == PruneMethod::Magnitude
                             ? PruneMethod::Magnitude
                             : PruneMethod::Wanda;
    if (sparsity > 0 && !sparsify(target.getContext(), cut, step, sparsity,
                                  method, *own.hessian))
      continue;
    own.levels.push_back({sparsity, measureError(own.matrix, cut, *own.hessian),
                          predict(own, sparsity)});
  }
}

/// Chooses for each layer what is least in error plus `weight` times seconds;
/// the seconds of all.
double WeightPruner::getTime(double weight) {
  double all = 0;
  for (Target &own : targets) {
    const Level *best = nullptr;
    for (const Level &level : own.levels)
      if (!best || level.error + weight * level.seconds <
                       best->error + weight * best->seconds)
        best = &level;
    own.chosen = best->sparsity;
    all += best->seconds;
  }
  return all;
}

/// The least sum of errors within the time that the same sparsity everywhere
/// would take: a knapsack with one choice a layer, relaxed by Lagrange. After
/// E. Frantar and D. Alistarh, "SPDY" (arXiv 2201.13096).
void WeightPruner::spread() {
  double budget = 0, low = 0, high = 1;
  for (Target &own : targets) {
    measureLevels(own);
    budget += predict(own, step.amount);
  }
  for (int i = 0; i < 200 && getTime(high) > budget; ++i)
    high *= 2;
  if (getTime(high) > budget) {
    for (Target &own : targets)
      own.chosen = step.amount;
    return;
  }
  for (int i = 0; i < 100; ++i) {
    double middle = (low + high) / 2;
    (getTime(middle) > budget ? low : high) = middle;
  }
  getTime(high);
}

llvm::Error WeightPruner::run(ModuleOp module, const DataSet *data) {
  func::FuncOp function = findEntry(module);
  if (!function)
    return llvm::createStringError("the module has no entry point");
  if (llvm::Error error = collect(function))
    return error;
  bool needsData = step.method == PruneMethod::Wanda ||
                   step.method == PruneMethod::SparseGpt;
  if (needsData && !data)
    return llvm::createStringError("the method needs data to see inputs of "
                                   "layers; give --calibration");
  std::vector<Hessian> hessians;
  if (data && step.method != PruneMethod::Magnitude) {
    std::vector<LinearLayer> layers;
    for (const Target &own : targets)
      layers.push_back(own.layer);
    llvm::Expected<std::vector<Hessian>> gathered =
        gatherHessians(module, layers, *data);
    if (!gathered)
      return gathered.takeError();
    hessians = std::move(*gathered);
    for (auto [own, hessian] : llvm::zip(targets, hessians))
      own.hessian = &hessian;
  }
  if (step.spreads && step.pattern != PrunePattern::NM && targets.size() > 1)
    spread();
  for (Target &own : targets) {
    WeightMatrix cut = own.matrix;
    if (!sparsify(target.getContext(), cut, step, own.chosen,
                  getMethod(*own.hessian), *own.hessian)) {
      remark::missed(own.layer.getOp()->getLoc(), getRemarkOpts())
          << "all weights stay: what the data shows of inputs can't be "
             "inverted";
      continue;
    }
    own.layer.setWeight(cut.values);
    remark::passed(own.layer.getOp()->getLoc(), getRemarkOpts())
        << llvm::formatv("{0:P1} of {1} weights are 0; {2:P2} of the output's "
                         "energy is lost",
                         getSparsity(cut), cut.values.size(),
                         measureError(own.matrix, cut, *own.hessian))
               .str();
  }
  return llvm::Error::success();
}

llvm::Error mlir::nnc::pruneWeights(ModuleOp module, const PruneStep &step,
                                    const DataSet *data,
                                    hw::TargetAttr target) {
  return WeightPruner(step, target).run(module, data);
}
