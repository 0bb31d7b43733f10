//===----------------------------------------------------------------------===//
// Vector clocks and what shared memory makes of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/SharedMemory.h"
#include "gtest/gtest.h"

using namespace nncgpu;

namespace {
class SharedMemoryTest : public testing::Test {
protected:
  SharedMemoryTest() {
    clocks.begin(4);
    shared.begin(memory, sizeof memory);
  }
  std::optional<SharedConflict> note(uint32_t thread, bool isWrite,
                                     uint32_t offset, uint32_t bytes,
                                     bool isAtomic = false) {
    SharedAccess access;
    access.agent = access.thread = thread;
    access.time = clocks.now(thread);
    access.isWrite = isWrite;
    access.isAtomic = isAtomic;
    return shared.note(clocks, access, offset, bytes);
  }
  bool write(uint32_t thread, uint32_t offset, uint32_t bytes = 4) {
    return !note(thread, true, offset, bytes);
  }
  bool read(uint32_t thread, uint32_t offset, uint32_t bytes = 4) {
    return !note(thread, false, offset, bytes);
  }

  alignas(64) uint8_t memory[64];
  Clocks clocks;
  SharedMemory shared;
};
} // namespace

TEST_F(SharedMemoryTest, PoisonAndUnwritten) {
  EXPECT_EQ(memory[63], 0xff);
  auto conflict = note(0, false, 8, 4);
  ASSERT_TRUE(conflict);
  EXPECT_FALSE(conflict->other);
  EXPECT_EQ(conflict->offset, 8u);
  EXPECT_TRUE(write(0, 8, 3));
  conflict = note(0, false, 8, 4);
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->offset, 11u);
}

TEST_F(SharedMemoryTest, ReadsAfterWrites) {
  EXPECT_TRUE(write(0, 0));
  EXPECT_TRUE(read(0, 0));
  auto conflict = note(1, false, 0, 4);
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->other, 0u);
  EXPECT_TRUE(conflict->otherWrites);
  clocks.meet({0, 1, 2, 3});
  EXPECT_TRUE(read(1, 0));
  EXPECT_TRUE(read(2, 0));
  // Both readers are remembered, not only the last.
  conflict = note(3, true, 0, 4);
  ASSERT_TRUE(conflict);
  EXPECT_FALSE(conflict->otherWrites);
  clocks.meet({2, 3});
  EXPECT_TRUE(write(0, 4));
}

TEST_F(SharedMemoryTest, AllReadersMustBeKnown) {
  EXPECT_TRUE(write(0, 0));
  clocks.meet({0, 1, 2, 3});
  EXPECT_TRUE(read(1, 0));
  EXPECT_TRUE(read(2, 0));
  clocks.meet({2, 3});
  auto conflict = note(3, true, 0, 4);
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->other, 1u);
}

TEST_F(SharedMemoryTest, BytesOfAWordAreApart) {
  EXPECT_TRUE(write(0, 0, 1));
  EXPECT_TRUE(write(1, 1, 1));
  EXPECT_TRUE(write(2, 2, 2));
  EXPECT_TRUE(read(1, 1, 1));
  EXPECT_FALSE(read(1, 0, 4));
  // A word that was whole is cut with what is known of it.
  EXPECT_TRUE(write(0, 4));
  EXPECT_FALSE(write(1, 6, 1));
  EXPECT_TRUE(write(0, 4, 1));
}

TEST_F(SharedMemoryTest, PartialMeetings) {
  EXPECT_TRUE(write(0, 0));
  clocks.meet({0, 1});
  EXPECT_TRUE(read(1, 0));
  EXPECT_FALSE(read(2, 0));
  // Knowledge is handed on.
  EXPECT_TRUE(write(0, 4));
  clocks.meet({0, 1});
  clocks.meet({1, 2});
  EXPECT_TRUE(read(2, 4));
  // What a thread does after a release is not in it.
  VectorClock released;
  clocks.release(0, released);
  EXPECT_TRUE(write(0, 8));
  clocks.acquire(3, released);
  EXPECT_FALSE(read(3, 8));
}

TEST_F(SharedMemoryTest, Engines) {
  SharedAccess copy;
  copy.agent = clocks.copyEngine(0);
  copy.time = clocks.now(copy.agent);
  copy.thread = 0;
  copy.isWrite = true;
  EXPECT_FALSE(shared.note(clocks, copy, 0, 16));
  // Not even the thread that asked for the copy knows when it is done.
  EXPECT_FALSE(read(0, 0));
  clocks.meet({0, 1, 2, 3});
  EXPECT_FALSE(read(1, 4));
  clocks.learn(0, copy.agent, copy.time);
  EXPECT_TRUE(read(0, 8));
  EXPECT_FALSE(read(1, 8));
  clocks.meet({0, 1, 2, 3});
  EXPECT_TRUE(read(1, 12));
}

TEST_F(SharedMemoryTest, Atomics) {
  EXPECT_FALSE(note(0, true, 0, 4, /*isAtomic=*/true));
  EXPECT_FALSE(note(1, true, 0, 4, /*isAtomic=*/true));
  EXPECT_TRUE(note(2, false, 0, 4));
}

TEST(Clocks, LaterClustersKnowEarlierOnes) {
  Clocks clocks;
  clocks.begin(2);
  clocks.tick(1);
  uint32_t time = clocks.now(1);
  EXPECT_FALSE(clocks.knows(0, 1, time));
  clocks.begin(2);
  EXPECT_TRUE(clocks.knows(0, 1, time));
  EXPECT_FALSE(clocks.knows(0, 1, clocks.now(1)));
}
