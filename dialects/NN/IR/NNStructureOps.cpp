//===----------------------------------------------------------------------===//
// Constants, weights and the schedule.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/WeightTransforms.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// ConstantOp, WeightOp
//===----------------------------------------------------------------------===//

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

LogicalResult ConstantOp::verify() {
  if (getValue().getShapedType() != getType())
    return emitOpError("expects a value of the result's type ")
           << getType() << ", but got " << getValue().getShapedType();
  return success();
}

LogicalResult WeightOp::verify() {
  DataAttr data = getData();
  auto type = cast<RankedTensorType>(getType());
  if (RankedTensorType stored = data.getStored()) {
    nncio::Result<RankedTensorType> last =
        inferTransformedType(stored, data.getTransforms());
    if (!last || *last != type)
      return emitOpError("expects the type ")
             << (last ? *last : stored) << " that its transforms give, but got "
             << type;
    type = stored;
  }
  if (!type.hasStaticShape())
    return emitOpError("expects a static shape, but got ") << type;
  int64_t count = nncio::numElements(
      std::vector<int64_t>(type.getShape().begin(), type.getShape().end()));
  int64_t width = nncio::elementBytes(*toElementType(type.getElementType()));
  if (count < 0 || count > std::numeric_limits<int64_t>::max() / width)
    return emitOpError("expects a size that fits into 63 bits, but got ")
           << type;
  if (count * width != data.getLength())
    return emitOpError("expects ") << count * width << " bytes for " << type
                                   << ", but got " << data.getLength();
  return success();
}

//===----------------------------------------------------------------------===//
// KernelOp
//===----------------------------------------------------------------------===//

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  StringAttr name;
  if (parser.parseAttribute(name, "name", result.attributes))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("order"))) {
    IntegerAttr order;
    if (parser.parseAttribute(order, builder.getI64Type(), "order",
                              result.attributes))
      return failure();
  }
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs, dims;
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, [&]() {
        return failure(parser.parseArgument(arguments.emplace_back()) ||
                       parser.parseEqual() ||
                       parser.parseOperand(inputs.emplace_back()));
      }))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("dims")) &&
      parser.parseOperandList(dims, OpAsmParser::Delimiter::Paren))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("slots"))) {
    Attribute slots;
    if (parser.parseAttribute(slots, "slots", result.attributes))
      return failure();
  }
  if (succeeded(parser.parseOptionalKeyword("cost"))) {
    hw::CostAttr cost;
    if (parser.parseCustomAttributeWithFallback(cost, Type()))
      return failure();
    result.addAttribute("cost", cost);
  }
  FunctionType type;
  if (parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColonType(type))
    return failure();
  if (type.getNumInputs() != inputs.size())
    return parser.emitError(parser.getNameLoc(), "expects ")
           << inputs.size() << " input types, but got " << type.getNumInputs();
  for (auto [argument, inputType] : llvm::zip(arguments, type.getInputs()))
    argument.type = inputType;
  if (parser.resolveOperands(inputs, type.getInputs(), parser.getNameLoc(),
                             result.operands) ||
      parser.resolveOperands(dims, builder.getIndexType(), result.operands) ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  ensureTerminator(*result.regions.back(), builder, result.location);
  result.addTypes(type.getResults());
  result.addAttribute(getOperandSegmentSizeAttr(),
                      builder.getDenseI32ArrayAttr(
                          {int32_t(inputs.size()), int32_t(dims.size())}));
  return success();
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getNameAttr();
  if (std::optional<uint64_t> order = getOrder())
    printer << " order " << *order;
  printer << " (";
  llvm::interleaveComma(llvm::zip(getBody().getArguments(), getInputs()),
                        printer, [&](auto pair) {
                          printer << std::get<0>(pair) << " = "
                                  << std::get<1>(pair);
                        });
  printer << ")";
  if (!getResultDims().empty())
    printer << " dims(" << getResultDims() << ")";
  if (getSlotsAttr())
    printer << " slots " << getSlotsAttr();
  if (getCostAttr()) {
    printer << " cost ";
    printer.printStrippedAttrOrType(getCostAttr());
  }
  printer.printOptionalAttrDict(
      (*this)->getAttrs(),
      {"name", "order", "slots", "cost", getOperandSegmentSizeAttr()});
  printer << " : ";
  printer.printFunctionalType(getInputs().getTypes(), getResultTypes());
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

/// Dynamic dimensions of `types` in order.
static int64_t countDynamicDims(TypeRange types) {
  int64_t count = 0;
  for (Type type : types)
    count += cast<RankedTensorType>(type).getNumDynamicDims();
  return count;
}

/// What `nn.kernel` and `nn.launch` have in common.
template <typename OpTy>
static LogicalResult verifyKernelResults(OpTy op,
                                         std::optional<ArrayAttr> slots) {
  int64_t dynamic = countDynamicDims(op.getResultTypes());
  if (dynamic != int64_t(op.getResultDims().size()))
    return op.emitOpError("expects a size for each of the ")
           << dynamic << " dynamic result dimensions, but got "
           << op.getResultDims().size();
  if (slots && slots->size() != op.getNumResults())
    return op.emitOpError("expects a slot for each of the ")
           << op.getNumResults() << " results, but got " << slots->size();
  for (Type type : op.getInputs().getTypes())
    if (!isa<RankedTensorType>(type) && !type.isIntOrIndexOrFloat())
      return op.emitOpError("expects tensors and scalars, but got ") << type;
  return success();
}

LogicalResult KernelOp::verify() {
  Block &body = getBody().front();
  if (body.getArgumentTypes() != getInputs().getTypes())
    return emitOpError("expects block arguments of the inputs' types");
  if (body.getTerminator()->getOperandTypes() != getResultTypes())
    return emitOpError("expects to yield values of the results' types");
  return verifyKernelResults(*this, getSlots());
}

LogicalResult PlaceOp::verify() {
  ArrayRef<int64_t> lifetimes = getLifetimes();
  if (lifetimes.size() != 2 * getSizes().size())
    return emitOpError("expects two positions for each of the ")
           << getSizes().size() << " sizes, but got " << lifetimes.size();
  for (size_t i = 0; i + 1 < lifetimes.size(); i += 2)
    if (lifetimes[i] < 0 || lifetimes[i] > lifetimes[i + 1])
      return emitOpError("expects a lifetime to start before it ends, but got ")
             << lifetimes[i] << " to " << lifetimes[i + 1];
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto callee = symbols.lookupNearestSymbolFrom<FunctionOpInterface>(
      *this, getCalleeAttr());
  if (!callee)
    return emitOpError("expects '") << getCallee() << "' to be a function";
  return verifyKernelResults(*this, getSlots());
}

//===----------------------------------------------------------------------===//
// Assembly of recurrent cells
//===----------------------------------------------------------------------===//

/// `w, r`, or `r` alone.
static ParseResult
parseRecurrentWeights(OpAsmParser &parser,
                      std::optional<OpAsmParser::UnresolvedOperand> &w,
                      OpAsmParser::UnresolvedOperand &r) {
  if (parser.parseOperand(r))
    return failure();
  if (failed(parser.parseOptionalComma()))
    return success();
  w = r;
  return parser.parseOperand(r);
}

static void printRecurrentWeights(OpAsmPrinter &printer, Operation *, Value w,
                                  Value r) {
  if (w)
    printer << w << ", ";
  printer << r;
}

#define GET_OP_CLASSES
#include "dialects/NN/IR/NNOps.cpp.inc"
