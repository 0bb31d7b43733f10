//===----------------------------------------------------------------------===//
// What a kernel, or a group of ops that could be one, has to do.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/KernelWork.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernNarrow.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
#include "nnc/CostModel/ByteGain.h"
#include "nnc/CostModel/ScalarWork.h"
#include "nnc/CostModel/Sparse.h"
#include "nnc/CostModel/Tiling.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

/// nullopt for a dynamic shape; 0 for what is no tensor.
static std::optional<int64_t> countBytes(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return 0;
  std::optional<nncio::ElementType> element =
      toElementType(tensor.getElementType());
  if (!tensor.hasStaticShape() || !element)
    return std::nullopt;
  return tensor.getNumElements() * nncio::elementBytes(*element);
}

static double countElements(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() ? double(tensor.getNumElements())
                                           : 0;
}

/// Elements of a vector in which arithmetic on `type` is done: that of 16 bits
/// and less is done in 32.
static double countLanes(hw::TargetAttr target, Type type) {
  Type element = getElementTypeOrSelf(type);
  unsigned bits = element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 64;
  return std::max(1.0,
                  double(target.getVectorBits()) / double(std::max(bits, 32u)));
}

/// The value that stands for a block argument outside of its kernel.
static Value getOutside(Value value) {
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

namespace {
/// Counts over the ops of one group.
class WorkCounter {
public:
  WorkCounter(ArrayRef<Operation *> ops, hw::TargetAttr target)
      : ops(ops), target(target), members(ops.begin(), ops.end()) {}

  KernelWork run();

private:
  void findOperands();
  void findResults();
  void count(Operation *op);
  void countContraction(kern::EpilogueOpInterface op);
  void countTiled(kern::EpilogueOpInterface op, const kern::Extents &extents,
                  Value packed);
  void countScores(kern::AttentionOp op);
  void countUntiled(Operation *op, int64_t flops);
  void countScalars(ScalarOpInterface op);
  void addRuns(double elements, double run, double lanes);
  void countMovement(Operation *op);
  void countOther(Operation *op);
  void addFlops(std::optional<int64_t> flops);
  void addUnits(double units) { work.units = std::max(work.units, units); }
  /// Elements that an op without a tiling of its own shares out.
  void addUnitsOf(double operations);
  bool isInside(Value value) const;

  ArrayRef<Operation *> ops;
  hw::TargetAttr target;
  llvm::SmallPtrSet<Operation *, 16> members;
  KernelWork work;
};
} // namespace

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

/// Ops that stand for no work: constants in the body, buffers for results.
static bool isFree(Operation *op) {
  return op->hasTrait<OpTrait::ConstantLike>() ||
         op->hasTrait<OpTrait::IsTerminator>() || isa<nn::WeightOp>(op) ||
         (isa<DestinationStyleOpInterface>(op) == false &&
          op->getName().getStringRef() == "tensor.empty");
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

void WorkCounter::addFlops(std::optional<int64_t> flops) {
  if (!flops)
    work.isKnown = false;
  if (work.flops && flops)
    *work.flops += *flops;
  else
    work.flops = std::nullopt;
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

static bool isStatic(const kern::Extents &extents) {
  for (int64_t size : {extents.batch, extents.rows, extents.runs,
                       extents.columns, extents.depth})
    if (ShapedType::isDynamic(size))
      return false;
  return true;
}

/// Operations that the model asks for, which are more than a transform does.
static std::optional<int64_t> countFlops(kern::EpilogueOpInterface op,
                                         const kern::Extents &extents) {
  if (!isStatic(extents))
    return std::nullopt;
  if (auto winograd = dyn_cast<kern::WinogradOp>(op.getOperation())) {
    auto result = cast<ShapedType>(winograd.getInit().getType());
    return result.hasStaticShape()
               ? std::optional(2 * 9 * extents.depth * result.getNumElements())
               : std::nullopt;
  }
  // What is 0 is not multiplied.
  if (auto sparse = dyn_cast<kern::SparseOp>(op.getOperation()))
    return 2 * extents.rows * sparse.getNumBlocks() *
           int64_t(sparse.getColumns()) * int64_t(sparse.getDot());
  return 2 * extents.batch * extents.rows * extents.runs * extents.columns *
         extents.depth;
}

namespace {
/// How a machine multiplies bytes: steps of several, by one or more
/// instructions of the rate of a multiply-add.
struct ByteProducts {
  int64_t step, instructions;

  explicit ByteProducts(hw::TargetAttr target)
      : step(hw::getByteDot(target.getName())),
        instructions(step == 2 ? 2 : 1) {}
};
} // namespace

double mlir::nnc::getByteGain(hw::TargetAttr target) {
  ByteProducts bytes(target);
  return double(bytes.step) / double(bytes.instructions);
}

/// One product by the op's tiling; `packed`, null if there is none, is the
/// operand that is read in panels.
void WorkCounter::countTiled(kern::EpilogueOpInterface op,
                             const kern::Extents &extents, Value packed) {
  // A GPU's kernels have tiles of their own.
  if (!op.getTilingAttr())
    return;
  Type sums = op.getEpilogue().front().getArgument(0).getType();
  Type element =
      getElementTypeOrSelf((packed ? packed : op.getInit()).getType());
  int64_t elementBytes = std::max(1u, element.getIntOrFloatBitWidth() / 8);
  // Words hold several codes.
  if (isa<kern::NarrowGemmOp>(op.getOperation()))
    elementBytes = 1;
  auto sparse = dyn_cast<kern::SparseOp>(op.getOperation());
  ByteProducts bytes(target);
  bool areBytes = element.isInteger(8) && sums.isInteger(32) && !sparse;
  // A step of the depth is of several bytes.
  if (areBytes)
    elementBytes *= bytes.step;
  TilingCost cost = sparse ? predictSparse(target, SparseShape::get(sparse),
                                           sums, op.getTilingAttr())
                           : predictTiling(target, extents, sums, elementBytes,
                                           op.getTilingAttr());
  if (areBytes)
    cost.cycles *= bytes.instructions;
  (extents.window ? work.windowCycles : work.productCycles) += cost.cycles;
  work.stripCycles += cost.stripCycles;
  // Narrow elements become wide ones as they are loaded, unless bytes are
  // multiplied as they are.
  if (packed && element != sums && !sparse && !(areBytes && bytes.step == 4))
    work.arithmetic += cost.loads;
  addUnits(cost.units);
  if (!packed)
    return;
  for (KernelOperand &operand : work.operands)
    if (operand.value == getOutside(packed))
      operand.reads = cost.packedReads;
    else if (operand.value == getOutside(op->getOperand(0)))
      operand.reads = cost.rowReads;
}

/// The first product of attention, what is made of scores, and exponentials.
void WorkCounter::countScores(kern::AttentionOp op) {
  kern::Extents extents = op.getScoreExtents();
  addFlops(countFlops(op, extents));
  if (!isStatic(extents))
    return;
  countTiled(op, extents, Value());
  ScalarWork own = countScalarWork(op.getScores().front());
  double scores = double(extents.batch) * double(extents.rows) *
                  double(extents.runs) * double(extents.columns);
  // A maximum, a difference and a sum each.
  constexpr double ofSoftmax = 3;
  work.arithmetic += scores * (own.arithmetic + ofSoftmax) /
                     countLanes(target, op.getSumType());
  work.divisions += scores * own.divisions;
  work.functions += scores * (own.functions + 1);
}

void WorkCounter::countContraction(kern::EpilogueOpInterface op) {
  kern::Extents extents = op.getExtents();
  addFlops(countFlops(op, extents));
  work.hasContraction = true;
  if (auto attention = dyn_cast<kern::AttentionOp>(op.getOperation()))
    countScores(attention);
  if (!isStatic(extents))
    return;
  auto contraction = dyn_cast<kern::ContractionOpInterface>(op.getOperation());
  auto sparse = dyn_cast<kern::SparseOp>(op.getOperation());
  auto narrow = dyn_cast<kern::NarrowGemmOp>(op.getOperation());
  countTiled(op, extents,
             contraction ? contraction.getPackedOperand().get()
             : sparse    ? sparse.getValues()
             : narrow    ? narrow.getWeights()
                         : Value());
  Block &epilogue = op.getEpilogue().front();
  Type sums = epilogue.getArgument(0).getType();
  double lanes = countLanes(target, sums);
  if (auto winograd = dyn_cast<kern::WinogradOp>(op.getOperation()))
    work.transformCycles +=
        predictWinogradTransforms(target, extents, winograd.getTile(), sums);
  ScalarWork own = countScalarWork(epilogue);
  double elements = countElements(op.getInit().getType());
  work.arithmetic += elements * own.arithmetic / lanes;
  work.divisions += elements * own.divisions;
  work.functions += elements * own.functions;
}

static bool isByteProduct(Operation *op) {
  return isa<nn::MatMulIntegerOp, nn::ConvIntegerOp>(op);
}

/// A product or convolution that is not tiled yet: tilings reach most of the
/// peak, which of bytes is a multiple of that of f32.
void WorkCounter::countUntiled(Operation *op, int64_t flops) {
  Type type = op->getResult(0).getType();
  double lanes = countLanes(target, type);
  constexpr double usualEfficiency = 0.85;
  work.hasContraction = true;
  double gain = isByteProduct(op) ? getByteGain(target) : 1;
  work.productCycles += double(flops) / (2 * lanes * target.getFmaPorts() *
                                         usualEfficiency * gain);
  addUnits(std::max(1.0, double(flops) / (1 << 20)));
}

//===----------------------------------------------------------------------===//
// Element-wise ops and others
//===----------------------------------------------------------------------===//

/// As `nnc-tile-to-units` cuts loops: units of 20000 operations, 256 at most.
void WorkCounter::addUnitsOf(double operations) {
  constexpr double unitWork = 20000, most = 256;
  addUnits(std::clamp(std::floor(operations / unitWork), 1.0, most));
}

void WorkCounter::countScalars(ScalarOpInterface op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getRank() == 0)
    return;
  double elements = countElements(type), lanes = countLanes(target, type);
  for (Value operand : op->getOperands())
    lanes = std::min(lanes, countLanes(target, operand.getType()));
  ScalarWork own = countScalarWork(op);
  work.arithmetic += elements * own.arithmetic / lanes;
  work.divisions += elements * own.divisions;
  work.functions += elements * own.functions;
  work.scalars += elements * own.serial;
  // Operands that do not come out of registers, and results that leave them:
  // two loads, or a store, take as long as an instruction.
  constexpr double ofLoad = 0.5;
  double vectors = elements / lanes;
  for (Value operand : op->getOperands())
    if (!members.contains(operand.getDefiningOp()) &&
        countElements(operand.getType()) > 1)
      work.arithmetic += ofLoad * vectors;
  if (!isInside(op->getResult(0)) && !work.hasContraction)
    work.arithmetic += vectors;
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

/// Elements in runs: by vectors, or one by one where runs are short; in
/// registers where those are of 32 bits.
void WorkCounter::addRuns(double elements, double run, double lanes) {
  if (run < lanes) {
    bool isWord = lanes == double(target.getVectorBits()) / 32;
    (isWord ? work.shuffles : work.scalars) += elements;
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
    return addRuns(elements, keepsLastAxis(transpose) ? last : 1, lanes);
  }
  SmallVector<RankedTensorType> sources;
  auto movement = dyn_cast<DataMovementOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands())
    if (movement && movement.isDataOperand(operand.getOperandNumber()))
      if (auto from = dyn_cast<RankedTensorType>(operand.get().getType());
          from && from.hasStaticShape() && from.getRank() > 0)
        sources.push_back(from);
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
  if (isa<nn::MatMulOp, nn::ConvOp>(op) || isByteProduct(op))
    return countUntiled(op, own->arithmetic);
  if (own->arithmetic + own->functions == 0)
    return countMovement(op);
  Type type = op->getOperand(0).getType();
  auto tensor = dyn_cast<RankedTensorType>(type);
  double last = tensor && tensor.getRank() > 0 && tensor.hasStaticShape()
                    ? std::max<double>(1, double(tensor.getShape().back()))
                    : 1;
  double lines = double(own->arithmetic) / last;
  work.lines += lines;
  double vectors = lines * std::ceil(last / countLanes(target, type));
  work.arithmetic += vectors;
  // An operation an element that is loaded for it.
  work.moves += vectors;
  work.divisions += double(own->divisions);
  work.functions += double(own->functions);
  work.steps = std::max(work.steps, double(own->steps));
  addUnitsOf(double(own->arithmetic) + 20 * double(own->functions));
}

void WorkCounter::count(Operation *op) {
  if (isFree(op) || isView(op) || op->getNumResults() == 0)
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
