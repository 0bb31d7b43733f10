//===----------------------------------------------------------------------===//
// The text form of rematerialization problems: what is read, each diagnostic.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/Remat.h"

#include <gtest/gtest.h>

using namespace nncmem::remat;

namespace {

std::string errorOf(const std::string &text) {
  nncio::Result<Problem> problem = parse(text);
  return problem ? "" : problem.error();
}

TEST(RematText, Reads) {
  nncio::Result<Problem> problem =
      parse("3 3\n5 6\t7\r\n1 2 3\n0 1\n0 1\n0 2\n0 2 1");
  ASSERT_TRUE(problem) << problem.error();
  EXPECT_EQ(problem->nodes[2].size, 7);
  EXPECT_EQ(problem->nodes[2].duration, 3);
  ASSERT_EQ(problem->edges.size(), 3u);
  EXPECT_EQ(problem->edges[2].consumer, 2u);
  EXPECT_EQ(problem->order, (std::vector<uint32_t>{0, 2, 1}));
}

TEST(RematText, TellsWhatIsWrong) {
  EXPECT_EQ(errorOf(""),
            "line 1: expected the number of nodes, but the file ends");
  EXPECT_EQ(errorOf("\n0 0\n"),
            "line 2: expected the number of nodes, from 1 to 1000000, but "
            "found 0");
  EXPECT_EQ(errorOf("1000001 0\n"),
            "line 1: expected the number of nodes, from 1 to 1000000, but "
            "found 1000001");
  EXPECT_EQ(errorOf("2 99999999999999999999\n"),
            "line 1: expected the number of edges, but "
            "'99999999999999999999' does not fit into 64 bits");
  EXPECT_EQ(errorOf("2 -1\n"), "line 1: expected the number of edges, from 0 "
                               "to 16000000, but found -1");
  EXPECT_EQ(errorOf("1000000 16000000\n1 2 3\n"),
            "line 1: 1000000 nodes and 16000000 edges are announced, but the "
            "file is too short for them");
  EXPECT_EQ(errorOf("2 0\n1 x 1 1 0 1\n"),
            "line 2: expected the size of a node, an integer, but found 'x'");
  EXPECT_EQ(errorOf("2 0\n1 1.5 1 1 0 1\n"),
            "line 2: expected the size of a node, an integer, but found "
            "'1.5'");
  EXPECT_EQ(errorOf("2 0\n1 -1\n1 1\n0 1\n"),
            "line 2: expected the size of a node, from 0 to "
            "9223372036854775807, but found -1");
  EXPECT_EQ(errorOf("2 0\n1 1\n1 -1\n0 1\n"),
            "line 3: expected the duration of a node, from 0 to "
            "9223372036854775807, but found -1");
  EXPECT_EQ(errorOf("2 1\n1 1\n1 1\n0 2\n0 1\n"),
            "line 4: expected the consumer of an edge, from 0 to 1, but found "
            "2");
  EXPECT_EQ(errorOf("2 1\n100 100\n1 1\n0 1\n0\n"),
            "line 6: expected a node of the input order, but the file ends");
  EXPECT_EQ(errorOf("2 0\n1 1\n1 1\n0 1\n7\n"),
            "line 5: expected nothing behind the input order");
  EXPECT_EQ(errorOf(std::string("2 0\n1 \0 1 1 0 1\n", 16)),
            "line 2: expected the size of a node, an integer, but found ''");
  EXPECT_EQ(errorOf("2 2\n1 1\n1 1\n0 1\n1 0\n0 1\n"),
            "the input order has node 0 before its operand, node 1");
}

} // namespace
