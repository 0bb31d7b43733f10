//===----------------------------------------------------------------------===//
// Progress of compiling, phase by phase.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_PHASEPROGRESS_H
#define NNC_LIB_DRIVER_PHASEPROGRESS_H

#include "Compile.h"
#include "nnc/Runner/Progress.h"

namespace mlir::nnc::driver {

/// Lets `progress`, which must live as long as `request` is used, say which
/// phase runs. Keeps what is called after phases already.
inline void followPhases(CompileRequest &request, nncrun::Progress &progress) {
  request.compiler.afterPhase = [before = request.compiler.afterPhase,
                                 &progress](Phase phase, ModuleOp module) {
    if (before)
      before(phase, module);
    progress.tell(phase == Phase::LLVM
                      ? "generating code"
                      : "compiling, phase " +
                            stringifyPhase(Phase(int(phase) + 1)).str());
  };
}

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_PHASEPROGRESS_H
