//===----------------------------------------------------------------------===//
// A model's layers as separate pieces of one function, to judge each alone.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LayerCuts.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Analysis/NodeNames.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

std::vector<std::vector<std::string>> driver::listKernelNodes(ModuleOp module) {
  std::vector<std::vector<std::string>> kernels;
  module.walk([&](nn::KernelOp kernel) {
    std::vector<std::string> names;
    for (StringRef name : getNodeNames(kernel.getLoc()))
      names.push_back(name.str());
    kernels.push_back(std::move(names));
  });
  return kernels;
}

/// Computes tensors on the device, and is no constant and no host's work.
static bool isLayerOp(Operation &op) {
  if (op.hasTrait<OpTrait::IsTerminator>() ||
      op.hasTrait<OpTrait::ConstantLike>() || nn::isHostOp(&op) ||
      isa<nn::WeightOp, tensor::CastOp, tensor::FromElementsOp>(op))
    return false;
  return llvm::any_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>);
}

namespace {
/// Which ops of a function's block make a layer together.
class Layers {
public:
  Layers(func::FuncOp function, ArrayRef<std::vector<std::string>> kernels);

  /// The same op for all of a layer; null for what belongs to none.
  Operation *getLeader(Operation *op) const {
    auto found = groups.findLeader(op);
    return found == groups.member_end() ? nullptr : *found;
  }
  /// Whether the user, in whatever region, belongs to another layer.
  bool isOutside(Operation *user, Operation *leader) const {
    return getLeader(block.findAncestorOpInBlock(*user)) != leader;
  }
  /// Tensors that leave their layer, in the order of the ops.
  SmallVector<Value> listLeaving() const;
  std::vector<std::string> getNodes(Operation *leader) const;
  /// Whether a value is rounded to a few steps in the layer.
  bool isQuantized(Operation *leader) const;

private:
  Block &block;
  llvm::EquivalenceClasses<Operation *> groups;
};
} // namespace

Layers::Layers(func::FuncOp function,
               ArrayRef<std::vector<std::string>> kernels)
    : block(function.getBody().front()) {
  llvm::StringMap<SmallVector<Operation *>> byName;
  for (Operation &op : block) {
    if (!isLayerOp(op))
      continue;
    groups.insert(&op);
    // A branch or loop has the names of all that is in it.
    if (op.getNumRegions() == 0)
      for (StringRef name : getNodeNames(op.getLoc()))
        byName[name].push_back(&op);
  }
  for (const std::vector<std::string> &names : kernels) {
    Operation *first = nullptr;
    for (const std::string &name : names)
      for (Operation *op : byName.lookup(name)) {
        first = first ? first : op;
        groups.unionSets(first, op);
      }
  }
}

SmallVector<Value> Layers::listLeaving() const {
  SmallVector<Value> leaving;
  for (Operation &op : block) {
    Operation *leader = getLeader(&op);
    if (!leader)
      continue;
    for (Value result : op.getResults())
      if (isa<RankedTensorType>(result.getType()) &&
          llvm::any_of(result.getUsers(), [&](Operation *user) {
            return isOutside(user, leader);
          }))
        leaving.push_back(result);
  }
  return leaving;
}

std::vector<std::string> Layers::getNodes(Operation *leader) const {
  std::vector<std::string> names;
  for (Operation &op : block)
    if (getLeader(&op) == leader)
      for (StringRef name : getNodeNames(op.getLoc()))
        if (!llvm::is_contained(names, name))
          names.push_back(name.str());
  return names;
}

bool Layers::isQuantized(Operation *leader) const {
  for (Operation &op : block)
    if (getLeader(&op) == leader && op.walk([](Operation *inner) {
                                        return isa<nn::QuantizeOp>(inner)
                                                   ? WalkResult::interrupt()
                                                   : WalkResult::advance();
                                      }).wasInterrupted())
      return true;
  return false;
}

/// The function's type after its block has changed.
static void updateType(func::FuncOp function) {
  Block &block = function.getBody().front();
  function.setType(FunctionType::get(function.getContext(),
                                     block.getArgumentTypes(),
                                     block.getTerminator()->getOperandTypes()));
}

std::vector<LayerValue>
driver::exposeLayers(func::FuncOp function,
                     ArrayRef<std::vector<std::string>> kernels) {
  Layers layers(function, kernels);
  SmallVector<Value> leaving = layers.listLeaving();
  Operation *end = function.getBody().front().getTerminator();
  std::vector<LayerValue> values;
  for (Value value : leaving) {
    LayerValue one;
    one.nodes = layers.getNodes(layers.getLeader(value.getDefiningOp()));
    one.isControlFlow = value.getDefiningOp()->getNumRegions() > 0;
    one.isQuantized =
        layers.isQuantized(layers.getLeader(value.getDefiningOp()));
    auto place = llvm::find(end->getOperands(), value);
    one.result = size_t(place - end->getOperands().begin());
    if (place == end->getOperands().end())
      end->insertOperands(end->getNumOperands(), value);
    values.push_back(std::move(one));
  }
  unsigned before = function.getNumResults();
  SmallVector<DictionaryAttr> attributes;
  function.getAllResultAttrs(attributes);
  attributes.resize(end->getNumOperands());
  Builder builder(function.getContext());
  for (unsigned i = before; i < attributes.size(); ++i)
    attributes[i] = builder.getDictionaryAttr(builder.getNamedAttr(
        nn::NNDialect::nameAttrName,
        builder.getStringAttr("layer result " + Twine(i))));
  for (DictionaryAttr &attribute : attributes)
    attribute = attribute ? attribute : builder.getDictionaryAttr({});
  updateType(function);
  function.setAllResultAttrs(attributes);
  return values;
}

std::vector<size_t>
driver::cutLayers(func::FuncOp function,
                  ArrayRef<std::vector<std::string>> kernels) {
  Layers layers(function, kernels);
  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  Builder builder(function.getContext());
  std::vector<size_t> fed;
  for (auto [i, value] : llvm::enumerate(end->getOperands())) {
    Operation *definition = value.getDefiningOp();
    Operation *leader = definition ? layers.getLeader(definition) : nullptr;
    auto isCut = [&](OpOperand &use) {
      return use.getOwner() != end && layers.isOutside(use.getOwner(), leader);
    };
    if (!leader ||
        llvm::is_contained(end->getOperands().take_front(i), value) ||
        llvm::none_of(value.getUses(), isCut))
      continue;
    unsigned number = block.getNumArguments();
    Value argument = block.addArgument(value.getType(), value.getLoc());
    value.replaceUsesWithIf(argument, isCut);
    fed.push_back(i);
    SmallVector<DictionaryAttr> attributes;
    function.getAllArgAttrs(attributes);
    attributes.resize(number + 1, builder.getDictionaryAttr({}));
    attributes[number] = builder.getDictionaryAttr(
        builder.getNamedAttr(nn::NNDialect::nameAttrName,
                             builder.getStringAttr("layer input " + Twine(i))));
    updateType(function);
    function.setAllArgAttrs(attributes);
  }
  return fed;
}
