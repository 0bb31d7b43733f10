//===----------------------------------------------------------------------===//
// Lowering of recurrent cells.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

void mlir::nnc::populateNNRecurrentToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {}
