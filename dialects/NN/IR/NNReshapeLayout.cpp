//===----------------------------------------------------------------------===//
// Reshapes of tensors whose axes are permuted.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Groups of axes
//===----------------------------------------------------------------------===//

namespace {
/// A product of a number and of dynamic dimensions of the input, by axis.
struct Product {
  int64_t number = 1;
  SmallVector<int64_t> symbols;

  bool isOne() const { return number == 1 && symbols.empty(); }
  bool operator==(const Product &other) const {
    return number == other.number && symbols == other.symbols;
  }
  /// False if the number overflows.
  bool multiply(const Product &other) {
    symbols.append(other.symbols);
    llvm::sort(symbols);
    return !llvm::MulOverflow(number, other.number, number);
  }
  /// False if `other` does not divide it.
  bool divide(const Product &other) {
    if (other.number == 0 || number % other.number != 0)
      return false;
    number /= other.number;
    for (int64_t symbol : other.symbols) {
      auto place = llvm::find(symbols, symbol);
      if (place == symbols.end())
        return false;
      symbols.erase(place);
    }
    return true;
  }
};

/// Axes of the input and of the result that have the same elements.
struct AxisGroup {
  SmallVector<int64_t> input, result;
};

/// A reshape as a list of groups, in the order of the axes.
struct ReshapeGroups {
  SmallVector<Product> input, result;
  SmallVector<AxisGroup> groups;

  static std::optional<ReshapeGroups> match(ReshapeOp op);

private:
  bool findResultSizes(ReshapeOp op);
  bool group();
};
} // namespace

/// Element `axis` of the shape, if it is a number.
static std::optional<int64_t> getRequested(ReshapeOp op, int64_t axis) {
  if (auto list = op.getShape().getDefiningOp<tensor::FromElementsOp>())
    return getConstantIndex(list.getElements()[axis]);
  nncio::Result<nncio::Tensor> shape = getConstantTensor(op.getShape());
  return shape ? std::optional(shape->getInt(axis)) : std::nullopt;
}

/// The tensor and its axis that axis `axis` of `tensor` is, before it was
/// transposed.
static std::pair<Value, int64_t> getOriginalAxis(Value tensor, int64_t axis) {
  while (auto transpose = tensor.getDefiningOp<TransposeOp>()) {
    axis = transpose.getPermutation()[axis];
    tensor = transpose.getInput();
  }
  return {tensor, axis};
}

/// The axis of `input` that `dim` is the size of, if it is one's.
static std::optional<int64_t> findAxis(tensor::DimOp dim, Value input) {
  std::optional<int64_t> axis = dim.getConstantIndex();
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  auto source = dyn_cast<RankedTensorType>(dim.getSource().getType());
  if (!axis || !source || *axis < 0 || *axis >= source.getRank())
    return std::nullopt;
  for (int64_t candidate = 0; candidate < rank; ++candidate)
    if (getOriginalAxis(input, candidate) ==
        getOriginalAxis(dim.getSource(), *axis))
      return candidate;
  return std::nullopt;
}

/// Multiplies `product` with an element of the shape, of numbers and of
/// dimensions of `input`; false if it is of anything else.
static bool multiplyElement(Value element, Value input, Product &product) {
  if (std::optional<int64_t> number = getConstantIndex(element))
    return *number > 0 && product.multiply({*number, {}});
  if (auto cast = element.getDefiningOp<arith::IndexCastOp>())
    return multiplyElement(cast.getIn(), input, product);
  if (auto factors = element.getDefiningOp<arith::MulIOp>())
    return multiplyElement(factors.getLhs(), input, product) &&
           multiplyElement(factors.getRhs(), input, product);
  auto dim = element.getDefiningOp<tensor::DimOp>();
  std::optional<int64_t> axis = dim ? findAxis(dim, input) : std::nullopt;
  return axis && product.multiply({1, {*axis}});
}

/// Element `axis` of the shape, if dimensions of the input make it.
static std::optional<Product> getRequestedProduct(ReshapeOp op, int64_t axis) {
  auto list = op.getShape().getDefiningOp<tensor::FromElementsOp>();
  Product product;
  if (list && multiplyElement(list.getElements()[axis], op.getInput(), product))
    return product;
  return std::nullopt;
}

/// Dynamic dimensions that the shape copies, or multiplies, are the input's; at
/// most one other is what is left.
bool ReshapeGroups::findResultSizes(ReshapeOp op) {
  Product rest;
  for (const Product &size : input)
    if (size.number == 0 || !rest.multiply(size))
      return false;
  std::optional<int64_t> unknown;
  for (auto [axis, size] : llvm::enumerate(op.getType().getShape())) {
    Product product;
    std::optional<int64_t> number = getRequested(op, axis);
    if (!ShapedType::isDynamic(size)) {
      product.number = size;
    } else if (number == 0 && !op.getAllowZero() && axis < input.size()) {
      product = input[axis];
    } else if (std::optional<Product> made = getRequestedProduct(op, axis)) {
      product = *made;
    } else if (!unknown) {
      unknown = axis;
      result.push_back({});
      continue;
    } else {
      return false;
    }
    result.push_back(product);
    if (!rest.divide(product))
      return false;
  }
  if (unknown)
    result[*unknown] = rest;
  return unknown || rest.isOne();
}

