//===----------------------------------------------------------------------===//
// --quantize for weights alone.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_WEIGHTOPTIONS_H
#define NNC_LIB_DRIVER_WEIGHTOPTIONS_H

#include "Compile.h"
#include "nnc/Compression/WeightPasses.h"

namespace mlir::nnc::driver {

/// Options of nnc compile that bring weights into fewer bits.
const std::vector<nncrun::OptionSpec> &weightOptions();

/// True if --quantize=`name` is of weights alone.
bool isWeightForm(const std::string &name);

/// Brings the weights of a module of the graph phase into fewer bits.
LogicalResult quantizeWeightsOf(ModuleOp module,
                                const QuantizeWeightsPassOptions &options);

/// Lets the graph phase of `request` end with what `arguments` ask of weights.
/// Returns an exit code for wrong usage, which is reported before a model is
/// read.
int addWeightQuantization(const Arguments &arguments, CompileRequest &request);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_WEIGHTOPTIONS_H
