//===----------------------------------------------------------------------===//
// Ops that read and write through movements of elements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_MOVEMENTREADEROPINTERFACE_H
#define NNC_INTERFACES_MOVEMENTREADEROPINTERFACE_H

#include "mlir/IR/OpDefinition.h"

#include "nnc/Interfaces/MovementReaderOpInterface.h.inc"

#endif // NNC_INTERFACES_MOVEMENTREADEROPINTERFACE_H
