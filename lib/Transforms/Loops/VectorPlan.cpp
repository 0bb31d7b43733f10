//===----------------------------------------------------------------------===//
// Which loop of a linalg op runs over vectors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "VectorLoops.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::nnc;

bool mlir::nnc::addCoefficients(AffineExpr expr, int64_t factor,
                                MutableArrayRef<int64_t> coefficients,
                                int64_t &constant) {
  if (auto number = dyn_cast<AffineConstantExpr>(expr)) {
    constant += factor * number.getValue();
    return true;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    coefficients[dim.getPosition()] += factor;
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return addCoefficients(binary.getLHS(), factor, coefficients, constant) &&
           addCoefficients(binary.getRHS(), factor, coefficients, constant);
  auto scale = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return binary.getKind() == AffineExprKind::Mul && scale &&
         addCoefficients(binary.getLHS(), factor * scale.getValue(),
                         coefficients, constant);
}

/// How far apart in memory the iterations of each loop are; kDynamic if
/// unknown. Empty for a scalar; nullopt if that depends on the iteration.
static std::optional<SmallVector<int64_t>> getStrides(linalg::LinalgOp op,
                                                      OpOperand &operand) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type)
    return SmallVector<int64_t>();
  SmallVector<int64_t> memory;
  int64_t offset;
  if (failed(type.getStridesAndOffset(memory, offset)))
    return std::nullopt;
  SmallVector<int64_t> result(op.getNumLoops(), 0);
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [expr, stride] : llvm::zip(map.getResults(), memory)) {
    SmallVector<int64_t> own(op.getNumLoops(), 0);
    int64_t constant = 0;
    if (!addCoefficients(expr, 1, own, constant))
      return std::nullopt;
    for (auto [loop, coefficient] : llvm::enumerate(own)) {
      if (!coefficient)
        continue;
      if (ShapedType::isDynamic(stride) || ShapedType::isDynamic(result[loop]))
        result[loop] = ShapedType::kDynamic;
      else
        result[loop] += coefficient * stride;
    }
  }
  return result;
}

/// True if `loop` and the next go through a tensor's memory as one: by the
/// numbers, or since they index neighbouring axes of a contiguous one.
static bool isJoinable(linalg::LinalgOp op, OpOperand &operand,
                       ArrayRef<int64_t> strides, unsigned loop) {
  if (strides.empty() || (!strides[loop] && !strides[loop + 1]))
    return true;
  int64_t extent = op.getStaticLoopRanges()[loop + 1];
  if (!ShapedType::isDynamic(strides[loop]) &&
      !ShapedType::isDynamic(strides[loop + 1]) &&
      !ShapedType::isDynamic(extent))
    return strides[loop] == strides[loop + 1] * extent;
  auto type = cast<MemRefType>(operand.get().getType());
  if (!type.getLayout().isIdentity())
    return false;
  SmallVector<AffineExpr> exprs;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [expr, size] : llvm::zip(map.getResults(), type.getShape()))
    if (size != 1)
      exprs.push_back(expr);
  auto first = llvm::find(exprs, getAffineDimExpr(loop, op.getContext()));
  if (first == exprs.end() || first + 1 == exprs.end() ||
      first[1] != getAffineDimExpr(loop + 1, op.getContext()))
    return false;
  return llvm::count_if(exprs, [&](AffineExpr expr) {
           return expr.isFunctionOfDim(loop) || expr.isFunctionOfDim(loop + 1);
         }) == 2;
}

