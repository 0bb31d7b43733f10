//===----------------------------------------------------------------------===//
// Ops that read and write through movements of elements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/MovementReaderOpInterface.h"

#include "nnc/Interfaces/MovementReaderOpInterface.cpp.inc"
