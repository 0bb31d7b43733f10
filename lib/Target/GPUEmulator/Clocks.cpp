//===----------------------------------------------------------------------===//
// Who knows of whose work.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Clocks.h"

#include <algorithm>

using namespace nncgpu;

void Clocks::begin(uint32_t count) {
  for (uint32_t time : times)
    base = std::max(base, time);
  threads = count;
  times.assign(count, base + 1);
  known.assign(count, VectorClock());
  everyone.clear();
}

void Clocks::release(uint32_t thread, VectorClock &into) {
  into.join(known[thread]);
  into.raise(thread, now(thread));
  tick(thread);
}

void Clocks::meet(llvm::ArrayRef<uint32_t> group) {
  VectorClock together;
  for (uint32_t thread : group)
    release(thread, together);
  if (group.size() < threads) {
    for (uint32_t thread : group)
      acquire(thread, together);
    return;
  }
  // What everyone knows needs no entry in each clock.
  everyone.join(together);
  for (VectorClock &clock : known)
    clock.clear();
}
