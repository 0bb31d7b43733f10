//===----------------------------------------------------------------------===//
// Names of the tensors of a graph that do not depend on numbering.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/ValueNames.h"

#include "dialects/NN/IR/NNOps.h"
#include "nnc/Analysis/NodeNames.h"

using namespace mlir;
using namespace mlir::nnc;

/// The node that gives what the op gives: the last one of those that it stands
/// for. Empty if it has none.
static StringRef getNode(Operation &op) {
  SmallVector<StringRef> nodes = getNodeNames(op.getLoc());
  return nodes.empty() ? StringRef() : nodes.back();
}

static bool hasName(Operation &op) {
  return op.getNumResults() > 0 && !op.hasTrait<OpTrait::ConstantLike>() &&
         !isa<nn::WeightOp>(op) &&
         isa<RankedTensorType>(op.getResult(0).getType());
}

void ValueNames::add(Value value, std::string name) {
  values[name] = value;
  names[value] = std::move(name);
}

ValueNames::ValueNames(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments()) {
    auto name = function.getArgAttrOfType<StringAttr>(
        argument.getArgNumber(), nn::NNDialect::nameAttrName);
    add(argument, name ? name.str()
                       : "argument " + std::to_string(argument.getArgNumber()));
  }
  Block &block = function.getBody().front();
  llvm::StringMap<Operation *> lastOf;
  for (Operation &op : block)
    if (StringRef node = getNode(op); hasName(op) && !node.empty())
      lastOf[node] = &op;
  llvm::StringMap<int> numbers;
  for (Operation &op : block) {
    if (!hasName(op))
      continue;
    StringRef node = getNode(op);
    if (!node.empty() && lastOf.lookup(node) == &op && !values.contains(node)) {
      add(op.getResult(0), node.str());
      continue;
    }
    std::string kind = op.getName().getStringRef().str();
    if (!node.empty())
      kind = (node + "/" + op.getName().stripDialect()).str();
    int number = ++numbers[kind];
    bool isFirst = number == 1 && !node.empty();
    add(op.getResult(0), isFirst ? kind : kind + "#" + std::to_string(number));
  }
}

StringRef ValueNames::get(Value value) const {
  auto found = names.find(value);
  return found == names.end() ? StringRef() : StringRef(found->second);
}

std::vector<std::string> ValueNames::list() const {
  std::vector<std::string> all;
  for (const auto &entry : values)
    all.push_back(entry.getKey().str());
  llvm::sort(all);
  return all;
}
