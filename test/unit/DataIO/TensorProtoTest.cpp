//===----------------------------------------------------------------------===//
// Tests of TensorProto files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/TensorProto.h"

#include "TestSupport.h"
#include "nnc/DataIO/ProtoWire.h"

using namespace nncio;
using namespace nncio::test;
using namespace nncio::wire;

static Result<NamedTensor> parse(Span bytes) {
  return parseTensorProto(bytes, nullptr);
}

static std::string header(ElementType type, const std::vector<int64_t> &dims) {
  std::string out;
  for (int64_t dim : dims)
    appendVarintField(out, 1, static_cast<uint64_t>(dim));
  appendVarintField(out, 2, static_cast<uint64_t>(type));
  return out;
}

/// A typed field of varints, one field an element or packed.
static std::string varints(uint32_t number, const std::vector<int64_t> &values,
                           bool packed) {
  std::string out;
  std::string body;
  for (int64_t value : values) {
    if (!packed)
      appendTag(body, number, WireType::Varint);
    appendVarint(body, static_cast<uint64_t>(value));
  }
  if (!packed)
    return body;
  appendBytesField(out, number, body);
  return out;
}

template <typename T>
static std::string fixed(uint32_t number, const std::vector<T> &values,
                         bool packed) {
  std::string out;
  std::string body;
  for (T value : values) {
    if (!packed)
      appendTag(body, number,
                sizeof(T) == 4 ? WireType::Fixed32 : WireType::Fixed64);
    body.append(reinterpret_cast<const char *>(&value), sizeof(T));
  }
  if (!packed)
    return body;
  appendBytesField(out, number, body);
  return out;
}

TEST(TensorProto, EveryTypeAndShapeRoundTrips) {
  TempFolder folder;
  const std::string path = folder / "x.pb";
  std::vector<Tensor> tensors = {
      Tensor::fromStrings({2, 2}, {"", "a", "b", ""}),
      Tensor::fromStrings({}, {"x"}), Tensor::fromStrings({0}, {})};
  for (ElementType type : numberTypes())
    for (const std::vector<int64_t> &shape :
         std::vector<std::vector<int64_t>>{{}, {1}, {0}, {3, 0}, {3, 5}, {300}})
      tensors.push_back(sampleTensor(type, shape));
  for (const Tensor &tensor : tensors) {
    Status written = writeTensorProto(path, tensor, "name");
    ASSERT_TRUE(written) << written.error();
    Result<NamedTensor> read = readTensorProto(path);
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->name, "name");
    EXPECT_TRUE(sameTensor(read->tensor, tensor));
  }
}

TEST(TensorProto, Int32DataHoldsTheSmallTypes) {
  struct Case {
    ElementType type;
    std::vector<int64_t> values;
  };
  for (bool packed : {false, true})
    for (const Case &c : std::initializer_list<Case>{
             {ElementType::I32, {INT32_MIN, -1, INT32_MAX}},
             {ElementType::I16, {-32768, 0, 32767}},
             {ElementType::U16, {0, 1, 65535}},
             {ElementType::I8, {-128, -1, 127}},
             {ElementType::U8, {0, 128, 255}},
             {ElementType::Bool, {0, 1, 1}}}) {
      Result<NamedTensor> read =
          parse(header(c.type, {3}) + varints(5, c.values, packed));
      ASSERT_TRUE(read) << read.error();
      EXPECT_EQ(read->tensor.toInts(), c.values) << elementName(c.type);
    }
}

TEST(TensorProto, Int32DataHoldsFloatBits) {
  Result<NamedTensor> half =
      parse(header(ElementType::F16, {2}) + varints(5, {0x3c00, 0xc000}, true));
  ASSERT_TRUE(half) << half.error();
  EXPECT_EQ(half->tensor.toDoubles(), (std::vector<double>{1, -2}));
  Result<NamedTensor> bfloat = parse(header(ElementType::BF16, {2}) +
                                     varints(5, {0x3f80, 0xc000}, false));
  ASSERT_TRUE(bfloat) << bfloat.error();
  EXPECT_EQ(bfloat->tensor.toDoubles(), (std::vector<double>{1, -2}));
}

TEST(TensorProto, OtherTypedFields) {
  for (bool packed : {false, true}) {
    EXPECT_EQ(parse(header(ElementType::F32, {2}) +
                    fixed<float>(4, {1.5f, -2}, packed))
                  ->tensor.toDoubles(),
              (std::vector<double>{1.5, -2}));
    EXPECT_EQ(parse(header(ElementType::F64, {2}) +
                    fixed<double>(10, {1e300, -2}, packed))
                  ->tensor.toDoubles(),
              (std::vector<double>{1e300, -2}));
    EXPECT_EQ(parse(header(ElementType::I64, {2}) +
                    varints(7, {INT64_MIN, INT64_MAX}, packed))
                  ->tensor.toInts(),
              (std::vector<int64_t>{INT64_MIN, INT64_MAX}));
    EXPECT_EQ(parse(header(ElementType::U64, {1}) + varints(11, {-1}, packed))
                  ->tensor.getDouble(0),
              0x1p64);
    EXPECT_EQ(
        parse(header(ElementType::U32, {1}) + varints(11, {UINT32_MAX}, packed))
            ->tensor.getInt(0),
        UINT32_MAX);
  }
}

