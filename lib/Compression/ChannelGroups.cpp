//===----------------------------------------------------------------------===//
// Which entries of a model's tensors can only go together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/ChannelGroups.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/ScalarOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

void mlir::nnc::getBroadcastCouplings(Operation *op,
                                      SmallVectorImpl<DimCoupling> &couplings) {
  Value result = op->getResult(0);
  RankedTensorType type = typeOf(result);
  for (Value operand : op->getOperands()) {
    RankedTensorType own = typeOf(operand);
    for (int64_t i = 1; own && type && i <= own.getRank(); ++i) {
      int64_t from = own.getRank() - i, to = type.getRank() - i;
      int64_t size = own.getDimSize(from);
      if (to >= 0 && !ShapedType::isDynamic(size) &&
          size == type.getDimSize(to))
        couplings.push_back({{operand, from}, {result, to}, size});
    }
  }
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

void ChannelGroups::addDims(Value value) {
  RankedTensorType type = typeOf(value);
  for (int64_t dim = 0; type && dim < type.getRank(); ++dim) {
    int64_t size = type.getDimSize(dim);
    if (ShapedType::isDynamic(size))
      continue;
    unsigned number = places.size();
    places[{value, dim}] = {number, numEntries};
    numEntries += size;
  }
}

std::optional<unsigned> ChannelGroups::find(Value value, int64_t dim) const {
  auto found = places.find({value, dim});
  return found == places.end() ? std::nullopt
                               : std::optional(found->second.entry);
}

void ChannelGroups::freeze(Value value, int64_t dim) {
  std::optional<unsigned> first = find(value, dim);
  if (!first)
    return;
  int64_t size = typeOf(value).getDimSize(dim);
  std::fill_n(frozen.begin() + *first, size, true);
}

void ChannelGroups::freeze(Value value) {
  for (int64_t dim = 0; typeOf(value) && dim < typeOf(value).getRank(); ++dim)
    freeze(value, dim);
}

void ChannelGroups::join(const DimCoupling &coupling) {
  std::optional<unsigned> a = find(coupling.a.value, coupling.a.dim),
                          b = find(coupling.b.value, coupling.b.dim);
  if (!a || !b)
    return;
  dims.join(places[{coupling.a.value, coupling.a.dim}].dim,
            places[{coupling.b.value, coupling.b.dim}].dim);
  for (int64_t i = 0; i < coupling.count; ++i) {
    unsigned first = *a + coupling.a.begin + i * coupling.a.repeat;
    unsigned other = *b + coupling.b.begin + i * coupling.b.repeat;
    for (int64_t j = 0; j < coupling.a.repeat; ++j)
      entries.join(first, first + j);
    for (int64_t j = 0; j < coupling.b.repeat; ++j)
      entries.join(first, other + j);
  }
}

/// What an op couples; what it does not name stays.
void ChannelGroups::addOp(Operation *op) {
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    if (std::optional<int64_t> axis = dim.getConstantIndex())
      return freeze(dim.getSource(), *axis);
    return freeze(dim.getSource());
  }
  for (Region &region : op->getRegions())
    region.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        freeze(operand);
    });
  SmallVector<DimCoupling> couplings;
  if (auto prunable = dyn_cast<PrunableOpInterface>(op))
    prunable.getDimCouplings(couplings);
  else if (isa<ScalarOpInterface>(op))
    getBroadcastCouplings(op, couplings);
  else if (op->getNumResults() == 1 && nn::isConstantTensor(op->getResult(0)))
    return;
  llvm::DenseSet<std::pair<Value, int64_t>> named;
  for (const DimCoupling &coupling : couplings) {
    join(coupling);
    named.insert({coupling.a.value, coupling.a.dim});
    named.insert({coupling.b.value, coupling.b.dim});
  }
  SmallVector<Value> values(op->getOperands());
  llvm::append_range(values, op->getResults());
  for (Value value : values)
    for (int64_t dim = 0; typeOf(value) && dim < typeOf(value).getRank(); ++dim)
      if (!named.contains({value, dim}))
        freeze(value, dim);
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

ChannelGroups::ChannelGroups(func::FuncOp function) {
  Block &block = function.getBody().front();
  for (BlockArgument argument : block.getArguments())
    addDims(argument);
  for (Operation &op : block)
    for (Value result : op.getResults())
      addDims(result);
  entries.grow(numEntries);
  dims.grow(places.size());
  frozen.assign(numEntries, false);
  for (BlockArgument argument : block.getArguments())
    freeze(argument);
  for (Operation &op : block)
    addOp(&op);
  entries.compress();
  dims.compress();
  SmallVector<bool> classes(entries.getNumClasses(), false);
  for (unsigned entry = 0; entry < numEntries; ++entry)
    if (frozen[entry])
      classes[entries[entry]] = true;
  frozen = std::move(classes);
  formGroups();
}

void ChannelGroups::formGroups() {
  SmallVector<Group> all(dims.getNumClasses());
  SmallVector<llvm::SetVector<unsigned>> classes(dims.getNumClasses());
  SmallVector<bool> hasWeight(dims.getNumClasses(), false);
  for (const auto &[key, place] : places) {
    unsigned number = dims[place.dim];
    all[number].dims.push_back({key.first, key.second});
    hasWeight[number] |=
        typeOf(key.first).getRank() > 1 && nn::isConstantTensor(key.first);
    for (int64_t i = 0; i < typeOf(key.first).getDimSize(key.second); ++i)
      if (unsigned own = entries[place.entry + i]; !frozen[own])
        classes[number].insert(own);
  }
  for (unsigned number = 0; number < all.size(); ++number) {
    if (!hasWeight[number] || classes[number].size() < 2)
      continue;
    all[number].classes.assign(classes[number].begin(), classes[number].end());
    groups.push_back(std::move(all[number]));
  }
}

