//===----------------------------------------------------------------------===//
// Takes whole channels away, with all that reads and makes them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ChannelPlan.h"
#include "nnc/Compression/ChannelElimination.h"
#include "nnc/Compression/Pruning.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"
#include "nnc/Analysis/NodeNames.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

static remark::RemarkOpts getRemarkOpts() {
  return remark::RemarkOpts::name("Channels").category("nnc-prune");
}

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {
/// A layer that reads channels of a group, and which of its inputs each class
/// is.
struct ChannelReader {
  size_t layer;
  DenseMap<unsigned, SmallVector<int64_t>> inputs;
};

class ChannelPruner {
public:
  ChannelPruner(ModuleOp module, func::FuncOp function, const PruneStep &step)
      : context(module.getContext()), module(module), function(function),
        step(step), groups(function) {}

  llvm::Error run(const DataSet *data, hw::TargetAttr target);

private:
  using Group = ChannelGroups::Group;
  llvm::Error gatherInputs(const DataSet &data);
  std::vector<ChannelReader> findReaders(const Group &group) const;
  llvm::Expected<std::vector<ChannelElimination>>
  createEliminations(ArrayRef<ChannelReader> readers) const;
  llvm::Expected<DenseMap<unsigned, double>> score(const Group &group) const;
  llvm::Error orderByScore(ChannelOrder &order) const;
  llvm::Error orderByLoss(ChannelOrder &order,
                          ArrayRef<ChannelReader> readers) const;
  bool isKept(const Group &group) const;
  llvm::Error orderGroups();
  llvm::Error refit(const ChannelOrder &order);
  llvm::Error setWeight(const LinearLayer &layer, const Hessian &hessian,
                        ArrayRef<double> fitted);

  MLIRContext *context;
  ModuleOp module;
  func::FuncOp function;
  const PruneStep &step;
  ChannelGroups groups;
  std::vector<LinearLayer> layers;
  std::vector<Hessian> hessians;
  std::vector<ChannelOrder> orders;
  ChangedConstants changed;
};
} // namespace

/// What layers read, by which it is known what they lose.
llvm::Error ChannelPruner::gatherInputs(const DataSet &data) {
  layers = LinearLayer::findAll(function);
  llvm::Expected<std::vector<Hessian>> gathered =
      gatherHessians(module, layers, data);
  if (!gathered)
    return gathered.takeError();
  hessians = std::move(*gathered);
  return llvm::Error::success();
}

std::vector<ChannelReader>
ChannelPruner::findReaders(const Group &group) const {
  std::vector<ChannelReader> readers;
  for (auto [number, layer, hessian] : llvm::enumerate(layers, hessians)) {
    ChannelGroups::Dim dim{layer.getWeight(), layer.isConv() ? 1 : 0};
    if (!hessian.isKnown() || !dim.value.hasOneUse() ||
        !llvm::is_contained(group.dims, dim))
      continue;
    ChannelReader reader;
    reader.layer = number;
    int64_t channels = typeOf(dim.value).getDimSize(dim.dim);
    int64_t positions = layer.getDepth() / channels;
    for (int64_t channel = 0; channel < channels; ++channel)
      for (int64_t i = 0; i < positions; ++i)
        reader.inputs[groups.getClass(dim.value, dim.dim, channel)].push_back(
            channel * positions + i);
    readers.push_back(std::move(reader));
  }
  return readers;
}

//===----------------------------------------------------------------------===//
// The order in which channels go
//===----------------------------------------------------------------------===//

/// The mean, over the weights that have an entry of the class, of the entry's
/// norm against those of its dimension's other entries.
llvm::Expected<DenseMap<unsigned, double>>
ChannelPruner::score(const Group &group) const {
  DenseMap<unsigned, std::pair<double, int64_t>> sums;
  for (const ChannelGroups::Dim &dim : group.dims) {
    if (typeOf(dim.value).getRank() < 2 ||
        !isa<FloatType>(typeOf(dim.value).getElementType()) ||
        !nn::isConstantTensor(dim.value))
      continue;
    nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(dim.value);
    if (!tensor)
      return llvm::createStringError(tensor.error());
    ArrayRef<int64_t> shape = typeOf(dim.value).getShape();
    int64_t inner = nncio::numElements(shape.drop_front(dim.dim + 1).vec());
    std::vector<double> norms(shape[dim.dim], 0);
    double mean = 0;
    for (int64_t i = 0; i < tensor->size(); ++i)
      norms[i / inner % shape[dim.dim]] +=
          tensor->getDouble(i) * tensor->getDouble(i);
    for (double &norm : norms)
      mean += (norm = std::sqrt(norm)) / double(norms.size());
    for (auto [entry, norm] : llvm::enumerate(norms)) {
      auto &sum = sums[groups.getClass(dim.value, dim.dim, entry)];
      sum.first += mean > 0 ? norm / mean : 0;
      ++sum.second;
    }
  }
  DenseMap<unsigned, double> scores;
  for (auto &[number, sum] : sums)
    scores[number] = sum.first / double(sum.second);
  return scores;
}

