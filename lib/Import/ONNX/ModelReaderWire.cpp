//===----------------------------------------------------------------------===//
// Walks the protobuf wire format of a model and copies all of it but the large
// raw_data, so that protobuf never allocates memory for weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ModelReaderDetail.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Endian.h"
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>
#include <limits>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::detail;

namespace {

constexpr llvm::StringLiteral kMarkerTag("\x93nnc-cut-tensor\n");
constexpr size_t kMarkerBytes = kMarkerTag.size() + sizeof(uint64_t);

/// protobuf measures messages by int and keeps a few bytes for itself.
constexpr uint64_t kMaxStrippedBytes =
    std::numeric_limits<int32_t>::max() - 1024;

/// A length written with this many bytes can be filled in later.
constexpr unsigned kPaddedLengthBytes = 5;
/// Room for a tag and a length.
constexpr uint64_t kMaxFieldHeadBytes = 16;

/// What reading one byte of a mapping can make resident, at most: the system
/// maps the cached pages around it too.
constexpr uint64_t kFaultAroundBytes = 64 << 10;
/// Parts of the mapping are released after about so many resident bytes.
constexpr uint64_t kReleaseBytes = 16 << 20;

enum WireType {
  Varint = 0,
  Fixed64 = 1,
  Bytes = 2,
  GroupBegin = 3,
  GroupEnd = 4,
  Fixed32 = 5
};

/// The messages on the way to tensors.
enum class Message {
  Model,
  Training,
  Function,
  Graph,
  Node,
  Attribute,
  Sparse,
  Tensor
};

struct Child {
  Message parent;
  uint32_t field;
  Message message;
  const char *name;
};

/// attribute_proto of functions is newer than the protobuf classes in use,
/// which keep it as an unknown field.
constexpr Child kChildren[] = {
    {Message::Model, 7, Message::Graph, "graph"},
    {Message::Model, 20, Message::Training, "training_info"},
    {Message::Model, 25, Message::Function, "functions"},
    {Message::Training, 1, Message::Graph, "initialization"},
    {Message::Training, 2, Message::Graph, "algorithm"},
    {Message::Function, 7, Message::Node, "node"},
    {Message::Function, 11, Message::Attribute, "attribute_proto"},
    {Message::Graph, 1, Message::Node, "node"},
    {Message::Graph, 5, Message::Tensor, "initializer"},
    {Message::Graph, 15, Message::Sparse, "sparse_initializer"},
    {Message::Node, 5, Message::Attribute, "attribute"},
    {Message::Attribute, 5, Message::Tensor, "t"},
    {Message::Attribute, 6, Message::Graph, "g"},
    {Message::Attribute, 10, Message::Tensor, "tensors"},
    {Message::Attribute, 11, Message::Graph, "graphs"},
    {Message::Attribute, 22, Message::Sparse, "sparse_tensor"},
    {Message::Attribute, 23, Message::Sparse, "sparse_tensors"},
    {Message::Sparse, 1, Message::Tensor, "values"},
    {Message::Sparse, 2, Message::Tensor, "indices"},
};
constexpr uint32_t kRawDataField = onnx::TensorProto::kRawDataFieldNumber;

} // namespace

static const Child *findChild(Message parent, uint32_t field) {
  for (const Child &child : kChildren)
    if (child.parent == parent && child.field == field)
      return &child;
  return nullptr;
}

namespace {

/// A message being read: bytes [pos, end) of the file are left of it.
struct Frame {
  Message message;
  const char *name;
  uint64_t pos;
  uint64_t end;
  const Frame *parent = nullptr;
  unsigned graphDepth = 0;
};

class Stripper {
public:
  Stripper(llvm::ArrayRef<uint8_t> file, uint64_t cutThreshold,
           llvm::function_ref<void(uint64_t, uint64_t)> release)
      : file(file), cutThreshold(cutThreshold), release(release) {}

  bool run() {
    Frame model{Message::Model, "model", 0, file.size()};
    return stripMessage(model);
  }

  StrippedModel result;
  std::string message;

private:
  bool stripMessage(Frame &frame);
  bool stripChild(const Frame &parent, const Child &child, uint64_t begin,
                  uint64_t end);
  bool cutRawData(uint64_t begin, uint64_t end);
  bool skipValue(Frame &frame, uint32_t field, unsigned wireType);
  bool skipGroup(Frame &frame, uint32_t field);
  bool readVarint(Frame &frame, uint64_t &value);
  bool readTag(Frame &frame, uint32_t &field, unsigned &wireType);
  bool readLength(Frame &frame, uint64_t &length);
  bool hasRoom(uint64_t size);
  bool copy(uint64_t begin, uint64_t end);
  void appendVarint(uint64_t value);
  void touched(uint64_t bytes, uint64_t upTo);
  bool fail(const Frame &frame, uint64_t at, const llvm::Twine &what);

  bool looksLikeMarker(uint64_t begin, uint64_t end) const {
    llvm::StringRef text(reinterpret_cast<const char *>(file.data() + begin),
                         end - begin);
    return readMarker(text).has_value();
  }

