//===----------------------------------------------------------------------===//
// Lowering of ops that search and sort.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

void mlir::nnc::populateNNSelectionToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {}
