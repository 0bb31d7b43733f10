//===----------------------------------------------------------------------===//
// Inputs and outputs of a graph: types, names, symbolic dimensions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ControlFlow.h"
#include "GraphImporter.h"
#include "dialects/NN/IR/SignatureTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

FailureOr<Type> GraphImporter::getInputType(const onnx::ValueInfoProto &info,
                                            Location loc,
                                            SmallVectorImpl<Attribute> &names) {
  auto fail = [&](const Twine &message) {
    addError(loc, "input '" + info.name() + "' " + message);
    return failure();
  };
  if (!info.type().has_tensor_type())
    return fail("is not a tensor, which is not supported");
  const onnx::TypeProto::Tensor &tensor = info.type().tensor_type();
  Type elementType = getElementType(tensor.elem_type());
  if (!elementType)
    return fail("has an unsupported element type, number " +
                Twine(tensor.elem_type()));
  auto given = options.shapes.find(info.name());
  if (!tensor.has_shape() && given == options.shapes.end())
    return fail("has no shape; give one with --shape");
  SmallVector<int64_t> sizes;
  for (const onnx::TensorShapeProto::Dimension &dim : tensor.shape().dim()) {
    int64_t size = ShapedType::kDynamic;
    std::string name;
    if (dim.has_dim_value() && dim.dim_value() >= 0)
      size = dim.dim_value();
    else if (dim.has_dim_value())
      return fail("has dimension " + Twine(dim.dim_value()) +
                  ", but expects 0 or more");
    else
      name = dim.dim_param();
    auto value = options.dims.find(name);
    if (!name.empty() && value != options.dims.end())
      size = value->second;
    sizes.push_back(size);
    names.push_back(builder.getStringAttr(name));
  }
  if (given != options.shapes.end()) {
    if (tensor.has_shape() && given->second.size() != sizes.size())
      return fail("has rank " + Twine(sizes.size()) + ", but --shape gives " +
                  Twine(given->second.size()));
    names.resize(given->second.size(), builder.getStringAttr(""));
    sizes.resize(given->second.size(), ShapedType::kDynamic);
    for (auto [size, wanted] : llvm::zip(sizes, given->second)) {
      if (!ShapedType::isDynamic(size) && wanted >= 0 && wanted != size)
        return fail("has dimension " + Twine(size) + ", but --shape gives " +
                    Twine(wanted));
      if (wanted >= 0)
        size = wanted;
    }
  }
  std::vector<int64_t> known;
  for (int64_t size : sizes)
    known.push_back(ShapedType::isDynamic(size) ? 1 : size);
  int64_t count = nncio::numElements(known);
  if (count < 0 || count > (int64_t(1) << 48))
    return fail("has more elements than can be addressed");
  return Type(RankedTensorType::get(sizes, elementType));
}

FailureOr<Type> GraphImporter::getValueType(const onnx::TypeProto &type,
                                            Location loc) {
  if (type.has_sequence_type() || type.has_optional_type()) {
    bool isSequence = type.has_sequence_type();
    const onnx::TypeProto &inner = isSequence
                                       ? type.sequence_type().elem_type()
                                       : type.optional_type().elem_type();
    if (isSequence && inner.has_tensor_type() &&
        inner.tensor_type().shape().dim_size() == 0) {
      Type element = getElementType(inner.tensor_type().elem_type());
      if (element)
        return Type(
            nn::SequenceType::get(context, UnrankedTensorType::get(element)));
    }
    FailureOr<Type> element = getValueType(inner, loc);
    if (failed(element))
      return failure();
    if (isSequence && isa<RankedTensorType>(*element))
      return Type(getSequenceType(*element));
    if (!isSequence && !isa<nn::OptionalType>(*element))
      return Type(nn::OptionalType::get(context, *element));
    addError(loc, "expects a sequence of tensors, or an optional tensor or "
                  "sequence; deeper nesting is not supported");
    return failure();
  }
  if (!type.has_tensor_type()) {
    addError(loc, "has a type that is not supported: expects a tensor, a "
                  "sequence or an optional value");
    return failure();
  }
  const onnx::TypeProto::Tensor &tensor = type.tensor_type();
  Type element = getElementType(tensor.elem_type());
  if (!element) {
    addError(loc, "has an unsupported element type, number " +
                      Twine(tensor.elem_type()));
    return failure();
  }
  SmallVector<int64_t> sizes;
  for (const onnx::TensorShapeProto::Dimension &dim : tensor.shape().dim())
    sizes.push_back(dim.has_dim_value() && dim.dim_value() >= 0
                        ? dim.dim_value()
                        : ShapedType::kDynamic);
  if (!tensor.has_shape()) {
    addError(loc, "has a tensor without a shape");
    return failure();
  }
  return Type(RankedTensorType::get(sizes, element));
}

