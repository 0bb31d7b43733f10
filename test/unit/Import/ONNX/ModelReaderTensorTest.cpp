//===----------------------------------------------------------------------===//
// Elements of tensors: each type from each field, and counts that don't match.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReaderTestUtil.h"
#include <limits>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::test;
using onnx::TensorProto;

static TensorProto tensorOf(int32_t type, std::vector<int64_t> dims) {
  TensorProto tensor;
  tensor.set_name("t");
  tensor.set_data_type(type);
  for (int64_t dim : dims)
    tensor.add_dims(dim);
  return tensor;
}

static nncio::Tensor read(const TensorProto &tensor) {
  llvm::Expected<nncio::Tensor> result = readTensor(tensor, LoadedModel());
  if (result)
    return *result;
  ADD_FAILURE() << llvm::toString(result.takeError());
  return nncio::Tensor();
}

static std::string message(const TensorProto &tensor) {
  return messageOf(readTensor(tensor, LoadedModel()));
}

template <typename T>
static std::string rawOf(std::vector<T> values) {
  return std::string(reinterpret_cast<const char *>(values.data()),
                     values.size() * sizeof(T));
}

TEST(ReadTensor, FloatFields) {
  TensorProto f = tensorOf(TensorProto::FLOAT, {2, 1});
  f.add_float_data(1.5);
  f.add_float_data(-0.25);
  EXPECT_EQ(read(f).toDoubles(), (std::vector<double>{1.5, -0.25}));
  EXPECT_EQ(read(f).shape(), (std::vector<int64_t>{2, 1}));
  TensorProto d = tensorOf(TensorProto::DOUBLE, {});
  d.add_double_data(1e300);
  EXPECT_EQ(read(d).toDoubles(), (std::vector<double>{1e300}));
}

TEST(ReadTensor, IntegerFields) {
  for (auto [type, low, high] :
       {std::tuple(TensorProto::INT32, INT32_MIN, INT32_MAX),
        std::tuple(TensorProto::INT16, -32768, 32767),
        std::tuple(TensorProto::INT8, -128, 127),
        std::tuple(TensorProto::UINT16, 0, 65535),
        std::tuple(TensorProto::UINT8, 0, 255)}) {
    SCOPED_TRACE(type);
    TensorProto tensor = tensorOf(type, {2});
    tensor.add_int32_data(low);
    tensor.add_int32_data(high);
    EXPECT_EQ(read(tensor).toInts(), (std::vector<int64_t>{low, high}));
    if (type == TensorProto::INT32)
      continue;
    tensor.set_int32_data(1, high + 1);
    EXPECT_NE(message(tensor).find("tensor 't': the value " +
                                   std::to_string(high + 1) +
                                   " of element 1 does not fit into"),
              std::string::npos);
    tensor.set_int32_data(1, low - 1);
    EXPECT_NE(message(tensor).find("does not fit into"), std::string::npos);
  }
  TensorProto wide = tensorOf(TensorProto::INT64, {1});
  wide.add_int64_data(INT64_MIN);
  EXPECT_EQ(read(wide).toInts(), (std::vector<int64_t>{INT64_MIN}));
  TensorProto u64 = tensorOf(TensorProto::UINT64, {1});
  u64.add_uint64_data(UINT64_MAX);
  EXPECT_EQ(read(u64).getDouble(0), 18446744073709551616.0);
  TensorProto u32 = tensorOf(TensorProto::UINT32, {1});
  u32.add_uint64_data(UINT32_MAX);
  EXPECT_EQ(read(u32).toInts(), (std::vector<int64_t>{UINT32_MAX}));
  u32.set_uint64_data(0, uint64_t{1} << 32);
  EXPECT_EQ(message(u32), "tensor 't': the value 4294967296 of element 0 does "
                          "not fit into uint32");
}

TEST(ReadTensor, SixteenBitFloatsAndBools) {
  TensorProto half = tensorOf(TensorProto::FLOAT16, {2});
  half.add_int32_data(0x3c00);
  half.add_int32_data(0xfbff);
  EXPECT_EQ(read(half).toDoubles(), (std::vector<double>{1, -65504}));
  half.set_int32_data(0, 65536);
  EXPECT_EQ(message(half), "tensor 't': the value 65536 of element 0 does not "
                           "fit into float16");
  TensorProto bf = tensorOf(TensorProto::BFLOAT16, {1});
  bf.add_int32_data(0xbf80);
  EXPECT_EQ(read(bf).toDoubles(), (std::vector<double>{-1}));
  TensorProto flags = tensorOf(TensorProto::BOOL, {3});
  for (int value : {0, 1, 256})
    flags.add_int32_data(value);
  EXPECT_EQ(read(flags).toInts(), (std::vector<int64_t>{0, 1, 1}));
  flags.clear_int32_data();
  flags.set_raw_data(std::string("\0\1\x80", 3));
  EXPECT_EQ(read(flags).toInts(), (std::vector<int64_t>{0, 1, 1}));
}

