//===----------------------------------------------------------------------===//
// The nn dialect: graph ops and the schedule.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_NNOPS_H
#define NNC_DIALECTS_NN_IR_NNOPS_H

#include "dialects/HW/IR/HWDialect.h"
#include "dialects/NN/IR/ElementwiseUtils.h"
#include "dialects/NN/IR/WindowUtils.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nnc/Interfaces/CostOpInterface.h"
#include "nnc/Interfaces/DataMovementOpInterface.h"
#include "nnc/Interfaces/DecomposableOpInterface.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Interfaces/EvalOpInterface.h"
#include "nnc/Interfaces/LayoutOpInterface.h"
#include "nnc/Interfaces/MovementReaderOpInterface.h"
#include "nnc/Interfaces/ScalarOpInterface.h"
#include "nnc/Interfaces/ShapeOpInterface.h"
#include <limits>

#include "dialects/NN/IR/NNDialect.h.inc"
#include "dialects/NN/IR/NNEnums.h.inc"
#include "dialects/NN/IR/WeightTransformInterface.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/NN/IR/NNAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/NN/IR/NNTypes.h.inc"

namespace mlir::nnc::nn {

namespace detail {
/// Folds `op` by its evaluator when all operands are constants and no result
/// exceeds `foldElementLimit` elements.
LogicalResult foldByEvaluation(Operation *op, ArrayRef<Attribute> operands,
                               SmallVectorImpl<OpFoldResult> &results);
} // namespace detail

/// Results above this many elements are not folded, so that a fold can't blow
/// up a module.
inline constexpr int64_t foldElementLimit = 65536;

/// See NN_FoldByEvaluation.
template <typename ConcreteOp>
class FoldByEvaluation
    : public OpTrait::TraitBase<ConcreteOp, FoldByEvaluation> {
public:
  static LogicalResult foldTrait(Operation *op, ArrayRef<Attribute> operands,
                                 SmallVectorImpl<OpFoldResult> &results) {
    return detail::foldByEvaluation(op, operands, results);
  }
};

} // namespace mlir::nnc::nn

#define GET_OP_CLASSES
#include "dialects/NN/IR/NNOps.h.inc"

namespace mlir::nnc::nn {
/// True for ops on sequences and optional values, which the host runs.
bool isHostOp(Operation *op);
} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_NNOPS_H
