//===----------------------------------------------------------------------===//
// Tensors in the orders of axes in which a block has them so far.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_LAYOUTFORMS_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_LAYOUTFORMS_H

#include "nnc/Interfaces/LayoutOpInterface.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::nnc {

/// A value that has the elements of another one in `layout`.
struct LayoutForm {
  Layout layout;
  Value value;
};

/// The forms of each value. A value that has never been mentioned has one, its
/// own.
class LayoutForms {
public:
  /// Never empty.
  ArrayRef<LayoutForm> get(Value value);
  /// From now on `value` exists in these forms only.
  void set(Value value, ArrayRef<LayoutForm> list);
  bool isMoved(Value value) const { return forms.contains(value); }

  /// Bytes to move for `value` in `layout`; empty: in its own. See
  /// OpLayout::operands.
  double getCost(Value value, ArrayRef<int64_t> layout);
  /// `value` in `layout`, made at the builder's insertion point where there is
  /// no such form.
  Value request(OpBuilder &builder, Value value, ArrayRef<int64_t> layout);

private:
  DenseMap<Value, SmallVector<LayoutForm, 2>> forms;
};

/// Bytes of a tensor. A dynamic dimension counts as 32.
double estimateBytes(RankedTensorType type);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_LAYOUTFORMS_H
