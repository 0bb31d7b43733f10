//===----------------------------------------------------------------------===//
// The nn dialect: registration, attributes, folding by evaluation.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/HostScalars.h"
#include "dialects/NN/IR/MovementPatterns.h"
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/NarrowWeights.h"
#include "dialects/NN/IR/PrunableOps.h"
#include "dialects/NN/IR/QuantizableOps.h"
#include "dialects/NN/IR/RowBandOps.h"
#include "dialects/NN/IR/WeightTransforms.h"
#include "dialects/NN/IR/WeightedOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

#include "dialects/NN/IR/NNDialect.cpp.inc"
#include "dialects/NN/IR/NNEnums.cpp.inc"
#include "dialects/NN/IR/WeightTransformInterface.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/NN/IR/NNAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/NN/IR/NNTypes.cpp.inc"

void NNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/NN/IR/NNAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/NN/IR/NNTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/NN/IR/NNOps.cpp.inc"
      >();
  attachPrunableOpInterface(*getContext());
  attachQuantizableOpInterface(*getContext());
  attachRowBandOpInterface(*getContext());
  attachWeightedOpInterface(*getContext());
}

Operation *NNDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                          Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type || !isa<RankedTensorType>(type))
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

void NNDialect::getCanonicalizationPatterns(RewritePatternSet &patterns) const {
  populateHostScalarPatterns(patterns);
  populateMovementPatterns(patterns);
}

LogicalResult NNDialect::verifyOperationAttribute(Operation *op,
                                                  NamedAttribute attr) {
  if (attr.getName() != versionAttrName)
    return success();
  auto number = dyn_cast<IntegerAttr>(attr.getValue());
  if (!isa<ModuleOp>(op) || !number)
    return op->emitOpError("expects '")
           << versionAttrName << "' to be an integer on a module";
  if (number.getInt() < 1 || number.getInt() > version)
    return op->emitOpError("has nn version ")
           << number.getInt() << ", but this compiler reads 1 to " << version;
  return success();
}

LogicalResult DataAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               StringRef file, int64_t offset, int64_t length,
                               RankedTensorType stored,
                               ArrayRef<Attribute> transforms) {
  if (file.empty())
    return emitError() << "expects the path of a file";
  if (offset < 0 || length < 0)
    return emitError() << "expects offset and length of at least 0, but got "
                       << offset << " and " << length;
  if (bool(stored) == transforms.empty())
    return emitError() << "expects 'stored' and 'transforms' together";
  if (!stored)
    return success();
  nncio::Result<RankedTensorType> type =
      inferTransformedType(stored, transforms);
  if (!type)
    return emitError() << type.error();
  return success();
}

LogicalResult mlir::nnc::nn::detail::foldByEvaluation(
    Operation *op, ArrayRef<Attribute> operands,
    SmallVectorImpl<OpFoldResult> &results) {
  // Products read these in fewer bits than the numbers would have.
  if (isMadeInProducts(op))
    return failure();
  SmallVector<nncio::Tensor> tensors;
  for (Attribute operand : operands) {
    auto elements = dyn_cast_or_null<ElementsAttr>(operand);
    if (!elements || elements.getNumElements() > foldElementLimit)
      return failure();
    nncio::Result<nncio::Tensor> tensor = toTensor(elements);
    if (!tensor)
      return failure();
    tensors.push_back(*tensor);
  }
  for (Type type : op->getResultTypes()) {
    auto shaped = dyn_cast<RankedTensorType>(type);
    if (!shaped ||
        (shaped.hasStaticShape() && shaped.getNumElements() > foldElementLimit))
      return failure();
  }
  // A failure here is one of the data; the run reports it.
  nncio::Result<std::vector<nncio::Tensor>> values = evaluateOp(op, tensors);
  if (!values)
    return failure();
  for (auto [value, type] : llvm::zip(*values, op->getResultTypes())) {
    ElementsAttr attr = toAttribute(op->getContext(), value);
    if (attr.getType() != type) {
      results.clear();
      return failure();
    }
    results.push_back(attr);
  }
  return success();
}
