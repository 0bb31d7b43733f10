//===----------------------------------------------------------------------===//
// What rewritten kernels call for their loads and stores.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_ACCESS_H
#define NNC_LIB_TARGET_GPUEMULATOR_ACCESS_H

#include "lib/Target/GPUEmulator/Site.h"

namespace nncgpu {

/// Check the access that `site` describes, by the running thread, and return
/// where to do it: elsewhere if it is wrong.
uint8_t *accessGlobal(const Site &site, uint64_t address);
uint8_t *accessShared(const Site &site, uint64_t address);
uint8_t *accessGeneric(const Site &site, uint64_t address);

/// Checks what a memcpy or memset touches; gives the launch up if it is wrong.
void accessRange(const Site &site, uint64_t address, uint64_t bytes);

/// The shared memory of the running block, and its dynamic part.
uint8_t *sharedBase();
uint8_t *dynamicShared();

void trapThread(const Site &site);

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_ACCESS_H
