//===----------------------------------------------------------------------===//
// Between constants in the IR and host tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/WeightTransforms.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Support/MappedFile.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;
using TensorResult = nncio::Result<nncio::Tensor>;

/// Constants above this many bytes are held outside of MLIR's uniquer.
static constexpr size_t resourceThreshold = 1024;

static std::vector<int64_t> shapeOf(ShapedType type) {
  return std::vector<int64_t>(type.getShape().begin(), type.getShape().end());
}

static nncio::Tensor expandSplat(nncio::ElementType type, ShapedType shaped,
                                 ArrayRef<char> element) {
  nncio::Tensor tensor(type, shapeOf(shaped));
  uint8_t *out = tensor.mutableData();
  size_t width = nncio::elementBytes(type);
  for (int64_t i = 0; i < tensor.size(); ++i)
    std::memcpy(out + i * width, element.data(), width);
  return tensor;
}

static TensorResult toStrings(DenseStringElementsAttr dense,
                              nncio::ElementType type) {
  if (type != nncio::ElementType::String)
    return TensorResult::failure("has texts for elements that are none");
  std::vector<std::string> strings;
  for (StringRef text : dense.getValues<StringRef>())
    strings.push_back(text.str());
  return nncio::Tensor::fromStrings(shapeOf(dense.getType()),
                                    std::move(strings));
}

TensorResult mlir::nnc::nn::toTensor(ElementsAttr value) {
  ShapedType shaped = value.getShapedType();
  std::optional<nncio::ElementType> type =
      toElementType(shaped.getElementType());
  if (!type || !shaped.hasStaticShape())
    return TensorResult::failure("unsupported constant type");
  if (auto dense = dyn_cast<DenseStringElementsAttr>(value))
    return toStrings(dense, *type);
  if (*type == nncio::ElementType::String)
    return TensorResult::failure("unsupported constant form");
  if (auto dense = dyn_cast<DenseIntOrFPElementsAttr>(value)) {
    if (dense.isSplat() || *type == nncio::ElementType::Bool) {
      if (*type == nncio::ElementType::Bool) {
        std::vector<int64_t> bits;
        for (bool bit : dense.getValues<bool>())
          bits.push_back(bit);
        return nncio::Tensor::fromInts(*type, shapeOf(shaped), bits);
      }
      return expandSplat(*type, shaped, dense.getRawData());
    }
    // Attributes live as long as the context, which outlives host tensors.
    return nncio::Tensor(*type, shapeOf(shaped), dense.getRawData().data(),
                         nullptr);
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    int64_t count = nncio::numElements(shapeOf(shaped));
    if (!blob || count < 0 ||
        blob->getData().size() < size_t(count) * nncio::elementBytes(*type))
      return TensorResult::failure("the resource is missing or too short");
    return nncio::Tensor(*type, shapeOf(shaped), blob->getData().data(),
                         nullptr);
  }
  return TensorResult::failure("unsupported constant form");
}

/// The bytes in the file as elements of `type`, before any transform.
static TensorResult readStored(DataAttr data, RankedTensorType type) {
  std::optional<nncio::ElementType> element =
      toElementType(type.getElementType());
  if (!element || isString(type.getElementType()) || !type.hasStaticShape())
    return TensorResult::failure("unsupported type of a weight");
  nncio::Result<std::shared_ptr<const MappedFile>> file =
      MappedFile::open(data.getFile().str());
  if (!file)
    return TensorResult::failure(file.error());
  uint64_t offset = data.getOffset(), length = data.getLength();
  if (data.getOffset() < 0 || data.getLength() < 0 ||
      offset > (*file)->size() || length > (*file)->size() - offset)
    return TensorResult::failure("bytes " + std::to_string(data.getOffset()) +
                                 " and following lie outside of file '" +
                                 data.getFile().str() + "'");
  int64_t count = nncio::numElements(shapeOf(type));
  size_t width = nncio::elementBytes(*element);
  if (count < 0 || width == 0 || uint64_t(count) > length / width)
    return TensorResult::failure("has " + std::to_string(length) +
                                 " bytes, too few for its type");
  return nncio::Tensor(*element, shapeOf(type), (*file)->data() + offset,
                       *file);
}

TensorResult mlir::nnc::nn::toTensor(DataAttr data, RankedTensorType type) {
  RankedTensorType stored = data.getStored();
  if (!stored)
    return readStored(data, type);
  nncio::Result<RankedTensorType> last =
      inferTransformedType(stored, data.getTransforms());
  if (!last || *last != type)
    return TensorResult::failure("the transforms do not give its type");
  TensorResult tensor = readStored(data, stored);
  if (!tensor)
    return tensor;
  return applyTransforms(stored, *tensor, data.getTransforms());
}

TensorResult mlir::nnc::nn::toTensor(WeightOp weight) {
  TensorResult tensor =
      toTensor(weight.getData(), cast<RankedTensorType>(weight.getType()));
  if (!tensor)
    return TensorResult::failure("weight '" + weight.getName().str() +
                                 "': " + tensor.error());
  return tensor;
}

TensorResult mlir::nnc::nn::getConstantTensor(Value value) {
  if (auto weight = value.getDefiningOp<WeightOp>())
    return toTensor(weight);
  // Upstream folds make constants of other dialects.
  ElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements)))
    return toTensor(elements);
  return TensorResult::failure("is not a constant");
}

bool mlir::nnc::nn::isConstantTensor(Value value) {
  return value.getDefiningOp<WeightOp>() || matchPattern(value, m_Constant());
}

ElementsAttr mlir::nnc::nn::toAttribute(MLIRContext *context,
                                        const nncio::Tensor &tensor) {
  if (tensor.type() == nncio::ElementType::String) {
    std::vector<std::string> strings = tensor.strings();
    SmallVector<StringRef> texts(strings.begin(), strings.end());
    return DenseStringElementsAttr::get(
        RankedTensorType::get(tensor.shape(), StringType::get(context)), texts);
  }
  auto type = RankedTensorType::get(tensor.shape(),
                                    fromElementType(context, tensor.type()));
  ArrayRef<char> raw(reinterpret_cast<const char *>(tensor.data()),
                     tensor.bytes());
  if (tensor.type() == nncio::ElementType::Bool) {
    SmallVector<bool> bits;
    for (int64_t i = 0; i < tensor.size(); ++i)
      bits.push_back(tensor.getInt(i) != 0);
    return DenseElementsAttr::get(type, bits);
  }
  size_t width = nncio::elementBytes(tensor.type());
  bool splat = tensor.size() > 1;
  for (size_t i = width; splat && i < raw.size(); i += width)
    splat = std::memcmp(raw.data(), raw.data() + i, width) == 0;
  if (splat)
    return DenseElementsAttr::getFromRawBuffer(type, raw.take_front(width));
  if (raw.size() <= resourceThreshold) {
    SmallVector<char> aligned(raw.begin(), raw.end());
    return DenseElementsAttr::getFromRawBuffer(type, aligned);
  }
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      raw, /*align=*/64, /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, "constant", std::move(blob));
}

Value mlir::nnc::nn::createIndexConstant(OpBuilder &builder, Location loc,
                                         ArrayRef<int64_t> values) {
  auto type =
      RankedTensorType::get({int64_t(values.size())}, builder.getI64Type());
  return ConstantOp::create(builder, loc, DenseElementsAttr::get(type, values));
}
