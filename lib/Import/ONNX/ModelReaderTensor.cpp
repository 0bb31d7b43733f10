//===----------------------------------------------------------------------===//
// From a TensorProto, in whatever field its elements are, to a host tensor.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ModelReaderDetail.h"
#include "nnc/DataIO/Packing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include <cstring>
#include <limits>

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::detail;
using nncio::ElementType;

static_assert(llvm::endianness::native == llvm::endianness::little,
              "ONNX's raw data is little-endian and used as it is");

namespace {
struct TypeRow {
  int32_t dataType;
  /// Width of an element in raw_data; 0 if it has no fixed one.
  unsigned bits;
  const char *name;
};

/// ONNX's TensorProto.DataType, also the types newer than libonnx's classes.
constexpr TypeRow kTypes[] = {
    {0, 0, "undefined"},       {1, 32, "float32"},
    {2, 8, "uint8"},           {3, 8, "int8"},
    {4, 16, "uint16"},         {5, 16, "int16"},
    {6, 32, "int32"},          {7, 64, "int64"},
    {8, 0, "string"},          {9, 8, "bool"},
    {10, 16, "float16"},       {11, 64, "float64"},
    {12, 32, "uint32"},        {13, 64, "uint64"},
    {14, 64, "complex64"},     {15, 128, "complex128"},
    {16, 16, "bfloat16"},      {17, 8, "float8e4m3fn"},
    {18, 8, "float8e4m3fnuz"}, {19, 8, "float8e5m2"},
    {20, 8, "float8e5m2fnuz"}, {21, 4, "uint4"},
    {22, 4, "int4"},           {23, 4, "float4e2m1"},
    {24, 8, "float8e8m0"},     {25, 2, "uint2"},
    {26, 2, "int2"},
};

/// The fields of a TensorProto that can hold elements.
enum class Field { Float, Int32, Int64, Double, Uint64, String };

} // namespace

static const TypeRow *findType(int32_t dataType) {
  const TypeRow *row = llvm::find_if(
      kTypes, [&](const TypeRow &row) { return row.dataType == dataType; });
  return row == std::end(kTypes) ? nullptr : row;
}

static const char *fieldName(Field field) {
  constexpr const char *names[] = {"float_data",  "int32_data",  "int64_data",
                                   "double_data", "uint64_data", "string_data"};
  return names[static_cast<int>(field)];
}

static int64_t fieldSize(const onnx::TensorProto &tensor, Field field) {
  switch (field) {
  case Field::Float:
    return tensor.float_data_size();
  case Field::Int32:
    return tensor.int32_data_size();
  case Field::Int64:
    return tensor.int64_data_size();
  case Field::Double:
    return tensor.double_data_size();
  case Field::Uint64:
    return tensor.uint64_data_size();
  case Field::String:
    return tensor.string_data_size();
  }
  return 0;
}

static Field fieldOf(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return Field::Float;
  case ElementType::F64:
    return Field::Double;
  case ElementType::I64:
    return Field::Int64;
  case ElementType::U32:
  case ElementType::U64:
    return Field::Uint64;
  case ElementType::String:
    return Field::String;
  default:
    return Field::Int32;
  }
}

namespace {
/// Reads one tensor. Messages start with the path of the model and the name of
/// the tensor.
class TensorReader {
public:
  TensorReader(const onnx::TensorProto &tensor, const LoadedModel &model)
      : tensor(tensor), model(model),
        dims(tensor.dims().begin(), tensor.dims().end()) {}

  llvm::Expected<nncio::Tensor> read();

private:
  llvm::Error fail(const llvm::Twine &what) const;
  llvm::Error checkHeader();
  llvm::Error checkFields() const;
  llvm::Expected<nncio::Tensor> readFields() const;
  llvm::Expected<nncio::Tensor>
  onBytes(llvm::ArrayRef<uint8_t> bytes,
          std::shared_ptr<const void> owner) const;
  llvm::Expected<nncio::Tensor> unpack(llvm::ArrayRef<uint8_t> bytes) const;
  llvm::Expected<nncio::Tensor> unpackField() const;
  template <typename To, typename From>
  llvm::Expected<nncio::Tensor> convert(const From &values) const;

  const onnx::TensorProto &tensor;
  const LoadedModel &model;
  std::vector<int64_t> dims;
  ElementType type = ElementType::Undefined;
  int64_t count = 0;
};
} // namespace

std::string detail::typeName(int32_t dataType) {
  const TypeRow *row = findType(dataType);
  return row ? row->name : "type " + std::to_string(dataType);
}

