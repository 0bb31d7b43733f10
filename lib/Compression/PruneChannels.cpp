//===----------------------------------------------------------------------===//
// Takes whole channels away, with all that reads and makes them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/ChannelGroups.h"
#include "nnc/Compression/Pruning.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/Remarks.h"
#include "nnc/Analysis/NodeNames.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/ADT/SmallSet.h"
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
class ChannelPruner {
public:
  ChannelPruner(ModuleOp module, func::FuncOp function, const PruneStep &step)
      : module(module), function(function), step(step), groups(function) {}

  llvm::Error run(const DataSet *data);

private:
  using Group = ChannelGroups::Group;
  llvm::Error gatherInputs(const DataSet &data);
  llvm::Expected<DenseMap<unsigned, double>> score(const Group &group);
  const InputGram *findInputs(const ChannelGroups::Dim &dim) const;
  bool isKept(const Group &group);
  int64_t countRemoved(const Group &group);
  llvm::Error refit(const KeptEntries &kept);
  llvm::Error refit(const LinearLayer &layer, const InputGram &gram,
                    ArrayRef<int64_t> columns);

  ModuleOp module;
  func::FuncOp function;
  const PruneStep &step;
  ChannelGroups groups;
  std::vector<LinearLayer> layers;
  std::vector<InputGram> grams;
  ChangedConstants changed;
};
} // namespace

/// The layers' inputs, to refit those that lose some.
llvm::Error ChannelPruner::gatherInputs(const DataSet &data) {
  layers = LinearLayer::findAll(function);
  llvm::Expected<std::vector<InputGram>> gathered =
      gatherGrams(module, layers, data);
  if (!gathered)
    return gathered.takeError();
  grams = std::move(*gathered);
  return llvm::Error::success();
}

/// The inputs that a weight's dimension is multiplied with; null where they are
/// not known, or the dimension is that of outputs.
const InputGram *
ChannelPruner::findInputs(const ChannelGroups::Dim &dim) const {
  for (auto [layer, gram] : llvm::zip(layers, grams))
    if (layer.getWeight() == dim.value && gram.depth && gram.rows &&
        dim.dim == (layer.isConv() ? 1 : 0))
      return &gram;
  return nullptr;
}