bool ReshapeGroups::group() {
  size_t i = 0, r = 0;
  while (i < input.size() || r < result.size()) {
    AxisGroup group;
    Product ofInput, ofResult;
    bool isStarted = false;
    while (!isStarted || !(ofInput == ofResult)) {
      isStarted = true;
      Product larger = ofInput;
      bool takesInput = i < input.size() &&
                        (r == result.size() || group.input.empty() ||
                         (!group.result.empty() && !larger.divide(ofResult)));
      if (!takesInput && r == result.size())
        return false;
      if (takesInput ? !ofInput.multiply(input[i])
                     : !ofResult.multiply(result[r]))
        return false;
      (takesInput ? group.input : group.result)
          .push_back(takesInput ? i++ : r++);
    }
    groups.push_back(group);
  }
  return true;
}

std::optional<ReshapeGroups> ReshapeGroups::match(ReshapeOp op) {
  ReshapeGroups match;
  auto type = cast<RankedTensorType>(op.getInput().getType());
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    Product product;
    if (ShapedType::isDynamic(size))
      product.symbols.push_back(axis);
    else
      product.number = size;
    match.input.push_back(product);
  }
  if (!match.findResultSizes(op) || !match.group())
    return std::nullopt;
  return match;
}

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

/// The order in which `layout` has the groups, if it has the axes of each in
/// order and together; axes of size 1 may be anywhere. `getAxes` gives a
/// group's axes on the side of `layout`, `sizes` are that side's.
static std::optional<SmallVector<size_t>>
orderGroups(ArrayRef<AxisGroup> groups, SmallVector<int64_t> AxisGroup::*side,
            ArrayRef<Product> sizes, ArrayRef<int64_t> layout) {
  SmallVector<size_t> owner(layout.size()), order;
  SmallVector<int64_t> last(groups.size(), -1);
  for (auto [number, group] : llvm::enumerate(groups))
    for (int64_t axis : group.*side)
      owner[axis] = number;
  for (int64_t axis : layout) {
    size_t group = owner[axis];
    if (sizes[axis].isOne())
      continue;
    bool isFirst = last[group] < 0;
    if (isFirst)
      order.push_back(group);
    if (order.back() != group || axis < last[group])
      return std::nullopt;
    last[group] = axis;
  }
  return order;
}

/// The layout that has the groups in `order`. Axes of size 1 come first, where
/// they are in nothing's way.
static Layout listAxes(ArrayRef<AxisGroup> groups,
                       SmallVector<int64_t> AxisGroup::*side,
                       ArrayRef<Product> sizes, ArrayRef<size_t> order) {
  Layout layout;
  for (int64_t axis = 0; axis < int64_t(sizes.size()); ++axis)
    if (sizes[axis].isOne())
      layout.push_back(axis);
  for (size_t number : order)
    for (int64_t axis : groups[number].*side)
      if (!sizes[axis].isOne())
        layout.push_back(axis);
  return layout;
}

std::optional<OpLayout> ReshapeOp::getOpLayout(ArrayRef<int64_t> layout) {
  std::optional<ReshapeGroups> match = ReshapeGroups::match(*this);
  if (!match || match->input.size() != layout.size())
    return std::nullopt;
  std::optional<SmallVector<size_t>> order =
      orderGroups(match->groups, &AxisGroup::input, match->input, layout);
  if (!order)
    return std::nullopt;
  return OpLayout{
      {Layout(layout), Layout()},
      {listAxes(match->groups, &AxisGroup::result, match->result, *order)}};
}

std::optional<Layout> ReshapeOp::findLayout(ArrayRef<int64_t> result) {
  std::optional<ReshapeGroups> match = ReshapeGroups::match(*this);
  if (!match || match->result.size() != result.size())
    return std::nullopt;
  std::optional<SmallVector<size_t>> order =
      orderGroups(match->groups, &AxisGroup::result, match->result, result);
  if (!order)
    return std::nullopt;
  return listAxes(match->groups, &AxisGroup::input, match->input, *order);
}

/// `size` of a reshape of `input`, which is in `layout`.
static Value createSize(OpBuilder &builder, Location loc, const Product &size,
                        Value input, ArrayRef<int64_t> layout) {
  Value product = arith::ConstantIndexOp::create(builder, loc, size.number);
  for (int64_t axis : size.symbols) {
    Value dim =
        tensor::DimOp::create(builder, loc, input, findAxis(layout, axis));
    product = builder.createOrFold<arith::MulIOp>(loc, product, dim);
  }
  return arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                    product);
}

Operation *ReshapeOp::buildInLayout(OpBuilder &builder,
                                    ArrayRef<int64_t> layout,
                                    ValueRange operands) {
  ReshapeGroups match = *ReshapeGroups::match(*this);
  OpLayout needed = *getOpLayout(layout);
  RankedTensorType type = applyLayout(getType(), needed.results[0]);
  if (type.getNumDynamicDims() <= 1) {
    SmallVector<int64_t> sizes(type.getShape());
    for (int64_t &size : sizes)
      if (ShapedType::isDynamic(size))
        size = -1;
    Value shape = createIndexConstant(builder, getLoc(), sizes);
    return ReshapeOp::create(builder, getLoc(), type, operands[0], shape,
                             /*allow_zero=*/true);
  }
  SmallVector<Value> sizes;
  for (int64_t axis : needed.results[0])
    sizes.push_back(
        createSize(builder, getLoc(), match.result[axis], operands[0], layout));
  Value shape = tensor::FromElementsOp::create(builder, getLoc(), sizes);
  return ReshapeOp::create(builder, getLoc(), type, operands[0], shape,
                           /*allow_zero=*/true);
}
