//===----------------------------------------------------------------------===//
// Chains of weight transforms; scaling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/WeightTransforms.h"
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/WeightTransformUtils.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Threading.h"
#include "nnc/DataIO/FileBytes.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// Work that a thread takes at a time, in bytes of the operand: small beside
/// any weight that takes long, large beside the cost of a task.
static constexpr int64_t taskBytes = 1 << 20;

bool nn::detail::isComputedFloat(Type type) {
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type);
}

static std::vector<int64_t> shapeOf(RankedTensorType type) {
  return type.getShape().vec();
}

static int64_t widthOf(RankedTensorType type) {
  return nncio::elementBytes(*toElementType(type.getElementType()));
}

/// Whether the bytes of a tensor of this type can be counted in 63 bits.
static bool hasSize(RankedTensorType type) {
  std::optional<nncio::ElementType> element =
      toElementType(type.getElementType());
  if (!element || nncio::elementBytes(*element) == 0 || !type.hasStaticShape())
    return false;
  int64_t count = nncio::numElements(shapeOf(type));
  return count >= 0 && count <= std::numeric_limits<int64_t>::max() /
                                    int64_t(nncio::elementBytes(*element));
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

std::string nn::detail::describe(Attribute attr) {
  std::string text;
  llvm::raw_string_ostream(text) << attr;
  return text;
}

std::string nn::detail::describe(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

nncio::Result<RankedTensorType>
nn::inferTransformedType(RankedTensorType type,
                         ArrayRef<Attribute> transforms) {
  using Out = nncio::Result<RankedTensorType>;
  for (Attribute attr : transforms) {
    auto transform = dyn_cast<WeightTransformAttrInterface>(attr);
    if (!transform)
      return Out::failure("expects transforms of weights, but got " +
                          detail::describe(attr));
    if (!hasSize(type))
      return Out::failure("expects a static shape whose bytes fit into 63 "
                          "bits, but got " +
                          detail::describe(type));
    Out next = transform.inferType(type);
    if (!next)
      return next;
    type = *next;
  }
  if (!transforms.empty() && !hasSize(type))
    return Out::failure("expects a result whose bytes fit into 63 bits, but "
                        "got " +
                        detail::describe(type));
  return type;
}

/// Runs one transform whose type fits.
static nncio::Result<nncio::Tensor>
applyTransform(WeightTransformAttrInterface transform, RankedTensorType type,
               RankedTensorType resultType, const nncio::Tensor &tensor) {
  uint8_t *out = nullptr;
  int64_t bytes = resultType.getNumElements() * widthOf(resultType);
  nncio::Result<nncio::FileBytes> memory = nncio::allocateBytes(bytes, out);
  if (!memory)
    return nncio::Result<nncio::Tensor>::failure(memory.error());
  int64_t units = transform.getNumUnits(type);
  int64_t work = std::max<int64_t>(bytes, tensor.bytes());
  int64_t tasks =
      std::clamp<int64_t>(work / taskBytes, 1, std::max<int64_t>(units, 1));
  parallelFor(type.getContext(), 0, tasks, [&](size_t task) {
    // units * task may not fit into 64 bits.
    auto bound = [&](int64_t part) {
      return units / tasks * part + std::min(units % tasks, part);
    };
    transform.applyUnits(type, tensor.data(), out, bound(task),
                         bound(task + 1));
  });
  return nncio::Tensor(*toElementType(resultType.getElementType()),
                       shapeOf(resultType), out, memory->owner);
}

nncio::Result<nncio::Tensor>
nn::applyTransforms(RankedTensorType type, nncio::Tensor tensor,
                    ArrayRef<Attribute> transforms) {
  using Out = nncio::Result<nncio::Tensor>;
  nncio::Result<RankedTensorType> last = inferTransformedType(type, transforms);
  if (!last)
    return Out::failure(last.error());
  for (Attribute attr : transforms) {
    auto transform = cast<WeightTransformAttrInterface>(attr);
    RankedTensorType next = *transform.inferType(type);
    auto relayout = dyn_cast<RelayoutAttr>(attr);
    if (relayout && relayout.isReshape()) {
      tensor = tensor.reshaped(shapeOf(next));
    } else {
      Out result = applyTransform(transform, type, next, tensor);
      if (!result)
        return result;
      tensor = std::move(*result);
    }
    type = next;
  }
  return tensor;
}

/// `known` and `added` as one list. A change of shape alone in front of a
/// relayout, which gives its own, has no effect.
static SmallVector<Attribute> joinTransforms(ArrayRef<Attribute> known,
                                             ArrayRef<Attribute> added) {
  SmallVector<Attribute> all(known);
  for (Attribute attr : added) {
    auto last =
        all.empty() ? RelayoutAttr() : dyn_cast<RelayoutAttr>(all.back());
    if (last && last.isReshape() && isa<RelayoutAttr>(attr))
      all.pop_back();
    all.push_back(attr);
  }
  return all;
}

FailureOr<Value> nn::transformWeight(OpBuilder &builder, Value weight,
                                     ArrayRef<Attribute> transforms) {
  if (transforms.empty())
    return weight;
  auto type = dyn_cast<RankedTensorType>(weight.getType());
  Location loc = weight.getLoc();
  ElementsAttr elements;
  auto defining = weight.getDefiningOp<WeightOp>();
  if (!type || (!defining && !matchPattern(weight, m_Constant(&elements))))
    return failure();
  nncio::Result<RankedTensorType> result =
      inferTransformedType(type, transforms);
  if (!result)
    return failure();
  if (defining) {
    DataAttr data = defining.getData();
    RankedTensorType stored = data.getStored() ? data.getStored() : type;
    auto joined = DataAttr::get(
        type.getContext(), data.getFile(), data.getOffset(), data.getLength(),
        stored, joinTransforms(data.getTransforms(), transforms));
    return Value(WeightOp::create(builder, loc, *result, defining.getNameAttr(),
                                  joined));
  }
  nncio::Result<nncio::Tensor> tensor = toTensor(elements);
  if (tensor)
    tensor = applyTransforms(type, *tensor, transforms);
  if (!tensor)
    return failure();
  return Value(ConstantOp::create(builder, loc,
                                  toAttribute(type.getContext(), *tensor)));
}

//===----------------------------------------------------------------------===//
// ScaleAttr
//===----------------------------------------------------------------------===//

LogicalResult ScaleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t axis, ElementsAttr factors) {
  if (axis < 0)
    return emitError() << "expects an axis of at least 0, but got " << axis;
  auto type = dyn_cast<RankedTensorType>(factors.getShapedType());
  if (!type || type.getRank() != 1 || !type.hasStaticShape() ||
      !detail::isComputedFloat(type.getElementType()))
    return emitError() << "expects factors of rank 1 of floats of 16, 32 or 64 "
                          "bits, but got "
                       << factors.getShapedType();
  return success();
}

nncio::Result<RankedTensorType>
ScaleAttr::inferType(RankedTensorType operand) const {
  using Out = nncio::Result<RankedTensorType>;
  int64_t count = getFactors().getNumElements();
  if (!detail::isComputedFloat(operand.getElementType()))
    return Out::failure("expects a weight of floats of 16, 32 or 64 bits to "
                        "scale, but got " +
                        detail::describe(operand));
  if (getAxis() >= operand.getRank() || operand.getDimSize(getAxis()) != count)
    return Out::failure("expects dimension " + std::to_string(getAxis()) +
                        " to have the size " + std::to_string(count) +
                        " of the factors, but got " +
                        detail::describe(operand));
  return operand;
}

/// A unit is an index of the dimensions up to the axis: one factor.
int64_t ScaleAttr::getNumUnits(RankedTensorType operand) const {
  return nncio::numElements(operand.getShape().take_front(getAxis() + 1).vec());
}

template <typename T, typename Wide>
static void scaleRow(const uint8_t *in, uint8_t *out, int64_t count,
                     Wide factor) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, in + i * sizeof(T), sizeof(T));
    value = T(Wide(value) * factor);
    std::memcpy(out + i * sizeof(T), &value, sizeof(T));
  }
}

