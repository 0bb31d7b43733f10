//===----------------------------------------------------------------------===//
// Formats of model files and the messages for files that are no models.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReaderTestUtil.h"
#include <google/protobuf/text_format.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::test;

namespace {
constexpr llvm::StringLiteral kOnnxText = R"(
<ir_version: 8, opset_import: ["" : 17]>
f (float[N] x) => (float[N] y) { y = Relu(x) }
)";
} // namespace

TEST(ModelReader, Binary) {
  TempFolder folder;
  std::string path = folder.write("m.onnx", rawModel(1000).SerializeAsString());
  llvm::Expected<LoadedModel> model = loadModel(path);
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  const onnx::TensorProto &tensor = model->proto->graph().initializer(0);
  const TensorSource *source = model->find(tensor);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->file, 0);
  EXPECT_EQ(source->length, 4000u);
  EXPECT_EQ(rawBytes(tensor, *model), std::string(4000, 'w'));
  EXPECT_EQ(model->files[0].relativePath, "m.onnx");
  // A copy of the tensor is as good.
  onnx::TensorProto copy = tensor;
  EXPECT_EQ(model->find(copy), source);
}

TEST(ModelReader, SmallTensorsStayInTheMessage) {
  TempFolder folder;
  for (auto [elements, cut] : {std::pair(255, false), std::pair(256, true)}) {
    std::string path =
        folder.write("m.onnx", rawModel(elements).SerializeAsString());
    llvm::Expected<LoadedModel> model = loadModel(path);
    ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
    EXPECT_EQ(model->find(model->proto->graph().initializer(0)) != nullptr,
              cut);
  }
}

TEST(ModelReader, BackendFolder) {
  TempFolder folder;
  folder.write("test_relu/model.onnx", rawModel(1).SerializeAsString());
  llvm::Expected<LoadedModel> model = loadModel(folder.path("test_relu"));
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  EXPECT_EQ(model->files[0].path, folder.path("test_relu/model.onnx"));
  EXPECT_EQ(model->files[0].relativePath, "model.onnx");
  EXPECT_EQ(loadMessage(folder.path("")),
            folder.path("") + ": the directory does not hold a model.onnx");
}

TEST(ModelReader, OnnxText) {
  TempFolder folder;
  llvm::Expected<LoadedModel> model =
      loadModel(folder.write("m.onnxtxt", kOnnxText));
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  EXPECT_EQ(model->proto->graph().node(0).op_type(), "Relu");
}

TEST(ModelReader, OnnxTextErrors) {
  TempFolder folder;
  auto message = [&](llvm::StringRef text) {
    return loadMessage(folder.write("m.onnxtxt", text));
  };
  std::string path = folder.path("m.onnxtxt");
  EXPECT_EQ(message("<ir_version: 8>\nf (float[N] x -> (float[N] y) {}"),
            path + ":2:15: expected character ) not found");
  EXPECT_EQ(message(kOnnxText.str() + ">"),
            path + ":4:1: expected character = not found");
  EXPECT_EQ(message("<ir_version: 99999999999999999999>\nf () => () {}"),
            path + ":1:34: a number is out of range");
  EXPECT_EQ(message(llvm::StringRef("<ir\0version", 11)),
            path + ": expects text, but the file contains a NUL character at "
                   "byte 3");
  EXPECT_EQ(message("<ir_version: 8>" + std::string(300, '{')),
            path + ": braces and parentheses are nested more than 256 deep");
  EXPECT_EQ(message(""), path + ": the file is empty");
}

TEST(ModelReader, OnnxTextDamaged) {
  TempFolder folder;
  constexpr llvm::StringLiteral alphabet(
      "<>(){}[]=\"#,:;-. e9\n\\xfloat graph");
  std::string original = R"(
<ir_version: 8, opset_import: ["" : 17], producer_name: "p", doc_string: "#">
f (float[2] x, bool c) => (float[2] y) # comment
  <float[2] w = {1.5, -2e3}, int64 n>
{ y = If (c) <then_branch = g () => (float a) { a = Neg(w) }, k = [1, 2],
              else_branch = h () => (float a) { a = Add(w, x) }, l: string = "s"> }
)";
  EXPECT_EQ(loadMessage(folder.write("m.onnxtxt", original)), "no error");
  std::mt19937 random(1);
  for (int i = 0; i != 3000; ++i) {
    SCOPED_TRACE(i);
    std::string text = original.substr(0, random() % (2 * original.size()));
    for (unsigned flips = random() % 4; flips != 0 && !text.empty(); --flips)
      text[random() % text.size()] = alphabet[random() % alphabet.size()];
    EXPECT_NE(loadMessage(folder.write("m.onnxtxt", text)), "");
  }
}

