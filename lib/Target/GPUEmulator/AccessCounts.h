//===----------------------------------------------------------------------===//
// Counts what the accesses of warps cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_ACCESSCOUNTS_H
#define NNC_LIB_TARGET_GPUEMULATOR_ACCESSCOUNTS_H

#include "nnc/Target/GPUEmulator/Emulator.h"
#include "llvm/ADT/DenseMap.h"

#include <array>
#include <deque>

namespace nncgpu {

/// Lanes run one after the other, so the n-th access of each lane at an
/// instruction is taken to be of the n-th request of its warp there.
class AccessCounts {
public:
  void begin() { open.clear(); }
  /// An access of a lane.
  void note(Counters &counters, uint32_t warp, uint32_t lane, uint32_t site,
            bool isShared, uint64_t address, uint32_t bytes);
  /// Counts the requests that not all lanes took part in.
  void finish(Counters &counters);

  /// Wavefronts that reading or writing `bytes` bytes at each of `addresses` in
  /// shared memory takes: lanes are served in groups of 128 bytes, and a group
  /// as often as the most used of the 32 banks has different words.
  static uint64_t wavefronts(llvm::ArrayRef<uint64_t> addresses,
                             uint32_t bytes);

private:
  struct Request {
    std::array<uint64_t, 32> addresses;
    uint32_t lanes = 0;
  };
  struct Stream {
    bool isShared = false;
    uint32_t bytes = 0;
    /// The number of the first request in `requests`, and each lane's next.
    uint64_t first = 0;
    std::array<uint64_t, 32> next{};
    std::deque<Request> requests;
  };

  static void count(Counters &counters, const Stream &stream,
                    const Request &request);

  llvm::DenseMap<uint64_t, Stream> open;
};

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_ACCESSCOUNTS_H
