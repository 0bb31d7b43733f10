//===----------------------------------------------------------------------===//
// How much arithmetic a function on scalars is.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_SCALARWORK_H
#define NNC_COSTMODEL_SCALARWORK_H

#include "mlir/IR/Block.h"
#include "nnc/Interfaces/ScalarOpInterface.h"

namespace mlir::nnc {

/// Operations an element.
struct ScalarWork {
  double arithmetic = 0; ///< What one instruction, or two, of a vector do.
  double divisions = 0;  ///< Divisions and square roots of floats.
  double functions = 0;  ///< In units of one exponential.
  double serial = 0;     ///< Cycles of what vectors do not have.
};

/// Of the arith and math ops of a block: an epilogue, the body of a loop.
ScalarWork countScalarWork(Block &block);

/// Of what `op` does with an element, built aside. Needs the arith and math
/// dialects loaded; `op` stays as it is.
ScalarWork countScalarWork(ScalarOpInterface op);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_SCALARWORK_H
