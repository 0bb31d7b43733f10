//===----------------------------------------------------------------------===//
// The description of an artifact: what is refused, and the header made of it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/JITModel.h"

#include "TestModule.h"
#include "mlir/IR/Builders.h"
#include "nnc/Target/CPU/Emit.h"
#include "llvm/Object/ELFObjectFile.h"

#include <fstream>

using namespace mlir::nnc;
using namespace nnctest;

namespace {

std::string refusal(const std::string &from, const std::string &to) {
  std::string text = moduleText();
  size_t at = text.find(from);
  if (at == std::string::npos) {
    ADD_FAILURE() << from;
    return "";
  }
  TestModule module(text.replace(at, from.size(), to));
  return messageOf(JITModel::create(*module, target()));
}

TEST(Artifact, ReadsAll) {
  TestModule module;
  ArtifactInfo info = module.info();
  ASSERT_EQ(info.entries.size(), 2u);
  EXPECT_EQ(info.entries[0].inputs[0].bytes(), 20);
  EXPECT_EQ(info.entries[1].inputs[0].bytes(), -1);
  EXPECT_EQ(info.entries[1].function, "run_exp");
  EXPECT_EQ(info.weights.size(), 2u);
  EXPECT_EQ(info.weightsBytes, 84u);
}

TEST(Artifact, NotLowered) {
  TestModule module("module {}");
  EXPECT_EQ(messageOf(readArtifactInfo(*module)),
            "the module has no attribute 'nn.artifact'; it is not lowered to "
            "the end");
}

TEST(Artifact, BadMembers) {
  EXPECT_EQ(refusal("name = \"main\"", "name = 3"),
            "nn.artifact: entries 0: expects a text as 'name'");
  EXPECT_EQ(refusal("name = \"z\", type = tensor<5xf32>", "name = \"z\""),
            "nn.artifact: entries 0: outputs 0: expects a type as 'type'");
  EXPECT_EQ(refusal("\"z\", type = tensor<5xf32>", "\"z\", type = f32"),
            "nn.artifact: entries 0: outputs 0: expects the type of a ranked "
            "tensor, a sequence or an optional value");
  EXPECT_EQ(refusal("\"z\", type = tensor<5xf32>", "\"z\", type = tensor<i3>"),
            "nn.artifact: entries 0: outputs 0: value 'z' has an element type "
            "that artifacts do not know");
  EXPECT_EQ(refusal("scratch_bytes = 64", "scratch_bytes = -2"),
            "nn.artifact: entries 0: 'scratch_bytes' is out of range: -2");
  EXPECT_EQ(refusal("bound = 2", "bound = 4"),
            "nn.artifact: kernels 0: 'bound' is out of range: 4");
  EXPECT_EQ(refusal("dim_names = [\"n\"]", "dim_names = []"),
            "nn.artifact: entries 1: inputs 0: expects one name a dimension "
            "of 'x'");
  EXPECT_EQ(refusal("i64: 0, 1, 1, 2", "i64: 0, 1, 2, 1"),
            "nn.artifact: entries 1: lifetime 1 is not one");
  EXPECT_EQ(refusal("arena_bytes = 256 : i64, scratch_bytes = 0",
                    "arena_bytes = -1 : i64, scratch_bytes = 0"),
            "")
      << "a dynamic entry with as many lifetimes as slots";
  EXPECT_EQ(refusal("arena_bytes = 0", "arena_bytes = -1"), "");
  EXPECT_EQ(refusal("tensor<5xf32>}]", "tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1"
                                       "x5xf32>}]"),
            "nn.artifact: entries 0: inputs 1: value 'y \"*/' has rank 17, "
            "expects at most 16");
}

TEST(Artifact, SameNames) {
  EXPECT_EQ(refusal("name = \"exp\"", "name = \"main\""),
            "nn.artifact: two entries have the name 'main'");
  EXPECT_EQ(refusal("name = \"exp_0\"", "name = \"add_0\""),
            "nn.artifact: two kernels have the name 'add_0'");
}

TEST(Artifact, BadFunctions) {
  EXPECT_EQ(refusal("function = @run_main", "function = @missing"),
            "the module does not define the function 'missing'");
  EXPECT_EQ(refusal("function = @run_main", "function = @expf"),
            "the module does not define the function 'expf'");
  EXPECT_EQ(refusal("function = @run_main", "function = @add"),
            "the function 'add' has another type than the runtime calls it "
            "with");
}

TEST(Artifact, BadWeights) {
  EXPECT_EQ(refusal("offset = 64", "offset = 32"),
            "nn.artifact: weights 1: offset 32 is not aligned to 64 or "
            "overlaps the weight before");
  EXPECT_EQ(refusal("weights_bytes = 84", "weights_bytes = 83"),
            "nn.artifact: weights 1: lies outside of the 83 bytes of weights");
  EXPECT_EQ(refusal("data = dense<7> : tensor<3xi8>", "data = \"x\""),
            "nn.artifact: weights 0: expects a constant as 'data'");
  EXPECT_EQ(refusal("dense<7> : tensor<3xi8>", "dense<7> : tensor<4xi8>"),
            "weight at offset 0: expects 3 bytes but the constant has 4");
}

std::string fileWeights(const std::string &file, int offset, int length) {
  return "[{offset = 0 : i64, type = tensor<3xi32>, data = #nn.data<\"" + file +
         "\", offset = " + std::to_string(offset) +
         ", length = " + std::to_string(length) + ">}]";
}

std::string weightsObject(TestModule &module, const TargetOptions &options) {
  std::string text;
  llvm::raw_string_ostream os(text);
  EXPECT_EQ(messageOf(writeWeightsObject(module.info(), options, os)), "");
  return text;
}

TEST(Weights, FromAFileUnaligned) {
  Folder folder;
  std::string file = folder.file("w.bin");
  std::ofstream(file, std::ios::binary) << "?abcdefghijkl";
  TestModule module(moduleText(fileWeights(file, 1, 12), 12));
  auto model = JITModel::create(*module, target());
  ASSERT_TRUE(bool(model)) << messageOf(model.takeError());
  const nncrt_model *tables = (*model)->tables();
  EXPECT_EQ(std::string(reinterpret_cast<const char *>(tables->weights), 12),
            "abcdefghijkl");
}

TEST(Weights, TransformedWhenLoaded) {
  Folder folder;
  std::string file = folder.file("w.bin");
  std::ofstream(file, std::ios::binary) << "?abcdefghijkl";
  auto weights = [&](const std::string &type) {
    return "[{offset = 0 : i64, type = " + type + ", data = #nn.data<\"" +
           file +
           "\", offset = 1, length = 12, stored = tensor<3x4xi8>, transforms = "
           "[#nn.relayout<shape = [3, 4], perm = [1, 0]>]>}]";
  };
  TestModule module(moduleText(weights("tensor<4x3xi8>"), 12));
  auto model = JITModel::create(*module, target());
  ASSERT_TRUE(bool(model)) << messageOf(model.takeError());
  const nncrt_model *tables = (*model)->tables();
  EXPECT_EQ(std::string(reinterpret_cast<const char *>(tables->weights), 12),
            "aeibfjcgkdhl");
  TestModule other(moduleText(weights("tensor<3x4xi8>"), 12));
  EXPECT_EQ(messageOf(JITModel::create(*other, target())),
            "weight at offset 0: the transforms do not give its type");
}

TEST(Weights, FileTooShort) {
  Folder folder;
  std::string file = folder.file("w.bin");
  std::ofstream(file, std::ios::binary) << "abcdefghijkl";
  TestModule outside(moduleText(fileWeights(file, 1, 12), 12));
  EXPECT_EQ(messageOf(JITModel::create(*outside, target())),
            "weight at offset 0: bytes 1 and following lie outside of file '" +
                file + "'");
  TestModule few(moduleText(fileWeights(file, 0, 8), 12));
  EXPECT_EQ(messageOf(JITModel::create(*few, target())),
            "weight at offset 0: has 8 bytes, too few for its type");
  TestModule missing(moduleText(fileWeights(file + "x", 0, 12), 12));
  EXPECT_NE(
      messageOf(JITModel::create(*missing, target())).find("No such file"),
      std::string::npos);
}

void expectObject(TestModule &module, const TargetOptions &options,
                  uint64_t alignment, const std::string &first) {
  std::string text = weightsObject(module, options);
  auto object = llvm::object::ELFObjectFile<llvm::object::ELF64LE>::create(
      llvm::MemoryBufferRef(text, "weights.o"));
  ASSERT_TRUE(bool(object)) << messageOf(object.takeError());
  EXPECT_EQ(object->getArch(), llvm::Triple(options.triple).getArch());
  bool found = false;
  for (llvm::object::ELFSymbolRef symbol : object->symbols()) {
    ASSERT_EQ(llvm::cantFail(symbol.getName()), "m_weights");
    EXPECT_EQ(symbol.getBinding(), llvm::ELF::STB_GLOBAL);
    EXPECT_EQ(symbol.getOther() & 3, llvm::ELF::STV_HIDDEN);
    EXPECT_EQ(symbol.getSize(), module.info().weightsBytes);
    auto section = *llvm::cantFail(symbol.getSection());
    EXPECT_EQ(llvm::cantFail(section.getName()), ".rodata.nnc_weights");
    EXPECT_EQ(section.getAlignment().value(), alignment);
    llvm::StringRef bytes = llvm::cantFail(section.getContents());
    EXPECT_EQ(bytes.size(), module.info().weightsBytes);
    EXPECT_EQ(bytes.take_front(first.size()), first);
    EXPECT_EQ((bytes.data() - text.data()) % alignment, 0u);
    found = true;
  }
  EXPECT_TRUE(found);
}

TEST(Weights, Object) {
  for (const char *name : {"x86-64", "aarch64"}) {
    TargetOptions options = target(name);
    options.prefix = "m";
    TestModule module;
    expectObject(module, options, 64, std::string("\7\7\7\0", 4));
    // Odd size; over one MiB, so on a page.
    TestModule large(
        moduleText("[{offset = 64 : i64, data = dense<3> : tensor<1048577xi8>,"
                   "  type = tensor<1048577xi8>}]",
                   1048700));
    expectObject(large, options, 4096, std::string(64, '\0') + "\3\3");
  }
}

TEST(Header, CompilesAsC) {
  TestModule module;
  Folder folder;
  std::string a = folder.file("a.h"), b = folder.file("b.h"),
              c = folder.file("use.c");
  EXPECT_EQ(messageOf(emitCHeader(module.info(), "net", a)), "");
  EXPECT_EQ(messageOf(emitCHeader(module.info(), "other", b)), "");
  std::ofstream(c) << "#include \"a.h\"\n#include \"b.h\"\n#include \"a.h\"\n"
                      "_Static_assert(NET_INPUT_1_BYTES == 20, \"\");\n"
                      "_Static_assert(OTHER_NUM_INPUTS == 2, \"\");\n"
                      "int main(void) {\n"
                      "  nnc_context *c;\n"
                      "  if (net_create(0, &c, 0) != NNC_OK) return 1;\n"
                      "  net_run(c, 0, 0, 0, 0, 0);\n"
                      "  net_destroy(c);\n"
                      "  return (int)other_signature()->num_inputs;\n}\n";
  std::string command = NNC_TEST_CC " -std=c11 -Wall -Wextra -Wpedantic "
                                    "-Werror -fsyntax-only ";
  EXPECT_EQ(std::system((command + c).c_str()), 0);
  std::string text = readFile(a);
  EXPECT_NE(text.find("input 1  y \"_/: float32[5]"), std::string::npos);
  EXPECT_NE(text.find("input 0  x: float32[n]"), std::string::npos);
  EXPECT_NE(text.find("output 0  e: float32[_]"), std::string::npos);
}

TEST(Header, RefusesPrefixes) {
  TestModule module;
  Folder folder;
  EXPECT_NE(messageOf(emitCHeader(module.info(), "nnc", folder.file("a.h"))),
            "");
  EXPECT_TRUE(folder.list().empty());
}

} // namespace
