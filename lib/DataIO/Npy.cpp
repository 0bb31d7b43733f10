//===----------------------------------------------------------------------===//
// Reading and writing of the elements of .npy files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Npy.h"

#include "NpyHeader.h"
#include "TensorBytes.h"

#include <algorithm>
#include <cstring>

namespace nncio {

//===----------------------------------------------------------------------===//
// UTF-8 and UTF-32
//===----------------------------------------------------------------------===//

static bool isCodePoint(uint32_t point) {
  return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

static void appendUtf8(std::string &out, uint32_t point) {
  const auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | ((point >> shift) & 0x3f));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The code points of UTF-8 text; false if it is none.
static bool decodeUtf8(const std::string &text, std::vector<uint32_t> &points) {
  points.clear();
  for (size_t i = 0; i < text.size();) {
    const uint8_t lead = static_cast<uint8_t>(text[i++]);
    const int tails = lead < 0x80                   ? 0
                      : lead >= 0xc2 && lead < 0xe0 ? 1
                      : lead >= 0xe0 && lead < 0xf0 ? 2
                      : lead >= 0xf0 && lead < 0xf5 ? 3
                                                    : -1;
    if (tails < 0 || text.size() - i < static_cast<size_t>(tails))
      return false;
    uint32_t point = tails == 0 ? lead : lead & (0x3fu >> tails);
    for (int k = 0; k < tails; ++k, ++i) {
      const uint8_t byte = static_cast<uint8_t>(text[i]);
      if ((byte & 0xc0) != 0x80)
        return false;
      point = point << 6 | (byte & 0x3f);
    }
    const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (!isCodePoint(point) || point < least[tails])
      return false;
    points.push_back(point);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Calls `f(row-major index, column-major index)` for each element.
template <typename F>
static void forEachTransposed(const std::vector<int64_t> &shape, F &&f) {
  const int64_t count = numElements(shape);
  // Beside a dimension of 0 the others may have any product.
  if (count == 0)
    return;
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t d = 1; d < shape.size(); ++d)
    strides[d] = strides[d - 1] * shape[d - 1];
  std::vector<int64_t> index(shape.size(), 0);
  int64_t source = 0;
  for (int64_t i = 0; i < count; ++i) {
    f(static_cast<size_t>(i), static_cast<size_t>(source));
    for (size_t d = shape.size(); d-- > 0;) {
      source += strides[d];
      if (++index[d] < shape[d])
        break;
      source -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

/// One item of an 'S' or 'U' array; false on invalid characters.
static bool decodeString(const uint8_t *item, const NpyHeader &header,
                         std::string &text) {
  if (!header.unicode) {
    text.assign(reinterpret_cast<const char *>(item), header.itemBytes);
  } else {
    for (size_t i = 0; i < header.itemBytes; i += 4) {
      uint32_t point;
      std::memcpy(&point, item + i, 4);
      if (header.bigEndian)
        point = __builtin_bswap32(point);
      if (!isCodePoint(point))
        return false;
      appendUtf8(text, point);
    }
  }
  const size_t last = text.find_last_not_of('\0');
  text.resize(last == std::string::npos ? 0 : last + 1);
  return true;
}

static Result<Tensor> parseStrings(const NpyHeader &header, Span data) {
  const int64_t count = numElements(header.shape);
  if (count > maxStringElements)
    return Result<Tensor>::failure("over " + std::to_string(maxStringElements) +
                                   " strings are not supported");
  std::vector<std::string> strings(static_cast<size_t>(count));
  for (size_t i = 0; i < strings.size(); ++i)
    if (!decodeString(data.data + i * header.itemBytes, header, strings[i]))
      return Result<Tensor>::failure(
          "string " + std::to_string(i) +
          " holds a number that is no Unicode code point");
  if (header.fortranOrder) {
    std::vector<std::string> ordered(strings.size());
    forEachTransposed(header.shape, [&](size_t to, size_t from) {
      ordered[to] = std::move(strings[from]);
    });
    strings = std::move(ordered);
  }
  return Tensor::fromStrings(header.shape, std::move(strings));
}

Result<Tensor> parseNpy(Span bytes, std::shared_ptr<const void> owner) {
  Result<NpyHeader> header = parseNpyHeader(bytes);
  if (!header)
    return Result<Tensor>::failure(header.error());
  const Span data(bytes.data + header->dataOffset,
                  bytes.size - header->dataOffset);
  const int64_t count = numElements(header->shape);
  size_t expected = 0;
  if (count < 0 || __builtin_mul_overflow(static_cast<size_t>(count),
                                          header->itemBytes, &expected))
    return Result<Tensor>::failure("the shape " + shapeText(header->shape) +
                                   " has too many elements");
  if (expected != data.size)
    return Result<Tensor>::failure("shape " + shapeText(header->shape) +
                                   " needs " + std::to_string(expected) +
                                   " bytes of data, but the file has " +
                                   std::to_string(data.size));
  if (header->type == ElementType::String)
    return parseStrings(*header, data);

  Result<Tensor> tensor =
      tensorOnBytes(header->type, header->shape, data, std::move(owner));
  if (!tensor)
    return tensor;
  const size_t unit = header->itemBytes;
  if (header->fortranOrder && tensor->rank() > 1) {
    Result<Tensor> ordered = makeTensor(header->type, header->shape);
    if (!ordered)
      return ordered;
    uint8_t *out = ordered->mutableData();
    forEachTransposed(header->shape, [&](size_t to, size_t from) {
      std::memcpy(out + to * unit, tensor->data() + from * unit, unit);
    });
    tensor = std::move(ordered);
  }
  if (header->bigEndian && unit > 1) {
    uint8_t *out = tensor->mutableData();
    if (!out)
      return Result<Tensor>::failure("not enough memory to swap bytes");
    swapBytes(out, tensor->bytes(), unit);
  }
  return tensor;
}

Result<Tensor> readNpy(const std::string &path) {
  Result<FileBytes> file = readFile(path);
  if (!file)
    return Result<Tensor>::failure(file.error());
  return inFile(path, parseNpy(file->span, file->owner));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Result<NpyImage> serializeStrings(const Tensor &tensor) {
  const std::vector<std::string> strings = tensor.strings();
  std::vector<uint32_t> points;
  bool unicode = true;
  size_t longestPoints = 0;
  size_t longestBytes = 0;
  for (const std::string &text : strings) {
    unicode = unicode && decodeUtf8(text, points);
    longestPoints = std::max(longestPoints, points.size());
    longestBytes = std::max(longestBytes, text.size());
  }
  const size_t longest = unicode ? longestPoints : longestBytes;
  const size_t itemBytes = longest * (unicode ? 4 : 1);
  constexpr size_t limit = size_t(1) << 32;
  size_t total = 0;
  if (longest > 9999999 ||
      __builtin_mul_overflow(itemBytes, strings.size(), &total) ||
      total > limit)
    return Result<NpyImage>::failure("npy pads every string to the longest, "
                                     "which would take over 4 GiB; write .pb "
                                     "instead");
  NpyImage image;
  image.header = formatNpyHeader(
      (unicode ? "<U" : "|S") + std::to_string(longest), tensor.shape());
  image.encoded.resize(total);
  for (size_t i = 0; i < strings.size(); ++i) {
    char *item = image.encoded.data() + i * itemBytes;
    const void *source = strings[i].data();
    size_t size = strings[i].size();
    if (unicode) {
      decodeUtf8(strings[i], points);
      source = points.data();
      size = points.size() * 4;
    }
    if (size != 0)
      std::memcpy(item, source, size);
  }
  return image;
}

Result<NpyImage> serializeNpy(const Tensor &tensor) {
  if (tensor.type() == ElementType::Undefined)
    return Result<NpyImage>::failure("cannot write a tensor of undefined type");
  if (tensor.type() == ElementType::String)
    return serializeStrings(tensor);
  NpyImage image;
  image.header = formatNpyHeader(npyDescr(tensor.type()), tensor.shape());
  image.elements = Span(tensor.data(), tensor.bytes());
  return image;
}

Status writeNpy(const std::string &path, const Tensor &tensor) {
  Result<NpyImage> image = serializeNpy(tensor);
  if (!image)
    return Status::failure("cannot write '" + path + "': " + image.error());
  return writeFile(path, {Span(image->header), image->data()});
}

} // namespace nncio
