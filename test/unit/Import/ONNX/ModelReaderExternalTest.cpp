//===----------------------------------------------------------------------===//
// External data: what is read, and what is refused with which message.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReaderTestUtil.h"
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::test;

using Entries = std::vector<std::pair<std::string, std::string>>;

static onnx::TensorProto *addExternal(onnx::ModelProto &model,
                                      llvm::StringRef name, int64_t elements,
                                      const Entries &entries) {
  onnx::TensorProto *tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name.str());
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  tensor->add_dims(elements);
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto &[key, value] : entries) {
    onnx::StringStringEntryProto *entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  return tensor;
}

namespace {
/// A folder with a model and a file of 64 bytes, w.bin.
class ExternalData : public ::testing::Test {
protected:
  ExternalData() {
    std::string bytes;
    for (int i = 0; i != 64; ++i)
      bytes.push_back(static_cast<char>(i));
    folder.write("m/w.bin", bytes);
  }

  std::string save(const onnx::ModelProto &model) {
    return folder.write("m/model.onnx", model.SerializeAsString());
  }

  /// The message for a tensor of two floats, without the path of the model and
  /// the name of the tensor.
  std::string message(const Entries &entries, int64_t elements = 2) {
    onnx::ModelProto model;
    addExternal(model, "w", elements, entries);
    std::string path = save(model);
    std::string text = loadMessage(path);
    std::string prefix = path + ": tensor 'w': ";
    if (!llvm::StringRef(text).starts_with(prefix))
      return text;
    return text.substr(prefix.size());
  }

  std::string file(llvm::StringRef name) {
    return folder.path("m/" + name.str());
  }

  TempFolder folder;
};

} // namespace

TEST_F(ExternalData, Reads) {
  folder.write("m/sub/v.bin", "abcdefgh");
  onnx::ModelProto proto;
  addExternal(proto, "whole", 16, {{"location", "w.bin"}});
  addExternal(proto, "part", 2,
              {{"location", "./w.bin"}, {"offset", "3"}, {"length", "8"}});
  addExternal(proto, "other", 2,
              {{"location", "sub//./v.bin"}, {"unknown", "ignored"}});
  addExternal(proto, "empty", 0, {{"location", "w.bin"}, {"offset", "64"}});
  llvm::Expected<LoadedModel> model = loadModel(save(proto));
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  // Each file is mapped once.
  ASSERT_EQ(model->files.size(), 3u);
  EXPECT_EQ(model->files[1].relativePath, "w.bin");
  EXPECT_EQ(model->files[2].relativePath, "sub/v.bin");
  const onnx::GraphProto &graph = model->proto->graph();
  EXPECT_EQ(rawBytes(graph.initializer(0), *model).size(), 64u);
  EXPECT_EQ(rawBytes(graph.initializer(1), *model), "\3\4\5\6\7\x8\x9\xa");
  EXPECT_EQ(rawBytes(graph.initializer(2), *model), "abcdefgh");
  EXPECT_EQ(rawBytes(graph.initializer(3), *model), "");
}

TEST_F(ExternalData, InTextModel) {
  std::string path = folder.write("m/m.textproto", R"(
    graph { node { op_type: "Constant" name: "c" attribute { name: "value" t {
      dims: 2 data_type: 1 data_location: EXTERNAL
      external_data { key: "location" value: "w.bin" } } } } })");
  llvm::Expected<LoadedModel> model = loadModel(path);
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  const onnx::TensorProto &tensor =
      model->proto->graph().node(0).attribute(0).t();
  EXPECT_EQ(rawBytes(tensor, *model).substr(1), "\1\2\3\4\5\6\7");
}

TEST_F(ExternalData, ModelFileItself) {
  onnx::ModelProto proto;
  addExternal(proto, "w", 1, {{"location", "model.onnx"}});
  llvm::Expected<LoadedModel> model = loadModel(save(proto));
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  EXPECT_EQ(model->files.size(), 1u);
}

