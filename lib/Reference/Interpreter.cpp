//===----------------------------------------------------------------------===//
// Runs functions of graph ops on host tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Reference/Interpreter.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/Sequences.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;

Interpreter::Interpreter(func::FuncOp function)
    : function(function), signature(readSignature(function)) {
  findLastUses(function.getBody());
}

void Interpreter::findLastUses(Region &region) {
  for (Block &block : region) {
    auto addValue = [&](Value value, Operation *definition) {
      Operation *last = definition;
      for (Operation *user : value.getUsers()) {
        Operation *ancestor = block.findAncestorOpInBlock(*user);
        if (ancestor && (!last || last->isBeforeInBlock(ancestor)))
          last = ancestor;
      }
      if (last && !last->hasTrait<OpTrait::IsTerminator>())
        dying[last].push_back(value);
    };
    for (BlockArgument argument : block.getArguments())
      addValue(argument, nullptr);
    for (Operation &op : block) {
      for (Value result : op.getResults())
        addValue(result, &op);
      for (Region &nested : op.getRegions())
        findLastUses(nested);
    }
  }
}

namespace {

/// What a value is in a run: a tensor, or a scalar as an attribute.
struct HostValue {
  nncio::Tensor tensor;
  Attribute scalar;

  HostValue() = default;
  HostValue(nncio::Tensor tensor) : tensor(std::move(tensor)) {}
  HostValue(Attribute scalar) : scalar(scalar) {}
};
using HostValues = SmallVector<HostValue>;

/// One run. Failures are told once, by the innermost op.
class Run {
public:
  Run(const DenseMap<Operation *, SmallVector<Value>> &dying,
      const Interpreter::Observer &observer)
      : dying(dying), observer(observer) {}

  /// Runs `block` on `arguments` and gives the operands of its terminator.
  FailureOr<HostValues> runBlock(Block &block, HostValues arguments);

  std::string message;

private:
  LogicalResult runOp(Operation &op);
  LogicalResult runGraphOp(Operation &op);
  LogicalResult runFold(Operation &op);
  LogicalResult runKernel(nn::KernelOp op);
  LogicalResult runIf(scf::IfOp op);
  LogicalResult runFor(scf::ForOp op);
  LogicalResult runWhile(scf::WhileOp op);
  LogicalResult runSequenceOp(Operation &op);
  /// The position of an op on `sequence` as an index below `places`.
  FailureOr<size_t> getPosition(Operation &op, Value position, size_t places,
                                size_t length);
  LogicalResult runJoin(nn::SequenceJoinOp op);
  LogicalResult runConstant(Operation &op);
  LogicalResult runDim(tensor::DimOp op);
  LogicalResult runExtract(tensor::ExtractOp op);
  LogicalResult runFromElements(tensor::FromElementsOp op);
  LogicalResult runCast(tensor::CastOp op);

  LogicalResult fail(Operation &op, const Twine &why);
  LogicalResult setResults(Operation &op, FailureOr<HostValues> results);
  HostValues lookup(ValueRange operands);
  std::optional<int64_t> lookupInt(Value operand);
  std::vector<nncio::Tensor> lookupTensors(ValueRange operands);

  const DenseMap<Operation *, SmallVector<Value>> &dying;
  const Interpreter::Observer &observer;
  DenseMap<Value, HostValue> values;
};

} // namespace

LogicalResult Run::fail(Operation &op, const Twine &why) {
  if (!message.empty())
    return failure();
  std::string where = describeLocation(op.getLoc());
  message = (where.empty() ? why : where + ": " + why).str();
  return failure();
}

HostValues Run::lookup(ValueRange operands) {
  HostValues result;
  for (Value operand : operands)
    result.push_back(values.lookup(operand));
  return result;
}

std::vector<nncio::Tensor> Run::lookupTensors(ValueRange operands) {
  std::vector<nncio::Tensor> result;
  for (Value operand : operands)
    result.push_back(values.lookup(operand).tensor);
  return result;
}