std::string detail::dimsText(const onnx::TensorProto &tensor) {
  if (tensor.dims_size() == 0)
    return "scalar";
  return llvm::join(
      llvm::map_range(tensor.dims(),
                      [](int64_t d) { return std::to_string(d); }),
      "x");
}

/// The number of elements, if that and their bytes fit into int64_t.
static llvm::Expected<int64_t> elementCount(const onnx::TensorProto &tensor,
                                            uint64_t bits) {
  int64_t count =
      nncio::numElements({tensor.dims().begin(), tensor.dims().end()});
  for (int64_t dim : tensor.dims())
    if (dim < 0)
      return makeError("expects dimensions of at least 0, but got " +
                       dimsText(tensor));
  // No type is wider than 16 bytes, and then all arithmetic on bits fits too.
  if (count < 0 ||
      static_cast<uint64_t>(count) >
          std::numeric_limits<int64_t>::max() / std::max<uint64_t>(bits, 8))
    return makeError("the dimensions " + dimsText(tensor) +
                     " give more bytes than can be addressed");
  return count;
}

llvm::Expected<uint64_t>
detail::expectedBytes(const onnx::TensorProto &tensor) {
  const TypeRow *row = findType(tensor.data_type());
  if (!row || row->bits == 0)
    return makeError("elements of " + typeName(tensor.data_type()) +
                     " cannot be stored as raw bytes");
  llvm::Expected<int64_t> count = elementCount(tensor, row->bits);
  if (!count)
    return count.takeError();
  return (static_cast<uint64_t>(*count) * row->bits + 7) / 8;
}

llvm::Error TensorReader::fail(const llvm::Twine &what) const {
  std::string file = model.files.empty() ? "" : model.files[0].path + ": ";
  std::string name = tensor.name().empty() ? "unnamed tensor"
                                           : "tensor '" + tensor.name() + "'";
  return makeError(file + name + ": " + what);
}

llvm::Error TensorReader::checkHeader() {
  int32_t dataType = tensor.data_type();
  const TypeRow *row = findType(dataType);
  if (dataType == 0)
    return fail("the element type is undefined");
  type = static_cast<ElementType>(dataType);
  if (!row || (nncio::elementBytes(type) == 0 && type != ElementType::String))
    return fail("unsupported element type " + typeName(dataType));
  if (tensor.has_segment())
    return fail("tensors stored in segments are not supported");
  llvm::Expected<int64_t> elements = elementCount(tensor, row->bits);
  if (!elements)
    return fail(llvm::toString(elements.takeError()));
  count = *elements;
  return llvm::Error::success();
}

/// Elements are in one field, and it is the one for the type.
llvm::Error TensorReader::checkFields() const {
  Field expected = fieldOf(type);
  for (Field field : {Field::Float, Field::Int32, Field::Int64, Field::Double,
                      Field::Uint64, Field::String}) {
    int64_t size = fieldSize(tensor, field);
    if (size == 0)
      continue;
    if (tensor.has_raw_data())
      return fail(llvm::Twine("has both raw_data and ") + fieldName(field));
    if (field != expected)
      return fail("expects elements of " + typeName(tensor.data_type()) +
                  " in " + fieldName(expected) + ", but found " +
                  llvm::Twine(size) + " in " + fieldName(field));
  }
  if (tensor.has_raw_data() && type == ElementType::String)
    return fail("expects strings in string_data, but found raw_data");
  int64_t found = fieldSize(tensor, expected);
  int64_t wanted = nncio::elementBits(type) % 8 == 0
                       ? count
                       : int64_t(nncio::packedBytes(type, count));
  if (!tensor.has_raw_data() && found != wanted)
    return fail("expects " + llvm::Twine(wanted) + " elements for " +
                dimsText(tensor) + ", but " + fieldName(expected) + " has " +
                llvm::Twine(found));
  return llvm::Error::success();
}

/// Elements of less than a byte, packed.
llvm::Expected<nncio::Tensor>
TensorReader::unpack(llvm::ArrayRef<uint8_t> bytes) const {
  auto elements = std::make_shared<std::vector<uint8_t>>(count);
  nncio::unpackElements(type, count, bytes.data(), elements->data());
  return nncio::Tensor(type, dims, elements->data(), elements);
}

