//===----------------------------------------------------------------------===//
// Reading and writing of ONNX TensorProto messages on the wire format.
//
// A first walk over the fields collects dimensions, type and where the data
// is; a second one decodes the one typed field that belongs to the type.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/TensorProto.h"
#include "nnc/DataIO/Packing.h"

#include "TensorBytes.h"
#include "nnc/DataIO/ProtoWire.h"

#include <cstring>

namespace nncio {

using wire::Field;
using wire::Reader;
using wire::WireType;

namespace {

enum FieldNumber : uint32_t {
  FieldDims = 1,
  FieldDataType = 2,
  FieldSegment = 3,
  FieldFloatData = 4,
  FieldInt32Data = 5,
  FieldStringData = 6,
  FieldInt64Data = 7,
  FieldName = 8,
  FieldRawData = 9,
  FieldDoubleData = 10,
  FieldUint64Data = 11,
  FieldExternalData = 13,
  FieldDataLocation = 14,
};

/// What the first walk finds.
struct Outline {
  std::vector<int64_t> dims;
  int64_t dataType = 0;
  std::string name;
  Span raw;
  bool hasRaw = false;
  bool external = false;
  /// Which of the typed data fields holds something; 0 if none.
  uint32_t typedField = 0;
  bool mixedFields = false;
};

} // namespace

static const char *const typeNames[] = {
    "UNDEFINED",      "FLOAT",      "UINT8",
    "INT8",           "UINT16",     "INT16",
    "INT32",          "INT64",      "STRING",
    "BOOL",           "FLOAT16",    "DOUBLE",
    "UINT32",         "UINT64",     "COMPLEX64",
    "COMPLEX128",     "BFLOAT16",   "FLOAT8E4M3FN",
    "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ",
    "UINT4",          "INT4",       "FLOAT4E2M1",
    "FLOAT8E8M0",     "UINT2",      "INT2"};

std::string onnxTypeName(int64_t dataType) {
  constexpr int64_t known = sizeof(typeNames) / sizeof(typeNames[0]);
  if (dataType >= 0 && dataType < known)
    return typeNames[dataType];
  return "data type " + std::to_string(dataType);
}

/// The typed field that holds elements of `type` when raw_data does not.
static uint32_t typedFieldOf(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return FieldFloatData;
  case ElementType::F64:
    return FieldDoubleData;
  case ElementType::I64:
    return FieldInt64Data;
  case ElementType::U32:
  case ElementType::U64:
    return FieldUint64Data;
  case ElementType::String:
    return FieldStringData;
  case ElementType::Undefined:
    return 0;
  default:
    return FieldInt32Data;
  }
}

static const char *fieldName(uint32_t number) {
  switch (number) {
  case FieldFloatData:
    return "float_data";
  case FieldInt32Data:
    return "int32_data";
  case FieldStringData:
    return "string_data";
  case FieldInt64Data:
    return "int64_data";
  case FieldDoubleData:
    return "double_data";
  default:
    return "uint64_data";
  }
}

/// The wire type of one element of a typed field.
static WireType elementWireType(uint32_t number) {
  switch (number) {
  case FieldFloatData:
    return WireType::Fixed32;
  case FieldDoubleData:
    return WireType::Fixed64;
  case FieldStringData:
    return WireType::Bytes;
  default:
    return WireType::Varint;
  }
}

static std::string malformed(const Reader &reader) {
  return std::string("expected a TensorProto, but found ") + reader.error() +
         " at byte " + std::to_string(reader.offset());
}

/// Whether a field 3 of a message is a TensorProto, as in SequenceProto and
/// OptionalProto, and not the begin and end of TensorProto's Segment.
static bool looksLikeTensor(Span bytes) {
  Reader reader(bytes);
  Field field;
  bool type = false;
  bool data = bytes.size == 0;
  while (reader.next(field)) {
    type |= field.number == FieldDataType && field.type == WireType::Varint;
    data |= field.number >= FieldFloatData && field.number <= FieldUint64Data;
  }
  return !reader.error() && (type || data);
}

/// Whether a message that is no valid tensor holds one where SequenceProto and
/// OptionalProto do (fields 3 to 7), perhaps in a container of `depth` levels.
static bool holdsTensor(Span bytes, int depth) {
  Reader reader(bytes);
  Field field;
  bool found = false;
  while (!found && reader.next(field))
    if (field.type == WireType::Bytes && field.number >= 3 && field.number <= 7)
      found = (field.bytes.size != 0 && looksLikeTensor(field.bytes)) ||
              (depth > 0 && holdsTensor(field.bytes, depth - 1));
  return found;
}

