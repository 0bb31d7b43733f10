//===----------------------------------------------------------------------===//
// Element-wise ops as a function on scalars.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/ScalarOpInterface.h"

#include "nnc/Interfaces/ScalarOpInterface.cpp.inc"
