//===----------------------------------------------------------------------===//
// LLVM's own pipeline, as all targets run it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/Optimize.h"

#include "llvm/Transforms/Vectorize/LoadStoreVectorizer.h"

#include <algorithm>

using llvm::OptimizationLevel;

OptimizationLevel mlir::nnc::getOptimizationLevel(int optLevel) {
  static const OptimizationLevel levels[] = {
      OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2,
      OptimizationLevel::O3};
  return levels[std::clamp(optLevel, 0, 3)];
}

void mlir::nnc::runPipeline(llvm::Module &module, llvm::TargetMachine &machine,
                            OptimizationLevel level,
                            const llvm::PipelineTuningOptions &tuning) {
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  // Code generation for GPUs does it anyway; done here, emulators that take the
  // IR see the accesses that there will be.
  if (module.getTargetTriple().isNVPTX())
    builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager &last,
                                               OptimizationLevel,
                                               llvm::ThinOrFullLTOPhase) {
      last.addPass(llvm::createModuleToFunctionPassAdaptor(
          llvm::LoadStoreVectorizerPass()));
    });
  llvm::ModulePassManager passes =
      level == OptimizationLevel::O0
          ? builder.buildO0DefaultPipeline(level)
          : builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
}