std::optional<int64_t> Run::lookupInt(Value operand) {
  auto number = dyn_cast_or_null<IntegerAttr>(values.lookup(operand).scalar);
  if (!number || number.getValue().getBitWidth() > 64)
    return std::nullopt;
  return number.getType().isInteger(1) ? number.getValue().getZExtValue()
                                       : number.getValue().getSExtValue();
}

LogicalResult Run::setResults(Operation &op, FailureOr<HostValues> results) {
  if (failed(results))
    return failure();
  if (results->size() != op.getNumResults())
    return fail(op, "'" + op.getName().getStringRef() + "' gave " +
                        Twine(results->size()) + " results, but expects " +
                        Twine(op.getNumResults()));
  for (auto [value, result] : llvm::zip(op.getResults(), *results))
    values[value] = std::move(result);
  return success();
}

FailureOr<HostValues> Run::runBlock(Block &block, HostValues arguments) {
  for (auto [argument, value] : llvm::zip(block.getArguments(), arguments))
    values[argument] = std::move(value);
  arguments.clear();
  for (Operation &op : block) {
    if (op.hasTrait<OpTrait::IsTerminator>())
      return lookup(op.getOperands());
    if (failed(runOp(op)))
      return failure();
    auto dead = dying.find(&op);
    if (dead != dying.end())
      for (Value value : dead->second)
        values.erase(value);
  }
  return HostValues();
}

LogicalResult Run::runOp(Operation &op) {
  if (isa<EvalOpInterface>(op))
    return runGraphOp(op);
  if (isa<nn::ConstantOp, nn::WeightOp, arith::ConstantOp>(op))
    return runConstant(op);
  if (auto dim = dyn_cast<tensor::DimOp>(op))
    return runDim(dim);
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return runExtract(extract);
  if (auto fromElements = dyn_cast<tensor::FromElementsOp>(op))
    return runFromElements(fromElements);
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    return runCast(cast);
  if (auto kernel = dyn_cast<nn::KernelOp>(op))
    return runKernel(kernel);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return runIf(branch);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return runFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return runWhile(loop);
  if (isa<nn::PlaceOp>(op))
    return success();
  if (nn::isHostOp(&op))
    return runSequenceOp(op);
  if (auto check = dyn_cast<nn::AssertOp>(op)) {
    std::optional<int64_t> holds = lookupInt(check.getCondition());
    return holds && *holds ? success() : fail(op, check.getMessage());
  }
  if (auto check = dyn_cast<cf::AssertOp>(op)) {
    std::optional<int64_t> holds = lookupInt(check.getArg());
    return holds && *holds ? success() : fail(op, check.getMsg());
  }
  return runFold(op);
}

LogicalResult Run::runGraphOp(Operation &op) {
  std::vector<nncio::Tensor> operands = lookupTensors(op.getOperands());
  nncio::Result<std::vector<nncio::Tensor>> results = evaluateOp(&op, operands);
  if (!results)
    return fail(op, results.error());
  for (auto [result, tensor] : llvm::zip(op.getResults(), *results)) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || failed(verifyCompatibleShape(
                     type.getShape(), ArrayRef<int64_t>(tensor.shape()))))
      return fail(op, "'" + op.getName().getStringRef() +
                          "' gave a result of shape " +
                          nncrun::shapeText(tensor.shape()) +
                          ", which its type does not allow");
  }
  if (observer)
    observer(&op, operands, *results);
  for (auto [result, tensor] : llvm::zip(op.getResults(), *results))
    values[result] = HostValue(std::move(tensor));
  return success();
}

LogicalResult Run::runConstant(Operation &op) {
  nncio::Result<nncio::Tensor> tensor = nncio::Tensor();
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto elements = dyn_cast<ElementsAttr>(constant.getValue());
    if (!elements) {
      values[op.getResult(0)] = HostValue(Attribute(constant.getValue()));
      return success();
    }
    tensor = nn::toTensor(elements);
  } else {
    tensor = nn::getConstantTensor(op.getResult(0));
  }
  if (!tensor)
    return fail(op, tensor.error());
  values[op.getResult(0)] = HostValue(std::move(*tensor));
  return success();
}