/// The mean, over the weights that have an entry of the class, of the entry's
/// norm against those of its dimension's other entries; where the inputs are
/// known, weights count times their inputs' norm (as Wanda has it).
llvm::Expected<DenseMap<unsigned, double>>
ChannelPruner::score(const Group &group) {
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
    const InputGram *gram = findInputs(dim);
    for (int64_t i = 0; i < tensor->size(); ++i) {
      int64_t entry = i / inner % shape[dim.dim];
      double square = tensor->getDouble(i) * tensor->getDouble(i);
      // A window's positions are the innermost dimensions.
      if (gram)
        square *= dim.dim == 0 ? gram->at(entry, entry)
                               : gram->at(entry * inner + i % inner,
                                          entry * inner + i % inner);
      norms[entry] += square;
    }
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

bool ChannelPruner::isKept(const Group &group) {
  for (const ChannelGroups::Dim &dim : group.dims)
    for (Operation *user : dim.value.getUsers())
      for (StringRef name : getNodeNames(user->getLoc()))
        for (const std::string &part : step.keep)
          if (nn::isConstantTensor(dim.value) && name.contains(part))
            return true;
  return false;
}

/// Of many channels those that are left are a multiple of `align`.
int64_t ChannelPruner::countRemoved(const Group &group) {
  int64_t all = group.classes.size();
  int64_t kept = std::max<int64_t>(
      1, all - int64_t(std::floor(step.amount * double(all) + 1e-9)));
  if (all > step.align)
    kept = std::min<int64_t>(all, llvm::alignTo(kept, step.align));
  return all - kept;
}

llvm::Error ChannelPruner::run(const DataSet *data) {
  if (data && !step.masks)
    if (llvm::Error error = gatherInputs(*data))
      return error;
  llvm::SmallDenseSet<unsigned> removed;
  for (const Group &group : groups.getGroups()) {
    Location loc = group.dims.front().value.getLoc();
    int64_t all = group.classes.size(), count = countRemoved(group);
    if (isKept(group)) {
      remark::missed(loc, getRemarkOpts())
          << llvm::formatv("all {0} channels stay: kept by name", all).str();
      continue;
    }
    if (count == 0) {
      remark::missed(loc, getRemarkOpts())
          << llvm::formatv("all {0} channels stay: too few to take from, in "
                           "multiples of {1}",
                           all, step.align)
                 .str();
      continue;
    }
    llvm::Expected<DenseMap<unsigned, double>> scores = score(group);
    if (!scores)
      return scores.takeError();
    SmallVector<unsigned> order(group.classes);
    llvm::sort(order, [&](unsigned a, unsigned b) {
      return std::pair(scores->lookup(a), a) < std::pair(scores->lookup(b), b);
    });
    removed.insert(order.begin(), order.begin() + count);
    remark::passed(loc, getRemarkOpts())
        << llvm::formatv("{0} of {1} channels go, in {2} dimensions", count,
                         all, group.dims.size())
               .str();
  }
  KeptEntries kept = groups.keep(removed);
  if (kept.empty())
    return llvm::Error::success();
  if (!grams.empty())
    if (llvm::Error error = refit(kept))
      return error;
  LogicalResult done =
      step.masks ? maskTo(function, kept) : shrinkTo(function, kept, changed);
  if (failed(done))
    return llvm::createStringError("channels can't be taken away");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Compensation
//===----------------------------------------------------------------------===//

/// Elements of the depth that stay, of a layer whose data loses channels.
static SmallVector<int64_t> findDepth(const LinearLayer &layer,
                                      ArrayRef<int64_t> channels) {
  int64_t all = layer.isConv() ? typeOf(layer.getWeight()).getDimSize(1)
                               : layer.getDepth();
  int64_t positions = layer.getDepth() / all;
  SmallVector<int64_t> depth;
  for (int64_t channel : channels)
    for (int64_t i = 0; i < positions; ++i)
      depth.push_back(channel * positions + i);
  return depth;
}

llvm::Error ChannelPruner::refit(const KeptEntries &kept) {
  for (auto [layer, gram] : llvm::zip(layers, grams)) {
    const SmallVector<int64_t> *channels =
        kept.find(layer.getWeight(), layer.isConv() ? 1 : 0);
    if (!channels || gram.depth == 0 || gram.rows == 0 ||
        !layer.getWeight().hasOneUse())
      continue;
    if (llvm::Error error = refit(layer, gram, findDepth(layer, *channels)))
      return error;
  }
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

/// The weights of what stays that give the outputs best, by least squares: V
/// with V H_kk = W H_k. Y. He et al., "Channel Pruning for Accelerating Very
/// Deep Neural Networks" (arXiv 1707.06168). With a bias the inputs count
/// without their means, which the bias takes in.
llvm::Error ChannelPruner::refit(const LinearLayer &layer,
                                 const InputGram &gram,
                                 ArrayRef<int64_t> columns) {
  int64_t n = columns.size(), depth = layer.getDepth();
  llvm::Expected<std::vector<float>> weight = layer.readWeight();
  if (!weight)
    return weight.takeError();
  Value bias = getOwnBias(layer);
  auto product = [&](int64_t i, int64_t j) {
    return bias ? gram.centered(i, j) : gram.at(i, j);
  };
  std::vector<double> factor(n * n);
  double mean = 0;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j)
      factor[i * n + j] = product(columns[i], columns[j]);
    mean += factor[i * n + i] / double(n);
  }
  constexpr double damping = 1e-3;
  for (int64_t i = 0; i < n; ++i)
    factor[i * n + i] += damping * mean + 1e-12;
  if (!factorCholesky(factor, n))
    return llvm::Error::success();
  std::vector<double> row(n), shift(layer.getOutputs(), 0);
  for (int64_t f = 0; f < layer.getOutputs(); ++f) {
    float *own = weight->data() + f * depth;
    for (int64_t i = 0; i < n; ++i) {
      row[i] = damping * mean * own[columns[i]];
      for (int64_t k = 0; k < depth; ++k)
        row[i] += own[k] * product(columns[i], k);
    }
    for (int64_t k = 0; k < depth; ++k)
      shift[f] += own[k] * gram.getMean(k);
    solveCholesky(factor, n, row);
    for (int64_t i = 0; i < n; ++i) {
      own[columns[i]] = float(row[i]);
      shift[f] -= row[i] * gram.getMean(columns[i]);
    }
  }
  changed[layer.getWeight()] = layer.makeTensor(*weight);
  if (!bias)
    return llvm::Error::success();
  nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(bias);
  if (!tensor)
    return llvm::createStringError(tensor.error());
  for (int64_t f = 0; f < layer.getOutputs(); ++f)
    tensor->setDouble(f, tensor->getDouble(f) + shift[f]);
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
                                     const DataSet *data) {
  func::FuncOp function = findEntry(module);
  if (!function)
    return llvm::createStringError("the module has no entry point");
  splitConstants(function);
  return ChannelPruner(module, function, step).run(data);
}
