//===----------------------------------------------------------------------===//
// Asks the importer which element types an operator takes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_IMPORT_ONNX_OPERATORPROBE_H
#define NNC_IMPORT_ONNX_OPERATORPROBE_H

#include "nnc/DataIO/Tensor.h"
#include "nnc/Import/ONNX/Importer.h"

namespace mlir::nnc {

/// The element types of which the importer, with type inference and verifiers,
/// accepts a small node of `op` whose data has this type; in the order of
/// nncio::ElementType. Empty if no node that it tries is accepted with any.
/// Diagnostics of the attempts are swallowed.
std::vector<nncio::ElementType> probeElementTypes(MLIRContext *context,
                                                  const SupportedOperator &op);

} // namespace mlir::nnc

#endif // NNC_IMPORT_ONNX_OPERATORPROBE_H