LogicalResult Run::runDim(tensor::DimOp op) {
  const nncio::Tensor tensor = values.lookup(op.getSource()).tensor;
  std::optional<int64_t> axis = lookupInt(op.getIndex());
  if (!axis || *axis < 0 || *axis >= tensor.rank())
    return fail(*op, "'tensor.dim' asks for an axis that is not there");
  values[op.getResult()] = HostValue(Attribute(IntegerAttr::get(
      IndexType::get(op.getContext()), tensor.shape()[size_t(*axis)])));
  return success();
}

LogicalResult Run::runExtract(tensor::ExtractOp op) {
  const nncio::Tensor tensor = values.lookup(op.getTensor()).tensor;
  int64_t position = 0;
  for (auto [axis, index] : llvm::enumerate(op.getIndices())) {
    std::optional<int64_t> at = lookupInt(index);
    if (!at || axis >= tensor.shape().size() || *at < 0 ||
        *at >= tensor.shape()[axis])
      return fail(*op, "'tensor.extract' reads outside of its tensor");
    position = position * tensor.shape()[axis] + *at;
  }
  Type type = op.getType();
  Attribute scalar;
  if (isa<FloatType>(type))
    scalar = FloatAttr::get(type, tensor.getDouble(position));
  else if (auto integer = dyn_cast<IntegerType>(type))
    scalar = IntegerAttr::get(
        type, APInt(integer.getWidth(), uint64_t(tensor.getInt(position)),
                    /*isSigned=*/false, /*implicitTrunc=*/true));
  if (!scalar)
    return fail(*op, "'tensor.extract' of an unsupported element type");
  values[op.getResult()] = HostValue(scalar);
  return success();
}

LogicalResult Run::runFromElements(tensor::FromElementsOp op) {
  auto type = op.getType();
  std::optional<nncio::ElementType> element =
      toElementType(type.getElementType());
  if (!element)
    return fail(*op, "'tensor.from_elements' of an unsupported element type");
  nncio::Tensor tensor(*element, std::vector<int64_t>(type.getShape().begin(),
                                                      type.getShape().end()));
  for (auto [i, operand] : llvm::enumerate(op.getElements())) {
    Attribute scalar = values.lookup(operand).scalar;
    if (auto number = dyn_cast_or_null<FloatAttr>(scalar))
      tensor.setDouble(int64_t(i), number.getValueAsDouble());
    else if (std::optional<int64_t> integer = lookupInt(operand))
      tensor.setInt(int64_t(i), *integer);
    else
      return fail(*op, "'tensor.from_elements' has an element that is not "
                       "known");
  }
  values[op.getResult()] = HostValue(std::move(tensor));
  return success();
}

LogicalResult Run::runCast(tensor::CastOp op) {
  nncio::Tensor tensor = values.lookup(op.getSource()).tensor;
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!type || failed(verifyCompatibleShape(type.getShape(),
                                            ArrayRef<int64_t>(tensor.shape()))))
    return fail(*op, "'tensor.cast' expects another shape than " +
                         nncrun::shapeText(tensor.shape()));
  values[op.getResult()] = HostValue(std::move(tensor));
  return success();
}

LogicalResult Run::runFold(Operation &op) {
  auto unknown = [&] {
    return fail(op, "'" + op.getName().getStringRef() +
                        "' can not be run by the reference interpreter");
  };
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    std::optional<int64_t> condition = lookupInt(select.getCondition());
    if (!condition)
      return unknown();
    values[select.getResult()] = values.lookup(
        *condition ? select.getTrueValue() : select.getFalseValue());
    return success();
  }
  SmallVector<Attribute> operands;
  for (Value operand : op.getOperands()) {
    Attribute scalar = values.lookup(operand).scalar;
    if (!scalar)
      return unknown();
    operands.push_back(scalar);
  }
  if (op.getNumRegions() || !isMemoryEffectFree(&op))
    return unknown();
  SmallVector<OpFoldResult> folded;
  if (failed(op.fold(operands, folded)) || folded.size() != op.getNumResults())
    return fail(op, "'" + op.getName().getStringRef() +
                        "' has no result for its operands, a division by zero "
                        "or an overflow for example");
  for (auto [result, value] : llvm::zip(op.getResults(), folded)) {
    auto attribute = dyn_cast<Attribute>(value);
    values[result] =
        attribute ? HostValue(attribute) : values.lookup(cast<Value>(value));
  }
  return success();
}