SmallVector<bool> mlir::nnc::getJoinableLoops(linalg::LinalgOp op) {
  if (op.getNumLoops() < 2)
    return {};
  SmallVector<bool> joinable(op.getNumLoops() - 1, !op.hasIndexSemantics());
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  for (unsigned loop = 0; loop + 1 < op.getNumLoops(); ++loop)
    joinable[loop] = joinable[loop] && kinds[loop] == kinds[loop + 1];
  for (OpOperand &operand : op->getOpOperands()) {
    std::optional<SmallVector<int64_t>> strides = getStrides(op, operand);
    for (unsigned loop = 0; loop < joinable.size(); ++loop)
      joinable[loop] =
          joinable[loop] && strides && isJoinable(op, operand, *strides, loop);
  }
  return joinable;
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

/// Rows of the largest block that is turned around: as many vectors are alive,
/// half of the registers of the widest machines.
static constexpr unsigned mostBlockRows = 16;

namespace {
/// What is known of a value in the lanes of a vector.
enum class LaneKind { Same, Counting, Any };
} // namespace

/// True for the element types that vectors hold as memory does.
static bool isVectorElement(Type type) {
  return type.isIntOrFloat() && type.getIntOrFloatBitWidth() >= 8 &&
         llvm::isPowerOf2_32(type.getIntOrFloatBitWidth());
}

/// True if one load of a vector reads what each lane's load would.
static bool isVectorLoad(memref::LoadOp load,
                         const DenseMap<Value, LaneKind> &kinds) {
  SmallVector<LaneKind> indices = llvm::map_to_vector(
      load.getIndices(), [&](Value index) { return kinds.lookup(index); });
  if (llvm::all_of(indices, [](LaneKind k) { return k == LaneKind::Same; }))
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  return isVectorElement(load.getMemRefType().getElementType()) &&
         indices.back() == LaneKind::Counting &&
         llvm::all_of(ArrayRef(indices).drop_back(),
                      [](LaneKind k) { return k == LaneKind::Same; }) &&
         succeeded(load.getMemRefType().getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

static std::optional<LaneKind>
classify(Operation &op, unsigned loop, const DenseMap<Value, LaneKind> &kinds) {
  auto kindOf = [&](Value value) { return kinds.lookup(value); };
  if (auto index = dyn_cast<linalg::IndexOp>(op))
    return index.getDim() == loop ? LaneKind::Counting : LaneKind::Same;
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    if (!isVectorLoad(load, kinds))
      return std::nullopt;
    return load.getIndices().empty() ||
                   kindOf(load.getIndices().back()) == LaneKind::Same
               ? LaneKind::Same
               : LaneKind::Any;
  }
  if (op.getNumResults() != 1 || op.getNumRegions() || !isMemoryEffectFree(&op))
    return std::nullopt;
  if (llvm::all_of(op.getOperands(),
                   [&](Value v) { return kindOf(v) == LaneKind::Same; }))
    return LaneKind::Same;
  if (isa<arith::AddIOp>(op) && op.getResult(0).getType().isIndex()) {
    LaneKind a = kindOf(op.getOperand(0)), b = kindOf(op.getOperand(1));
    if (a != b && a != LaneKind::Any && b != LaneKind::Any)
      return LaneKind::Counting;
  }
  if (!OpTrait::hasElementwiseMappableTraits(&op))
    return std::nullopt;
  return LaneKind::Any;
}

/// True if the body can be done for all lanes at once when `loop` runs over
/// them.
static bool isBodyVectorizable(linalg::LinalgOp op, unsigned loop,
                               ArrayRef<SmallVector<int64_t>> strides) {
  // Captured values, which no entry stands for, are the same in all lanes.
  DenseMap<Value, LaneKind> kinds;
  for (OpOperand &operand : op->getOpOperands()) {
    ArrayRef<int64_t> own = strides[operand.getOperandNumber()];
    bool isSame =
        !own.empty() ? own[loop] == 0 && !op.isDpsInit(&operand) : true;
    kinds[op.getMatchingBlockArgument(&operand)] =
        isSame ? LaneKind::Same : LaneKind::Any;
  }
  for (Operation &inner : op.getBlock()->without_terminator()) {
    std::optional<LaneKind> kind = classify(inner, loop, kinds);
    if (!kind)
      return false;
    kinds[inner.getResult(0)] = *kind;
  }
  return true;
}

/// True if every output is a sum (or product, maximum, ...) along the loops
/// that its place does not depend on.
static bool isFoldable(linalg::LinalgOp op) {
  return llvm::all_of(llvm::seq<unsigned>(op.getNumDpsInits()),
                      [&](unsigned output) {
                        Operation *combiner = getCombiner(op, output);
                        return combiner && arith::getNeutralElement(combiner);
                      });
}

Operation *mlir::nnc::getCombiner(linalg::LinalgOp op, unsigned output) {
  SmallVector<Operation *> combiners;
  if (!matchReduction(op.getRegionOutputArgs(), output, combiners) ||
      combiners.size() != 1 || combiners[0]->getNumOperands() != 2)
    return nullptr;
  return combiners[0];
}

/// Bits of the widest number that the body deals with; indices and conditions
/// follow the others.
static unsigned getWidestBits(linalg::LinalgOp op) {
  unsigned bits = 8;
  auto add = [&](Type type) {
    if (type.isIntOrFloat())
      bits = std::max(bits, type.getIntOrFloatBitWidth());
  };
  for (Value operand : op->getOperands())
    add(getElementTypeOrSelf(operand.getType()));
  for (Operation &inner : op.getBlock()->without_terminator())
    for (Type type : inner.getResultTypes())
      add(type);
  return bits;
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

/// Masks cost nothing for elements of 32 bits and more; below, most targets
/// load element by element. What traps must not see the lanes behind the end.
static bool canMaskBody(linalg::LinalgOp op) {
  for (OpOperand &operand : op->getOpOperands()) {
    // Some are there for the sizes of loops alone.
    if (!isa<MemRefType>(operand.get().getType()) ||
        (!op.isDpsInit(&operand) &&
         op.getMatchingBlockArgument(&operand).use_empty()))
      continue;
    Type type = getElementTypeOrSelf(operand.get().getType());
    if (type.getIntOrFloatBitWidth() < 32)
      return false;
  }
  return llvm::all_of(
      op.getBlock()->without_terminator(), [](Operation &inner) {
        return isa<memref::LoadOp>(inner) || isSpeculatable(&inner);
      });
}

int64_t VectorPlan::getStaticExtent(LoopRange range) const {
  SmallVector<int64_t> all = linalg::LinalgOp(op).getStaticLoopRanges();
  int64_t product = 1;
  for (unsigned loop = range.first; loop <= range.last; ++loop) {
    if (ShapedType::isDynamic(all[loop]))
      return ShapedType::kDynamic;
    product *= all[loop];
  }
  return product;
}

bool VectorPlan::isReduction(LoopRange range) const {
  return linalg::LinalgOp(op).getIteratorTypesArray()[range.last] ==
         utils::IteratorType::reduction;
}

bool mlir::nnc::isSumLoop(linalg::LinalgOp op, unsigned loop) {
  return op.getIteratorTypesArray()[loop] == utils::IteratorType::reduction &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &output) {
           return !op.getMatchingIndexingMap(&output).isFunctionOfDim(loop);
         });
}

bool VectorPlan::isSum(LoopRange range) const {
  return llvm::all_of(llvm::seq_inclusive(range.first, range.last),
                      [&](unsigned loop) { return isSumLoop(op, loop); });
}

/// True if `range` can run over vectors of a plan.
static bool canVectorize(const VectorPlan &plan, LoopRange range,
                         ArrayRef<SmallVector<int64_t>> strides) {
  linalg::LinalgOp op = plan.op;
  int64_t extent = plan.getStaticExtent(range);
  if (!ShapedType::isDynamic(extent) && extent < std::max(plan.width / 4, 2u))
    return false;
  bool isReduction = plan.isReduction(range);
  if (isReduction && !plan.isSum(range))
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    ArrayRef<int64_t> own = strides[operand.getOperandNumber()];
    if (own.empty())
      continue;
    int64_t stride = own[range.last];
    if (op.isDpsInit(&operand) ? stride != (isReduction ? 0 : 1)
                               : stride != 0 && stride != 1)
      return false;
    if (!isVectorElement(getElementTypeOrSelf(operand.get().getType())))
      return false;
  }
  return (!isReduction || isFoldable(op)) &&
         isBodyVectorizable(op, range.last, strides);
}

