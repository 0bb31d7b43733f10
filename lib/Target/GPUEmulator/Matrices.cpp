//===----------------------------------------------------------------------===//
// Moves of 8x8 matrices of 16-bit elements between shared memory and registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"

using namespace nncgpu;

static constexpr unsigned rowBytes = 16;

/// The row addresses of matrix `t`, checked; rows that can't be accessed are
/// replaced by scratch memory.
static std::array<uint64_t, 8> rowsOf(Machine &machine, Meeting &meeting,
                                      unsigned t, bool isWrite) {
  std::array<uint64_t, 8> rows;
  Machine::Access access;
  access.isWrite = isWrite;
  access.align = rowBytes;
  for (unsigned i = 0; i < 8; ++i) {
    unsigned lane = t * 8 + i;
    rows[i] = reinterpret_cast<uint64_t>(machine.scratch);
    if (!meeting.has(lane))
      continue;
    machine.thread = &meeting.thread(lane);
    uint64_t address = machine.sharedAddress(meeting.args[lane][0]);
    if (machine.checkShared(*meeting.site, address, rowBytes, access))
      rows[i] = address;
  }
  ++machine.counters.sharedRequests;
  ++machine.counters.idealWavefronts;
  machine.counters.sharedWavefronts += AccessCounts::wavefronts(rows, rowBytes);
  return rows;
}

/// config: matrices, whether they are transposed.
static void loadBody(Machine &machine, Meeting &meeting) {
  auto matrices = unsigned(meeting.site->config[0]);
  bool isTransposed = meeting.site->config[1];
  for (unsigned t = 0; t < matrices; ++t) {
    uint16_t elements[8][8];
    std::array<uint64_t, 8> rows =
        rowsOf(machine, meeting, t, /*isWrite=*/false);
    for (unsigned i = 0; i < 8; ++i)
      std::memcpy(elements[i], reinterpret_cast<void *>(rows[i]), rowBytes);
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      if (!meeting.has(lane))
        continue;
      unsigned row = lane / 4, column = lane % 4 * 2;
      uint32_t low =
          isTransposed ? elements[column][row] : elements[row][column];
      uint32_t high =
          isTransposed ? elements[column + 1][row] : elements[row][column + 1];
      meeting.results[lane][t] = low | high << 16;
    }
  }
}

static void storeBody(Machine &machine, Meeting &meeting) {
  auto matrices = unsigned(meeting.site->config[0]);
  bool isTransposed = meeting.site->config[1];
  for (unsigned t = 0; t < matrices; ++t) {
    std::array<uint64_t, 8> rows =
        rowsOf(machine, meeting, t, /*isWrite=*/true);
    uint16_t elements[8][8] = {};
    for (unsigned lane = 0; lane < warpSize; ++lane) {
      if (!meeting.has(lane))
        continue;
      unsigned row = lane / 4, column = lane % 4 * 2;
      auto pair = uint32_t(meeting.args[lane][1 + t]);
      (isTransposed ? elements[column][row] : elements[row][column]) =
          uint16_t(pair);
      (isTransposed ? elements[column + 1][row] : elements[row][column + 1]) =
          uint16_t(pair >> 16);
    }
    for (unsigned i = 0; i < 8; ++i)
      std::memcpy(reinterpret_cast<void *>(rows[i]), elements[i], rowBytes);
  }
}

template <Meeting::Body body>
static void moveMatrices(const Site &site, Slot *results, const Slot *args) {
  Machine::current().meet(site, warpSize, 0xffffffffu, results, args, body);
}

bool nncgpu::matchMatrices(llvm::StringRef opcode, Site &site) {
  bool isLoad = opcode.starts_with("ldmatrix.sync.aligned.");
  if (!isLoad && !opcode.starts_with("stmatrix.sync.aligned."))
    return false;
  // The order of the parts differs between intrinsics and PTX.
  llvm::SmallVector<llvm::StringRef> parts;
  opcode.split(parts, '.');
  int32_t matrices = 0;
  for (llvm::StringRef part : parts)
    if (part.size() == 2 && part[0] == 'x')
      matrices = part[1] - '0';
  if (!matrices || !llvm::is_contained(parts, "m8n8") ||
      !llvm::is_contained(parts, "b16"))
    return false;
  site.config = {matrices, llvm::is_contained(parts, "trans")};
  site.handler = isLoad ? moveMatrices<loadBody> : moveMatrices<storeBody>;
  site.writesFirst = isLoad;
  return true;
}
