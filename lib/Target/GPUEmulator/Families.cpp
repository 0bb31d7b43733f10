//===----------------------------------------------------------------------===//
// Which instructions the emulator carries out by handlers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Site.h"

using namespace nncgpu;

bool nncgpu::matchOpcode(llvm::StringRef opcode, Site &site) {
  for (Matcher matches :
       {matchRegisters, matchWarp, matchClusters, matchBarriers,
        matchTransactionBarriers, matchTensorCopies, matchAsyncCopies,
        matchMatrices, matchProducts, matchWarpgroup, matchArithmetic,
        matchConversions})
    if (matches(opcode, site))
      return true;
  return false;
}