TEST(ModelReader, ProtoText) {
  TempFolder folder;
  onnx::ModelProto expected = rawModel(3);
  std::string text;
  ASSERT_TRUE(google::protobuf::TextFormat::PrintToString(expected, &text));
  for (const char *name : {"m.textproto", "m.pbtxt", "m.prototxt"}) {
    llvm::Expected<LoadedModel> model = loadModel(folder.write(name, text));
    ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
    EXPECT_EQ(model->proto->SerializeAsString(), expected.SerializeAsString());
  }
}

TEST(ModelReader, ProtoTextErrors) {
  TempFolder folder;
  auto message = [&](llvm::StringRef text) {
    return loadMessage(folder.write("m.textproto", text));
  };
  std::string path = folder.path("m.textproto");
  EXPECT_EQ(message("ir_version: 8\ngraph {\n  nodes {}\n}"),
            path + ":3:9: Message type \"onnx.GraphProto\" has no field named "
                   "\"nodes\".");
  EXPECT_EQ(message("ir_version: 8"), path + ": the model has no graph");
  std::string deep;
  for (int i = 0; i != 100; ++i)
    deep += "node { attribute { g {";
  EXPECT_NE(message("graph {" + deep).find("too deep"), std::string::npos);
}

TEST(ModelReader, NotAModel) {
  TempFolder folder;
  auto message = [&](llvm::StringRef content) {
    return loadMessage(folder.write("m.onnx", content));
  };
  std::string path = folder.path("m.onnx");
  EXPECT_EQ(message(""), path + ": the file is empty");
  EXPECT_EQ(
      message("hello world, this is text"),
      path + ": is not an ONNX model (binary protobuf), or is "
             "truncated: a group ends that did not begin in 'model' at byte 3");
  EXPECT_EQ(message(llvm::StringRef("\x08\x08", 2)),
            path + ": the model has no graph");
  EXPECT_EQ(message("version https://git-lfs.github.com/spec/v1\noid"),
            path + ": is a Git LFS pointer; fetch the file itself with 'git "
                   "lfs pull'");
  EXPECT_EQ(message("PK\x03\x04zip"),
            path + ": is a ZIP archive; unpack the ONNX file");
  EXPECT_EQ(message("\n<!DOCTYPE html><html>"),
            path + ": is an HTML page, not a model; download the file itself");
}

TEST(ModelReader, TruncatedModel) {
  TempFolder folder;
  std::string bytes = rawModel(100).SerializeAsString();
  std::string path =
      folder.write("m.onnx", llvm::StringRef(bytes).drop_back(10));
  EXPECT_EQ(loadMessage(path),
            path + ": is truncated: a field of 413 bytes where only 403 are "
                   "left in 'model' at byte 3");
}

TEST(ModelReader, NoFile) {
  TempFolder folder;
  EXPECT_EQ(loadMessage(""),
            "expects the path of a model, but got an empty string");
  EXPECT_EQ(loadMessage(folder.path("no.onnx")),
            folder.path("no.onnx") +
                ": cannot open the file: No such file or directory");
  std::string pipe = folder.path("pipe.onnx");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(loadMessage(pipe),
            pipe + ": expects a regular file, but it is a device or pipe");
  unlink(pipe.c_str());
  EXPECT_EQ(loadMessage(llvm::StringRef("a\0b", 3)),
            "a: the path contains a NUL character");
  folder.write("dir/model.onnx/x", "");
  EXPECT_EQ(loadMessage(folder.path("dir")),
            folder.path("dir/model.onnx") +
                ": expects a regular file, but it is a directory");
}

TEST(ModelReader, UnreadableFile) {
  if (geteuid() == 0)
    GTEST_SKIP() << "the superuser can read any file";
  TempFolder folder;
  std::string path = folder.write("m.onnx", "x");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  EXPECT_EQ(loadMessage(path),
            path + ": cannot open the file: Permission denied");
}