/// Rows of the 16-bit floats.
static void scaleTensorRow(nncio::ElementType type, const uint8_t *in,
                           uint8_t *out, int64_t count, double factor) {
  nncio::Tensor source(type, {count}, in, nullptr);
  nncio::Tensor result(type, {count});
  result.mutableData();
  for (int64_t i = 0; i < count; ++i)
    result.setDouble(i, source.getDouble(i) * factor);
  std::memcpy(out, result.data(), result.bytes());
}

void ScaleAttr::applyUnits(RankedTensorType operand, const uint8_t *data,
                           uint8_t *result, int64_t begin, int64_t end) const {
  nncio::Result<nncio::Tensor> factors = toTensor(getFactors());
  int64_t width = widthOf(operand), count = getFactors().getNumElements();
  int64_t inner =
      nncio::numElements(operand.getShape().drop_front(getAxis() + 1).vec());
  nncio::ElementType type = *toElementType(operand.getElementType());
  if (!factors) {
    std::memset(result + begin * inner * width, 0,
                (end - begin) * inner * width);
    return;
  }
  for (int64_t unit = begin; unit < end; ++unit) {
    const uint8_t *in = data + unit * inner * width;
    uint8_t *out = result + unit * inner * width;
    double factor = factors->getDouble(unit % count);
    bool isWide = factors->type() == nncio::ElementType::F64;
    if (type == nncio::ElementType::F32 && isWide)
      scaleRow<float, double>(in, out, inner, factor);
    else if (type == nncio::ElementType::F32)
      scaleRow<float, float>(in, out, inner, float(factor));
    else if (type == nncio::ElementType::F64)
      scaleRow<double, double>(in, out, inner, factor);
    else
      scaleTensorRow(type, in, out, inner, factor);
  }
}