  llvm::ArrayRef<uint8_t> file;
  uint64_t cutThreshold;
  llvm::function_ref<void(uint64_t, uint64_t)> release;
  /// Whether the length being read is that of a graph or of functions.
  bool insideOfGraph = false;
  uint64_t resident = 0;
  uint64_t released = 0;
};

} // namespace

bool Stripper::fail(const Frame &frame, uint64_t at, const llvm::Twine &what) {
  // The outer levels of a deep path tell little.
  constexpr unsigned kShownLevels = 12;
  std::string path = frame.name;
  unsigned levels = 1;
  for (const Frame *f = frame.parent; f; f = f->parent) {
    if (levels++ == kShownLevels) {
      path.insert(0, "... ");
      break;
    }
    path.insert(0, f->name + std::string("."));
  }
  // A shorter file mostly breaks off in the graph, any other file mostly at
  // its first fields.
  llvm::StringRef kind = frame.parent    ? "is not a valid ONNX model: "
                         : insideOfGraph ? "is truncated: "
                                         : "is not an ONNX model (binary "
                                           "protobuf), or is truncated: ";
  message =
      (kind + what + " in '" + path + "' at byte " + llvm::Twine(at)).str();
  return false;
}

void Stripper::touched(uint64_t bytes, uint64_t upTo) {
  resident += bytes;
  if (resident < kReleaseBytes)
    return;
  release(released, upTo);
  released = upTo;
  resident = 0;
}

bool Stripper::hasRoom(uint64_t size) {
  if (size <= kMaxStrippedBytes - result.bytes.size())
    return true;
  message = "has more than 2 GiB beside its raw_data; store large tensors as "
            "raw_data or external data";
  return false;
}

bool Stripper::copy(uint64_t begin, uint64_t end) {
  uint64_t size = end - begin;
  if (!hasRoom(size))
    return false;
  result.bytes.append(reinterpret_cast<const char *>(file.data() + begin),
                      size);
  touched(size, end);
  return true;
}

void Stripper::appendVarint(uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    result.bytes.push_back(static_cast<char>(value | 0x80));
  result.bytes.push_back(static_cast<char>(value));
}

bool Stripper::readVarint(Frame &frame, uint64_t &value) {
  uint64_t start = frame.pos;
  value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (frame.pos == frame.end)
      return fail(frame, start,
                  "a number is cut off by the end of its message");
    uint64_t byte = file[frame.pos++];
    value |= (byte & 0x7f) << (shift < 64 ? shift : 63);
    if (!(byte & 0x80))
      return true;
  }
  return fail(frame, start, "a number is longer than 10 bytes");
}

bool Stripper::readTag(Frame &frame, uint32_t &field, unsigned &wireType) {
  uint64_t start = frame.pos, tag;
  if (!readVarint(frame, tag))
    return false;
  if (tag > std::numeric_limits<uint32_t>::max() || tag < 8)
    return fail(frame, start, "the field number is not between 1 and 2^29 - 1");
  field = static_cast<uint32_t>(tag >> 3);
  wireType = tag & 7;
  return true;
}

bool Stripper::readLength(Frame &frame, uint64_t &length) {
  uint64_t start = frame.pos;
  if (!readVarint(frame, length))
    return false;
  uint64_t left = frame.end - frame.pos;
  if (length > left)
    return fail(frame, start,
                "a field of " + llvm::Twine(length) + " bytes where only " +
                    llvm::Twine(left) + " are left");
  return true;
}

bool Stripper::skipValue(Frame &frame, uint32_t field, unsigned wireType) {
  uint64_t value;
  switch (wireType) {
  case Varint:
    return readVarint(frame, value);
  case Fixed64:
  case Fixed32: {
    uint64_t width = wireType == Fixed64 ? 8 : 4;
    if (frame.end - frame.pos < width)
      return fail(frame, frame.pos,
                  "a number is cut off by the end of its message");
    frame.pos += width;
    return true;
  }
  case Bytes:
    if (!readLength(frame, value))
      return false;
    frame.pos += value;
    return true;
  case GroupBegin:
    return skipGroup(frame, field);
  case GroupEnd:
    return fail(frame, frame.pos, "a group ends that did not begin");
  default:
    return fail(frame, frame.pos,
                "wire type " + llvm::Twine(wireType) + " does not exist,");
  }
}

bool Stripper::skipGroup(Frame &frame, uint32_t field) {
  llvm::SmallVector<uint32_t> open{field};
  while (!open.empty()) {
    unsigned wireType;
    uint64_t start = frame.pos;
    if (!readTag(frame, field, wireType))
      return false;
    if (wireType == GroupEnd) {
      if (field != open.back())
        return fail(frame, start, "a group ends that did not begin");
      open.pop_back();
      continue;
    }
    if (wireType == GroupBegin) {
      if (open.size() == kMaxMessageDepth)
        return fail(frame, start,
                    "groups are nested more than " +
                        llvm::Twine(kMaxMessageDepth) + " deep");
      open.push_back(field);
      continue;
    }
    if (!skipValue(frame, field, wireType))
      return false;
  }
  return true;
}

