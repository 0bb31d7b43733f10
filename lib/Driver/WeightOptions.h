//===----------------------------------------------------------------------===//
// --quantize for weights alone.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_WEIGHTOPTIONS_H
#define NNC_LIB_DRIVER_WEIGHTOPTIONS_H

#include "Compile.h"

namespace mlir::nnc::driver {

/// Options of nnc compile that bring weights into fewer bits.
const std::vector<nncrun::OptionSpec> &weightOptions();

/// What `arguments` ask for: wrong usage is reported before a model is read.
int checkWeightOptions(const Arguments &arguments);

/// Takes `module` to the graph phase and does what `arguments` ask for; nothing
/// without --quantize. Returns an exit code; failures have been reported.
int quantizeModuleWeights(const Arguments &arguments, ModuleOp module,
                          CompileRequest &request);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_WEIGHTOPTIONS_H
