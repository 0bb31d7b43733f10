//===----------------------------------------------------------------------===//
// What a kernel, or a group of ops that could be one, has to do.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "WorkCounter.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
#include "nnc/CostModel/ScalarWork.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

std::optional<int64_t> mlir::nnc::countBytes(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return 0;
  std::optional<nncio::ElementType> element =
      toElementType(tensor.getElementType());
  if (!tensor.hasStaticShape() || !element)
    return std::nullopt;
  return tensor.getNumElements() * nncio::elementBytes(*element);
}

double mlir::nnc::countElements(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() ? double(tensor.getNumElements())
                                           : 0;
}

double mlir::nnc::countLanes(hw::TargetAttr target, Type type) {
  Type element = getElementTypeOrSelf(type);
  unsigned bits = element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 64;
  return std::max(1.0,
                  double(target.getVectorBits()) / double(std::max(bits, 32u)));
}

Value mlir::nnc::getOutside(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return value;
  auto kernel =
      dyn_cast_or_null<nn::KernelOp>(argument.getOwner()->getParentOp());
  return kernel ? kernel.getInputs()[argument.getArgNumber()] : value;
}

bool mlir::nnc::isConstantTensor(Value value) {
  value = getOutside(value);
  while (isView(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  Operation *op = value.getDefiningOp();
  return op && (op->hasTrait<OpTrait::ConstantLike>() || isa<nn::WeightOp>(op));
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

/// Ops that stand for no work: constants in the body, buffers for results.
static bool isFree(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() ||
         op->hasTrait<OpTrait::IsTerminator>() ||
         isa<nn::WeightOp, tensor::EmptyOp>(op);
}

void WorkCounter::findOperands() {
  llvm::SmallSetVector<Value, 8> seen;
  for (Operation *op : ops) {
    if (isFree(op))
      continue;
    for (Value value : op->getOperands()) {
      if (members.contains(value.getDefiningOp()) ||
          !isa<RankedTensorType>(value.getType()))
        continue;
      Value outside = getOutside(value);
      if (!seen.insert(outside))
        continue;
      KernelOperand operand;
      operand.value = outside;
      operand.bytes = countBytes(outside.getType());
      operand.isWeight = isConstantTensor(outside);
      work.isKnown &= operand.bytes.has_value();
      work.operands.push_back(operand);
    }
  }
}

/// True if no op outside of the group sees the value.
bool WorkCounter::isInside(Value value) const {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    return members.contains(user) && !user->hasTrait<OpTrait::IsTerminator>();
  });
}

/// True if elements go from the op that makes them to those that use them one
/// by one: element-wise ops share a loop, that of a contraction too.
static bool staysInRegisters(Value value) {
  auto goesOneByOne = [](Operation *op) { return isa<ScalarOpInterface>(op); };
  Operation *op = value.getDefiningOp();
  return (goesOneByOne(op) || isa<kern::EpilogueOpInterface>(op)) &&
         llvm::all_of(value.getUsers(), goesOneByOne);
}

void WorkCounter::findResults() {
  int64_t bytes = 0;
  bool known = true;
  for (Operation *op : ops) {
    if (isFree(op))
      continue;
    for (Value result : op->getResults()) {
      std::optional<int64_t> own = countBytes(result.getType());
      work.isKnown &= own.has_value();
      if (isInside(result)) {
        if (!staysInRegisters(result))
          work.insideBytes += own.value_or(0);
      } else if (own) {
        bytes += *own;
      } else {
        known = false;
      }
    }
  }
  if (known)
    work.outputBytes = bytes;
}

/// Lookups read as much as they give.
void WorkCounter::countLookup(Operation *op) {
  for (KernelOperand &operand : work.operands)
    if (operand.value == getOutside(op->getOperand(0)) && operand.bytes)
      if (std::optional<int64_t> read = countBytes(op->getResult(0).getType()))
        operand.touched = std::min(*operand.bytes, *read);
}

void WorkCounter::addFlops(std::optional<int64_t> flops) {
  if (!flops)
    work.isKnown = false;
  if (work.flops && flops)
    *work.flops += *flops;
  else
    work.flops = std::nullopt;
}

//===----------------------------------------------------------------------===//
// Element-wise ops and others
//===----------------------------------------------------------------------===//

/// As `nnc-tile-to-units` cuts loops: units of 20000 operations, 256 at most.
void WorkCounter::addUnitsOf(double operations) {
  constexpr double unitWork = 20000, most = 256;
  addUnits(std::clamp(std::floor(operations / unitWork), 1.0, most));
}

/// Elements at the end of the result for which all operands either go on or
/// stay where they are.
static double countCommonRun(Operation *op, RankedTensorType type) {
  auto isBroadcast = [&](Value operand, int64_t axis) {
    auto own = dyn_cast<RankedTensorType>(operand.getType());
    int64_t at = own ? axis - (type.getRank() - own.getRank()) : -1;
    return at < 0 || own.getDimSize(at) == 1;
  };
  double run = 1;
  int64_t last = -1;
  for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
    if (type.getDimSize(axis) == 1)
      continue;
    last = last < 0 ? axis : last;
    if (llvm::any_of(op->getOperands(), [&](Value operand) {
          return isBroadcast(operand, axis) != isBroadcast(operand, last);
        }))
      break;
    run *= double(type.getDimSize(axis));
  }
  return run;
}