static std::string wrongField(const Field &field) {
  return "expected a TensorProto, but its field " +
         std::to_string(field.number) + " has wire type " +
         std::to_string(static_cast<int>(field.type)) +
         " (is it a SequenceProto, an OptionalProto or no protobuf at all?)";
}

/// Adds the dimensions of one field, packed or single, as far as a rank over
/// the limit shows; empty or a message.
static std::string addDims(const Field &field, std::vector<int64_t> &dims) {
  if (field.type == WireType::Varint) {
    if (dims.size() <= maxRank)
      dims.push_back(static_cast<int64_t>(field.value));
    return {};
  }
  if (field.type != WireType::Bytes)
    return wrongField(field);
  Reader reader(field.bytes);
  uint64_t value;
  while (dims.size() <= maxRank && reader.varint(value))
    dims.push_back(static_cast<int64_t>(value));
  return reader.error() ? malformed(reader) : std::string();
}

/// Takes note of one field; empty or a message.
static std::string addField(const Field &field, Outline &outline) {
  const bool isBytes = field.type == WireType::Bytes;
  const bool isVarint = field.type == WireType::Varint;
  switch (field.number) {
  case FieldDims:
    return addDims(field, outline.dims);
  case FieldDataType:
    if (!isVarint)
      return wrongField(field);
    outline.dataType = static_cast<int32_t>(field.value);
    return {};
  case FieldSegment:
    if (isBytes && looksLikeTensor(field.bytes))
      return "is a sequence or an optional, not a tensor; only tensor files "
             "can be read";
    return isBytes ? "tensors in segments are not supported"
                   : wrongField(field);
  case FieldName:
    if (!isBytes)
      return wrongField(field);
    outline.name.assign(reinterpret_cast<const char *>(field.bytes.data),
                        field.bytes.size);
    return {};
  case FieldRawData:
    if (!isBytes)
      return wrongField(field);
    outline.raw = field.bytes;
    outline.hasRaw = true;
    return {};
  case FieldExternalData:
    outline.external = true;
    return {};
  case FieldDataLocation:
    outline.external |= field.value != 0;
    return {};
  case FieldFloatData:
  case FieldInt32Data:
  case FieldStringData:
  case FieldInt64Data:
  case FieldDoubleData:
  case FieldUint64Data:
    if (!isBytes && field.type != elementWireType(field.number))
      return wrongField(field);
    // A packed field of no elements says nothing.
    if (isBytes && field.bytes.size == 0 && field.number != FieldStringData)
      return {};
    outline.mixedFields |=
        outline.typedField != 0 && outline.typedField != field.number;
    outline.typedField = field.number;
    return {};
  default:
    return {};
  }
}

/// Calls `f(bits)` for each element of the typed field `number`; false on
/// malformed packed data or when `f` returns false.
template <typename F>
static bool forEachElement(Span message, uint32_t number, F &&f) {
  Reader reader(message);
  Field field;
  while (reader.next(field)) {
    if (field.number != number)
      continue;
    if (field.type != WireType::Bytes) {
      if (!f(field.value))
        return false;
      continue;
    }
    Reader packed(field.bytes);
    uint64_t value = 0;
    uint32_t narrow = 0;
    const WireType element = elementWireType(number);
    while (element == WireType::Varint    ? packed.varint(value)
           : element == WireType::Fixed64 ? packed.fixed64(value)
                                          : packed.fixed32(narrow))
      if (!f(element == WireType::Fixed32 ? narrow : value))
        return false;
    if (packed.error())
      return false;
  }
  return true;
}

/// Whether the stored number is an element of `bytes` bytes, read as signed or
/// as unsigned; some writers sign-extend, others do not.
static bool fitsElement(uint64_t value, size_t bytes, bool varint) {
  // Packed elements come as the bytes that hold them.
  if (!varint || bytes == 8)
    return true;
  const int64_t number = static_cast<int64_t>(value);
  const int64_t range = int64_t(1) << (8 * bytes);
  return number >= -range / 2 && number < range;
}

