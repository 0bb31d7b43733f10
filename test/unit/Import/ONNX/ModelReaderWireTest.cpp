//===----------------------------------------------------------------------===//
// The wire scanner against protobuf's own parser, and against damaged and
// hostile files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReaderTestUtil.h"
#include "lib/Import/ONNX/ModelReaderDetail.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>
#include <random>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::test;

constexpr const char *kBackendTests = "/usr/share/libonnx-testdata/data";

static void keepPages(uint64_t, uint64_t) {}

/// Strips and parses bytes in memory.
static llvm::Expected<LoadedModel> parse(llvm::StringRef bytes,
                                         uint64_t threshold) {
  LoadedModel model;
  if (llvm::Error error =
          detail::parseBinaryModel(llvm::arrayRefFromStringRef(bytes),
                                   threshold, "m.onnx", keepPages, model))
    return std::move(error);
  return std::move(model);
}

/// What protobuf makes of the whole file; null if it refuses it.
static std::unique_ptr<onnx::ModelProto> reference(llvm::StringRef bytes) {
  google::protobuf::LogSilencer silencer;
  auto model = std::make_unique<onnx::ModelProto>();
  google::protobuf::io::CodedInputStream stream(bytes.bytes_begin(),
                                                bytes.size());
  stream.SetRecursionLimit(detail::kMaxMessageDepth);
  if (!model->ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
    return nullptr;
  return model;
}

/// Puts what was cut out of `bytes` back.
static void restore(LoadedModel &model, llvm::StringRef bytes) {
  detail::forEachTensor(*model.proto, [&](onnx::TensorProto &tensor,
                                          const llvm::Twine &) {
    if (const TensorSource *source = model.find(tensor))
      tensor.set_raw_data(bytes.substr(source->offset, source->length).str());
  });
}

/// The stripped model with all bytes put back is what protobuf reads, and both
/// refuse the same files. Returns whether the file is a model.
static bool matchesProtobuf(llvm::StringRef bytes, uint64_t threshold) {
  std::unique_ptr<onnx::ModelProto> expected = reference(bytes);
  llvm::Expected<LoadedModel> model = parse(bytes, threshold);
  EXPECT_EQ(bool(model), expected != nullptr);
  if (!model) {
    EXPECT_NE(llvm::toString(model.takeError()), "");
    return false;
  }
  restore(*model, bytes);
  EXPECT_EQ(model->proto->SerializeAsString(), expected->SerializeAsString());
  return true;
}

static std::vector<std::string> backendModels() {
  std::vector<std::string> models;
  std::error_code code;
  for (llvm::sys::fs::recursive_directory_iterator it(kBackendTests, code), end;
       it != end && !code; it.increment(code))
    if (llvm::sys::path::filename(it->path()) == "model.onnx")
      models.push_back(it->path());
  return models;
}

static std::string readFile(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// Tensors in each place that can hold one.
static onnx::ModelProto everyPlace() {
  onnx::ModelProto model = rawModel(2, 'a');
  auto fill = [](onnx::TensorProto *tensor, char c) {
    tensor->set_data_type(onnx::TensorProto::UINT8);
    tensor->add_dims(9);
    tensor->set_raw_data(std::string(9, c));
  };
  auto attribute = [&](onnx::NodeProto *node) {
    onnx::AttributeProto *a = node->add_attribute();
    a->set_name("value");
    fill(a->mutable_t(), 'b');
    fill(a->add_tensors(), 'c');
    fill(a->add_tensors(), 'd');
    fill(a->mutable_sparse_tensor()->mutable_values(), 'e');
    fill(a->add_sparse_tensors()->mutable_indices(), 'f');
    return a;
  };
  onnx::AttributeProto *outer = attribute(model.mutable_graph()->add_node());
  attribute(outer->mutable_g()->add_node());
  fill(outer->add_graphs()->add_initializer(), 'g');
  fill(model.mutable_graph()->add_sparse_initializer()->mutable_values(), 'h');
  attribute(model.add_functions()->add_node());
  fill(model.add_training_info()->mutable_algorithm()->add_initializer(), 'i');
  fill(model.mutable_training_info(0)
           ->mutable_initialization()
           ->add_initializer(),
       'j');
  return model;
}

/// Bytes of a message field.
static std::string field(unsigned number, llvm::StringRef content) {
  std::string bytes;
  auto varint = [&](uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      bytes.push_back(static_cast<char>(value | 0x80));
    bytes.push_back(static_cast<char>(value));
  };
  varint(uint64_t{number} << 3 | 2);
  varint(content.size());
  return bytes + content.str();
}

TEST(ModelReaderWire, EveryPlace) {
  onnx::ModelProto model = everyPlace();
  std::string bytes = model.SerializeAsString();
  llvm::Expected<LoadedModel> parsed = parse(bytes, 0);
  ASSERT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
  EXPECT_EQ(parsed->sources.size(), 20u);
  for (uint64_t threshold : {0, 8, 9, 10, 1024})
    EXPECT_TRUE(matchesProtobuf(bytes, threshold));
}

TEST(ModelReaderWire, BackendModels) {
  std::vector<std::string> models = backendModels();
  if (models.empty())
    GTEST_SKIP() << "libonnx-testdata is not installed";
  EXPECT_GT(models.size(), 900u);
  for (const std::string &path : models) {
    SCOPED_TRACE(path);
    std::string bytes = readFile(path);
    for (uint64_t threshold : {0, 1, 4, 64, 1024})
      ASSERT_TRUE(matchesProtobuf(bytes, threshold));
  }
}

TEST(ModelReaderWire, BackendTensors) {
  unsigned count = 0;
  for (const std::string &path : backendModels()) {
    SCOPED_TRACE(path);
    llvm::Expected<LoadedModel> model = loadModel(path);
    ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
    detail::forEachTensor(
        *model->proto, [&](onnx::TensorProto &tensor, const llvm::Twine &) {
          std::string message = messageOf(readTensor(tensor, *model));
          EXPECT_EQ(message, "no error");
          ++count;
        });
  }
  if (count == 0)
    GTEST_SKIP() << "libonnx-testdata is not installed";
  EXPECT_GT(count, 300u);
}

TEST(ModelReaderWire, DamagedBackendModels) {
  std::vector<std::string> models = backendModels();
  std::mt19937 random(2);
  for (size_t i = 0; i < models.size(); i += 20) {
    SCOPED_TRACE(models[i]);
    std::string bytes = readFile(models[i]);
    for (int k = 0; k != 25; ++k) {
      size_t size = random() % bytes.size();
      matchesProtobuf(llvm::StringRef(bytes).take_front(size), 16);
      std::string flipped = bytes;
      flipped[random() % bytes.size()] = static_cast<char>(random());
      matchesProtobuf(flipped, 16);
    }
  }
}

TEST(ModelReaderWire, TruncatedAnywhere) {
  std::string bytes = everyPlace().SerializeAsString();
  unsigned valid = 0;
  for (size_t size = 1; size != bytes.size(); ++size) {
    SCOPED_TRACE(size);
    valid += matchesProtobuf(llvm::StringRef(bytes).take_front(size), 0);
  }
  // Only a cut between two fields of the model leaves one.
  EXPECT_LT(valid, 8u);
}

TEST(ModelReaderWire, FlippedBytes) {
  std::string original = everyPlace().SerializeAsString();
  std::mt19937 random(1);
  unsigned valid = 0;
  for (int i = 0; i != 4000; ++i) {
    SCOPED_TRACE(i);
    std::string bytes = original;
    for (unsigned flips = 1 + random() % 4; flips != 0; --flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    valid += matchesProtobuf(bytes, i % 12);
  }
  EXPECT_GT(valid, 100u);
  EXPECT_LT(valid, 3900u);
}

TEST(ModelReaderWire, ForgedMarkers) {
  onnx::ModelProto model = rawModel(1000, 's');
  onnx::TensorProto *forged = model.mutable_graph()->add_initializer();
  forged->set_data_type(onnx::TensorProto::UINT8);
  forged->add_dims(detail::makeMarker(0).size());
  forged->set_raw_data(detail::makeMarker(0));
  TempFolder folder;
  llvm::Expected<LoadedModel> loaded =
      loadModel(folder.write("m.onnx", model.SerializeAsString()));
  ASSERT_TRUE(bool(loaded)) << llvm::toString(loaded.takeError());
  const onnx::GraphProto &graph = loaded->proto->graph();
  EXPECT_EQ(rawBytes(graph.initializer(0), *loaded), std::string(4000, 's'));
  EXPECT_EQ(rawBytes(graph.initializer(1), *loaded), detail::makeMarker(0));
  EXPECT_TRUE(matchesProtobuf(model.SerializeAsString(), 1024));
}

TEST(ModelReaderWire, ForgedMarkerInText) {
  TempFolder folder;
  std::string text = "graph { initializer { raw_data: \"";
  for (unsigned char c : detail::makeMarker(0))
    text += "\\x" + llvm::utohexstr(c, false, 2);
  EXPECT_EQ(loadMessage(folder.write("m.textproto", text + "\" } }")),
            folder.path("m.textproto") +
                ": an initializer: raw_data starts with bytes that are "
                "reserved");
}

TEST(ModelReaderWire, RepeatedFieldsFollowProtobuf) {
  // Of raw_data given twice the last wins, and a message given twice is merged.
  std::string big(2000, 'b'), small(4, 's');
  for (auto [first, last] : {std::pair(big, small), std::pair(small, big)}) {
    std::string tensor = field(9, first) + field(9, last);
    EXPECT_TRUE(matchesProtobuf(field(7, field(5, tensor)), 1024));
    std::string attribute =
        field(5, field(9, first)) + field(5, field(9, last));
    EXPECT_TRUE(matchesProtobuf(field(7, field(1, field(5, attribute))), 1024));
    EXPECT_TRUE(matchesProtobuf(field(7, field(5, field(9, first))) +
                                    field(7, field(5, field(9, last))),
                                1024));
  }
}

TEST(ModelReaderWire, UnknownFieldsAndGroups) {
  std::string group("\x9b\x06\x08\x01\x9c\x06", 6); // field 99
  std::string graph =
      group + field(5, group + field(9, std::string(2000, 'x')) + group);
  EXPECT_TRUE(matchesProtobuf(field(7, graph) + group, 1024));
  std::string badEnd("\x9b\x06\x08\x01\xa4\x06", 6);
  EXPECT_FALSE(matchesProtobuf(field(7, badEnd), 1024));
  // raw_data that is not bytes is an unknown field.
  EXPECT_TRUE(matchesProtobuf(field(7, field(5, "\x48\x05")), 0));
}

TEST(ModelReaderWire, DeepNesting) {
  auto nested = [](unsigned graphs) {
    std::string graph = field(5, field(9, std::string(2000, 'x')));
    for (unsigned i = 1; i != graphs; ++i)
      graph = field(1, field(5, field(6, graph)));
    return field(7, graph);
  };
  EXPECT_TRUE(matchesProtobuf(nested(64), 1024));
  std::string message = messageOf(parse(nested(65), 1024));
  // The outer graph begins at byte 3, a level takes 3 fields of 3.
  EXPECT_EQ(message, "m.onnx: is not a valid ONNX model: graphs are nested "
                     "more than 64 deep in '... g.node.attribute.g.node."
                     "attribute.g.node.attribute.g.node.attribute' at byte " +
                         std::to_string(3 + 64 * 9));
  EXPECT_NE(messageOf(parse(nested(5000), 1024)).find("more than 64 deep"),
            std::string::npos);
  std::string groups;
  for (int i = 0; i != 300; ++i)
    groups += "\x9b\x06";
  EXPECT_NE(messageOf(parse(groups, 0)).find("groups are nested more than 256"),
            std::string::npos);
  std::string type;
  for (int i = 0; i != 300; ++i)
    type = field(4, field(1, type));
  EXPECT_EQ(messageOf(parse(field(7, field(11, field(2, type))), 0)),
            "m.onnx: protobuf cannot read a field of the model, or messages "
            "are nested more than 256 deep");
}

TEST(ModelReaderWire, DamagedInside) {
  auto message = [](llvm::StringRef graph) {
    return messageOf(parse(field(7, graph), 1024));
  };
  EXPECT_EQ(message("\x2a\x05\x08"),
            "m.onnx: is not a valid ONNX model: a field of 5 bytes where only "
            "1 are left in 'model.graph' at byte 3");
  EXPECT_EQ(message(field(5, "\x08\x80")),
            "m.onnx: is not a valid ONNX model: a number is cut off by the "
            "end of its message in 'model.graph.initializer' at byte 5");
  EXPECT_EQ(message(field(5, "\x0f")),
            "m.onnx: is not a valid ONNX model: wire type 7 does not exist, "
            "in 'model.graph.initializer' at byte 5");
  EXPECT_EQ(message("\x0c"),
            "m.onnx: is not a valid ONNX model: a group ends that did not "
            "begin in 'model.graph' at byte 3");
  EXPECT_EQ(message("\x0d\x01"),
            "m.onnx: is not a valid ONNX model: a number is cut off by the "
            "end of its message in 'model.graph' at byte 3");
  EXPECT_EQ(message("\x08" + std::string(10, '\xff')),
            "m.onnx: is not a valid ONNX model: a number is longer than 10 "
            "bytes in 'model.graph' at byte 3");
}