llvm::Expected<nncio::Tensor>
TensorReader::onBytes(llvm::ArrayRef<uint8_t> bytes,
                      std::shared_ptr<const void> owner) const {
  uint64_t expected = nncio::packedBytes(type, count);
  if (bytes.size() != expected)
    return fail("expects " + llvm::Twine(expected) + " bytes for " +
                dimsText(tensor) + " of " + typeName(tensor.data_type()) +
                ", but found " + llvm::Twine(bytes.size()));
  if (nncio::elementBits(type) < 8)
    return unpack(bytes);
  // Code that uses bools counts on 0 and 1.
  if (type == ElementType::Bool &&
      llvm::any_of(bytes, [](uint8_t byte) { return byte > 1; })) {
    auto clean = std::make_shared<std::vector<uint8_t>>(bytes.size());
    llvm::transform(bytes, clean->begin(),
                    [](uint8_t byte) { return byte != 0; });
    return nncio::Tensor(type, dims, clean->data(), clean);
  }
  return nncio::Tensor(type, dims, bytes.data(), std::move(owner));
}

/// Copies a field into elements of type To; what does not fit is an error.
template <typename To, typename From>
llvm::Expected<nncio::Tensor> TensorReader::convert(const From &values) const {
  auto copy = std::make_shared<std::vector<To>>(values.size());
  for (int i = 0, e = values.size(); i != e; ++i) {
    To value = static_cast<To>(values[i]);
    if constexpr (std::is_integral_v<To>) {
      if (type == ElementType::Bool)
        value = values[i] != 0;
      else if (static_cast<decltype(values[i] + 0)>(value) != values[i])
        return fail("the value " + llvm::Twine(values[i]) + " of element " +
                    llvm::Twine(i) + " does not fit into " +
                    typeName(tensor.data_type()));
    }
    (*copy)[i] = value;
  }
  return nncio::Tensor(type, dims, copy->data(), copy);
}

/// Packed elements in int32_data, a byte each number.
llvm::Expected<nncio::Tensor> TensorReader::unpackField() const {
  std::vector<uint8_t> bytes;
  for (int32_t number : tensor.int32_data()) {
    if (number < -128 || number > 255)
      return fail("the value " + llvm::Twine(number) +
                  " does not fit into a byte of " +
                  typeName(tensor.data_type()));
    bytes.push_back(static_cast<uint8_t>(number));
  }
  return unpack(bytes);
}

llvm::Expected<nncio::Tensor> TensorReader::readFields() const {
  switch (type) {
  case ElementType::F32:
    return convert<float>(tensor.float_data());
  case ElementType::F64:
    return convert<double>(tensor.double_data());
  case ElementType::I64:
    return convert<int64_t>(tensor.int64_data());
  case ElementType::U64:
    return convert<uint64_t>(tensor.uint64_data());
  case ElementType::U32:
    return convert<uint32_t>(tensor.uint64_data());
  case ElementType::I32:
    return convert<int32_t>(tensor.int32_data());
  case ElementType::I16:
    return convert<int16_t>(tensor.int32_data());
  case ElementType::I8:
    return convert<int8_t>(tensor.int32_data());
  case ElementType::U8:
  case ElementType::Bool:
  case ElementType::F8E4M3FN:
  case ElementType::F8E4M3FNUZ:
  case ElementType::F8E5M2:
  case ElementType::F8E5M2FNUZ:
  case ElementType::F8E8M0:
    return convert<uint8_t>(tensor.int32_data());
  case ElementType::U4:
  case ElementType::I4:
  case ElementType::F4E2M1:
  case ElementType::U2:
  case ElementType::I2:
    return unpackField();
  case ElementType::U16:
  case ElementType::F16:
  case ElementType::BF16:
    return convert<uint16_t>(tensor.int32_data());
  case ElementType::String:
    return nncio::Tensor::fromStrings(
        dims, {tensor.string_data().begin(), tensor.string_data().end()});
  case ElementType::Undefined:
    break;
  }
  return fail("unsupported element type " + typeName(tensor.data_type()));
}

llvm::Expected<nncio::Tensor> TensorReader::read() {
  if (llvm::Error error = checkHeader())
    return std::move(error);
  const TensorSource *source = model.find(tensor);
  bool external = tensor.data_location() == onnx::TensorProto::EXTERNAL;
  if (external && !source)
    return fail("external data is not supported in this place");
  if (!external)
    if (llvm::Error error = checkFields())
      return std::move(error);
  if (source) {
    const std::shared_ptr<const FileMapping> &mapping =
        model.files[source->file].mapping;
    return onBytes(mapping->bytes().slice(source->offset, source->length),
                   mapping);
  }
  if (!tensor.has_raw_data())
    return readFields();
  auto copy = std::make_shared<std::string>(tensor.raw_data());
  return onBytes(
      {reinterpret_cast<const uint8_t *>(copy->data()), copy->size()}, copy);
}

llvm::Expected<nncio::Tensor>
mlir::nnc::onnximport::readTensor(const onnx::TensorProto &tensor,
                                  const LoadedModel &model) {
  return TensorReader(tensor, model).read();
}
