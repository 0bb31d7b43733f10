//===----------------------------------------------------------------------===//
// Ops that only move elements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/DataMovementOpInterface.h"

#include "nnc/Interfaces/DataMovementOpInterface.cpp.inc"