/// These exist inside of a model only.
static constexpr StringLiteral noStringLists =
    "is a sequence or an optional value of strings, which is not supported; "
    "expects a tensor of them";

LogicalResult GraphImporter::importInputs(const onnx::GraphProto &graph) {
  llvm::StringMap<bool> initialized;
  for (const onnx::TensorProto &tensor : graph.initializer())
    initialized[tensor.name()] = true;
  bool valid = true;
  Block *body = &function.getBody().front();
  for (const onnx::ValueInfoProto &info : graph.input()) {
    // Up to IR version 3 weights are listed as inputs too.
    if (initialized.count(info.name()))
      continue;
    Location loc = NameLoc::get(builder.getStringAttr(info.name()));
    SmallVector<Attribute> names;
    bool isTensor =
        !info.type().has_sequence_type() && !info.type().has_optional_type();
    FailureOr<Type> type = isTensor ? getInputType(info, loc, names)
                                    : getValueType(info.type(), loc);
    if (succeeded(type) && !nn::getSignatureType(*type)) {
      addError(loc, "input '" + info.name() + "' " + noStringLists);
      type = failure();
    }
    if (failed(type)) {
      // What needs it is skipped; what else is wrong is still found.
      define(info.name(), Value());
      valid = false;
      continue;
    }
    unsigned number = body->getNumArguments();
    body->addArgument(*type, loc);
    define(info.name(), body->getArgument(number));
    SmallVector<NamedAttribute> attributes{builder.getNamedAttr(
        nn::NNDialect::nameAttrName, builder.getStringAttr(info.name()))};
    if (llvm::any_of(names, [](Attribute name) {
          return !cast<StringAttr>(name).empty();
        }))
      attributes.push_back(builder.getNamedAttr(nn::NNDialect::dimNamesAttrName,
                                                builder.getArrayAttr(names)));
    function.setType(builder.getFunctionType(body->getArgumentTypes(), {}));
    function.setArgAttrs(number, attributes);
  }
  return success(valid);
}

LogicalResult GraphImporter::importOutputs(const onnx::GraphProto &graph) {
  SmallVector<Value> results;
  SmallVector<Attribute> attributes;
  for (const onnx::ValueInfoProto &info : graph.output()) {
    Location loc = NameLoc::get(builder.getStringAttr(info.name()));
    std::optional<Value> value = lookup(info.name());
    if (!value)
      addError(loc, "output '" + info.name() + "' is computed by no node");
    if (!value || !*value)
      continue;
    auto optional = dyn_cast<nn::OptionalType>(value->getType());
    if (optional && !info.type().has_optional_type())
      value = nn::OptionalGetOp::create(builder, loc, optional.getElementType(),
                                        *value);
    auto type = dyn_cast<RankedTensorType>(value->getType());
    if (!nn::getSignatureType(value->getType())) {
      addError(loc, "output '" + info.name() + "' " + noStringLists);
      continue;
    }
    SmallVector<NamedAttribute> named{builder.getNamedAttr(
        nn::NNDialect::nameAttrName, builder.getStringAttr(info.name()))};
    const auto &declared = info.type().tensor_type();
    if (type && declared.has_shape() &&
        declared.shape().dim_size() == type.getRank() &&
        !type.hasStaticShape()) {
      SmallVector<Attribute> names;
      for (const auto &dim : declared.shape().dim())
        names.push_back(builder.getStringAttr(dim.dim_param()));
      named.push_back(builder.getNamedAttr(nn::NNDialect::dimNamesAttrName,
                                           builder.getArrayAttr(names)));
    }
    attributes.push_back(builder.getDictionaryAttr(named));
    results.push_back(*value);
  }
  if (graph.output_size() == 0)
    addError(builder.getUnknownLoc(), "the graph has no outputs");
  if (errors)
    return failure();
  func::ReturnOp::create(builder, function.getLoc(), results);
  function.setType(
      builder.getFunctionType(function.getBody().front().getArgumentTypes(),
                              TypeRange(ValueRange(results))));
  function.setAllResultAttrs(attributes);
  return success();
}
