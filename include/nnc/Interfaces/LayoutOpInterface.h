//===----------------------------------------------------------------------===//
// Orders of axes in memory, and ops that work in several of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_LAYOUTOPINTERFACE_H
#define NNC_INTERFACES_LAYOUTOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include <optional>

namespace mlir::nnc {

/// Axis `i` in memory is axis `layout[i]` of the tensor: what `nn.transpose`
/// calls its permutation.
using Layout = SmallVector<int64_t>;

/// What an op that works in some layout needs and gives.
struct OpLayout {
  /// One for each operand. Empty: the operand stays as it is. Longer than the
  /// operand's rank: it gets axes of size 1 in front first.
  SmallVector<Layout> operands;
  /// One for each result.
  SmallVector<Layout> results;
};

/// 0, 1, …, `rank` - 1.
Layout getIdentityLayout(int64_t rank);
bool isIdentityLayout(ArrayRef<int64_t> layout);
/// The permutation that undoes `layout`.
Layout invertLayout(ArrayRef<int64_t> layout);
/// First `first`, then, of what that gives, `second`.
Layout composeLayouts(ArrayRef<int64_t> first, ArrayRef<int64_t> second);
/// The axis in memory at which `axis` lies.
int64_t findAxis(ArrayRef<int64_t> layout, int64_t axis);
/// The same for each of `axes`.
SmallVector<int64_t> findAxes(ArrayRef<int64_t> layout, ArrayRef<int64_t> axes);
/// The layout of what is left of a tensor of `layout` without `axes`.
Layout dropAxes(ArrayRef<int64_t> layout, ArrayRef<int64_t> axes);
/// The type of a tensor of `type` that has been transposed by `layout`.
RankedTensorType applyLayout(RankedTensorType type, ArrayRef<int64_t> layout);
/// True if `layout` moves axes of size 1 only, so that the elements stay in
/// their order.
bool keepsOrder(RankedTensorType type, ArrayRef<int64_t> layout);

/// The permutation that takes `[N, C, spatial...]` to `[N, spatial..., C]`.
Layout getChannelsLastLayout(int64_t rank);

namespace detail {
/// For ops that broadcast: operands and results all of `layout`, the rank of
/// which is the first result's.
std::optional<OpLayout> getBroadcastLayout(Operation *op,
                                           ArrayRef<int64_t> layout);
/// For ops on the axes of their first operand: operand 0 and all results of
/// `layout`, the others as they are. The results have the operand's rank.
std::optional<OpLayout> getFirstOperandLayout(Operation *op,
                                              ArrayRef<int64_t> layout);
/// A copy of `op` on `operands`, with results of the layouts in `layout`.
Operation *cloneInLayout(OpBuilder &builder, Operation *op,
                         const OpLayout &layout, ValueRange operands);
} // namespace detail

/// LayoutOpInterface for ops whose operands all broadcast to the result and
/// that name no axes.
template <typename ConcreteOp>
class BroadcastLayout : public OpTrait::TraitBase<ConcreteOp, BroadcastLayout> {
public:
  std::optional<OpLayout> getOpLayout(ArrayRef<int64_t> layout) {
    return detail::getBroadcastLayout(this->getOperation(), layout);
  }
  Operation *buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                           ValueRange operands) {
    return detail::cloneInLayout(builder, this->getOperation(),
                                 *getOpLayout(layout), operands);
  }
};

/// LayoutOpInterface for ops along one axis, their attribute `axis`, of their
/// operands, which all have the results' rank.
template <typename ConcreteOp>
class AxisLayout : public OpTrait::TraitBase<ConcreteOp, AxisLayout> {
public:
  std::optional<OpLayout> getOpLayout(ArrayRef<int64_t> layout) {
    return detail::getBroadcastLayout(this->getOperation(), layout);
  }
  Operation *buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                           ValueRange operands) {
    auto op = cast<ConcreteOp>(this->getOperation());
    auto copy = cast<ConcreteOp>(
        detail::cloneInLayout(builder, op, *getOpLayout(layout), operands));
    copy.setAxis(findAxis(layout, op.getAxis()));
    return copy;
  }
};

} // namespace mlir::nnc

#include "nnc/Interfaces/LayoutOpInterface.h.inc"

#endif // NNC_INTERFACES_LAYOUTOPINTERFACE_H
