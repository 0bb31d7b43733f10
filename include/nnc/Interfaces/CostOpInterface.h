//===----------------------------------------------------------------------===//
// The work an op does.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_COSTOPINTERFACE_H
#define NNC_INTERFACES_COSTOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"

#include "nnc/Interfaces/CostOpInterface.h.inc"

#endif // NNC_INTERFACES_COSTOPINTERFACE_H