TEST(ReadTensor, Strings) {
  TensorProto tensor = tensorOf(TensorProto::STRING, {2});
  tensor.add_string_data("");
  tensor.add_string_data(std::string("a\0b", 3));
  EXPECT_EQ(read(tensor).strings(),
            (std::vector<std::string>{"", std::string("a\0b", 3)}));
  tensor.clear_string_data();
  tensor.set_raw_data("ab");
  EXPECT_EQ(message(tensor),
            "tensor 't': expects strings in string_data, but found raw_data");
}

TEST(ReadTensor, RawData) {
  TensorProto tensor = tensorOf(TensorProto::INT64, {2});
  tensor.set_raw_data(rawOf<int64_t>({-5, 7}));
  nncio::Tensor result = read(tensor);
  tensor.Clear();
  EXPECT_EQ(result.toInts(), (std::vector<int64_t>{-5, 7}));
}

TEST(ReadTensor, Empty) {
  for (std::vector<int64_t> dims :
       std::vector<std::vector<int64_t>>{{0}, {3, 0}, {0, 7, 2}}) {
    EXPECT_EQ(read(tensorOf(TensorProto::FLOAT, dims)).size(), 0);
    TensorProto raw = tensorOf(TensorProto::FLOAT16, dims);
    raw.set_raw_data("");
    EXPECT_EQ(read(raw).size(), 0);
    EXPECT_EQ(read(tensorOf(TensorProto::STRING, dims)).size(), 0);
  }
}

TEST(ReadTensor, SharesTheMapping) {
  TempFolder folder;
  onnx::ModelProto proto = rawModel(1000);
  proto.mutable_graph()->mutable_initializer(0)->set_raw_data(
      rawOf(std::vector<float>(1000, 2.5f)));
  std::string path = folder.write("m.onnx", proto.SerializeAsString());
  nncio::Tensor tensor;
  {
    llvm::Expected<LoadedModel> model = loadModel(path);
    ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
    llvm::Expected<nncio::Tensor> result =
        readTensor(model->proto->graph().initializer(0), *model);
    ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
    tensor = *result;
    EXPECT_EQ(tensor.data(), model->files[0].mapping->bytes().data() +
                                 model->sources[0].offset);
  }
  // The tensor keeps the mapping alive.
  EXPECT_EQ(tensor.toDoubles(), std::vector<double>(1000, 2.5));
}

TEST(ReadTensor, CutTensorOfWrongSize) {
  TempFolder folder;
  onnx::ModelProto proto = rawModel(1000);
  proto.mutable_graph()->mutable_initializer(0)->set_dims(0, 999);
  std::string path = folder.write("m.onnx", proto.SerializeAsString());
  llvm::Expected<LoadedModel> model = loadModel(path);
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  EXPECT_EQ(messageOf(readTensor(model->proto->graph().initializer(0), *model)),
            path + ": tensor 'w': expects 3996 bytes for 999 of float32, but "
                   "found 4000");
}

TEST(ReadTensor, WrongCounts) {
  TensorProto tensor = tensorOf(TensorProto::FLOAT, {2, 3});
  EXPECT_EQ(message(tensor), "tensor 't': expects 6 elements for 2x3, but "
                             "float_data has 0");
  tensor.set_raw_data("abc");
  EXPECT_EQ(message(tensor),
            "tensor 't': expects 24 bytes for 2x3 of float32, but found 3");
  tensor.add_float_data(1);
  EXPECT_EQ(message(tensor), "tensor 't': has both raw_data and float_data");
  TensorProto scalar = tensorOf(TensorProto::FLOAT, {});
  scalar.clear_name();
  scalar.add_int64_data(1);
  EXPECT_EQ(message(scalar), "unnamed tensor: expects elements of float32 in "
                             "float_data, but found 1 in int64_data");
}

TEST(ReadTensor, WrongDimensions) {
  EXPECT_EQ(message(tensorOf(TensorProto::FLOAT, {2, -1})),
            "tensor 't': expects dimensions of at least 0, but got 2x-1");
  int64_t big = int64_t{1} << 62;
  for (std::vector<int64_t> dims : std::vector<std::vector<int64_t>>{
           {big}, {big, 4}, {INT64_MAX, INT64_MAX}, {1 << 30, 1 << 30, 2}})
    EXPECT_NE(message(tensorOf(TensorProto::FLOAT, dims))
                  .find("give more bytes than can be addressed"),
              std::string::npos);
}

TEST(ReadTensor, UnsupportedTypes) {
  for (auto [type, name] :
       {std::pair(14, "complex64"), std::pair(15, "complex128"),
        std::pair(27, "type 27"), std::pair(99, "type 99"),
        std::pair(-1, "type -1")})
    EXPECT_EQ(message(tensorOf(type, {1})),
              "tensor 't': unsupported element type " + std::string(name));
  EXPECT_EQ(message(tensorOf(0, {1})),
            "tensor 't': the element type is undefined");
  TensorProto segment = tensorOf(TensorProto::FLOAT, {1});
  segment.mutable_segment()->set_begin(0);
  EXPECT_EQ(message(segment),
            "tensor 't': tensors stored in segments are not supported");
  TensorProto external = tensorOf(TensorProto::FLOAT, {1});
  external.set_data_location(TensorProto::EXTERNAL);
  EXPECT_EQ(message(external),
            "tensor 't': external data is not supported in this place");
}