static Result<Tensor> decodeTyped(Span message, const Outline &outline,
                                  ElementType type, int64_t count) {
  const uint32_t number = typedFieldOf(type);
  const bool varint = elementWireType(number) == WireType::Varint;
  const size_t unit = elementBytes(type);
  int64_t found = 0;
  bool fits = true;
  bool parsed = forEachElement(message, number, [&](uint64_t value) {
    ++found;
    return fits = fitsElement(value, unit, varint);
  });
  if (!fits)
    return Result<Tensor>::failure(std::string("a value in ") +
                                   fieldName(number) + " does not fit into " +
                                   elementName(type));
  if (!parsed)
    return Result<Tensor>::failure(
        std::string("expected a TensorProto, but its ") + fieldName(number) +
        " is truncated");
  const bool packed = elementBits(type) < 8;
  const int64_t wanted =
      packed ? static_cast<int64_t>(packedBytes(type, count)) : count;
  if (found != wanted)
    return Result<Tensor>::failure("shape " + shapeText(outline.dims) +
                                   " needs " + std::to_string(wanted) +
                                   " elements, but " + fieldName(number) +
                                   " holds " + std::to_string(found));
  Result<Tensor> tensor = makeTensor(type, outline.dims);
  if (!tensor)
    return tensor;
  std::vector<uint8_t> bytes(packed ? static_cast<size_t>(wanted) : 0);
  uint8_t *out = packed ? bytes.data() : tensor->mutableData();
  forEachElement(message, number, [&](uint64_t value) {
    if (type == ElementType::Bool)
      value = value != 0;
    std::memcpy(out, &value, unit);
    out += unit;
    return true;
  });
  if (packed)
    unpackElements(type, count, bytes.data(), tensor->mutableData());
  return tensor;
}

/// Elements of less than a byte in raw_data.
static Result<Tensor> unpackRaw(ElementType type, const Outline &outline,
                                int64_t count) {
  const size_t wanted = packedBytes(type, count);
  if (outline.raw.size != wanted)
    return Result<Tensor>::failure(
        "shape " + shapeText(outline.dims) + " of " + elementName(type) +
        " needs " + std::to_string(wanted) + " bytes, but raw_data has " +
        std::to_string(outline.raw.size));
  Result<Tensor> tensor = makeTensor(type, outline.dims);
  if (tensor)
    unpackElements(type, count, outline.raw.data, tensor->mutableData());
  return tensor;
}

static Result<Tensor> decodeStrings(Span message, const Outline &outline,
                                    int64_t count) {
  std::vector<std::string> strings;
  Reader reader(message);
  Field field;
  while (reader.next(field))
    if (field.number == FieldStringData) {
      if (static_cast<int64_t>(strings.size()) == maxStringElements)
        return Result<Tensor>::failure("over " +
                                       std::to_string(maxStringElements) +
                                       " strings are not supported");
      strings.emplace_back(reinterpret_cast<const char *>(field.bytes.data),
                           field.bytes.size);
    }
  if (static_cast<int64_t>(strings.size()) != count)
    return Result<Tensor>::failure(
        "shape " + shapeText(outline.dims) + " needs " + std::to_string(count) +
        " strings, but string_data holds " + std::to_string(strings.size()));
  return Tensor::fromStrings(outline.dims, std::move(strings));
}

static Result<Tensor> decodeData(Span message, const Outline &outline,
                                 std::shared_ptr<const void> owner) {
  const ElementType type = static_cast<ElementType>(outline.dataType);
  if (type != ElementType::String && elementBytes(type) == 0)
    return Result<Tensor>::failure(
        outline.dataType == 0
            ? std::string("expected a TensorProto, but it has no data_type (is "
                          "it an empty optional or sequence?)")
            : "tensors of " + onnxTypeName(outline.dataType) +
                  " are not supported");
  if (outline.external)
    return Result<Tensor>::failure("the tensor's data lies in another file, "
                                   "which tensor files must not refer to");
  const int64_t count = numElements(outline.dims);
  if (count < 0)
    return Result<Tensor>::failure("the shape " + shapeText(outline.dims) +
                                   " has a negative dimension or too many "
                                   "elements");
  const bool rawUsed = outline.hasRaw && outline.raw.size != 0;
  if (outline.mixedFields || (rawUsed && outline.typedField != 0))
    return Result<Tensor>::failure(
        "expected one data field, but the tensor has several");
  if (outline.typedField != 0 && outline.typedField != typedFieldOf(type))
    return Result<Tensor>::failure(
        std::string("expected the elements of ") + elementName(type) +
        " in raw_data or " + fieldName(typedFieldOf(type)) + ", but found " +
        fieldName(outline.typedField));
  if (type == ElementType::String) {
    if (rawUsed)
      return Result<Tensor>::failure(
          "expected strings in string_data, but found raw_data");
    return decodeStrings(message, outline, count);
  }
  if (outline.typedField != 0)
    return decodeTyped(message, outline, type, count);
  if (count != 0 && !rawUsed)
    return Result<Tensor>::failure("shape " + shapeText(outline.dims) + " of " +
                                   elementName(type) +
                                   " needs data, but the message has none (is "
                                   "it an empty sequence or optional?)");
  if (elementBits(type) < 8)
    return unpackRaw(type, outline, count);
  return tensorOnBytes(type, outline.dims, outline.raw, std::move(owner));
}

