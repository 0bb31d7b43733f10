//===----------------------------------------------------------------------===//
// The work an op does.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/CostOpInterface.h"

#include "nnc/Interfaces/CostOpInterface.cpp.inc"
