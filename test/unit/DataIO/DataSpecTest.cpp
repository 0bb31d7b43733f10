//===----------------------------------------------------------------------===//
// Tests of how the command line names data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/DataSpec.h"

#include "TestSupport.h"
#include "nnc/DataIO/Npy.h"
#include "nnc/DataIO/Npz.h"

using namespace nncio;
using namespace nncio::test;

TEST(DataSpec, Bindings) {
  Result<Binding> plain = parseBinding("x=@dir/a.npy");
  ASSERT_TRUE(plain) << plain.error();
  EXPECT_EQ(plain->name, "x");
  EXPECT_EQ(plain->file, "dir/a.npy");
  Result<Binding> odd = parseBinding("a=b:0=@x=@y.npz:k");
  ASSERT_TRUE(odd) << odd.error();
  EXPECT_EQ(odd->name, "a=b:0");
  EXPECT_EQ(odd->file, "x=@y.npz:k");
  for (const char *bad : {"", "x", "x=a.npy", "=@a.npy", "x=@", "@x"})
    EXPECT_TRUE(contains(parseBinding(bad).error(), "expected NAME=@FILE"))
        << bad;
}

TEST(DataSpec, LoadsByExtension) {
  TempFolder folder;
  const Tensor tensor = sampleTensor(ElementType::F32, {2, 2});
  ASSERT_TRUE(writeNpy(folder / "a.npy", tensor));
  ASSERT_TRUE(writeNpz(folder / "a.npz", {{"in:0", tensor}}));
  ASSERT_TRUE(writeNpz(folder / "b.npz:x.npy", {}));
  ASSERT_TRUE(writeNpy(folder / "b.npz:x.npy", tensor));
  ASSERT_TRUE(writeTensorProto(folder / "a.pb", tensor, "t"));
  for (const char *spec :
       {"a.npy", "a.npz", "a.npz:in:0", "a.pb", "b.npz:x.npy"}) {
    Result<Tensor> read = loadTensorFile(folder / spec);
    ASSERT_TRUE(read) << read.error();
    EXPECT_TRUE(sameTensor(*read, tensor)) << spec;
  }
}

TEST(DataSpec, RefusesWhatItDoesNotKnow) {
  TempFolder folder;
  EXPECT_TRUE(contains(loadTensorFile("x.png:size=2x2").error(),
                       "'x.png': expected options of a picture"));
  EXPECT_TRUE(contains(loadTensorFile(folder / "x.png:resize=2x2").error(),
                       "cannot open"));
  EXPECT_TRUE(contains(loadTensorFile("x.npy:k").error(), "unknown option"));
  EXPECT_TRUE(contains(loadTensorFile("x.npz:").error(), "expected a key"));
  for (const char *bad : {"", "x", "x.txt", "npy", "x.npy.gz"})
    EXPECT_TRUE(contains(loadTensorFile(bad).error(), "expected a file"))
        << bad;
  for (const char *missing : {"a.npy", "a.npz", "a.npz:k", "a.pb", "a.png"})
    EXPECT_TRUE(
        contains(loadTensorFile(folder / missing).error(), "cannot open"))
        << missing;
}

static void touch(const std::string &path) { ASSERT_TRUE(writeFile(path, {})); }

TEST(DataSpec, TestDataSetsInNumericOrder) {
  TempFolder folder;
  for (const char *set : {"test_data_set_10", "test_data_set_2",
                          "test_data_set_0", "test_data_set_x", "other"})
    std::filesystem::create_directory(folder / set);
  for (int k = 0; k < 12; ++k)
    touch(folder / ("test_data_set_2/input_" + std::to_string(k) + ".pb"));
  touch(folder / "test_data_set_2/output_0.pb");
  touch(folder / "test_data_set_2/input_0.txt");
  Result<std::vector<TestDataSet>> sets = listTestDataSets(folder / "");
  ASSERT_TRUE(sets) << sets.error();
  ASSERT_EQ(sets->size(), 3u);
  EXPECT_TRUE(contains((*sets)[0].folder, "test_data_set_0"));
  EXPECT_TRUE((*sets)[0].inputs.empty());
  EXPECT_TRUE(contains((*sets)[2].folder, "test_data_set_10"));
  const TestDataSet &set = (*sets)[1];
  ASSERT_EQ(set.inputs.size(), 12u);
  EXPECT_EQ(set.outputs.size(), 1u);
  for (size_t k = 0; k < 12; ++k)
    EXPECT_TRUE(contains(set.inputs[k], "input_" + std::to_string(k) + ".pb"));
}

TEST(DataSpec, IncompleteTestDataIsRefused) {
  TempFolder folder;
  EXPECT_TRUE(
      contains(listTestDataSets(folder / "none").error(), "cannot list"));
  EXPECT_TRUE(contains(listTestDataSets(folder / "").error(), "found none"));
  std::filesystem::create_directory(folder / "test_data_set_0");
  touch(folder / "test_data_set_0/input_1.pb");
  EXPECT_TRUE(
      contains(listTestDataSets(folder / "").error(), "but not 'input_0.pb'"));
  touch(folder / "test_data_set_1");
  std::filesystem::remove(folder / "test_data_set_0/input_1.pb");
  EXPECT_FALSE(listTestDataSets(folder / "")) << "a file is no folder";
}
