//===----------------------------------------------------------------------===//
// LLVM's own pipeline, as all targets run it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_OPTIMIZE_H
#define NNC_LIB_TARGET_OPTIMIZE_H

#include "llvm/IR/Module.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::nnc {

/// The level of -O0 to -O3; numbers beyond count as the nearest.
llvm::OptimizationLevel getOptimizationLevel(int optLevel);

/// Runs the default pipeline of `level` on one module.
void runPipeline(llvm::Module &module, llvm::TargetMachine &machine,
                 llvm::OptimizationLevel level,
                 const llvm::PipelineTuningOptions &tuning);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_OPTIMIZE_H
