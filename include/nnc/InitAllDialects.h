//===----------------------------------------------------------------------===//
// Every dialect that the compiler's input and its phases may hold.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INITALLDIALECTS_H
#define NNC_INITALLDIALECTS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::nnc {

/// Dialects and the external models that the pipelines need of them.
void registerAllDialects(DialectRegistry &registry);

} // namespace mlir::nnc

#endif // NNC_INITALLDIALECTS_H
