//===----------------------------------------------------------------------===//
// The reference evaluator: ops computed on host tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_EVALOPINTERFACE_H
#define NNC_INTERFACES_EVALOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"
#include "nnc/DataIO/Tensor.h"
#include <string>

#include "nnc/Interfaces/EvalOpInterface.h.inc"

namespace mlir::nnc {

/// Computes `op`, which has EvalOpInterface and ShapeOpInterface, on concrete
/// operands: infers the result shapes from them, allocates, evaluates. The
/// message of a failure names the op.
nncio::Result<std::vector<nncio::Tensor>>
evaluateOp(Operation *op, ArrayRef<nncio::Tensor> operands);

} // namespace mlir::nnc

#endif // NNC_INTERFACES_EVALOPINTERFACE_H