llvm::Error ChannelPruner::orderByScore(ChannelOrder &order) const {
  llvm::Expected<DenseMap<unsigned, double>> scores = score(*order.group);
  if (!scores)
    return scores.takeError();
  order.classes.assign(order.group->classes);
  llvm::sort(order.classes, [&](unsigned a, unsigned b) {
    return std::pair(scores->lookup(a), a) < std::pair(scores->lookup(b), b);
  });
  return llvm::Error::success();
}

/// The constant bias of a layer that it alone has; null without.
static Value getOwnBias(const LinearLayer &layer) {
  auto conv = dyn_cast<nn::ConvOp>(layer.getOp());
  Value bias = conv ? conv.getBias() : Value();
  return bias && bias.hasOneUse() && nn::isConstantTensor(bias) &&
                 typeOf(bias).getElementType().isF32()
             ? bias
             : Value();
}

/// Empty if the inputs of one can't be inverted.
llvm::Expected<std::vector<ChannelElimination>>
ChannelPruner::createEliminations(ArrayRef<ChannelReader> readers) const {
  std::vector<ChannelElimination> made;
  for (const ChannelReader &reader : readers) {
    const LinearLayer &layer = layers[reader.layer];
    llvm::Expected<std::vector<float>> weight = layer.readWeight();
    if (!weight)
      return weight.takeError();
    std::optional<ChannelElimination> own = ChannelElimination::create(
        context, hessians[reader.layer],
        /*centers=*/bool(getOwnBias(layer)), layer.getOutputs(), *weight);
    if (!own)
      return std::vector<ChannelElimination>();
    made.push_back(std::move(*own));
  }
  return made;
}

/// Each time the channel without which those that read them lose least, the
/// others of which make up for it: Y. He et al., "Channel Pruning for
/// Accelerating Very Deep Neural Networks" (arXiv 1707.06168), with a greedy
/// choice. Up to twice the share that goes on average.
llvm::Error ChannelPruner::orderByLoss(ChannelOrder &order,
                                       ArrayRef<ChannelReader> readers) const {
  auto eliminations = createEliminations(readers);
  if (!eliminations)
    return eliminations.takeError();
  if (eliminations->empty())
    return orderByScore(order);
  SmallVector<unsigned> left(order.group->classes);
  double share = step.spreads ? std::min(2 * step.amount, 1.0) : step.amount;
  int64_t most = alignRemoved(
      left.size(), int64_t(share * double(left.size()) + 1e-9), step.align);
  order.losses.push_back(0);
  while (int64_t(order.classes.size()) < most) {
    std::vector<double> losses(left.size(), 0);
    parallelFor(context, 0, left.size(), [&](size_t i) {
      for (auto [reader, own] : llvm::zip(readers, *eliminations))
        if (auto found = reader.inputs.find(left[i]);
            found != reader.inputs.end())
          losses[i] += own.getLoss(found->second);
    });
    auto *best = left.begin() + (llvm::min_element(losses) - losses.begin());
    for (auto [reader, own] : llvm::zip(readers, *eliminations))
      if (auto found = reader.inputs.find(*best); found != reader.inputs.end())
        own.remove(found->second);
    order.classes.push_back(*best);
    order.losses.push_back(order.losses.back() + losses[best - left.begin()]);
    left.erase(best);
  }
  return llvm::Error::success();
}

bool ChannelPruner::isKept(const Group &group) const {
  for (const ChannelGroups::Dim &dim : group.dims)
    for (Operation *user : dim.value.getUsers())
      for (StringRef name : getNodeNames(user->getLoc()))
        for (const std::string &part : step.keep)
          if (nn::isConstantTensor(dim.value) && name.contains(part))
            return true;
  return false;
}

/// Those that lose channels, all by the same share.
llvm::Error ChannelPruner::orderGroups() {
  for (const Group &group : groups.getGroups()) {
    Location loc = group.dims.front().value.getLoc();
    int64_t all = group.classes.size();
    ChannelOrder order{&group, {}, {}, 0};
    order.removed = alignRemoved(all, int64_t(step.amount * double(all) + 1e-9),
                                 step.align);
    if (isKept(group)) {
      remark::missed(loc, getRemarkOpts())
          << llvm::formatv("all {0} channels stay: kept by name", all).str();
      continue;
    }
    std::vector<ChannelReader> readers = findReaders(group);
    if (order.removed == 0 && (readers.empty() || !step.spreads)) {
      remark::missed(loc, getRemarkOpts())
          << llvm::formatv("all {0} channels stay: too few to take from, in "
                           "multiples of {1}",
                           all, step.align)
                 .str();
      continue;
    }
    if (llvm::Error error =
            readers.empty() ? orderByScore(order) : orderByLoss(order, readers))
      return error;
    orders.push_back(std::move(order));
  }
  return llvm::Error::success();
}

