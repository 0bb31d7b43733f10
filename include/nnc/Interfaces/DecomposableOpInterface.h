//===----------------------------------------------------------------------===//
// Ops that stand for several others.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_DECOMPOSABLEOPINTERFACE_H
#define NNC_INTERFACES_DECOMPOSABLEOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include "nnc/Interfaces/DecomposableOpInterface.h.inc"

#endif // NNC_INTERFACES_DECOMPOSABLEOPINTERFACE_H
