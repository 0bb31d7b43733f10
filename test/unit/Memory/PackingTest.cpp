//===----------------------------------------------------------------------===//
// Branch and bound for the storage problem: instances with known answers, cut
// from full arenas, against brute force, and the published ones.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/Packing.h"
#include "nnc/Memory/StorageText.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <random>

using namespace nncmem;

namespace {

using Buffers = std::vector<Buffer>;

Problem problemOf(const Buffers &buffers) {
  return {buffers.data(), buffers.size()};
}

Packing packed(const Buffers &buffers, int64_t capacity,
               int64_t nodes = 1000000) {
  PackingOptions options;
  options.capacity = capacity;
  options.nodes = nodes;
  return pack(problemOf(buffers), options);
}

/// By the definition, without what the library offers for it.
bool isPlacement(const Buffers &buffers, const std::vector<int64_t> &offsets,
                 int64_t capacity) {
  if (offsets.size() != buffers.size())
    return false;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const Buffer &a = buffers[i];
    if (a.size == 0)
      continue;
    if (offsets[i] < 0 || offsets[i] % a.alignment != 0 ||
        offsets[i] + a.size > capacity)
      return false;
    for (size_t k = 0; k < i; ++k) {
      const Buffer &b = buffers[k];
      bool meet = a.first <= b.last && b.first <= a.last;
      if (b.size != 0 && meet && offsets[k] < offsets[i] + a.size &&
          offsets[i] < offsets[k] + b.size)
        return false;
    }
  }
  return true;
}

