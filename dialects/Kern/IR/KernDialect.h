//===----------------------------------------------------------------------===//
// The kern dialect: computations that have machine code of their own shape.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_IR_KERNDIALECT_H
#define NNC_DIALECTS_KERN_IR_KERNDIALECT_H

#include "dialects/HW/IR/HWDialect.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nnc/Interfaces/CostOpInterface.h"

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::nnc::kern {

/// The loops of a contraction; ShapedType::kDynamic where a size is not known.
struct Extents {
  int64_t batch;   ///< Products by themselves: batches, groups, positions.
  int64_t rows;    ///< Rows that share columns and that a tile may span.
  int64_t runs;    ///< How many such runs of rows: lines of an image.
  int64_t columns; ///< Of each batch, vectorized.
  int64_t depth;   ///< Products an element.
  /// True if sums may wait in the result between blocks of the depth.
  bool canSplitDepth;
  /// Bytes that a unit keeps a row, 0: those of the depth.
  int64_t rowBytes = 0;
  /// Where the left operand is a vector a row, which rows share: the last axis
  /// of the window that slides over it. 0: a factor for all columns of the row.
  int64_t window = 0;
  int64_t stride = 1, dilation = 1; ///< Of the window.
  bool isPadded = false; ///< The window reaches beyond both ends of the rows.
  /// Places of the result, along rows and along runs, that one row makes.
  int64_t tile = 1;
};

/// Rows and runs to calculate with where a size is not known: those of an image
/// or a product of middle size.
inline std::pair<int64_t, int64_t> assumeRowsAndRuns(const Extents &extents) {
  auto known = [&](int64_t size, int64_t otherwise) {
    return ShapedType::isDynamic(size) ? otherwise / extents.tile
                                       : std::max<int64_t>(size, 1);
  };
  return {known(extents.rows, 128), known(extents.runs, 32)};
}

/// The product, unknown if a factor is.
int64_t multiplySizes(ArrayRef<int64_t> sizes);

/// How a constant tensor is brought into panels: a filter for Winograd's
/// transform is transformed to [positions, C, F]; then reshaped to `shape`,
/// padded with zeros by `pads` at the end of each dimension, reshaped to
/// `split`, transposed so that axis i of the result is axis `permutation[i]`.
struct Packing {
  SmallVector<int64_t> shape, pads, split, permutation;
  /// The type of the result.
  RankedTensorType type;
  /// The tile of Winograd's transform, 0: none.
  int64_t winogradTile = 0;
};

/// True of a product or convolution of bytes, whose sums are integers.
template <typename OpTy>
bool multipliesBytes(OpTy op) {
  return getElementTypeOrSelf(op.getPackedOperand().get()).isInteger(8) &&
         op.getSumType().isInteger(32);
}

/// Makes the ops of the dialect known to one-shot bufferization.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::nnc::kern

#include "dialects/Kern/IR/KernDialect.h.inc"
#include "dialects/Kern/IR/KernEnums.h.inc"
#include "dialects/Kern/IR/KernInterfaces.h.inc"
#define GET_OP_CLASSES
#include "dialects/Kern/IR/KernOps.h.inc"

#endif // NNC_DIALECTS_KERN_IR_KERNDIALECT_H