unsigned ChannelGroups::getClass(Value value, int64_t dim,
                                 int64_t entry) const {
  return entries[places.find({value, dim})->second.entry + entry];
}

KeptEntries
ChannelGroups::keep(const llvm::SmallDenseSet<unsigned> &removed) const {
  KeptEntries kept;
  for (const auto &[key, place] : places) {
    SmallVector<int64_t> left;
    int64_t size = typeOf(key.first).getDimSize(key.second);
    for (int64_t i = 0; i < size; ++i)
      if (!removed.contains(entries[place.entry + i]))
        left.push_back(i);
    if (int64_t(left.size()) < size)
      kept.set(key.first, key.second, std::move(left));
  }
  return kept;
}

//===----------------------------------------------------------------------===//
// Changing the function
//===----------------------------------------------------------------------===//

/// True for entries that all stay, by the lists of each dimension.
static SmallVector<SmallVector<bool>> findKept(Value value,
                                               const KeptEntries &kept) {
  SmallVector<SmallVector<bool>> stays;
  for (auto [dim, size] : llvm::enumerate(typeOf(value).getShape())) {
    const SmallVector<int64_t> *list = kept.find(value, dim);
    stays.emplace_back(size, list == nullptr);
    if (list)
      for (int64_t entry : *list)
        stays.back()[entry] = true;
  }
  return stays;
}

static bool losesEntries(Value value, const KeptEntries &kept) {
  for (int64_t dim = 0; typeOf(value) && dim < typeOf(value).getRank(); ++dim)
    if (kept.find(value, dim))
      return true;
  return false;
}

/// The constant without the entries that go, or with zeros in their place.
static nncio::Tensor cut(const nncio::Tensor &tensor, Value value,
                         const KeptEntries &kept, bool masks) {
  SmallVector<SmallVector<bool>> stays = findKept(value, kept);
  std::vector<int64_t> shape = tensor.shape();
  for (size_t dim = 0; !masks && dim < shape.size(); ++dim)
    shape[dim] = llvm::count(stays[dim], true);
  size_t width = nncio::elementBytes(tensor.type());
  nncio::Tensor result(tensor.type(), shape);
  uint8_t *out = result.mutableData();
  SmallVector<int64_t> place(shape.size(), 0);
  for (int64_t i = 0, to = 0; i < tensor.size(); ++i) {
    bool isKept = true;
    for (auto [dim, at] : llvm::enumerate(place))
      isKept &= stays[dim][at];
    if (isKept)
      std::memcpy(out + (masks ? i : to) * width, tensor.data() + i * width,
                  width);
    to += isKept;
    for (size_t dim = shape.size();
         dim-- > 0 && ++place[dim] == tensor.shape()[dim];)
      place[dim] = 0;
  }
  return result;
}

static LogicalResult replaceConstants(func::FuncOp function,
                                      const KeptEntries &kept,
                                      const ChangedConstants &changed,
                                      bool masks) {
  SmallVector<Operation *> constants;
  for (Operation &op : function.getBody().front())
    if (op.getNumResults() == 1 && nn::isConstantTensor(op.getResult(0)) &&
        (losesEntries(op.getResult(0), kept) ||
         changed.contains(op.getResult(0))))
      constants.push_back(&op);
  for (Operation *op : constants) {
    Value old = op->getResult(0);
    auto own = changed.find(old);
    nncio::Result<nncio::Tensor> tensor =
        own == changed.end() ? nn::getConstantTensor(old) : own->second;
    if (!tensor)
      return op->emitError("can't be read: ") << tensor.error();
    OpBuilder builder(op);
    Value made = nn::ConstantOp::create(
        builder, op->getLoc(),
        nn::toAttribute(op->getContext(), cut(*tensor, old, kept, masks)));
    old.replaceAllUsesWith(made);
    op->erase();
  }
  return success();
}

LogicalResult mlir::nnc::maskTo(func::FuncOp function,
                                const KeptEntries &kept) {
  return replaceConstants(function, kept, ChangedConstants(), /*masks=*/true);
}

LogicalResult mlir::nnc::shrinkTo(func::FuncOp function,
                                  const KeptEntries &kept,
                                  const ChangedConstants &changed) {
  SmallVector<Operation *> ops;
  for (Operation &op : function.getBody().front())
    ops.push_back(&op);
  for (Operation *op : ops)
    if (auto prunable = dyn_cast<PrunableOpInterface>(op))
      prunable.adaptToKept(kept);
  for (Operation *op : ops)
    for (Value result : op->getResults()) {
      if (!losesEntries(result, kept) || nn::isConstantTensor(result))
        continue;
      SmallVector<int64_t> shape(typeOf(result).getShape());
      for (size_t dim = 0; dim < shape.size(); ++dim)
        if (kept.find(result, dim))
          shape[dim] = kept.count(result, dim);
      result.setType(typeOf(result).clone(shape));
    }
  return replaceConstants(function, kept, changed, /*masks=*/false);
}
