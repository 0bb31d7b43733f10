//===----------------------------------------------------------------------===//
// Makes a module that shows a fault smaller.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TOOLS_REDUCE_REDUCER_H
#define NNC_TOOLS_REDUCE_REDUCER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <functional>

namespace mlir::nnc {

/// Whether a module still shows the fault. Called with valid modules only.
using InterestTest = std::function<bool(ModuleOp)>;

/// The smallest module that was found of which `test` is true, as it is of
/// `module`, which has an entry point. Ops behind the fault go first, then
/// those before it, whose results become arguments, then single ones: about
/// 2·log2(ops) tests and one for each op that is left, until nothing changes.
OwningOpRef<ModuleOp> reduceModule(OwningOpRef<ModuleOp> module,
                                   const InterestTest &test);

} // namespace mlir::nnc

#endif // NNC_TOOLS_REDUCE_REDUCER_H
