//===----------------------------------------------------------------------===//
// Tests on the data of the ONNX backend test suite, where it is installed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "TestSupport.h"
#include "nnc/DataIO/DataSpec.h"
#include "nnc/DataIO/TensorProto.h"

#include <cstdio>

using namespace nncio;
using namespace nncio::test;
namespace fs = std::filesystem;

static const char *const nodeTests = "/usr/share/libonnx-testdata/data/node";

/// Whether the name of a node test says that it is about sequences or
/// optionals.
static bool isAboutContainers(const std::string &name) {
  for (const char *word : {"seq", "optional", "_opt"})
    if (name.find(word) != std::string::npos)
      return true;
  return false;
}

TEST(OnnxTestData, EveryTensorFileLoads) {
  if (!fs::is_directory(nodeTests)) {
    std::printf("skipped: %s is not installed\n", nodeTests);
    GTEST_SKIP();
  }
  int tensors = 0;
  int strings = 0;
  int containers = 0;
  for (const fs::directory_entry &node : fs::directory_iterator(nodeTests)) {
    if (!fs::is_directory(node.path() / "test_data_set_0"))
      continue;
    const std::string name = node.path().filename().string();
    Result<std::vector<TestDataSet>> sets =
        listTestDataSets(node.path().string());
    ASSERT_TRUE(sets) << sets.error();
    std::vector<std::string> files = sets->front().inputs;
    files.insert(files.end(), sets->front().outputs.begin(),
                 sets->front().outputs.end());
    for (const std::string &file : files) {
      Result<NamedTensor> read = readTensorProto(file);
      if (!read) {
        EXPECT_TRUE(isAboutContainers(name)) << read.error();
        EXPECT_TRUE(contains(read.error(), "sequence")) << file;
        ++containers;
        continue;
      }
      ++(read->tensor.type() == ElementType::String ? strings : tensors);
      // What was read must survive our own writer.
      Result<std::string> bytes =
          serializeTensorProto(read->tensor, read->name);
      ASSERT_TRUE(bytes) << bytes.error();
      Result<NamedTensor> again = parseTensorProto(Span(*bytes), nullptr);
      ASSERT_TRUE(again) << again.error();
      EXPECT_TRUE(sameTensor(again->tensor, read->tensor)) << file;
    }
  }
  std::printf("%d tensors, %d string tensors, %d sequences or optionals\n",
              tensors, strings, containers);
  EXPECT_GT(tensors, 1000);
  EXPECT_GT(strings, 0);
  EXPECT_GT(containers, 0);
}
