//===----------------------------------------------------------------------===//
// Ops that can be computed with small integers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/QuantizableOpInterface.h"

#include "nnc/Interfaces/QuantizableOpInterface.cpp.inc"