TEST(TensorProto, PackedDimsAndScalars) {
  std::string packedDims;
  appendBytesField(packedDims, 1, std::string("\x02\x01"));
  Result<NamedTensor> tensor = parse(packedDims + header(ElementType::U8, {}) +
                                     varints(5, {4, 5}, true));
  ASSERT_TRUE(tensor) << tensor.error();
  EXPECT_EQ(tensor->tensor.shape(), (std::vector<int64_t>{2, 1}));
  Result<NamedTensor> scalar =
      parse(header(ElementType::I64, {}) + varints(7, {9}, false));
  ASSERT_TRUE(scalar) << scalar.error();
  EXPECT_EQ(scalar->tensor.rank(), 0);
}

TEST(TensorProto, RawBoolBytesBecomeZeroOrOne) {
  std::string bytes = header(ElementType::Bool, {2});
  appendBytesField(bytes, 9, std::string("\x02\x00", 2));
  Result<NamedTensor> tensor = parse(bytes);
  ASSERT_TRUE(tensor) << tensor.error();
  EXPECT_EQ(tensor->tensor.data()[0], 1);
}

TEST(TensorProto, SharesTheOwnersMemory) {
  // Padding by the name moves the data to an aligned address.
  Result<std::string> message =
      serializeTensorProto(sampleTensor(ElementType::U8, {64}), "n");
  auto owner = std::make_shared<std::string>(*message);
  Result<NamedTensor> tensor = parseTensorProto(Span(*owner), owner);
  ASSERT_TRUE(tensor) << tensor.error();
  const uint8_t *begin = reinterpret_cast<const uint8_t *>(owner->data());
  EXPECT_GE(tensor->tensor.data(), begin);
  EXPECT_LT(tensor->tensor.data(), begin + owner->size());
  owner.reset();
  EXPECT_TRUE(sameTensor(tensor->tensor, sampleTensor(ElementType::U8, {64})));
}

TEST(TensorProto, SequencesAndOptionalsAreNamed) {
  const std::string tensor =
      *serializeTensorProto(sampleTensor(ElementType::F32, {2}), "t");
  for (const char *name : {"", "seq"}) {
    std::string container;
    if (*name)
      appendBytesField(container, 1, std::string(name));
    appendVarintField(container, 2, 1);
    appendBytesField(container, 3, tensor);
    Result<NamedTensor> read = parse(container);
    ASSERT_FALSE(read);
    EXPECT_TRUE(contains(read.error(), "is a sequence or an optional"));
    appendBytesField(container, 3, tensor);
    EXPECT_TRUE(contains(parse(container).error(), "sequence"));
  }
  // An optional of a sequence keeps its tensor one level deeper.
  std::string sequence;
  appendVarintField(sequence, 2, 1);
  appendBytesField(sequence, 3, tensor);
  std::string optional;
  appendBytesField(optional, 1, std::string("opt"));
  appendVarintField(optional, 2, 3);
  appendBytesField(optional, 5, sequence);
  EXPECT_TRUE(contains(parse(optional).error(), "looks like a sequence"));
  std::string empty;
  appendVarintField(empty, 2, 1);
  EXPECT_TRUE(contains(parse(empty).error(), "empty sequence"));
  std::string segment = header(ElementType::F32, {1});
  appendBytesField(segment, 3, std::string("\x08\x00", 2));
  EXPECT_TRUE(contains(parse(segment).error(), "segments"));
}

/// Writes `value` as an optional one and reads it again.
static Tensor passOptional(const Tensor &value, const std::string &name) {
  const ProtoForm form = {value.isSequence(), true};
  TempFolder folder;
  const std::string path = folder / "x.pb";
  Result<std::string> bytes = serializeValueProto(value, name, form);
  EXPECT_TRUE(bytes) << bytes.error();
  EXPECT_TRUE(writeFile(path, {Span(*bytes)}));
  Result<NamedTensor> read = readValueProto(path, form);
  EXPECT_TRUE(read) << read.error();
  EXPECT_EQ(read->name, name);
  return read->tensor;
}

