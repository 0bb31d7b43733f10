//===----------------------------------------------------------------------===//
// Numbers of few bits, widened in vector registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_NARROWCODES_H
#define NNC_DIALECTS_KERN_TRANSFORMS_NARROWCODES_H

#include "LoopBuilder.h"
#include "dialects/HW/IR/HWDialect.h"

namespace mlir::nnc::kern {

/// Makes f32 of packed codes, as `kern.narrow_gemm` has them: an element of a
/// vector holds one or several codes of its column.
class NarrowCodes {
public:
  /// `stored` as in the op.
  NarrowCodes(LoopBuilder &loops, Type stored, int64_t lanes,
              hw::TargetAttr target);

  /// Code `index` of each of `elements`, divided by getFactor().
  Value widen(Value elements, int64_t index);
  /// A power of two by which what is widened is too small.
  double getFactor() const;

private:
  Value widenInteger(Value words, int64_t index);
  Value widenFloat8(Value bytes);
  Value splat(Type elementType, int64_t number);

  LoopBuilder &loops;
  Type stored;
  int64_t lanes;
  Value table; ///< The 16 numbers of 4 bits, null: they are computed.
};

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_NARROWCODES_H
