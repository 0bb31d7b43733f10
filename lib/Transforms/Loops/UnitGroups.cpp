//===----------------------------------------------------------------------===//
// Which linalg ops of a kernel share one loop over work units.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "UnitGroups.h"

#include "KernelMemRefs.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nnc/Transforms/RowAccess.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

/// What a dynamic extent is taken for where work is estimated: a guess, which
/// decides over speed alone.
static constexpr int64_t typicalExtent = 128;

/// A call of the math library or its polynomial, in additions.
static constexpr int64_t mathCost = 8;

static int64_t estimateWork(const UnitMember &member) {
  int64_t work = member.bodyCost;
  linalg::LinalgOp op = member.op;
  for (int64_t size : op.getStaticLoopRanges())
    work = llvm::SaturatingMultiply<uint64_t>(
        work, ShapedType::isDynamic(size) ? typicalExtent : size);
  return std::min<uint64_t>(work, std::numeric_limits<int64_t>::max() / 4);
}

/// Is there a dimension of the buffer that is loop `a` of one op and loop `b`
/// of the other?
static bool isSeparated(const UnitAccess &x, unsigned a, const UnitAccess &y,
                        unsigned b) {
  if (!x.map || !y.map || x.view != y.view)
    return false;
  for (auto [first, second] :
       llvm::zip(x.map.getResults(), y.map.getResults())) {
    auto dimX = dyn_cast<AffineDimExpr>(first),
         dimY = dyn_cast<AffineDimExpr>(second);
    if (dimX && dimY && dimX.getPosition() == a && dimY.getPosition() == b)
      return true;
  }
  return false;
}

/// How many leading loops two ops may share, at most `limit`.
static unsigned getCommonDepth(UnitMember &a, UnitMember &b, unsigned limit) {
  SmallVector<int64_t> rangesA = a.op.getStaticLoopRanges(),
                       rangesB = b.op.getStaticLoopRanges();
  for (unsigned i = 0; i < limit; ++i) {
    if (i >= a.loops.size() || i >= b.loops.size())
      return i;
    bool meets = false;
    for (UnitAccess &x : a.accesses)
      for (UnitAccess &y : b.accesses) {
        if (x.base != y.base)
          continue;
        bool separated = isSeparated(x, a.loops[i], y, b.loops[i]);
        meets |= separated;
        if ((x.writes || y.writes) && !separated)
          return i;
      }
    // A common dimension of a buffer proves dynamic extents equal.
    int64_t size = rangesA[a.loops[i]];
    if (size != rangesB[b.loops[i]] || (ShapedType::isDynamic(size) && !meets))
      return i;
  }
  return limit;
}

/// Fails for an op whose iterations may write what others touch.
static FailureOr<UnitMember> describe(linalg::LinalgOp op) {
  UnitMember member;
  member.op = op;
  if (!op.hasPureBufferSemantics())
    return failure();
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  // Of a loop that runs once there is nothing to cut.
  for (auto [index, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::parallel && ranges[index] != 1)
      member.loops.push_back(index);
  if (member.loops.empty())
    return failure();
  for (OpOperand &operand : op->getOpOperands())
    if (isa<MemRefType>(operand.get().getType()))
      member.accesses.push_back({getBase(operand.get()), operand.get(),
                                 op.getMatchingIndexingMap(&operand),
                                 op.isDpsInit(&operand)});
  int64_t cost = 0;
  WalkResult result = op.getBlock()->walk([&](Operation *nested) {
    cost += isa<math::MathDialect>(nested->getDialect()) ? mathCost : 1;
    if (hasEffect<MemoryEffects::Write>(nested) ||
        hasEffect<MemoryEffects::Allocate>(nested))
      return WalkResult::interrupt();
    for (Value operand : nested->getOperands())
      if (isa<BaseMemRefType>(operand.getType()))
        member.accesses.push_back(
            {getBase(operand), operand, AffineMap(), /*writes=*/false});
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  // The terminator is no work.
  member.bodyCost = std::max<int64_t>(cost - 1, 1);
  member.loops.resize(getCommonDepth(member, member, member.loops.size()));
  if (member.loops.empty())
    return failure();
  return member;
}

/// Does the first `depth` loops' parallelism do for all of these ops?
static bool isProfitable(ArrayRef<UnitMember> members, unsigned depth,
                         const UnitSizes &sizes) {
  int64_t all = 0, bounded = 0;
  for (const UnitMember &member : members) {
    int64_t work = estimateWork(member);
    all = llvm::SaturatingAdd(uint64_t(all), uint64_t(work));
    // Alone it would not be more parallel.
    if (member.loops.size() <= depth)
      bounded = llvm::SaturatingAdd(uint64_t(bounded), uint64_t(work));
  }
  linalg::LinalgOp first = members.front().op;
  int64_t known = 1;
  for (unsigned loop : ArrayRef(members.front().loops).take_front(depth))
    if (int64_t size = first.getStaticLoopRanges()[loop];
        !ShapedType::isDynamic(size))
      known = std::min(known * std::min(size, sizes.most), sizes.most);
  // A block shares rows, whatever there is of them.
  if (sizes.isFinest() && llvm::all_of(members, [&](const UnitMember &member) {
        return isRowWise(member.op, ArrayRef(member.loops).take_front(depth));
      }))
    return true;
  // Limited anyway by work that can't be cut finer, a quarter at least.
  return known >= std::min(all / sizes.work, sizes.most) || bounded >= all / 4;
}

namespace {
class GroupFormer {
public:
  explicit GroupFormer(const UnitSizes &sizes) : sizes(sizes) {}

  SmallVector<UnitGroup> run(Block &block) {
    for (Operation &op : block) {
      if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
        FailureOr<UnitMember> member = describe(structured);
        if (succeeded(member))
          add(std::move(*member));
        else
          finish();
        continue;
      }
      bool touchesMemory =
          !isMemoryEffectFree(&op) && !isa<memref::AllocOp>(op);
      if (touchesMemory)
        finish();
    }
    finish();
    return std::move(groups);
  }

private:
  void add(UnitMember member) {
    unsigned depth = std::min<unsigned>(current.depth, member.loops.size());
    for (UnitMember &other : current.members)
      depth = getCommonDepth(other, member, depth);
    current.members.push_back(std::move(member));
    if (depth > 0 && isProfitable(current.members, depth, sizes)) {
      current.depth = depth;
      return;
    }
    UnitMember alone = current.members.pop_back_val();
    finish();
    current.depth = alone.loops.size();
    current.members.push_back(std::move(alone));
  }

  void finish() {
    if (!current.members.empty())
      groups.push_back(std::move(current));
    current = UnitGroup();
  }

  UnitSizes sizes;
  UnitGroup current;
  SmallVector<UnitGroup> groups;
};
} // namespace

SmallVector<UnitGroup> mlir::nnc::formUnitGroups(Block &block,
                                                 const UnitSizes &sizes) {
  return GroupFormer(sizes).run(block);
}

bool mlir::nnc::isKnownEarly(Value number) {
  SetVector<Operation *> slice;
  return getPureSlice(number, slice);
}
