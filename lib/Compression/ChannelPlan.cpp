//===----------------------------------------------------------------------===//
// How many channels go of each group.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ChannelPlan.h"

#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Compression/LinearLayer.h"
#include "nnc/CostModel/Tiling.h"

#include <map>

using namespace mlir;
using namespace mlir::nnc;

int64_t mlir::nnc::alignRemoved(int64_t all, int64_t removed, int64_t align) {
  int64_t kept = std::max<int64_t>(1, all - removed);
  if (all > align)
    kept = std::min<int64_t>(all, llvm::alignTo(kept, align));
  return all - kept;
}

namespace {
/// A dimension of a weight that loses entries as channels of a group go.
struct CutDim {
  int64_t size = 1;
  std::optional<size_t> group;
  /// Entries that are gone once i of the group's channels are.
  SmallVector<int64_t> lost;

  int64_t getLeft(ArrayRef<int64_t> removed) const {
    return group ? size - lost[removed[*group]] : size;
  }
};

/// A product or convolution whose time depends on channels.
struct TimedLayer {
  int64_t rows = 1, positions = 1;
  bool isDepthwise = false;
  CutDim outputs, depth;
};

class ChannelTimes {
public:
  ChannelTimes(func::FuncOp function, const ChannelGroups &groups,
               ArrayRef<ChannelOrder> orders, hw::TargetAttr target);

  /// Predicted cycles of one core once so many channels of each order are gone.
  double getCycles(ArrayRef<int64_t> removed);
  /// Cycles if each layer took the share of its time that it has of its
  /// multiply-adds, whatever vectors hold.
  double getShare(ArrayRef<int64_t> removed);

private:
  CutDim makeDim(const ChannelGroups &groups, ArrayRef<ChannelOrder> orders,
                 Value weight, int64_t dim);
  double predict(const TimedLayer &layer, int64_t outputs, int64_t depth);

  hw::TargetAttr target;
  std::vector<TimedLayer> layers;
  std::map<std::tuple<int64_t, int64_t, int64_t>, double> products;
};
} // namespace

CutDim ChannelTimes::makeDim(const ChannelGroups &groups,
                             ArrayRef<ChannelOrder> orders, Value weight,
                             int64_t dim) {
  CutDim made;
  made.size = cast<RankedTensorType>(weight.getType()).getDimSize(dim);
  for (auto [number, order] : llvm::enumerate(orders)) {
    if (!llvm::is_contained(order.group->dims, ChannelGroups::Dim{weight, dim}))
      continue;
    DenseMap<unsigned, int64_t> entries;
    for (int64_t entry = 0; entry < made.size; ++entry)
      ++entries[groups.getClass(weight, dim, entry)];
    made.group = number;
    made.lost.push_back(0);
    for (unsigned own : order.classes)
      made.lost.push_back(made.lost.back() + entries.lookup(own));
  }
  return made;
}

ChannelTimes::ChannelTimes(func::FuncOp function, const ChannelGroups &groups,
                           ArrayRef<ChannelOrder> orders, hw::TargetAttr target)
    : target(target) {
  for (Operation &op : function.getBody().front()) {
    TimedLayer layer;
    if (std::optional<LinearLayer> linear = LinearLayer::match(&op)) {
      int64_t own = linear->isConv() ? 1 : 0;
      layer.rows = linear->countRows();
      layer.outputs = makeDim(groups, orders, linear->getWeight(), 1 - own);
      layer.depth = makeDim(groups, orders, linear->getWeight(), own);
      layer.positions = linear->getDepth() / layer.depth.size;
    } else if (auto conv = dyn_cast<nn::ConvOp>(op);
               conv && conv.getGroup() > 1 &&
               nn::isConstantTensor(conv.getFilter())) {
      auto filter = cast<RankedTensorType>(conv.getFilter().getType());
      layer.isDepthwise = true;
      layer.outputs = makeDim(groups, orders, conv.getFilter(), 0);
      layer.positions = filter.getNumElements() / filter.getDimSize(0);
      layer.rows = LinearLayer::countRows(&op, filter.getDimSize(0));
    } else {
      continue;
    }
    layers.push_back(std::move(layer));
  }
}

double ChannelTimes::predict(const TimedLayer &layer, int64_t outputs,
                             int64_t depth) {
  Type type = Float32Type::get(target.getContext());
  depth *= layer.positions;
  // A vector of channels takes a load and a multiply-add for each position.
  if (layer.isDepthwise)
    return double(layer.rows) * double(depth) *
           double(llvm::divideCeil(outputs, target.getLanes(type)));
  if (outputs == 0 || depth == 0)
    return 0;
  double &cycles = products[{layer.rows, outputs, depth}];
  if (cycles == 0) {
    kern::Extents extents{1, layer.rows, 1, outputs, depth, true};
    cycles = rankTilings(target, extents, type, 4).front().cycles;
  }
  return cycles;
}

double ChannelTimes::getCycles(ArrayRef<int64_t> removed) {
  double cycles = 0;
  for (const TimedLayer &layer : layers)
    cycles += predict(layer, layer.outputs.getLeft(removed),
                      layer.depth.getLeft(removed));
  return cycles;
}

double ChannelTimes::getShare(ArrayRef<int64_t> removed) {
  double cycles = 0;
  for (const TimedLayer &layer : layers) {
    auto part = [&](const CutDim &dim) {
      return double(dim.getLeft(removed)) / double(dim.size);
    };
    cycles += predict(layer, layer.outputs.size, layer.depth.size) *
              part(layer.outputs) * part(layer.depth);
  }
  return cycles;
}

void mlir::nnc::spreadChannels(func::FuncOp function,
                               const ChannelGroups &groups,
                               MutableArrayRef<ChannelOrder> orders,
                               double share, int64_t align,
                               hw::TargetAttr target) {
  ChannelTimes times(function, groups, orders, target);
  SmallVector<int64_t> removed, wanted;
  for (const ChannelOrder &order : orders) {
    bool isKnown = !order.losses.empty();
    int64_t evenly = int64_t(share * double(order.group->classes.size()));
    removed.push_back(isKnown ? 0 : order.removed);
    wanted.push_back(isKnown ? std::min<int64_t>(evenly, order.classes.size())
                             : order.removed);
  }
  double budget = times.getShare(wanted), now = times.getCycles(removed);
  while (now > budget) {
    double best = 0;
    size_t bestGroup = 0;
    int64_t bestCount = 0;
    for (auto [number, order] : llvm::enumerate(orders)) {
      int64_t all = order.group->classes.size(), before = removed[number];
      for (int64_t next = before + 1; next < int64_t(order.losses.size());
           ++next) {
        if (alignRemoved(all, next, align) != next)
          continue;
        removed[number] = next;
        double saved = now - times.getCycles(removed);
        double lost = order.losses[next] - order.losses[before];
        constexpr double least = 1e-12;
        if (double here = saved / std::max(lost, least); here > best)
          std::tie(best, bestGroup, bestCount) = {here, number, next};
      }
      removed[number] = before;
    }
    if (best <= 0)
      break;
    removed[bestGroup] = bestCount;
    now = times.getCycles(removed);
  }
  for (auto [count, order] : llvm::zip(removed, orders))
    order.removed = count;
}
