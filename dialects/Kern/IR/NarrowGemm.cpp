//===----------------------------------------------------------------------===//
// kern.narrow_gemm: verifier, extents, packing.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/KernNarrow.h"
#include "dialects/Kern/IR/KernSizes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

#define GET_OP_CLASSES
#include "dialects/Kern/IR/KernNarrowOps.cpp.inc"

/// Bits of the words that codes of less than 8 bits are joined in.
static constexpr int64_t wordBits = 32;

static bool isStored(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return !integer.isSigned() &&
           llvm::is_contained({2, 4, 8}, int(integer.getWidth()));
  return isa<Float8E4M3FNType, Float8E5M2Type, Float16Type, BFloat16Type>(type);
}

int64_t NarrowGemmOp::getGroups() {
  return shapedTypeOf(getWeights()).getDimSize(getPacked() ? 1 : 0);
}

int64_t NarrowGemmOp::getColumns() {
  return shapedTypeOf(getInit()).getShape().back();
}

int64_t NarrowGemmOp::getCodesPerElement() {
  int64_t bits = getStored().getIntOrFloatBitWidth();
  return bits < 8 ? wordBits / bits : 1;
}

void NarrowGemmOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

/// Element type and shape that an operand of weights must have.
static LogicalResult checkOperand(Operation *op, StringRef what, Value operand,
                                  ArrayRef<int64_t> shape,
                                  ArrayRef<Type> types) {
  ShapedType type = shapedTypeOf(operand);
  if (type.getShape() == shape &&
      llvm::is_contained(types, type.getElementType()))
    return success();
  return op->emitOpError("expects ")
         << what << " of shape [" << shape << "] and of type " << types
         << ", but got " << type;
}

LogicalResult NarrowGemmOp::verify() {
  if (failed(verifyKernEpilogue(*this, getExtras())))
    return failure();
  ShapedType lhs = shapedTypeOf(getLhs()), result = shapedTypeOf(getInit()),
             weights = shapedTypeOf(getWeights());
  int64_t rank = lhs.getRank(), group = getGroup();
  Builder b(getContext());
  Type stored = getStored(), i8 = b.getI8Type();
  if (!isStored(stored))
    return emitOpError("expects 'stored' to be an integer of 2, 4 or 8 bits, "
                       "f8E4M3FN, f8E5M2, f16 or bf16, but got ")
           << stored;
  if (!getSumType().isF32())
    return emitOpError("expects sums of f32, but got ") << getSumType();
  if (rank < 2 || result.getRank() != rank ||
      weights.getRank() != (getPacked() ? 4 : 3))
    return emitOpError("expects operands of equal rank, at least 2, and "
                       "weights of rank ")
           << (getPacked() ? 4 : 3) << ", but got " << lhs << ", " << result
           << " and " << weights;
  for (int64_t axis = 0; axis + 1 < rank; ++axis)
    if (failed(checkDim(*this, "the left operand", axis, lhs.getDimSize(axis),
                        result.getDimSize(axis))))
      return failure();
  int64_t depth = lhs.getShape().back(), columns = getColumns();
  if (ShapedType::isDynamic(depth) || ShapedType::isDynamic(columns) ||
      depth < 1 || columns < 1 || group < 1)
    return emitOpError("expects a known depth, known columns and a group of 1 "
                       "or more");
  if (bool(getScale()) == isa<Float16Type, BFloat16Type>(stored) ||
      (getZeroPoint() && !isa<IntegerType>(stored)))
    return emitOpError("expects scales unless 'stored' is f16 or bf16, and "
                       "zero points of integers only");
  if (getPacked() && !getTiling())
    return emitOpError("expects packed weights to come with a tiling");
  int64_t groups = llvm::divideCeil(depth, group);
  SmallVector<int64_t> perGroup{groups, columns}, all{groups, group, columns};
  Type element = stored;
  if (getPacked()) {
    int64_t c = getTilingAttr().getColumns(), codes = getCodesPerElement(),
            panels = llvm::divideCeil(columns, c);
    perGroup = {panels, groups, c};
    all = {panels, groups, int64_t(llvm::divideCeil(group, codes)), c};
    if (codes > 1)
      element = b.getI32Type();
    else if (!isa<Float16Type, BFloat16Type>(stored))
      element = i8;
  }
  if (failed(checkOperand(*this, "weights", getWeights(), all, element)))
    return failure();
  if (getScale() && failed(checkOperand(*this, "scales", getScale(), perGroup,
                                        {b.getF16Type(), b.getF32Type()})))
    return failure();
  if (!getZeroPoint())
    return success();
  return checkOperand(*this, "zero points", getZeroPoint(), perGroup, i8);
}

Extents NarrowGemmOp::getExtents() {
  ArrayRef<int64_t> shape = shapedTypeOf(getInit()).getShape();
  int64_t rows = 1;
  for (int64_t size : shape.drop_back())
    rows = ShapedType::isDynamic(size) || ShapedType::isDynamic(rows)
               ? ShapedType::kDynamic
               : rows * size;
  bool holdsSums = shapedTypeOf(getInit()).getElementType() == getSumType();
  return {
      1,        rows, 1, shape.back(), shapedTypeOf(getLhs()).getShape().back(),
      holdsSums};
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// With the type that follows from it.
static Packing finish(Packing packing, Type elementType) {
  SmallVector<int64_t> shape;
  for (int64_t axis : packing.permutation)
    shape.push_back(packing.split[axis]);
  packing.type = RankedTensorType::get(shape, elementType);
  return packing;
}

Packing NarrowGemmOp::getWeightsPacking() {
  int64_t c = getTilingAttr().getColumns(), codes = getCodesPerElement(),
          groups = getGroups(), columns = getColumns(), group = getGroup();
  int64_t panels = llvm::divideCeil(columns, c),
          steps = llvm::divideCeil(group, codes);
  Packing packing;
  packing.shape = {groups, group, columns};
  packing.pads = {0, steps * codes - group, panels * c - columns};
  packing.split = {groups, steps, codes, panels, c};
  packing.permutation = {3, 0, 1, 4, 2};
  // What is an element by itself has no axis of codes.
  if (codes == 1) {
    packing.split = {groups, group, panels, c};
    packing.permutation = {2, 0, 1, 3};
  }
  return finish(std::move(packing), getStored());
}

Packing NarrowGemmOp::getGroupsPacking(Type elementType) {
  int64_t c = getTilingAttr().getColumns(), groups = getGroups(),
          columns = getColumns(), panels = llvm::divideCeil(columns, c);
  Packing packing;
  packing.shape = {groups, columns};
  packing.pads = {0, panels * c - columns};
  packing.split = {groups, panels, c};
  packing.permutation = {1, 0, 2};
  return finish(std::move(packing), elementType);
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

int64_t mlir::nnc::kern::getDirectRows(hw::TilingAttr tiling,
                                       hw::TargetAttr target) {
  // A row has its sums, those of a group and one of its elements; beside them
  // there are a factor, a table and what is just widened.
  int64_t vectors = tiling.getVectors(), others = vectors + 2;
  int64_t free = int64_t(target.getVectorRegisters()) - others;
  return std::clamp<int64_t>(free / (2 * vectors + 1), 1, tiling.getRows());
}

int64_t mlir::nnc::kern::getMostDirectRows(hw::TilingAttr tiling,
                                           hw::TargetAttr target) {
  return 2 * getDirectRows(tiling, target);
}
