//===----------------------------------------------------------------------===//
// The shared memory of a block. Races are found as in "FastTrack: Efficient and
// Precise Dynamic Race Detection" (Flanagan, Freund 2009): the last write and
// the last read of each word, and all readers only where there are several.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/SharedMemory.h"

#include <algorithm>
#include <cstring>

using namespace nncgpu;

void SharedMemory::begin(uint8_t *memory, uint32_t bytes) {
  window = memory;
  size = bytes;
  // NaN in every float type: results show that something was not written.
  std::memset(window, 0xff, size);
  words.assign((size + 3) / 4, Record());
  split.clear();
  manyReaders.clear();
  written.assign(size, 0);
}

void SharedMemory::markWritten(uint32_t offset, uint32_t count) {
  std::fill_n(written.begin() + offset, count, 1);
}

void SharedMemory::noteReader(const Clocks &clocks, const SharedAccess &access,
                              Record &record) {
  if (record.readers) {
    manyReaders[record.readers - 1].raise(access.agent, access.time);
    return;
  }
  bool isLater = record.readTime == 0 || record.reader == access.agent ||
                 clocks.knows(access.thread, record.reader, record.readTime);
  if (!isLater) {
    manyReaders.emplace_back();
    record.readers = uint32_t(manyReaders.size());
    manyReaders.back().raise(record.reader, record.readTime);
    manyReaders.back().raise(access.agent, access.time);
  }
  record.reader = access.agent;
  record.readTime = access.time;
}

std::optional<SharedConflict>
SharedMemory::noteRecord(const Clocks &clocks, const SharedAccess &access,
                         Record &record, uint32_t offset) {
  auto isUnknown = [&](uint32_t agent, uint32_t time) {
    // Also of the engine that does it: two copies to one place have no order.
    return time != 0 && !clocks.knows(access.thread, agent, time);
  };
  std::optional<SharedConflict> conflict;
  if (!(access.isAtomic && record.isAtomic) &&
      isUnknown(record.writer, record.writeTime))
    conflict = SharedConflict{offset, record.writer, true};
  if (!access.isWrite) {
    noteReader(clocks, access, record);
    return conflict;
  }
  if (!conflict && record.readers) {
    const VectorClock &readers = manyReaders[record.readers - 1];
    for (uint32_t agent = 0; agent < readers.size() && !conflict; ++agent)
      if (isUnknown(agent, readers.get(agent)))
        conflict = SharedConflict{offset, agent, false};
  } else if (!conflict && isUnknown(record.reader, record.readTime)) {
    conflict = SharedConflict{offset, record.reader, false};
  }
  record.writer = access.agent;
  record.writeTime = access.time;
  record.isAtomic = access.isAtomic;
  record.readTime = 0;
  record.readers = 0;
  return conflict;
}

std::optional<SharedConflict> SharedMemory::note(const Clocks &clocks,
                                                 const SharedAccess &access,
                                                 uint32_t offset,
                                                 uint32_t count) {
  std::optional<SharedConflict> conflict;
  auto noteOne = [&](Record &record, uint32_t at) {
    auto found = noteRecord(clocks, access, record, at);
    if (!conflict)
      conflict = found;
  };
  for (uint32_t at = offset, end = offset + count; at < end;) {
    Record &word = words[at / 4];
    uint32_t stop = std::min(end, (at / 4 + 1) * 4);
    bool isWhole = at % 4 == 0 && stop == at + 4;
    if (!isWhole && !word.isSplit) {
      split.resize(words.size() * 4);
      for (uint32_t byte = at / 4 * 4; byte < at / 4 * 4 + 4; ++byte) {
        split[byte] = word;
        if (word.readers) {
          manyReaders.push_back(VectorClock(manyReaders[word.readers - 1]));
          split[byte].readers = uint32_t(manyReaders.size());
        }
      }
      word.isSplit = true;
    }
    if (!word.isSplit)
      noteOne(word, at);
    else
      for (uint32_t byte = at; byte < stop; ++byte)
        noteOne(split[byte], byte);
    at = stop;
  }
  uint8_t *begin = written.data() + offset;
  if (access.isWrite)
    std::memset(begin, 1, count);
  else if (const void *hole = std::memchr(begin, 0, count); hole && !conflict)
    conflict = SharedConflict{
        uint32_t(static_cast<const uint8_t *>(hole) - written.data()),
        std::nullopt};
  return conflict;
}
