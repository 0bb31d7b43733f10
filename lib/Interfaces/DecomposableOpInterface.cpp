//===----------------------------------------------------------------------===//
// Ops that stand for several others.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/DecomposableOpInterface.h"

#include "nnc/Interfaces/DecomposableOpInterface.cpp.inc"