Result<NamedTensor> parseTensorProto(Span bytes,
                                     std::shared_ptr<const void> owner) {
  using Failed = Result<NamedTensor>;
  if (bytes.size == 0)
    return Failed::failure("expected a TensorProto, but the file is empty");
  Outline outline;
  Reader reader(bytes);
  Field field;
  while (reader.next(field)) {
    std::string message = addField(field, outline);
    if (!message.empty())
      return Failed::failure(std::move(message));
  }
  if (reader.error())
    return Failed::failure(malformed(reader));
  if (outline.dims.size() > maxRank)
    return Failed::failure("over " + std::to_string(maxRank) +
                           " dimensions are not supported");
  Result<Tensor> tensor = decodeData(bytes, outline, std::move(owner));
  if (!tensor)
    return Failed::failure(tensor.error() +
                           (holdsTensor(bytes, /*depth=*/2)
                                ? " (it looks like a sequence or an optional, "
                                  "not like a tensor)"
                                : ""));
  NamedTensor result;
  result.name = std::move(outline.name);
  result.tensor = std::move(*tensor);
  return result;
}

Result<NamedTensor> readTensorProto(const std::string &path) {
  Result<FileBytes> file = readFile(path);
  if (!file)
    return Result<NamedTensor>::failure(file.error());
  return inFile(path, parseTensorProto(file->span, file->owner));
}

/// Fields that SequenceProto and OptionalProto have in common, and their own.
enum ValueField : uint32_t {
  FieldValueName = 1,
  FieldElementKind = 2,
  FieldTensorValue = 3,   ///< of both: one, or many
  FieldSequenceValue = 5, ///< of an optional
};

static Result<NamedTensor> parseSequence(Span bytes,
                                         std::shared_ptr<const void> owner) {
  using Failed = Result<NamedTensor>;
  NamedTensor result;
  std::vector<Tensor> elements;
  ElementType type = ElementType::Undefined;
  Reader reader(bytes);
  Field field;
  while (reader.next(field)) {
    if (field.number == FieldValueName && field.type == WireType::Bytes)
      result.name.assign(reinterpret_cast<const char *>(field.bytes.data),
                         field.bytes.size);
    if (field.number == FieldElementKind && field.type == WireType::Varint &&
        field.value > 1)
      return Failed::failure("expected a sequence of dense tensors, but its "
                             "elements are of kind " +
                             std::to_string(field.value));
    if (field.number != FieldTensorValue || field.type != WireType::Bytes)
      continue;
    Result<NamedTensor> element = parseTensorProto(field.bytes, owner);
    if (!element)
      return Failed::failure("element " + std::to_string(elements.size()) +
                             ": " + element.error());
    if (elements.empty())
      type = element->tensor.type();
    if (element->tensor.type() != type)
      return Failed::failure("expected elements of one type, but found " +
                             std::string(elementName(type)) + " and " +
                             elementName(element->tensor.type()));
    elements.push_back(std::move(element->tensor));
  }
  if (reader.error())
    return Failed::failure(malformed(reader));
  result.tensor = Tensor::fromElements(type, std::move(elements));
  return result;
}

static Result<NamedTensor> parseOptional(Span bytes, ProtoForm form,
                                         std::shared_ptr<const void> owner) {
  using Failed = Result<NamedTensor>;
  NamedTensor result;
  result.tensor = Tensor::absent();
  Reader reader(bytes);
  Field field;
  while (reader.next(field)) {
    if (field.type != WireType::Bytes)
      continue;
    if (field.number == FieldValueName)
      result.name.assign(reinterpret_cast<const char *>(field.bytes.data),
                         field.bytes.size);
    uint32_t wanted = form.isSequence ? FieldSequenceValue : FieldTensorValue;
    if (field.number != wanted)
      continue;
    Result<NamedTensor> value = form.isSequence
                                    ? parseSequence(field.bytes, owner)
                                    : parseTensorProto(field.bytes, owner);
    if (!value)
      return value;
    result.tensor = std::move(value->tensor);
  }
  if (reader.error())
    return Failed::failure(malformed(reader));
  return result;
}

