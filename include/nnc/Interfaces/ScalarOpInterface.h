//===----------------------------------------------------------------------===//
// Element-wise ops as a function on scalars.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_SCALAROPINTERFACE_H
#define NNC_INTERFACES_SCALAROPINTERFACE_H

#include "mlir/IR/OpDefinition.h"

#include "nnc/Interfaces/ScalarOpInterface.h.inc"

#endif // NNC_INTERFACES_SCALAROPINTERFACE_H