FailureOr<size_t> Run::getPosition(Operation &op, Value position, size_t places,
                                   size_t length) {
  std::optional<int64_t> number =
      position ? lookupInt(position) : int64_t(places) - 1;
  std::optional<size_t> place;
  if (number)
    place = nn::resolvePosition(*number, places, length);
  if (place)
    return *place;
  return fail(op, "has a position outside of a sequence of " + Twine(length));
}

LogicalResult Run::runJoin(nn::SequenceJoinOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  size_t axis = op.getAxis();
  std::vector<int64_t> shape(type.getShape().begin(), type.getShape().end());
  std::vector<nncio::Tensor> parts;
  int64_t along = 0;
  const nncio::Tensor sequence = values.lookup(op.getSequence()).tensor;
  for (const nncio::Tensor &element : sequence.elements()) {
    std::vector<int64_t> own = element.shape();
    if (op.getNewAxis() && axis <= own.size())
      own.insert(own.begin() + axis, 1);
    bool fits = own.size() == shape.size();
    for (size_t i = 0; fits && i < own.size(); ++i) {
      if (i == axis)
        continue;
      fits = shape[i] < 0 || shape[i] == own[i];
      shape[i] = own[i];
    }
    if (!fits)
      return fail(*op, "has elements that do not make one tensor");
    along += own[axis];
    parts.push_back(element.reshaped(own));
  }
  shape[axis] = along;
  for (int64_t &size : shape)
    size = std::max<int64_t>(size, 0);
  nncio::Tensor joined(*toElementType(type.getElementType()), shape);
  size_t inner = nncio::elementBytes(joined.type()), outer = 1;
  for (size_t i = 0; i < shape.size(); ++i)
    (i < axis ? outer : inner) *= i == axis ? 1 : shape[i];
  uint8_t *to = joined.size() ? joined.mutableData() : nullptr;
  for (size_t row = 0; to && row < outer; ++row)
    for (const nncio::Tensor &part : parts) {
      size_t bytes = part.shape()[axis] * inner;
      to = std::copy_n(part.data() + row * bytes, bytes, to);
    }
  values[op.getResult()] = HostValue(std::move(joined));
  return success();
}

LogicalResult Run::runSequenceOp(Operation &op) {
  using nncio::Tensor;
  if (auto join = dyn_cast<nn::SequenceJoinOp>(op))
    return runJoin(join);
  auto optional = dyn_cast<nn::OptionalCreateOp>(op);
  if (optional && !optional.getValue()) {
    values[op.getResult(0)] = HostValue(Tensor::absent());
    return success();
  }
  HostValues operands = lookup(op.getOperands());
  std::vector<Tensor> elements;
  if (!operands.empty())
    elements = operands[0].tensor.elements();
  HostValue result = operands.empty() ? HostValue() : operands[0];
  if (isa<nn::OptionalHasOp>(op)) {
    result = Attribute(
        BoolAttr::get(op.getContext(), !operands[0].tensor.isAbsent()));
  } else if (isa<nn::OptionalGetOp>(op)) {
    if (operands[0].tensor.isAbsent())
      return fail(op, "reads an optional value that is absent");
  } else if (isa<nn::SequenceLengthOp>(op)) {
    result = Attribute(
        IntegerAttr::get(IndexType::get(op.getContext()), elements.size()));
  } else if (auto at = dyn_cast<nn::SequenceAtOp>(op)) {
    auto position =
        getPosition(op, at.getPosition(), elements.size(), elements.size());
    if (failed(position))
      return failure();
    result = elements[*position];
  } else if (auto insert = dyn_cast<nn::SequenceInsertOp>(op)) {
    auto position = getPosition(op, insert.getPosition(), elements.size() + 1,
                                elements.size());
    if (failed(position))
      return failure();
    elements.insert(elements.begin() + *position, operands[1].tensor);
  } else if (auto erase = dyn_cast<nn::SequenceEraseOp>(op)) {
    auto position =
        getPosition(op, erase.getPosition(), elements.size(), elements.size());
    if (failed(position))
      return failure();
    elements.erase(elements.begin() + *position);
  } else if (isa<nn::SequenceCreateOp>(op)) {
    elements = lookupTensors(op.getOperands());
  }
  if (isa<nn::SequenceInsertOp, nn::SequenceEraseOp, nn::SequenceCreateOp>(
          op)) {
    TensorType type =
        cast<nn::SequenceType>(op.getResult(0).getType()).getElementType();
    result = Tensor::fromElements(*toElementType(type.getElementType()),
                                  std::move(elements));
  }
  values[op.getResult(0)] = std::move(result);
  return success();
}

