//===----------------------------------------------------------------------===//
// Counts what the accesses of warps cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/AccessCounts.h"

#include "llvm/ADT/SmallVector.h"

#include <algorithm>

using namespace nncgpu;

void AccessCounts::note(Counters &counters, uint32_t warp, uint32_t lane,
                        uint32_t site, bool isShared, uint64_t address,
                        uint32_t bytes) {
  Stream &stream = open[uint64_t(warp) << 32 | site];
  stream.isShared = isShared;
  stream.bytes = bytes;
  uint64_t at = stream.next[lane]++ - stream.first;
  if (at >= stream.requests.size())
    stream.requests.resize(at + 1);
  Request &request = stream.requests[at];
  request.addresses[lane] = address;
  request.lanes |= 1u << lane;
  while (!stream.requests.empty() && stream.requests.front().lanes == ~0u) {
    count(counters, stream, stream.requests.front());
    stream.requests.pop_front();
    ++stream.first;
  }
}

void AccessCounts::finish(Counters &counters) {
  for (const auto &entry : open)
    for (const Request &request : entry.second.requests)
      count(counters, entry.second, request);
  open.clear();
}

uint64_t AccessCounts::wavefronts(llvm::ArrayRef<uint64_t> addresses,
                                  uint32_t bytes) {
  constexpr unsigned banks = 32;
  size_t group = std::max(1u, 128 / std::max(4u, bytes));
  uint64_t total = 0;
  for (size_t begin = 0; begin < addresses.size(); begin += group) {
    std::array<llvm::SmallVector<uint64_t, 4>, banks> words;
    uint64_t most = 1;
    for (uint64_t address :
         addresses.slice(begin, std::min(group, addresses.size() - begin)))
      for (uint64_t word = address / 4; word <= (address + bytes - 1) / 4;
           ++word) {
        auto &bank = words[word % banks];
        if (!llvm::is_contained(bank, word))
          bank.push_back(word);
        most = std::max<uint64_t>(most, bank.size());
      }
    total += most;
  }
  return total;
}

void AccessCounts::count(Counters &counters, const Stream &stream,
                         const Request &request) {
  llvm::SmallVector<uint64_t, 32> addresses;
  for (unsigned lane = 0; lane < 32; ++lane)
    if (request.lanes >> lane & 1)
      addresses.push_back(request.addresses[lane]);
  if (stream.isShared) {
    uint64_t bytes = addresses.size() * std::max(4u, stream.bytes);
    ++counters.sharedRequests;
    counters.sharedWavefronts += wavefronts(addresses, stream.bytes);
    counters.idealWavefronts += (bytes + 127) / 128;
    return;
  }
  constexpr uint64_t sectorBytes = 32;
  llvm::SmallVector<uint64_t, 64> sectors;
  for (uint64_t address : addresses)
    for (uint64_t sector = address / sectorBytes;
         sector <= (address + stream.bytes - 1) / sectorBytes; ++sector)
      sectors.push_back(sector);
  llvm::sort(sectors);
  ++counters.globalRequests;
  counters.globalSectors +=
      std::unique(sectors.begin(), sectors.end()) - sectors.begin();
  counters.idealSectors +=
      (addresses.size() * stream.bytes + sectorBytes - 1) / sectorBytes;
}