/// All placements in which each buffer lies at 0 or on others: enough for the
/// smallest arena. For a handful of buffers.
int64_t smallestArena(const Buffers &buffers) {
  std::vector<int64_t> offsets(buffers.size());
  std::vector<size_t> order(buffers.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  int64_t best = INT64_MAX;
  do {
    int64_t arena = 0;
    for (size_t k = 0; k < order.size(); ++k) {
      const Buffer &b = buffers[order[k]];
      int64_t offset = 0;
      // On top of all before it that it meets: each placement is that of some
      // order, from the lowest buffer to the highest.
      for (size_t j = 0; j < k; ++j) {
        const Buffer &c = buffers[order[j]];
        if (b.first <= c.last && c.first <= b.last)
          offset = std::max(offset, offsets[order[j]] + c.size);
      }
      offsets[order[k]] = offset;
      arena = std::max(arena, offset + b.size);
    }
    best = std::min(best, arena);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(Packing, NothingAndEmptyBuffers) {
  Packing none = packed({}, 0);
  EXPECT_TRUE(none.isFound);
  EXPECT_TRUE(none.offsets.empty());
  Packing empty = packed({{0, 64, 0, 5}, {0, 1, 2, 3}}, 0);
  EXPECT_TRUE(empty.isFound);
  EXPECT_EQ(empty.offsets, (std::vector<int64_t>{0, 0}));
}

TEST(Packing, RefutesWhatDoesNotFit) {
  EXPECT_TRUE(packed({{8, 1, 0, 0}, {8, 1, 0, 0}}, 15).isRefuted);
  EXPECT_TRUE(packed({{8, 1, 0, 0}, {8, 1, 0, 0}}, 16).isFound);
  EXPECT_TRUE(packed({{1, 1, 0, 0}}, 0).isRefuted);
}

TEST(Packing, RefutesBeyondTheBound) {
  Buffers buffers = {{1, 1, 5, 5}, {3, 1, 4, 6}, {2, 1, 1, 3},
                     {1, 1, 3, 4}, {2, 1, 1, 2}, {3, 1, 0, 0},
                     {2, 1, 2, 3}, {4, 1, 0, 1}, {3, 1, 3, 5}};
  std::vector<uint64_t> work(workBytes(buffers.size()) / 8 + 1);
  EXPECT_EQ(lowerBound(problemOf(buffers), work.data()), 8);
  EXPECT_EQ(smallestArena(buffers), 9);
  EXPECT_TRUE(packed(buffers, 8).isRefuted);
  EXPECT_TRUE(isPlacement(buffers, packed(buffers, 9).offsets, 9));
}

TEST(Packing, AlignsAndDoesNotClaimTooMuch) {
  Buffers buffers = {{65, 64, 0, 1}, {10, 64, 0, 1}};
  EXPECT_TRUE(packed(buffers, 192).isFound);
  EXPECT_TRUE(isPlacement(buffers, packed(buffers, 192).offsets, 192));
  // It would fit, but sizes are rounded up to the alignment.
  Packing tight = packed(buffers, 138);
  EXPECT_FALSE(tight.isFound);
  EXPECT_FALSE(tight.isRefuted);
  Buffers mixed = {{64, 64, 0, 1}, {8, 8, 0, 1}, {64, 64, 0, 1}};
  EXPECT_TRUE(isPlacement(mixed, packed(mixed, 192).offsets, 192));
}

TEST(Packing, StopsAtItsLimits) {
  std::mt19937_64 random(3);
  Buffers buffers;
  for (int i = 0; i < 400; ++i) {
    auto first = int32_t(random() % 50);
    buffers.push_back({int64_t(1 + random() % 1000), 1, first,
                       first + int32_t(random() % 30)});
  }
  std::vector<uint64_t> work(workBytes(buffers.size()) / 8 + 1);
  int64_t bound = lowerBound(problemOf(buffers), work.data());
  Packing few = packed(buffers, bound, 5000);
  EXPECT_LE(few.nodes, 5000 + 1);
  EXPECT_EQ(few.offsets, packed(buffers, bound, 5000).offsets);
  PackingOptions options;
  options.capacity = bound;
  options.nodes = INT64_MAX;
  options.timeLimit = 1e-6;
  Packing cut = pack(problemOf(buffers), options);
  EXPECT_TRUE(cut.isFound || cut.isCutOff);
}

TEST(Packing, LeavesTooManyBuffersToOthers) {
  Buffers buffers(5000, Buffer{1, 1, 0, 0});
  Packing packing = packed(buffers, 5000);
  EXPECT_FALSE(packing.isFound);
  EXPECT_FALSE(packing.isRefuted);
}

uint64_t testSeed() {
  const char *given = std::getenv("NNC_TEST_SEED");
  uint64_t seed =
      given ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "NNC_TEST_SEED=" << seed << '\n';
  return seed;
}

TEST(PackingProperty, AgreesWithBruteForce) {
  std::mt19937_64 random(testSeed());
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    Buffers buffers;
    size_t count = 1 + random() % 7;
    for (size_t i = 0; i < count; ++i) {
      auto first = int32_t(random() % 6);
      buffers.push_back(
          {int64_t(random() % 9), 1, first, first + int32_t(random() % 4)});
    }
    int64_t least = smallestArena(buffers);
    Packing fits = packed(buffers, least);
    ASSERT_TRUE(fits.isFound);
    ASSERT_TRUE(isPlacement(buffers, fits.offsets, least));
    if (least > 0) {
      ASSERT_TRUE(packed(buffers, least - 1).isRefuted);
    }
  }
}

/// Cuts a full rectangle of time by bytes into buffers: the optimum is known.
Buffers cutArena(std::mt19937_64 &random, int32_t length, int64_t height,
                 size_t count) {
  Buffers pieces = {{height, 1, 0, length - 1}};
  for (size_t tries = 0; pieces.size() < count && tries < 50 * count; ++tries) {
    size_t index = random() % pieces.size();
    Buffer piece = pieces[index];
    if (random() % 2 && piece.last > piece.first) {
      auto at =
          piece.first + int32_t(random() % uint64_t(piece.last - piece.first));
      pieces[index].last = at;
      pieces.push_back({piece.size, 1, at + 1, piece.last});
    } else if (piece.size > 1) {
      auto part = int64_t(1 + random() % uint64_t(piece.size - 1));
      pieces[index].size = part;
      pieces.push_back({piece.size - part, 1, piece.first, piece.last});
    }
  }
  std::shuffle(pieces.begin(), pieces.end(), random);
  return pieces;
}

TEST(PackingProperty, FillsArenasWithoutAGap) {
  std::mt19937_64 random(testSeed());
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    Buffers buffers = cutArena(random, 20, 1000, 4 + random() % 17);
    Packing packing = packed(buffers, 1000);
    ASSERT_TRUE(packing.isFound);
    ASSERT_TRUE(isPlacement(buffers, packing.offsets, 1000));
    ASSERT_TRUE(packed(buffers, 999).isRefuted);
  }
}

/// The published instances, if they are there.
TEST(PackingReference, MiniMalloc) {
  std::filesystem::path folder = NNC_SHARED_DATA "/minimalloc";
  if (!std::filesystem::is_directory(folder))
    GTEST_SKIP() << "no folder " << folder;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path());
    nncio::Result<nncio::FileBytes> bytes = nncio::readFile(entry.path());
    ASSERT_TRUE(bytes) << bytes.error();
    nncio::Result<StorageTable> table = parseStorage(std::string(
        reinterpret_cast<const char *>(bytes->span.data), bytes->span.size));
    ASSERT_TRUE(table) << table.error();
    Packing packing = packed(table->buffers, 1048576, 20000000);
    EXPECT_TRUE(packing.isFound);
    EXPECT_TRUE(isPlacement(table->buffers, packing.offsets, 1048576));
    std::cout << entry.path().filename() << ": " << packing.nodes << " nodes\n";
  }
}

} // namespace
