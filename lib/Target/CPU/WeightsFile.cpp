//===----------------------------------------------------------------------===//
// The weights as a safetensors file: 8 bytes with the length of a JSON header,
// the header, then the data.
// Format: https://huggingface.co/docs/safetensors
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/CPU/Weights.h"

#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace mlir::nnc;
using llvm::Error;
using llvm::StringRef;

/// How the header of each of our files begins.
static constexpr llvm::StringLiteral formatMark =
    R"({"__metadata__":{"format":"nnc")";

/// The format's name of a type that it has; others are told as bytes.
static StringRef safetensorsType(nncio::ElementType type) {
  using nncio::ElementType;
  switch (type) {
  case ElementType::F32:
    return "F32";
  case ElementType::F64:
    return "F64";
  case ElementType::F16:
    return "F16";
  case ElementType::BF16:
    return "BF16";
  case ElementType::I8:
    return "I8";
  case ElementType::I16:
    return "I16";
  case ElementType::I32:
    return "I32";
  case ElementType::I64:
    return "I64";
  case ElementType::U16:
    return "U16";
  case ElementType::U32:
    return "U32";
  case ElementType::U64:
    return "U64";
  case ElementType::Bool:
    return "BOOL";
  default:
    return "U8";
  }
}

/// One tensor at bytes [begin, end) of the data.
static void writeTensor(llvm::json::OStream &json, const llvm::Twine &name,
                        StringRef type, llvm::ArrayRef<int64_t> shape,
                        uint64_t begin, uint64_t end) {
  json.attributeObject(name.str(), [&] {
    json.attribute("dtype", type);
    json.attributeArray("shape", [&] {
      for (int64_t dim : shape)
        json.value(dim);
    });
    json.attributeArray("data_offsets", [&] {
      json.value(int64_t(begin));
      json.value(int64_t(end));
    });
  });
}

/// Every byte belongs to a tensor: the format knows no gaps.
static void writePadding(llvm::json::OStream &json, uint64_t &position,
                         uint64_t end) {
  if (position < end)
    writeTensor(json, "padding." + llvm::Twine(position), "U8",
                {int64_t(end - position)}, position, end);
  position = end;
}

static void writeBlock(llvm::json::OStream &json, const WeightsBlock &block,
                       uint64_t &position) {
  for (auto [i, weight] : llvm::enumerate(block.info->weights)) {
    nncio::ElementType type = *toElementType(weight.type.getElementType());
    StringRef name = safetensorsType(type);
    uint64_t count = weight.type.getNumElements();
    uint64_t begin = block.offset + weight.offset;
    uint64_t end = begin + count * nncio::elementBytes(type);
    writePadding(json, position, begin);
    // An element of another type may have a number of bytes of its own.
    bool isKnown = name != "U8" || type == nncio::ElementType::U8 ||
                   nncio::elementBytes(type) == 1;
    int64_t bytes = int64_t(end - begin);
    writeTensor(json, block.name + "." + llvm::Twine(i), name,
                isKnown ? weight.type.getShape() : llvm::ArrayRef(bytes), begin,
                end);
    position = end;
  }
  writePadding(json, position, block.offset + block.info->weightsBytes);
}

std::string mlir::nnc::makeWeightsHeader(llvm::ArrayRef<WeightsBlock> blocks) {
  std::string text;
  {
    llvm::raw_string_ostream stream(text);
    llvm::json::OStream json(stream);
    uint64_t position = 0;
    json.object([&] {
      json.attributeObject("__metadata__",
                           [&] { json.attribute("format", "nnc"); });
      for (const WeightsBlock &block : blocks) {
        writePadding(json, position, block.offset);
        writeBlock(json, block, position);
      }
    });
  }
  // So that the data are aligned; spaces at the end are allowed.
  constexpr size_t lengthBytes = 8;
  text.resize(llvm::alignTo(lengthBytes + text.size(), NNCRT_ALIGNMENT) -
                  lengthBytes,
              ' ');
  char length[lengthBytes];
  llvm::support::endian::write64le(length, text.size());
  return std::string(length, lengthBytes) + text;
}

Error mlir::nnc::writeWeightsFile(llvm::ArrayRef<WeightsBlock> blocks,
                                  StringRef header, llvm::raw_ostream &os) {
  os << header;
  uint64_t position = 0;
  for (const WeightsBlock &block : blocks) {
    os.write_zeros(block.offset - position);
    if (Error error =
            copyWeights(*block.info, [&](const uint8_t *data, size_t size) {
              os.write(reinterpret_cast<const char *>(data), size);
            }))
      return error;
    position = block.offset + block.info->weightsBytes;
  }
  return Error::success();
}

llvm::Expected<nncrt_weights_file>
mlir::nnc::describeWeightsFile(StringRef path, StringRef finalPath) {
  nncrt_weights_file file = {};
  StringRef name = llvm::sys::path::filename(finalPath);
  if (name.size() >= sizeof file.name)
    return llvm::createStringError("the name '" + name +
                                   "' of the file of weights has more than " +
                                   llvm::Twine(sizeof file.name - 1) +
                                   " bytes; give the library another "
                                   "name");
  llvm::copy(name, file.name);
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError("cannot read '" + path +
                                   "': " + buffer.getError().message());
  file.file_bytes = (*buffer)->getBufferSize();
  file.hash = llvm::xxHash64((*buffer)->getBuffer());
  return file;
}

Error mlir::nnc::checkReplaceable(StringRef path) {
  constexpr uint64_t most = 8 + formatMark.size();
  auto buffer = llvm::MemoryBuffer::getFileSlice(path, most, 0);
  if (!buffer)
    return buffer.getError() == std::errc::no_such_file_or_directory
               ? Error::success()
               : llvm::createStringError("cannot write '" + path +
                                         "': " + buffer.getError().message());
  if ((*buffer)->getBuffer().drop_front(8) == formatMark)
    return Error::success();
  return llvm::createStringError(
      "cannot write '" + path +
      "': there is a file that nnc has not written; move it, or give the "
      "library another name");
}