Result<NamedTensor> readValueProto(const std::string &path, ProtoForm form) {
  Result<FileBytes> file = readFile(path);
  if (!file)
    return Result<NamedTensor>::failure(file.error());
  auto parsePlain = [&]() {
    return form.isSequence ? parseSequence(file->span, file->owner)
                           : parseTensorProto(file->span, file->owner);
  };
  if (!form.isOptional)
    return inFile(path, parsePlain());
  Result<NamedTensor> value = parseOptional(file->span, form, file->owner);
  if (value && !value->tensor.isAbsent())
    return value;
  Result<NamedTensor> plain = parsePlain();
  bool isEmpty =
      plain && plain->tensor.isSequence() && plain->tensor.elements().empty();
  if (plain && !isEmpty)
    return plain;
  return inFile(path, std::move(value));
}

Result<std::string> serializeTensorProto(const Tensor &tensor,
                                         const std::string &name) {
  using Failed = Result<std::string>;
  if (tensor.type() == ElementType::Undefined)
    return Failed::failure("cannot write a tensor of undefined type");
  constexpr size_t limit = INT32_MAX;
  const std::string tooLarge = "a TensorProto holds at most 2 GiB; write .npy "
                               "instead";
  if (tensor.bytes() > limit)
    return Failed::failure(tooLarge);
  std::string out;
  for (int64_t dim : tensor.shape())
    wire::appendVarintField(out, FieldDims, static_cast<uint64_t>(dim));
  wire::appendVarintField(out, FieldDataType,
                          static_cast<uint64_t>(tensor.type()));
  for (const std::string &text : tensor.strings())
    wire::appendBytesField(out, FieldStringData, text);
  if (!name.empty())
    wire::appendBytesField(out, FieldName, name);
  if (elementBits(tensor.type()) % 8) {
    const std::vector<uint8_t> packed =
        packElements(tensor.type(), tensor.size(), tensor.data());
    wire::appendBytesField(out, FieldRawData,
                           Span(packed.data(), packed.size()));
  } else if (tensor.type() != ElementType::String) {
    wire::appendBytesField(out, FieldRawData,
                           Span(tensor.data(), tensor.bytes()));
  }
  if (out.size() > limit)
    return Failed::failure(tooLarge);
  return out;
}

/// An OptionalProto. It names no kind of its element, so that one without an
/// element reads as no TensorProto.
static Result<std::string> serializeOptional(const Tensor &value,
                                             const std::string &name) {
  std::string out;
  if (!name.empty())
    wire::appendBytesField(out, FieldValueName, name);
  if (value.isAbsent())
    return out;
  Result<std::string> bytes = serializeValueProto(value, "");
  if (!bytes)
    return bytes;
  wire::appendBytesField(
      out, value.isSequence() ? FieldSequenceValue : FieldTensorValue, *bytes);
  return out;
}

Result<std::string> serializeValueProto(const Tensor &value,
                                        const std::string &name,
                                        ProtoForm form) {
  if (form.isOptional)
    return serializeOptional(value, name);
  if (value.isAbsent())
    return Result<std::string>::failure("cannot write an absent value");
  if (!value.isSequence())
    return serializeTensorProto(value, name);
  // SequenceProto.DataType.TENSOR
  constexpr uint64_t tensorKind = 1;
  std::string out;
  if (!name.empty())
    wire::appendBytesField(out, FieldValueName, name);
  wire::appendVarintField(out, FieldElementKind, tensorKind);
  for (const Tensor &element : value.elements()) {
    Result<std::string> bytes = serializeTensorProto(element, "");
    if (!bytes)
      return bytes;
    wire::appendBytesField(out, FieldTensorValue, *bytes);
  }
  return out;
}

Status writeTensorProto(const std::string &path, const Tensor &tensor,
                        const std::string &name) {
  Result<std::string> bytes = serializeTensorProto(tensor, name);
  if (!bytes)
    return Status::failure("cannot write '" + path + "': " + bytes.error());
  return writeFile(path, {Span(*bytes)});
}

} // namespace nncio
