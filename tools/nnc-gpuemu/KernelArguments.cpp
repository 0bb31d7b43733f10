//===----------------------------------------------------------------------===//
// Arguments of a kernel by what the command line says of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "tools/nnc-gpuemu/KernelArguments.h"

#include "nnc/DataIO/Npy.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstring>
#include <random>

using llvm::StringRef;
using nncio::ElementType;
using nncio::Tensor;
using Result = nncio::Result<KernelArgument>;

const void *KernelArgument::value() const {
  if (isMap)
    return mapBytes;
  return isBuffer ? static_cast<const void *>(&address) : tensor.data();
}

static ElementType parseType(StringRef name) {
  for (int i = 1; i <= int(ElementType::I2); ++i) {
    auto type = ElementType(i);
    bool isKnown = nncio::elementBytes(type) && type != ElementType::String;
    if (isKnown && name == nncio::elementName(type))
      return type;
  }
  return ElementType::Undefined;
}

/// "4x8".
template <typename T>
static bool parseExtents(StringRef text, std::vector<T> &extents) {
  llvm::SmallVector<StringRef> parts;
  text.split(parts, 'x');
  for (StringRef part : parts)
    if (part.getAsInteger(10, extents.emplace_back()) || extents.back() <= 0)
      return false;
  return true;
}

/// CU_TENSOR_MAP_SWIZZLE_* of a span in bytes; -1 for none.
static int parseSwizzle(StringRef text) {
  return text.empty() || text == "0" ? 0
         : text == "32"              ? 1
         : text == "64"              ? 2
         : text == "128"             ? 3
                                     : -1;
}

static Result parseMap(StringRef text) {
  llvm::SmallVector<StringRef> parts;
  text.split(parts, ',');
  size_t buffer;
  KernelArgument argument;
  if (parts[0].getAsInteger(10, buffer)) {
    Result own = parseArgument(parts[0].str());
    if (!own || !own->isBuffer)
      return own ? Result::failure("--arg: a map needs a buffer") : own;
    argument = *own;
    argument.isBuffer = false;
  } else {
    argument.mapOf = buffer;
  }
  argument.isMap = true;
  argument.swizzle = parts.size() == 3 ? parseSwizzle(parts[2]) : 0;
  if (parts.size() < 2 || parts.size() > 3 || argument.swizzle < 0 ||
      !parseExtents(parts[1], argument.box))
    return Result::failure("--arg: expected map(BUFFER,BOX[,SWIZZLE]) with a "
                           "swizzle of 32, 64 or 128, found 'map(" +
                           text.str() + ")'");
  return argument;
}

static bool fill(Tensor &tensor, StringRef how) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> distribution(-16, 16);
  bool isRandom = how == "random";
  if (how != "zero" && how != "iota" && !isRandom)
    return false;
  for (int64_t i = 0; i < tensor.size() && how != "zero"; ++i)
    // Multiples of 1/16 are exact in every float type of 16 bits.
    tensor.setDouble(i, isRandom ? distribution(random) / 16.0 : double(i));
  return true;
}

Result parseArgument(const std::string &text) {
  StringRef rest = text;
  KernelArgument argument;
  if (rest.consume_front("@")) {
    nncio::Result<Tensor> tensor = nncio::readNpy(rest.str());
    if (!tensor)
      return Result::failure(tensor.error());
    argument.tensor = *tensor;
    argument.isBuffer = true;
    return argument;
  }
  if (rest.consume_front("map(") && rest.consume_back(")"))
    return parseMap(rest);
  auto [what, value] = StringRef(text).split('=');
  auto [name, shape] = what.split('[');
  ElementType type = parseType(name);
  std::vector<int64_t> extents;
  argument.isBuffer = shape.consume_back("]") && parseExtents(shape, extents);
  double number;
  bool isScalar = !what.contains('[') && !value.getAsDouble(number);
  if (type != ElementType::Undefined && (argument.isBuffer || isScalar)) {
    argument.tensor = Tensor(type, extents);
    argument.isPoison = argument.isBuffer && value.empty();
    if (isScalar)
      argument.tensor.setDouble(0, number);
    if (isScalar || argument.isPoison || fill(argument.tensor, value))
      return argument;
  }
  return Result::failure("--arg: expected @FILE.npy, TYPE[SHAPE], "
                         "TYPE[SHAPE]=zero|iota|random, TYPE=NUMBER or "
                         "map(BUFFER,BOX,SWIZZLE), found '" +
                         text + "'");
}

/// CU_TENSOR_MAP_DATA_TYPE_* of an element type; -1 if there is none.
static int mapType(ElementType type) {
  switch (type) {
  case ElementType::U8:
  case ElementType::I8:
  case ElementType::F8E4M3FN:
  case ElementType::F8E5M2:
    return 0;
  case ElementType::I32:
    return 3;
  case ElementType::F16:
    return 6;
  case ElementType::F32:
    return 7;
  case ElementType::BF16:
    return 9;
  default:
    return -1;
  }
}

static std::string placeMap(KernelArgument &argument,
                            const std::vector<KernelArgument> &arguments) {
  if (argument.mapOf && (*argument.mapOf >= arguments.size() ||
                         !arguments[*argument.mapOf].isBuffer))
    return "--arg: a map needs a buffer";
  const KernelArgument &buffer =
      argument.mapOf ? arguments[*argument.mapOf] : argument;
  // The fastest dimension comes first.
  std::vector<uint64_t> extents(buffer.tensor.shape().rbegin(),
                                buffer.tensor.shape().rend());
  std::vector<uint64_t> strides;
  uint64_t stride = nncio::elementBytes(buffer.tensor.type());
  for (size_t i = 0; i + 1 < extents.size(); ++i)
    strides.push_back(stride *= extents[i]);
  std::vector<uint32_t> box(argument.box.rbegin(), argument.box.rend());
  std::vector<uint32_t> steps(extents.size(), 1);
  nncgpu::TensorMapRequest request;
  request.dataType = mapType(buffer.tensor.type());
  request.base = buffer.address;
  request.extents = extents;
  request.strides = strides;
  request.box = box;
  request.elementStrides = steps;
  request.swizzle = argument.swizzle;
  if (auto reason = nncgpu::encodeTensorMap(request, argument.map))
    return "--arg: map: " + *reason;
  std::memcpy(argument.mapBytes, &argument.map, sizeof argument.map);
  return "";
}

std::string placeArguments(std::vector<KernelArgument> &arguments,
                           nncgpu::DeviceMemory &memory) {
  for (KernelArgument &argument : arguments) {
    if (!argument.hasMemory())
      continue;
    argument.address = memory.allocate(argument.tensor.bytes());
    if (!argument.address)
      return "no memory for the arguments";
    if (!argument.isPoison)
      std::memcpy(reinterpret_cast<void *>(argument.address),
                  argument.tensor.data(), argument.tensor.bytes());
  }
  for (KernelArgument &argument : arguments)
    if (argument.isMap)
      if (std::string problem = placeMap(argument, arguments); !problem.empty())
        return problem;
  return "";
}

Tensor readBuffer(const KernelArgument &argument) {
  Tensor tensor(argument.tensor.type(), argument.tensor.shape());
  std::memcpy(tensor.mutableData(),
              reinterpret_cast<const void *>(argument.address), tensor.bytes());
  return tensor;
}