bool Stripper::cutRawData(uint64_t begin, uint64_t end) {
  TensorSource source;
  source.file = 0;
  source.offset = begin;
  source.length = end - begin;
  if (!hasRoom(kMaxFieldHeadBytes + kMarkerBytes))
    return false;
  appendVarint(kRawDataField << 3 | Bytes);
  appendVarint(kMarkerBytes);
  result.bytes += makeMarker(result.sources.size());
  result.sources.push_back(source);
  touched(kFaultAroundBytes, begin);
  return true;
}

bool Stripper::stripChild(const Frame &parent, const Child &child,
                          uint64_t begin, uint64_t end) {
  Frame frame{child.message, child.name, begin,
              end,           &parent,    parent.graphDepth};
  if (child.message == Message::Graph && ++frame.graphDepth > kMaxGraphDepth)
    return fail(parent, begin,
                "graphs are nested more than " + llvm::Twine(kMaxGraphDepth) +
                    " deep");
  if (!hasRoom(kMaxFieldHeadBytes))
    return false;
  appendVarint(uint64_t{child.field} << 3 | Bytes);
  uint64_t lengthAt = result.bytes.size();
  result.bytes.append(kPaddedLengthBytes, '\0');
  if (!stripMessage(frame))
    return false;
  uint64_t length = result.bytes.size() - lengthAt - kPaddedLengthBytes;
  for (unsigned i = 0; i != kPaddedLengthBytes; ++i, length >>= 7)
    result.bytes[lengthAt + i] = static_cast<char>(
        (length & 0x7f) | (i + 1 == kPaddedLengthBytes ? 0 : 0x80));
  return true;
}

bool Stripper::stripMessage(Frame &frame) {
  // Fields that stay as they are get copied together.
  uint64_t copied = frame.pos;
  while (frame.pos != frame.end) {
    uint64_t fieldBegin = frame.pos;
    uint32_t field;
    unsigned wireType;
    if (!readTag(frame, field, wireType))
      return false;
    const Child *child = findChild(frame.message, field);
    bool rawData = frame.message == Message::Tensor && field == kRawDataField;
    if (wireType != Bytes || (!child && !rawData)) {
      if (!skipValue(frame, field, wireType))
        return false;
      continue;
    }
    uint64_t length;
    insideOfGraph = frame.message == Message::Model && child;
    if (!readLength(frame, length))
      return false;
    insideOfGraph = false;
    uint64_t begin = frame.pos, end = begin + length;
    frame.pos = end;
    if (rawData && length < cutThreshold && !looksLikeMarker(begin, end))
      continue;
    if (!copy(copied, fieldBegin) ||
        !(rawData ? cutRawData(begin, end)
                  : stripChild(frame, *child, begin, end)))
      return false;
    copied = end;
  }
  return copy(copied, frame.end);
}

std::string detail::makeMarker(uint64_t index) {
  std::string marker(kMarkerTag);
  marker.resize(kMarkerBytes);
  llvm::support::endian::write64le(marker.data() + kMarkerTag.size(), index);
  return marker;
}

std::optional<uint64_t> detail::readMarker(llvm::StringRef rawData) {
  if (rawData.size() != kMarkerBytes || !rawData.starts_with(kMarkerTag))
    return std::nullopt;
  return llvm::support::endian::read64le(rawData.data() + kMarkerTag.size());
}

llvm::Expected<StrippedModel>
detail::stripModel(llvm::ArrayRef<uint8_t> file, uint64_t cutThreshold,
                   llvm::StringRef path,
                   llvm::function_ref<void(uint64_t, uint64_t)> release) {
  Stripper stripper(file, cutThreshold, release);
  if (!stripper.run())
    return makeError(path + ": " + stripper.message);
  return std::move(stripper.result);
}

llvm::Error detail::parseBinaryModel(
    llvm::ArrayRef<uint8_t> file, uint64_t cutThreshold, llvm::StringRef path,
    llvm::function_ref<void(uint64_t, uint64_t)> release, LoadedModel &model) {
  llvm::Expected<StrippedModel> stripped =
      stripModel(file, cutThreshold, path, release);
  if (!stripped)
    return stripped.takeError();
  google::protobuf::LogSilencer silencer;
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(stripped->bytes.data()),
      static_cast<int>(stripped->bytes.size()));
  stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
  stream.SetRecursionLimit(kMaxMessageDepth);
  model.proto = std::make_unique<onnx::ModelProto>();
  if (!model.proto->ParseFromCodedStream(&stream) ||
      !stream.ConsumedEntireMessage())
    return makeError(path +
                     ": protobuf cannot read a field of the model, or "
                     "messages are nested more than " +
                     llvm::Twine(kMaxMessageDepth) + " deep");
  model.sources = std::move(stripped->sources);
  return llvm::Error::success();
}
