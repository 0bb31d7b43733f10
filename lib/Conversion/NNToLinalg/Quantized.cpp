//===----------------------------------------------------------------------===//
// Lowering of quantized ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

void mlir::nnc::populateNNQuantizedToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {}
