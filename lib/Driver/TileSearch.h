//===----------------------------------------------------------------------===//
// nnc compile --tile-search: tilings by measurement.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_TILESEARCH_H
#define NNC_LIB_DRIVER_TILESEARCH_H

#include "Compile.h"

namespace mlir::nnc::driver {

/// The options --tile-search and --tuning.
const std::vector<nncrun::OptionSpec> &tileSearchOptions();

/// Reads them. --tuning names the file of measured tilings, which --tile-search
/// makes or adds to: beside `output` if it is not named. With --tile-search=N
/// the contractions of `module` that the file knows nothing of are compiled
/// with the N tilings that the model ranks highest, one library a number, and
/// measured by one thread in rounds; what the model ranks first stays unless
/// another one is clearly faster. `request` then compiles by that file. Returns
/// an exit code, after reporting what is wrong.
int searchTilings(const Arguments &arguments, const std::string &output,
                  ModuleOp module, CompileRequest &request);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_TILESEARCH_H
