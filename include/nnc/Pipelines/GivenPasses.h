//===----------------------------------------------------------------------===//
// Passes of the user's own in place of the first phases.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_PIPELINES_GIVENPASSES_H
#define NNC_PIPELINES_GIVENPASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace mlir::nnc {

/// On a module that `runGivenPasses` has worked on: the graph phase is over,
/// whatever its ops look like.
inline constexpr llvm::StringLiteral givenPassesAttrName = "nn.given_passes";

/// Adds the passes of `text` to `manager`, which runs on modules: a list in
/// MLIR's syntax, alone or inside of "builtin.module(...)". Fails, with the
/// reason on `errors`, if it is not one.
LogicalResult parsePipeline(StringRef text, OpPassManager &manager,
                            llvm::raw_ostream &errors);

/// Runs such a list on an imported module, then the check of the phase that it
/// ends in, on which all behind it relies; that phase is over then. Errors are
/// emitted as diagnostics.
LogicalResult runGivenPasses(ModuleOp module, StringRef text);

} // namespace mlir::nnc

#endif // NNC_PIPELINES_GIVENPASSES_H
