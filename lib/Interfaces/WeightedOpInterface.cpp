//===----------------------------------------------------------------------===//
// Ops that are linear in constant weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/WeightedOpInterface.h"

#include "nnc/Interfaces/WeightedOpInterface.cpp.inc"
