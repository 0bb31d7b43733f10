//===----------------------------------------------------------------------===//
// From ONNX to the nn dialect.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_IMPORT_ONNX_IMPORTER_H
#define NNC_IMPORT_ONNX_IMPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include <string>
#include <vector>

namespace mlir::nnc {

struct ImportOptions {
  /// Input shapes that replace the model's, by input name; -1 stays dynamic.
  llvm::StringMap<SmallVector<int64_t>> shapes;
  /// Values of symbolic dimensions, by name.
  llvm::StringMap<int64_t> dims;
  /// Copy all weights into the module instead of referring to the file.
  bool inlineWeights = false;
};

/// One operator that the importer knows: the rows of the table of supported
/// operators in the docs.
struct SupportedOperator {
  std::string domain;
  std::string name;
  int64_t sinceVersion;
};
std::vector<SupportedOperator> getSupportedOperators();

/// Reads the model at `path` (see onnximport::loadModel for the forms) into a
/// module with one entry point. Every problem of the model is reported as an
/// error diagnostic that names the node, all unsupported nodes at once; then
/// the result is null.
OwningOpRef<ModuleOp> importONNX(MLIRContext *context, StringRef path,
                                 const ImportOptions &options);

} // namespace mlir::nnc

#endif // NNC_IMPORT_ONNX_IMPORTER_H
