//===----------------------------------------------------------------------===//
// Ops that only move elements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_DATAMOVEMENTOPINTERFACE_H
#define NNC_INTERFACES_DATAMOVEMENTOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"

#include "nnc/Interfaces/DataMovementOpInterface.h.inc"

#endif // NNC_INTERFACES_DATAMOVEMENTOPINTERFACE_H
