//===----------------------------------------------------------------------===//
// Import of reductions and normalizations.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

void onnximport::addReductionOperators(OpTable &table) {}