void WorkCounter::countScalars(ScalarOpInterface op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  double elements = type ? countElements(type) : 0;
  if (elements == 0 || type.getRank() == 0)
    return;
  double lanes = countLanes(target, type);
  for (Value operand : op->getOperands())
    lanes = std::min(lanes, countLanes(target, operand.getType()));
  ScalarWork own = countScalarWork(op);
  double run = countCommonRun(op, type);
  // Runs of less than a vector are done one by one, unless a contraction masks
  // them.
  auto isTruth = [](Value value) {
    return getElementTypeOrSelf(value.getType()).isInteger(1);
  };
  if (run < lanes && run < elements && !work.hasContraction)
    lanes = 1;
  // Truths have no vectors in memory.
  if (isTruth(op->getResult(0)) ||
      (op->getNumOperands() == 1 && isTruth(op->getOperand(0))))
    lanes = 1;
  double vectors = elements / run * std::ceil(run / lanes);
  (lanes == 1 ? work.scalars : work.arithmetic) += vectors * own.arithmetic;
  work.divisions += vectors * lanes * own.divisions;
  work.functions += vectors * lanes * own.functions;
  work.scalars += elements * own.serial;
  // Operands that do not come out of registers, and results that leave them:
  // two loads, or a store, take as long as an instruction.
  constexpr double ofLoad = 0.5;
  for (Value operand : op->getOperands())
    if (!members.contains(operand.getDefiningOp()) &&
        countElements(operand.getType()) > 1)
      (lanes == 1 ? work.scalars : work.moves) += ofLoad * vectors;
  if (!isInside(op->getResult(0)) && !work.hasContraction)
    (lanes == 1 ? work.scalars : work.moves) += vectors;
  addUnitsOf(elements *
             (own.arithmetic + 4 * own.divisions + 20 * own.functions + 1));
}

/// The last axis of a transposition's operand that stays the last.
static bool keepsLastAxis(nn::TransposeOp op) {
  ArrayRef<int64_t> permutation = op.getPermutation();
  auto shape = cast<RankedTensorType>(op.getInput().getType()).getShape();
  // Axes of one element move for nothing.
  int64_t last = -1;
  for (int64_t axis : permutation)
    if (shape[axis] != 1)
      last = axis;
  for (int64_t axis = int64_t(shape.size()) - 1; axis > last; --axis)
    if (shape[axis] != 1)
      return false;
  return true;
}

/// What squares of as many rows as a vector has lanes have more than the
/// elements that a transposition exchanges.
static double countSquares(nn::TransposeOp op, double lanes) {
  ArrayRef<int64_t> permutation = op.getPermutation();
  auto shape = cast<RankedTensorType>(op.getInput().getType()).getShape();
  int64_t last = int64_t(shape.size()) - 1;
  while (last > 0 && shape[last] == 1)
    --last;
  double across = 1;
  for (int64_t axis : llvm::reverse(permutation)) {
    if (axis == last)
      break;
    across *= double(shape[axis]);
  }
  double waste = 1;
  for (double side : {across, double(shape[last])})
    if (side > lanes)
      waste *= std::ceil(side / lanes) * lanes / side;
  return waste;
}

