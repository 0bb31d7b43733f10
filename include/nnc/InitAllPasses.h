//===----------------------------------------------------------------------===//
// Every pass and named pipeline.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INITALLPASSES_H
#define NNC_INITALLPASSES_H

namespace mlir::nnc {

/// Ours, and of upstream's those that a person needs beside them.
void registerAllPasses();

} // namespace mlir::nnc

#endif // NNC_INITALLPASSES_H
