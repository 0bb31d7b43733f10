//===----------------------------------------------------------------------===//
// Signatures, random inputs, files and JSON.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Data.h"
#include "nnc/Runner/Profile.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace nncrun;
using nncio::ElementType;
using nncio::Tensor;

static ValueInfo makeInfo(std::string name, std::vector<int64_t> dims,
                          std::vector<std::string> names,
                          ElementType type = ElementType::F32) {
  ValueInfo info;
  info.name = std::move(name);
  info.type = type;
  info.dims = std::move(dims);
  info.dimNames = std::move(names);
  return info;
}

TEST(Signature, printsNamesOfFreeDimensions) {
  EXPECT_EQ(makeInfo("x", {-1, 3, -1}, {"n", "", ""}).text(), "x: f32[n,3,?]");
  EXPECT_EQ(makeInfo("s", {}, {}).text(), "s: f32[]");
}

TEST(Signature, checksTypesShapesAndNames) {
  Signature signature;
  signature.inputs = {makeInfo("x", {-1, 3}, {"n", ""}),
                      makeInfo("y", {-1}, {"n"})};
  auto f32 = [](std::vector<int64_t> shape) {
    return Tensor(ElementType::F32, std::move(shape));
  };
  EXPECT_EQ(checkInputs(signature, {f32({2, 3}), f32({2})}), "");
  EXPECT_EQ(checkInputs(signature, {f32({0, 3}), f32({0})}), "");
  EXPECT_EQ(checkInputs(signature, {f32({2, 3}), f32({1})}),
            "dimension 'n' is 2 in input 'x', but 1 in input 'y'");
  EXPECT_EQ(checkInputs(signature, {f32({2, 4}), f32({2})}),
            "input 'x': expected f32[n,3], but found f32[2,4]");
  EXPECT_NE(checkInputs(signature, {f32({2, 3, 1}), f32({2})}), "");
  EXPECT_NE(
      checkInputs(signature, {Tensor(ElementType::I32, {2, 3}), f32({2})}), "");
  EXPECT_EQ(checkInputs(signature, {f32({2, 3})}),
            "expected 2 inputs, but found 1");
}

TEST(Data, randomNumbersDependOnSeedAndNameOnly) {
  const ValueInfo info = makeInfo("x", {-1, 100}, {"n", ""});
  const Tensor first = makeRandom(info, 1);
  EXPECT_EQ(first.shape(), (std::vector<int64_t>{1, 100}));
  EXPECT_EQ(first.toDoubles(), makeRandom(info, 1).toDoubles());
  EXPECT_NE(first.toDoubles(), makeRandom(info, 2).toDoubles());
  EXPECT_NE(first.toDoubles(),
            makeRandom(makeInfo("y", {1, 100}, {"", ""}), 1).toDoubles());
  for (double value : first.toDoubles()) {
    EXPECT_GE(value, -1);
    EXPECT_LE(value, 1);
  }
}

TEST(Data, writesWholeFilesOrNothing) {
  const std::string folder =
      testing::TempDir() + "nnc-data-" + std::to_string(::getpid());
  std::filesystem::create_directory(folder);
  const std::string text = "abc";
  EXPECT_TRUE(writeWhole(folder + "/a", {nncio::Span(text)}));
  EXPECT_EQ(std::filesystem::file_size(folder + "/a"), 3u);
  EXPECT_FALSE(writeWhole(folder + "/none/a", {nncio::Span(text)}));
  // A folder is not replaced by a file, and nothing is left beside it.
  std::filesystem::create_directory(folder + "/b");
  EXPECT_FALSE(writeWhole(folder + "/b", {nncio::Span(text)}));
  size_t entries = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder)) {
    static_cast<void>(entry);
    ++entries;
  }
  EXPECT_EQ(entries, 2u);
  std::filesystem::remove_all(folder);
}

TEST(Data, quotesForJson) {
  EXPECT_EQ(jsonQuote("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
  EXPECT_EQ(jsonQuote("\xc3\xa4"), "\"\xc3\xa4\"");
  // What is no UTF-8, at the end too.
  EXPECT_EQ(jsonQuote("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(jsonQuote("a\xc3"), "\"a\xef\xbf\xbd\"");
}

TEST(Profile, leavesOutWhatIsUnknown) {
  KernelEvent event;
  event.name = "k";
  event.nodes = {"a", "b"};
  event.beginNs = 5000;
  event.endNs = 7500;
  const std::string text = traceText({event}, "m");
  EXPECT_NE(text.find("\"ts\":0.000,\"dur\":2.500"), std::string::npos);
  EXPECT_NE(text.find("\"nodes\":[\"a\",\"b\"]"), std::string::npos);
  EXPECT_EQ(text.find("flops"), std::string::npos);
  event.flops = 7;
  event.predictedUs = 1;
  const std::string known = traceText({event}, "m");
  EXPECT_NE(known.find("\"flops\":7"), std::string::npos);
  EXPECT_NE(known.find("\"predicted_us\":1.000"), std::string::npos);
  EXPECT_NE(traceText({}, "m").find("traceEvents"), std::string::npos);
}