/// Elements that lie together in both: axes at the end that are alike, and the
/// one before.
static double countRun(RankedTensorType from, RankedTensorType to) {
  double run = 1;
  int64_t i = from.getRank() - 1, j = to.getRank() - 1;
  for (; i >= 0 && j >= 0; --i, --j) {
    int64_t a = from.getDimSize(i), b = to.getDimSize(j);
    run *= double(std::min(a, b));
    if (a != b)
      break;
  }
  return std::max(run, 1.0);
}

/// Elements in runs: by vectors, or one by one where runs are short; those that
/// are runs of their own change places in registers if they have 32 bits or
/// less.
void WorkCounter::addRuns(double elements, double run, double lanes) {
  if (run < lanes) {
    // Registers exchange words, and as many narrower elements as fit into one.
    double ofWord = double(target.getVectorBits()) / 32 / lanes;
    if (run == 1 && ofWord <= 1)
      work.shuffles += elements * ofWord;
    else
      work.scalars += elements;
    return;
  }
  double lines = elements / run;
  work.lines += lines;
  work.moves += 2 * lines * std::ceil(run / lanes);
}

/// Elements that are copied.
void WorkCounter::countMovement(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  double elements = type ? countElements(type) : 0;
  if (elements == 0)
    return;
  double last = type.getRank() ? double(type.getShape().back()) : 1;
  addUnitsOf(elements);
  double lanes = std::max<double>(1, target.getLanes(type.getElementType()));
  if (auto transpose = dyn_cast<nn::TransposeOp>(op)) {
    if (keepsLastAxis(transpose))
      return addRuns(elements, last, lanes);
    return addRuns(elements * countSquares(transpose, lanes), 1, lanes);
  }
  SmallVector<RankedTensorType> sources;
  auto movement = dyn_cast<DataMovementOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands())
    if (movement && movement.isDataOperand(operand.getOperandNumber()))
      if (auto from = dyn_cast<RankedTensorType>(operand.get().getType());
          from && from.hasStaticShape() && from.getRank() > 0)
        sources.push_back(from);
  // Candidates one by one, against the least of those that are kept.
  constexpr double ofCandidate = 12;
  if (isa<nn::TopKOp>(op))
    work.scalars += ofCandidate * countElements(op->getOperand(0).getType());
  // What steers is looked at element by element.
  for (Value operand : op->getOperands())
    if (auto from = dyn_cast<RankedTensorType>(operand.getType());
        from && from.getElementType() != type.getElementType())
      work.scalars += countElements(from);
  if (sources.empty())
    return addRuns(elements, last, lanes);
  // Operands lie beside each other in the result, or it is of one alone.
  bool isJoined = sources.size() > 1;
  for (RankedTensorType from : sources)
    addRuns(isJoined ? countElements(from) : elements, countRun(from, type),
            lanes);
}

/// An element of a window after the other: by vectors where neighbours of the
/// last axis have neighbours in their windows, else alone.
bool WorkCounter::countPool(Operation *op, const OpWork &own) {
  if (!isa<nn::MaxPoolOp, nn::AveragePoolOp>(op))
    return false;
  addUnitsOf(double(own.arithmetic));
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto lists = [&](StringRef name) {
    auto list = op->getAttrOfType<DenseI64ArrayAttr>(name);
    return list ? list.asArrayRef() : ArrayRef<int64_t>();
  };
  ArrayRef<int64_t> strides = lists("strides");
  bool isTogether =
      op->hasAttr("channels_last") || (!strides.empty() && strides.back() == 1);
  double last = double(type.getShape().back());
  double lanes = double(target.getLanes(type.getElementType()));
  if (!isTogether || last < lanes) {
    // A comparison of a maximum depends on the one before.
    work.scalars += double(own.arithmetic) * (isa<nn::MaxPoolOp>(op) ? 1.5 : 1);
    return true;
  }
  double taps = double(own.arithmetic) / last;
  double vectors = taps * std::ceil(last / lanes);
  // A maximum keeps NaN; places outside are replaced.
  bool isPadded =
      llvm::any_of(lists("pads"), [](int64_t size) { return size != 0; });
  work.arithmetic += vectors * (isPadded ? 6 : 2);
  work.moves += vectors;
  work.lines += taps * (isPadded ? 5 : 1);
  return true;
}