LoopRange VectorPlan::getPartRange() const {
  LoopRange vector = ranges[*vectorRange];
  if (!crossRange)
    return vector;
  // An unknown extent is less than any number.
  LoopRange cross = ranges[*crossRange];
  int64_t length = getStaticExtent(vector);
  return !ShapedType::isDynamic(length) && getStaticExtent(cross) < length &&
                 !ShapedType::isDynamic(getStaticExtent(cross))
             ? vector
             : cross;
}

/// Plans blocks turned around in registers, with vectors along range number
/// `vector`: outputs are contiguous there, inputs there or all along one other
/// loop.
static bool planCrossed(VectorPlan &plan, unsigned vector,
                        ArrayRef<SmallVector<int64_t>> strides) {
  linalg::LinalgOp op = plan.op;
  LoopRange range = plan.ranges[vector];
  if (op.getNumParallelLoops() != op.getNumLoops() || plan.width < 2 ||
      plan.getStaticExtent(range) == 1 ||
      !isBodyVectorizable(op, range.last, strides))
    return false;
  std::optional<unsigned> cross;
  SmallVector<bool> crossed(op->getNumOperands(), false);
  for (OpOperand &operand : op->getOpOperands()) {
    ArrayRef<int64_t> own = strides[operand.getOperandNumber()];
    if (own.empty())
      continue;
    if (!isVectorElement(getElementTypeOrSelf(operand.get().getType())))
      return false;
    int64_t stride = own[range.last];
    if (stride == 1 || (stride == 0 && !op.isDpsInit(&operand)))
      continue;
    auto along = llvm::find_if(
        plan.ranges, [&](LoopRange other) { return own[other.last] == 1; });
    unsigned number = along - plan.ranges.begin();
    if (op.isDpsInit(&operand) || along == plan.ranges.end() ||
        (cross && *cross != number))
      return false;
    cross = number;
    crossed[operand.getOperandNumber()] = true;
  }
  if (!cross || plan.getStaticExtent(plan.ranges[*cross]) == 1)
    return false;
  plan.vectorRange = vector;
  plan.crossRange = cross;
  plan.crossed = std::move(crossed);
  plan.width = std::min(plan.width, mostBlockRows);
  return true;
}

