//===----------------------------------------------------------------------===//
// Tensors on raw bytes of a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "TensorBytes.h"

#include <algorithm>
#include <cstring>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "tensors in memory have the byte order of the file formats");

namespace nncio {

std::string shapeText(const std::vector<int64_t> &shape) {
  if (shape.empty())
    return "scalar";
  constexpr size_t shown = 16;
  std::string text;
  for (size_t i = 0; i < std::min(shape.size(), shown); ++i)
    text += (i == 0 ? "" : "x") + std::to_string(shape[i]);
  return shape.size() > shown ? text + "x..." : text;
}

void swapBytes(uint8_t *data, size_t size, size_t unit) {
  if (unit < 2)
    return;
  for (size_t i = 0; i + unit <= size; i += unit)
    std::reverse(data + i, data + i + unit);
}

Result<Tensor> makeTensor(ElementType type, std::vector<int64_t> shape) {
  std::string text = shapeText(shape);
  Tensor tensor(type, std::move(shape));
  if (tensor.type() != type)
    return Result<Tensor>::failure("not enough memory for a tensor " + text +
                                   " of " + elementName(type));
  return tensor;
}

Result<Tensor> tensorOnBytes(ElementType type, std::vector<int64_t> shape,
                             Span bytes, std::shared_ptr<const void> owner) {
  const size_t unit = elementBytes(type);
  const int64_t count = numElements(shape);
  size_t expected = 0;
  if (unit == 0 || count < 0 ||
      __builtin_mul_overflow(static_cast<size_t>(count), unit, &expected) ||
      expected != bytes.size)
    return Result<Tensor>::failure(
        "shape " + shapeText(shape) + " of " + elementName(type) +
        " does not match " + std::to_string(bytes.size) + " bytes of data");
  const bool aligned = reinterpret_cast<uintptr_t>(bytes.data) % unit == 0;
  const bool canonical = type != ElementType::Bool ||
                         std::all_of(bytes.data, bytes.data + bytes.size,
                                     [](uint8_t byte) { return byte <= 1; });
  if (aligned && canonical && owner && bytes.size != 0)
    return Tensor(type, std::move(shape), bytes.data, std::move(owner));

  Result<Tensor> tensor = makeTensor(type, std::move(shape));
  if (!tensor || bytes.size == 0)
    return tensor;
  uint8_t *data = tensor->mutableData();
  std::memcpy(data, bytes.data, bytes.size);
  if (!canonical)
    std::transform(data, data + bytes.size, data,
                   [](uint8_t byte) -> uint8_t { return byte != 0; });
  return tensor;
}

} // namespace nncio