/// Steps of a recurrence: the state times its weights, then the activations,
/// each of which waits for what is before it.
bool WorkCounter::countRecurrence(Operation *op, const OpWork &own) {
  if (!isa<nn::LstmOp, nn::GruOp, nn::RnnOp>(op))
    return false;
  auto y = cast<RankedTensorType>(op->getResult(0).getType());
  double cells = 1;
  for (int64_t size : y.getShape().drop_back())
    cells *= double(size);
  double weights = 0;
  for (const KernelOperand &operand : work.operands)
    if (operand.isWeight)
      weights += double(operand.bytes.value_or(0));
  double vectors = double(own.arithmetic) / 2 / countLanes(target, y);
  // A load for each multiply-add, from the second-level cache if it must be.
  // Products with rows of weights that are not projected add up within vectors.
  constexpr double ofSumsWithin = 3;
  double ofLoad = weights > double(target.getL1Kib()) * 768
                      ? double(target.getVectorBits()) / 8 /
                            double(target.getL2BytesPerCycle())
                      : 0.5;
  bool isProjected =
      TypeSwitch<Operation *, bool>(op).Case<nn::LstmOp, nn::GruOp, nn::RnnOp>(
          [](auto typed) { return !typed.getW(); });
  work.productCycles += vectors * (isProjected ? ofLoad : ofSumsWithin);
  work.functions += double(own.functions);
  work.serialSteps += cells;
  work.steps = std::max(work.steps, double(own.steps));
  return true;
}

/// Operations along the last axis of the first operand, by vectors and what
/// rests of them.
void WorkCounter::countOther(Operation *op) {
  auto cost = dyn_cast<CostOpInterface>(op);
  if (!cost)
    return countMovement(op);
  addFlops(cost.getFlops());
  std::optional<OpWork> own = cost.getWork();
  if (!own)
    return;
  if (isa<nn::MatMulOp, nn::ConvOp, nn::MatMulIntegerOp, nn::ConvIntegerOp>(op))
    return countUntiled(op, own->arithmetic);
  if (own->arithmetic + own->functions == 0)
    return countMovement(op);
  if (countPool(op, *own) || countRecurrence(op, *own))
    return;
  Type type = op->getOperand(0).getType();
  auto tensor = dyn_cast<RankedTensorType>(type);
  double last = tensor && tensor.getRank() > 0 && tensor.hasStaticShape()
                    ? std::max<double>(1, double(tensor.getShape().back()))
                    : 1;
  double lines = double(own->arithmetic) / last;
  work.lines += lines;
  double lanes = countLanes(target, type);
  double vectors = lines * std::ceil(last / lanes);
  work.arithmetic += vectors;
  // An operation an element that is loaded for it; sums of other axes than the
  // last come and go.
  auto reduce = dyn_cast<nn::ReduceOp>(op);
  bool isOuter =
      reduce &&
      cast<RankedTensorType>(op->getResult(0).getType()).getNumElements() >
          lines;
  work.moves += vectors * (isOuter ? 3 : reduce ? 0.5 : 1);
  if (isa<nn::QuantizationRangeOp>(op))
    work.arithmetic += vectors * 2;
  double wasted =
      vectors * lanes / double(std::max<int64_t>(own->arithmetic, 1));
  work.divisions += double(own->divisions) * wasted;
  work.functions += double(own->functions) * wasted;
  work.steps = std::max(work.steps, double(own->steps));
  addUnitsOf(double(own->arithmetic) + 20 * double(own->functions));
}

void WorkCounter::count(Operation *op) {
  if (isa<nn::GatherOp>(op))
    countLookup(op);
  if (isFree(op) || isView(op) || isa<tensor::BitcastOp>(op) ||
      op->getNumResults() == 0)
    return;
  if (auto contraction = dyn_cast<kern::EpilogueOpInterface>(op))
    return countContraction(contraction);
  if (auto scalar = dyn_cast<ScalarOpInterface>(op)) {
    auto cost = dyn_cast<CostOpInterface>(op);
    addFlops(cost ? cost.getFlops() : std::optional<int64_t>(0));
    return countScalars(scalar);
  }
  countOther(op);
}

KernelWork WorkCounter::run() {
  work.flops = 0;
  findOperands();
  findResults();
  for (Operation *op : ops)
    count(op);
  return std::move(work);
}

KernelWork mlir::nnc::countKernelWork(ArrayRef<Operation *> ops,
                                      hw::TargetAttr target) {
  return WorkCounter(ops, target).run();
}
