//===----------------------------------------------------------------------===//
// Barrier objects in shared memory, for the instructions that use them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_TRANSACTIONBARRIERS_H
#define NNC_LIB_TARGET_GPUEMULATOR_TRANSACTIONBARRIERS_H

#include "lib/Target/GPUEmulator/Machine.h"

namespace nncgpu {

/// The barrier at an address, with its block. Reports and gives the launch up
/// if none was initialized there.
std::pair<Block *, TransactionBarrier *>
findBarrier(Machine &machine, const Site &site, uint64_t address);

/// Bytes of the asynchronous copy at event `time` of the barrier's engine have
/// come: what is missing is less by them.
void completeBytes(Machine &machine, TransactionBarrier &barrier, int64_t bytes,
                   uint32_t time);

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_TRANSACTIONBARRIERS_H