llvm::Error ChannelPruner::run(const DataSet *data, hw::TargetAttr target) {
  if (data && !step.masks)
    if (llvm::Error error = gatherInputs(*data))
      return error;
  if (llvm::Error error = orderGroups())
    return error;
  if (step.spreads)
    spreadChannels(function, groups, orders, step.amount, step.align, target);
  llvm::SmallDenseSet<unsigned> removed;
  for (const ChannelOrder &order : orders) {
    Location loc = order.group->dims.front().value.getLoc();
    removed.insert(order.classes.begin(),
                   order.classes.begin() + order.removed);
    std::string text = llvm::formatv("{0} of {1} channels go, in {2} "
                                     "dimensions",
                                     order.removed, order.group->classes.size(),
                                     order.group->dims.size())
                           .str();
    if (!order.losses.empty())
      text += llvm::formatv("; {0:P2} of the energy of what reads them is lost",
                            order.losses[order.removed])
                  .str();
    remark::passed(loc, getRemarkOpts()) << text;
    if (llvm::Error error = refit(order))
      return error;
  }
  KeptEntries kept = groups.keep(removed);
  if (kept.empty())
    return llvm::Error::success();
  LogicalResult done =
      step.masks ? maskTo(function, kept) : shrinkTo(function, kept, changed);
  if (failed(done))
    return llvm::createStringError("channels can't be taken away");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Compensation
//===----------------------------------------------------------------------===//

/// The weights of what stays that give the outputs best, by least squares.
llvm::Error ChannelPruner::refit(const ChannelOrder &order) {
  if (order.losses.empty() || order.removed == 0)
    return llvm::Error::success();
  std::vector<ChannelReader> readers = findReaders(*order.group);
  auto eliminations = createEliminations(readers);
  if (!eliminations)
    return eliminations.takeError();
  for (auto [reader, own] : llvm::zip(readers, *eliminations)) {
    for (unsigned gone : ArrayRef(order.classes).take_front(order.removed))
      if (auto found = reader.inputs.find(gone); found != reader.inputs.end())
        own.remove(found->second);
    if (llvm::Error error = setWeight(layers[reader.layer],
                                      hessians[reader.layer], own.getWeight()))
      return error;
  }
  return llvm::Error::success();
}

/// Means that the fitted weights lose go into the bias, if there is one.
llvm::Error ChannelPruner::setWeight(const LinearLayer &layer,
                                     const Hessian &hessian,
                                     ArrayRef<double> fitted) {
  changed[layer.getWeight()] =
      layer.makeTensor(std::vector<float>(fitted.begin(), fitted.end()));
  Value bias = getOwnBias(layer);
  if (!bias)
    return llvm::Error::success();
  llvm::Expected<std::vector<float>> before = layer.readWeight();
  if (!before)
    return before.takeError();
  nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(bias);
  if (!tensor)
    return llvm::createStringError(tensor.error());
  int64_t depth = layer.getDepth();
  for (int64_t f = 0; f < layer.getOutputs(); ++f) {
    double shift = 0;
    for (int64_t k = 0; k < depth; ++k)
      shift += ((*before)[f * depth + k] - fitted[f * depth + k]) *
               hessian.getMean(k);
    tensor->setDouble(f, tensor->getDouble(f) + shift);
  }
  changed[bias] = *tensor;
  return llvm::Error::success();
}

/// Gives each use of a constant one of its own: equal numbers, biases of 0
/// above all, do not make layers alike.
static void splitConstants(func::FuncOp function) {
  SmallVector<Operation *> constants;
  for (Operation &op : function.getBody().front())
    if (op.getNumResults() == 1 && nn::isConstantTensor(op.getResult(0)))
      constants.push_back(&op);
  for (Operation *op : constants) {
    OpBuilder builder(op);
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op->getUses())
      uses.push_back(&use);
    for (OpOperand *use : ArrayRef(uses).drop_front(!uses.empty()))
      use->set(builder.clone(*op)->getResult(0));
  }
}

llvm::Error mlir::nnc::pruneChannels(ModuleOp module, const PruneStep &step,
                                     const DataSet *data,
                                     hw::TargetAttr target) {
  func::FuncOp function = findEntry(module);
  if (!function)
    return llvm::createStringError("the module has no entry point");
  splitConstants(function);
  return ChannelPruner(module, function, step).run(data, target);
}