LogicalResult Run::runKernel(nn::KernelOp op) {
  return setResults(*op,
                    runBlock(op.getBody().front(), lookup(op.getInputs())));
}

LogicalResult Run::runIf(scf::IfOp op) {
  std::optional<int64_t> condition = lookupInt(op.getCondition());
  if (!condition)
    return fail(*op, "'scf.if' has an unknown condition");
  Region &region = *condition ? op.getThenRegion() : op.getElseRegion();
  if (region.empty())
    return success();
  return setResults(*op, runBlock(region.front(), {}));
}

LogicalResult Run::runFor(scf::ForOp op) {
  std::optional<int64_t> low = lookupInt(op.getLowerBound()),
                         high = lookupInt(op.getUpperBound()),
                         step = lookupInt(op.getStep());
  if (!low || !high || !step || *step <= 0)
    return fail(*op, "'scf.for' expects known bounds and a step above 0");
  HostValues carried = lookup(op.getInitArgs());
  Type type = op.getInductionVar().getType();
  for (int64_t i = *low; i < *high;) {
    HostValues arguments{HostValue(Attribute(IntegerAttr::get(type, i)))};
    llvm::append_range(arguments, carried);
    FailureOr<HostValues> next = runBlock(*op.getBody(), std::move(arguments));
    if (failed(next))
      return failure();
    carried = std::move(*next);
    if (__builtin_add_overflow(i, *step, &i))
      break;
  }
  return setResults(*op, std::move(carried));
}

LogicalResult Run::runWhile(scf::WhileOp op) {
  HostValues carried = lookup(op.getInits());
  while (true) {
    FailureOr<HostValues> before =
        runBlock(op.getBefore().front(), std::move(carried));
    if (failed(before))
      return failure();
    // The terminator's first operand is the condition.
    auto condition =
        before->empty() ? IntegerAttr()
                        : dyn_cast_or_null<IntegerAttr>(before->front().scalar);
    if (!condition)
      return fail(*op, "'scf.while' has an unknown condition");
    before->erase(before->begin());
    if (condition.getValue().isZero())
      return setResults(*op, std::move(before));
    FailureOr<HostValues> after =
        runBlock(op.getAfter().front(), std::move(*before));
    if (failed(after))
      return failure();
    carried = std::move(*after);
  }
}

nncio::Result<std::vector<nncio::Tensor>>
Interpreter::run(ArrayRef<nncio::Tensor> inputs, const Observer &observer) {
  using Out = nncio::Result<std::vector<nncio::Tensor>>;
  if (!signature)
    return Out::failure(signature.error());
  std::string problem = nncrun::checkInputs(*signature, inputs.vec());
  if (!problem.empty())
    return Out::failure(problem);
  HostValues arguments(inputs.begin(), inputs.end());
  Run run(dying, observer);
  FailureOr<HostValues> results =
      run.runBlock(function.getBody().front(), std::move(arguments));
  if (failed(results))
    return Out::failure(run.message);
  std::vector<nncio::Tensor> tensors;
  for (HostValue &value : *results)
    tensors.push_back(std::move(value.tensor));
  return tensors;
}
