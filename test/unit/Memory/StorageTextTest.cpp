//===----------------------------------------------------------------------===//
// The text form of storage problems: what is read, and each diagnostic.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/StorageText.h"

#include <gtest/gtest.h>

using namespace nncmem;

namespace {

std::string errorOf(const std::string &text) {
  nncio::Result<StorageTable> table = parseStorage(text);
  return table ? "" : table.error();
}

TEST(StorageText, ReadsAndPrints) {
  nncio::Result<StorageTable> table =
      parseStorage("id,lower,upper,size\n0,5,9,16\nx, 9 ,100,8\r\n\n");
  ASSERT_TRUE(table) << table.error();
  ASSERT_EQ(table->buffers.size(), 2u);
  EXPECT_FALSE(lifetimesMeet(table->buffers[0], table->buffers[1]));
  EXPECT_EQ(table->ids[1], "x");
  std::vector<int64_t> offsets = {0, 32};
  EXPECT_EQ(printOffsets(*table, offsets.data()),
            "id,lower,upper,size,offset\n0,5,9,16,0\nx, 9 ,100,8,32\n");
}

TEST(StorageText, TakesColumnsInAnyOrderAndTimesOfAnySize) {
  nncio::Result<StorageTable> table =
      parseStorage("size,note,id,upper,lower,alignment\n"
                   "7,hot,a,9223372036854775807,-9223372036854775808,64\n"
                   "7,cold,b,3,2,1\n");
  ASSERT_TRUE(table) << table.error();
  EXPECT_TRUE(lifetimesMeet(table->buffers[0], table->buffers[1]));
  EXPECT_EQ(table->buffers[0].alignment, 64);
  EXPECT_EQ(table->buffers[0].size, 7);
}

TEST(StorageText, TellsWhatIsWrong) {
  const std::string header = "id,lower,upper,size\n";
  EXPECT_EQ(errorOf(""), "expected a header with id, lower, upper and size, "
                         "but the file is empty");
  EXPECT_EQ(errorOf("id,lower,upper\n"), "line 1: expected a column 'size'");
  EXPECT_EQ(errorOf("id,lower,upper,size,id\n"),
            "line 1: column 'id' stands there twice");
  EXPECT_EQ(errorOf("id,lower,upper,size,offset\n"),
            "line 1: expected no column 'offset', which is the result");
  EXPECT_EQ(errorOf(header), "expected at least one buffer");
  EXPECT_EQ(errorOf(header + "1,2,3\n"),
            "line 2: expected 4 fields as in the header, but found 3");
  EXPECT_EQ(errorOf(header + "1,2,3,4\n1,2,3,4\n"),
            "line 3: there is a buffer '1' already");
  EXPECT_EQ(errorOf(header + "1,2,3,big\n"),
            "line 2: expected an integer for 'size', but found 'big'");
  EXPECT_EQ(errorOf(header + "1,2,3,\n"),
            "line 2: expected an integer for 'size', but found ''");
  EXPECT_EQ(errorOf(header + "1,2,99999999999999999999,4\n"),
            "line 2: 'upper' is 99999999999999999999, which does not fit into "
            "64 bits");
  EXPECT_EQ(errorOf(header + "1,3,3,4\n"),
            "line 2: buffer '1' ends at 3, not after its begin at 3");
  EXPECT_EQ(errorOf(header + "1,2,3,-4\n"), "buffer '1' has a negative size");
  EXPECT_EQ(errorOf(header + "a,0,1,9223372036854775807\nb,5,6,1\n"),
            "buffer 'b' makes the sum of sizes overflow");
  EXPECT_EQ(errorOf("id,lower,upper,size,alignment\n1,2,3,4,3\n"),
            "buffer '1' has an alignment that is not a power of two");
}

} // namespace