TEST(TensorProto, OptionalsTellAbsentFromEmpty) {
  for (const char *name : {"", "o"}) {
    EXPECT_TRUE(passOptional(Tensor::absent(), name).isAbsent());
    const Tensor empty = Tensor::fromElements(ElementType::F32, {});
    EXPECT_TRUE(passOptional(empty, name).isSequence());
    EXPECT_TRUE(passOptional(empty, name).elements().empty());
    const Tensor tensor = sampleTensor(ElementType::F32, {2, 0, 3});
    EXPECT_TRUE(sameTensor(passOptional(tensor, name), tensor));
    const Tensor sequence = Tensor::fromElements(
        ElementType::I64, {sampleTensor(ElementType::I64, {3})});
    ASSERT_EQ(passOptional(sequence, name).elements().size(), 1u);
    EXPECT_TRUE(sameTensor(passOptional(sequence, name).elements()[0],
                           sequence.elements()[0]));
  }
  // An absent sequence is no empty one either.
  TempFolder folder;
  const std::string path = folder / "x.pb";
  const ProtoForm form = {true, true};
  EXPECT_TRUE(writeFile(
      path, {Span(*serializeValueProto(Tensor::absent(), "s", form))}));
  Result<NamedTensor> read = readValueProto(path, form);
  ASSERT_TRUE(read) << read.error();
  EXPECT_TRUE(read->tensor.isAbsent());
  EXPECT_FALSE(serializeValueProto(Tensor::absent(), "x"));
}

TEST(TensorProto, HostileInputGivesOneMessage) {
  const int64_t big = int64_t(1) << 62;
  std::string raw3;
  appendBytesField(raw3, 9, std::string("abc"));
  struct Case {
    std::string bytes;
    const char *message;
  };
  for (const Case &c : std::initializer_list<Case>{
           {header(ElementType::F32, {big, big}) + raw3, "too many elements"},
           {header(ElementType::F32, {big}) + raw3, "does not match 3 bytes"},
           {header(ElementType::F64, {big}) + varints(5, {1}, true),
            "raw_data or double_data, but found int32_data"},
           {header(ElementType::I32, {big}) + varints(5, {1}, true),
            "int32_data holds 1"},
           {header(ElementType::U8, {-3}) + raw3, "negative dimension"},
           {header(ElementType::U8, {2}) + raw3, "does not match 3 bytes"},
           {header(ElementType::U8, {4}) + raw3, "does not match 3 bytes"},
           {header(ElementType::U8, {3}), "has none"},
           {header(ElementType::U8, {3}) + raw3 + varints(5, {1}, true),
            "several"},
           {header(ElementType::U8, {1}) + varints(5, {256}, true),
            "does not fit into ui8"},
           {header(ElementType::I8, {1}) + varints(5, {-129}, false),
            "does not fit into i8"},
           {header(ElementType::String, {1}) + raw3, "string_data"},
           {header(ElementType::String, {1}), "string_data holds 0"},
           {header(static_cast<ElementType>(14), {1}) + raw3, "COMPLEX64"},
           {header(static_cast<ElementType>(14), {3}) + raw3, "COMPLEX64"},
           {header(static_cast<ElementType>(99), {3}) + raw3, "data type 99"},
           {raw3, "no data_type"},
           {header(ElementType::F32, {1}) +
                [] {
                  std::string out;
                  appendBytesField(out, 4, std::string("abc"));
                  return out;
                }(),
            "float_data is truncated"},
           {header(ElementType::F32, {1}) + varints(14, {1}, false),
            "another file"},
           {header(ElementType::F32, {1}) + std::string("\x4a"),
            "without its value"},
           {header(ElementType::F32, {1}) + std::string("\x4a\x05") + "ab",
            "past the end at byte 4"},
           {"", "empty"}}) {
    Result<NamedTensor> read = parse(c.bytes);
    ASSERT_FALSE(read) << c.message;
    EXPECT_TRUE(contains(read.error(), c.message));
  }
  std::string manyDims;
  for (int i = 0; i < 5000; ++i)
    appendVarintField(manyDims, 1, 1);
  EXPECT_TRUE(contains(parse(manyDims + header(ElementType::U8, {})).error(),
                       "dimensions are not supported"));
  EXPECT_FALSE(serializeTensorProto(Tensor(), "x"));
}

TEST(TensorProto, EveryTruncationFails) {
  // The data comes last, so that no prefix is a whole tensor.
  expectAllPrefixesFail(
      *serializeTensorProto(sampleTensor(ElementType::F32, {2, 3}), "abc"),
      parse);
  expectAllPrefixesFail(
      header(ElementType::I16, {3}) + varints(5, {1, 300, -5}, true), parse);
  expectAllPrefixesFail(
      header(ElementType::I64, {2}) + varints(7, {1, 300}, false), parse);
}

TEST(TensorProto, FlippedBitsSurvive) {
  expectFlipsSurvive(
      *serializeTensorProto(sampleTensor(ElementType::F32, {2, 3}), "abc"),
      parse);
  expectFlipsSurvive(
      *serializeTensorProto(Tensor::fromStrings({2}, {"ab", "c"}), "abc"),
      parse);
  expectFlipsSurvive(
      header(ElementType::I16, {3}) + varints(5, {1, 300, -5}, true), parse);
}