TEST_F(ExternalData, RefusesLocations) {
  EXPECT_EQ(message({}), "external_data names no location");
  EXPECT_EQ(message({{"location", ""}}), "external_data names no location");
  EXPECT_EQ(message({{"location", file("w.bin")}}),
            "expects a location of external data relative to the model's "
            "folder, but got '" +
                file("w.bin") + "'");
  for (std::string location : {"../m/w.bin", "sub/../w.bin", ".."})
    EXPECT_EQ(message({{"location", location}}),
              "the location '" + location +
                  "' of the external data contains '..'; put the file into "
                  "the model's folder");
  EXPECT_EQ(message({{"location", std::string("w.bin\0x", 7)}}),
            "the location of the external data contains a NUL character");
  EXPECT_EQ(message({{"location", "."}}),
            "expects a file as location of the external data, but got '.'");
  EXPECT_EQ(message({{"location", "w.bin/"}}),
            "expects a file as location of the external data, but got "
            "'w.bin/'");
  EXPECT_EQ(message({{"location", "no.bin"}}),
            "cannot open the external data '" + file("no.bin") +
                "': No such file or directory");
  folder.write("m/dir/x", "");
  EXPECT_EQ(message({{"location", "dir"}}),
            "external data " + file("dir") +
                ": expects a regular file, but it is a directory");
  ASSERT_EQ(mkfifo(file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(message({{"location", "pipe"}}),
            "external data " + file("pipe") +
                ": expects a regular file, but it is a device or pipe");
  unlink(file("pipe").c_str());
  EXPECT_EQ(message({{"location", "w.bin"}, {"location", "w.bin"}}),
            "external_data has two entries 'location'");
}

TEST_F(ExternalData, Links) {
  folder.write("secret", std::string(64, 's'));
  folder.write("m2/secret", std::string(64, 's'));
  ASSERT_EQ(symlink("w.bin", file("inside").c_str()), 0);
  EXPECT_EQ(message({{"location", "inside"}}), "no error");
  ASSERT_EQ(symlink("../secret", file("outside").c_str()), 0);
  llvm::SmallString<128> real;
  ASSERT_FALSE(llvm::sys::fs::real_path(folder.path("secret"), real));
  EXPECT_EQ(message({{"location", "outside"}}),
            "the external data '" + file("outside") +
                "' is a link out of the model's folder, to '" +
                real.str().str() + "'; copy the file into the folder");
  // A folder whose name starts like the model's is another folder.
  ASSERT_EQ(symlink("../m2", file("link").c_str()), 0);
  EXPECT_NE(message({{"location", "link/secret"}}).find("is a link out of"),
            std::string::npos);
  ASSERT_EQ(symlink("loop", file("loop").c_str()), 0);
  EXPECT_NE(message({{"location", "loop"}}).find("cannot open"),
            std::string::npos);
}

TEST_F(ExternalData, RefusesNumbers) {
  for (std::string key : {"offset", "length"})
    for (std::string value :
         {"-1", "", "1x", "0x8", " 8", "+8", "18446744073709551616"})
      EXPECT_EQ(message({{"location", "w.bin"}, {key, value}}),
                "expects a decimal number of bytes as " + key +
                    " of the external data, but got '" + value + "'");
}

TEST_F(ExternalData, RefusesSizes) {
  auto tooShort = [&](llvm::StringRef offset) {
    return "expects 8 bytes at offset " + offset.str() +
           " of the external data '" + file("w.bin") +
           "', but the file has 64 bytes";
  };
  EXPECT_EQ(message({{"location", "w.bin"}, {"offset", "56"}}), "no error");
  for (std::string offset : {"57", "65", "18446744073709551615"})
    EXPECT_EQ(message({{"location", "w.bin"}, {"offset", offset}}),
              tooShort(offset));
  EXPECT_EQ(message({{"location", "w.bin"}, {"length", "12"}}),
            "expects 8 bytes for 2 of float32, but external_data says length "
            "12");
  EXPECT_EQ(message({{"location", "w.bin"}}, int64_t{1} << 62),
            "the dimensions 4611686018427387904 give more bytes than can be "
            "addressed");
  EXPECT_EQ(message({{"location", "w.bin"}}, -1),
            "expects dimensions of at least 0, but got -1");
}

TEST_F(ExternalData, RefusesStrings) {
  onnx::ModelProto model;
  addExternal(model, "s", 1, {{"location", "w.bin"}})
      ->set_data_type(onnx::TensorProto::STRING);
  std::string path = save(model);
  EXPECT_EQ(loadMessage(path),
            path + ": tensor 's': elements of string cannot be stored as raw "
                   "bytes");
}

TEST_F(ExternalData, SmallElementsArePacked) {
  onnx::ModelProto proto;
  onnx::TensorProto *tensor =
      addExternal(proto, "q", 5, {{"location", "w.bin"}, {"length", "3"}});
  tensor->set_data_type(22);
  llvm::Expected<LoadedModel> model = loadModel(save(proto));
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  EXPECT_EQ(model->sources[0].length, 3u);
}

TEST_F(ExternalData, AllProblemsTogether) {
  onnx::ModelProto model;
  addExternal(model, "a", 1, {{"location", "no.bin"}});
  addExternal(model, "b", 1, {{"location", "w.bin"}});
  addExternal(model, "c", 1, {{"location", "no.bin"}});
  onnx::NodeProto *node = model.mutable_graph()->add_node();
  node->set_name("k");
  node->set_op_type("Constant");
  onnx::AttributeProto *attribute = node->add_attribute();
  attribute->set_name("value");
  attribute->mutable_t()->set_data_type(1);
  attribute->mutable_t()->set_data_location(onnx::TensorProto::EXTERNAL);
  std::string path = save(model);
  std::string missing = "cannot open the external data '" + file("no.bin") +
                        "': No such file or directory\n";
  EXPECT_EQ(loadMessage(path),
            path + ": tensor 'a': " + missing + path +
                ": tensor 'c': " + missing + path +
                ": attribute 'value' of node 'k' (Constant): external_data "
                "names no location");
}

TEST_F(ExternalData, Checksum) {
  LoadOptions options;
  options.verifyChecksums = true;
  folder.write("m/abc4", "abcd");
  // SHA-1 of "abcd".
  std::string sum = "81FE8BFE87576C3ECB22426F8E57847382917ACF";
  onnx::ModelProto model;
  onnx::TensorProto *tensor =
      addExternal(model, "w", 1, {{"location", "abc4"}, {"checksum", sum}});
  EXPECT_EQ(messageOf(loadModel(save(model), options)), "no error");
  tensor->mutable_external_data(1)->set_value("00");
  EXPECT_EQ(loadMessage(save(model)), "no error");
  EXPECT_NE(messageOf(loadModel(save(model), options))
                .find("expects the SHA-1 00 of the external data '" +
                      file("abc4") + "', but it is 81fe8bfe"),
            std::string::npos);
}