std::optional<VectorPlan> VectorPlan::create(linalg::LinalgOp op,
                                             unsigned numOuter,
                                             unsigned vectorBits) {
  VectorPlan plan;
  plan.op = op;
  plan.numOuter = numOuter;
  plan.width = std::max(vectorBits / getWidestBits(op), 1u);
  SmallVector<SmallVector<int64_t>> strides;
  for (OpOperand &operand : op->getOpOperands()) {
    std::optional<SmallVector<int64_t>> own = getStrides(op, operand);
    if (!own)
      return std::nullopt;
    strides.push_back(*own);
  }
  SmallVector<bool> joinable = getJoinableLoops(op);
  for (unsigned loop = numOuter; loop < op.getNumLoops(); ++loop) {
    if (loop > numOuter && joinable[loop - 1])
      plan.ranges.back().last = loop;
    else
      plan.ranges.push_back({loop, loop});
  }
  for (bool reduces : {false, true})
    for (unsigned i = plan.ranges.size(); i-- > 0 && !plan.vectorRange;)
      if (plan.isReduction(plan.ranges[i]) == reduces &&
          canVectorize(plan, plan.ranges[i], strides)) {
        plan.vectorRange = i;
        plan.reducesVector = reduces;
      }
  for (unsigned i = plan.ranges.size(); i-- > 0 && !plan.vectorRange;)
    if (planCrossed(plan, i, strides))
      break;
  if (!plan.vectorRange && !plan.ranges.empty())
    return std::nullopt;
  if (!plan.vectorRange)
    for (Operation &inner : op.getBlock()->without_terminator())
      if (inner.getNumResults() != 1 || inner.getNumRegions() ||
          !(isMemoryEffectFree(&inner) || isa<memref::LoadOp>(inner)))
        return std::nullopt;
  plan.canMask = plan.vectorRange && canMaskBody(op);
  return plan;
}
