//===----------------------------------------------------------------------===//
// Cuts the parallel loops of linalg ops into work units.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"
#include "nnc/Transforms/Passes.h"

#include "UnitGroups.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_TILETOUNITSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// One tiled loop of a group: `count` blocks of `block` iterations cover
/// `extent`.
struct TileLoop {
  Value extent, block, count;
};

/// Lowers one group to a loop over its units.
class GroupTiler {
public:
  GroupTiler(UnitGroup &group, const UnitSizes &sizes)
      : group(group), last(group.members.back().op), builder(last),
        loc(last.getLoc()), unitSizes(sizes) {}

  /// False if the group is a single unit: nothing is changed.
  FailureOr<bool> run() {
    if (!countUnits())
      return false;
    auto forall = scf::ForallOp::create(
        builder, loc, ArrayRef<OpFoldResult>{getAsOpFoldResult(units)},
        ValueRange(), std::nullopt);
    builder.setInsertionPointToStart(forall.getBody());
    locateTile(forall.getInductionVar(0));
    for (UnitMember &member : group.members)
      if (failed(tile(member)))
        return failure();
    for (UnitMember &member : group.members)
      member.op.erase();
    shrinkTemporaries(forall);
    return true;
  }

private:
  Value number(int64_t value) {
    return builder.createOrFold<arith::ConstantIndexOp>(loc, value);
  }
  template <typename Op>
  Value make(Value a, Value b) {
    return builder.createOrFold<Op>(loc, a, b);
  }
  static std::optional<int64_t> constant(Value value) {
    return getConstantIntValue(value);
  }

  /// Iterations of loop `loop` of `op`, in front of the group's last op.
  Value getExtent(linalg::LinalgOp op, unsigned loop) {
    if (int64_t size = op.getStaticLoopRanges()[loop];
        !ShapedType::isDynamic(size))
      return number(size);
    Value view;
    unsigned dim = 0;
    if (failed(op.mapIterationSpaceDimToOperandDim(loop, view, dim)))
      return {};
    return builder.createOrFold<memref::DimOp>(loc, view, dim);
  }

  /// How many units the group's work is worth, and the grid that gives about as
  /// many: leading loops are cut first, so that units are contiguous.
  bool countUnits() {
    Value work = number(0);
    for (UnitMember &member : group.members) {
      Value own = number(member.bodyCost);
      for (unsigned i = 0; i < member.op.getNumLoops(); ++i) {
        Value extent = getExtent(member.op, i);
        if (!extent)
          return false;
        own = make<arith::MulIOp>(own, extent);
      }
      work = make<arith::AddIOp>(work, own);
    }
    Value one = number(1);
    Value wanted = make<arith::DivUIOp>(work, number(unitSizes.work));
    wanted = make<arith::MaxUIOp>(wanted, one);
    wanted = make<arith::MinUIOp>(wanted, number(unitSizes.most));
    if (constant(wanted) == 1)
      return false;
    units = one;
    for (unsigned i = 0; i < group.depth; ++i) {
      addLoop(i, wanted);
      units = make<arith::MulIOp>(units, loops.back().count);
      // Of an empty loop there are no units, whatever the others are cut into.
      Value count = make<arith::MaxUIOp>(loops.back().count, one);
      wanted = make<arith::CeilDivUIOp>(wanted, count);
    }
    return constant(units) != 1 && isKnownEarly(units);
  }

  void addLoop(unsigned index, Value wanted) {
    UnitMember &first = group.members.front();
    TileLoop loop;
    loop.extent = getExtent(first.op, first.loops[index]);
    Value one = number(1), multiple = number(unitSizes.innermost);
    if (unitSizes.isFinest()) {
      loop.block = one;
      loop.count = loop.extent;
      loops.push_back(loop);
      return;
    }
    bool isInnermost = isInnermostLoop(index);
    if (isInnermost && constant(loop.extent) &&
        *constant(loop.extent) <= unitSizes.innermost) {
      loop.block = make<arith::MaxUIOp>(loop.extent, one);
      loop.count = make<arith::MinUIOp>(loop.extent, one);
      loops.push_back(loop);
      return;
    }
    Value most = make<arith::MaxUIOp>(loop.extent, one);
    loop.block =
        make<arith::CeilDivUIOp>(most, make<arith::MinUIOp>(most, wanted));
    if (isInnermost) {
      loop.block = make<arith::CeilDivUIOp>(loop.block, multiple);
      loop.block = make<arith::MulIOp>(loop.block, multiple);
      loop.block = make<arith::MinUIOp>(loop.block, most);
    }
    loop.count = make<arith::CeilDivUIOp>(loop.extent, loop.block);
    loops.push_back(loop);
  }

  /// Is it the innermost loop of the member with the most loops?
  bool isInnermostLoop(unsigned index) {
    UnitMember *deepest = &group.members.front();
    for (UnitMember &member : group.members)
      if (member.op.getNumLoops() > deepest->op.getNumLoops())
        deepest = &member;
    return deepest->loops[index] + 1 == deepest->op.getNumLoops();
  }

  /// Offsets and sizes of unit `unit` in the tiled loops.
  void locateTile(Value unit) {
    offsets.resize(loops.size());
    sizes.resize(loops.size());
    for (unsigned i = loops.size(); i-- > 0;) {
      TileLoop &loop = loops[i];
      Value position = unit;
      if (i > 0) {
        position = make<arith::RemUIOp>(unit, loop.count);
        unit = make<arith::DivUIOp>(unit, loop.count);
      }
      Value offset = make<arith::MulIOp>(position, loop.block);
      offsets[i] = getAsOpFoldResult(offset);
      std::optional<int64_t> extent = constant(loop.extent),
                             block = constant(loop.block);
      bool isWhole =
          block && (*block == 1 || (extent && *extent % *block == 0));
      if (isWhole) {
        sizes[i] = builder.getIndexAttr(*block);
        continue;
      }
      Value rest = make<arith::SubIOp>(loop.extent, offset);
      sizes[i] = getAsOpFoldResult(make<arith::MinUIOp>(rest, loop.block));
    }
  }

  LogicalResult tile(UnitMember &member) {
    linalg::LinalgOp op = member.op;
    SmallVector<OpFoldResult> opOffsets(op.getNumLoops(),
                                        builder.getIndexAttr(0));
    SmallVector<OpFoldResult> opSizes;
    for (unsigned i = 0; i < op.getNumLoops(); ++i) {
      int64_t size = op.getStaticLoopRanges()[i];
      bool isTiled =
          llvm::is_contained(ArrayRef(member.loops).take_front(group.depth), i);
      if (!ShapedType::isDynamic(size)) {
        opSizes.push_back(builder.getIndexAttr(size));
      } else if (isTiled) {
        opSizes.push_back(OpFoldResult()); // set below
      } else {
        opSizes.push_back(getAsOpFoldResult(getExtent(op, i)));
      }
    }
    for (unsigned i = 0; i < group.depth; ++i) {
      opOffsets[member.loops[i]] = offsets[i];
      opSizes[member.loops[i]] = sizes[i];
    }
    auto tiling = dyn_cast<TilingInterface>(op.getOperation());
    if (!tiling)
      return op.emitOpError("can't be cut into work units");
    return tiling.getTiledImplementation(builder, opOffsets, opSizes);
  }

  /// Temporaries of which every unit sees its own part alone become that part.
  void shrinkTemporaries(scf::ForallOp forall) {
    SetVector<Value> temporaries;
    for (Operation &op : *forall.getBody())
      if (auto view = dyn_cast<memref::SubViewOp>(op))
        if (view.getSource().getDefiningOp<memref::AllocOp>())
          temporaries.insert(view.getSource());
    for (Value temporary : temporaries)
      shrink(temporary.getDefiningOp<memref::AllocOp>(), forall);
  }

  void shrink(memref::AllocOp alloc, scf::ForallOp forall) {
    SmallVector<memref::SubViewOp> views;
    for (Operation *user : alloc->getUsers()) {
      auto view = dyn_cast<memref::SubViewOp>(user);
      if (!view || view->getParentOp() != forall ||
          (!views.empty() &&
           (view.getMixedOffsets() != views[0].getMixedOffsets() ||
            view.getMixedSizes() != views[0].getMixedSizes() ||
            view.getMixedStrides() != views[0].getMixedStrides())))
        return;
      views.push_back(view);
    }
    OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
    SmallVector<int64_t> shape;
    SmallVector<Value> dynamic;
    unsigned nextDynamic = 0;
    for (auto [dim, size] : llvm::enumerate(alloc.getType().getShape())) {
      Value whole = ShapedType::isDynamic(size)
                        ? alloc.getDynamicSizes()[nextDynamic++]
                        : Value();
      OpFoldResult bound = getBound(views[0], dim, whole);
      std::optional<int64_t> fixed = getConstantIntValue(bound);
      shape.push_back(fixed.value_or(ShapedType::kDynamic));
      if (!fixed)
        dynamic.push_back(cast<Value>(bound));
    }
    auto type = MemRefType::get(shape, alloc.getType().getElementType());
    Value part = memref::AllocOp::create(inside, alloc.getLoc(), type, dynamic,
                                         alloc.getAlignmentAttr());
    for (memref::SubViewOp view : views) {
      OpBuilder at(view);
      SmallVector<OpFoldResult> zeros(shape.size(), at.getIndexAttr(0));
      SmallVector<OpFoldResult> ones(shape.size(), at.getIndexAttr(1));
      Value own = memref::SubViewOp::create(at, view.getLoc(), part, zeros,
                                            view.getMixedSizes(), ones);
      // The users are tiled ops, which take any layout.
      view.getResult().replaceAllUsesWith(own);
      view.erase();
    }
    alloc.erase();
  }

  /// The most that `view` covers of dimension `dim`: a number, or a value from
  /// outside the loop. `whole` is the dimension if it is dynamic.
  OpFoldResult getBound(memref::SubViewOp view, unsigned dim, Value whole) {
    OpFoldResult size = view.getMixedSizes()[dim];
    if (std::optional<int64_t> fixed = getConstantIntValue(size))
      return builder.getIndexAttr(*fixed);
    for (auto [i, known] : llvm::enumerate(sizes))
      if (known == size && view.getMixedOffsets()[dim] == offsets[i])
        return getAsOpFoldResult(loops[i].block);
    if (whole)
      return getAsOpFoldResult(whole);
    return builder.getIndexAttr(view.getSourceType().getDimSize(dim));
  }

  UnitGroup &group;
  linalg::LinalgOp last;
  OpBuilder builder;
  Location loc;
  UnitSizes unitSizes;
  Value units;
  SmallVector<TileLoop> loops;
  SmallVector<OpFoldResult> offsets, sizes;
};

struct TileToUnits : nnc::impl::TileToUnitsPassBase<TileToUnits> {
  using TileToUnitsPassBase::TileToUnitsPassBase;

  void runOnOperation() override {
    if (!getOperation()->hasAttr(kernelAttrName))
      return;
    UnitSizes sizes;
    sizes.work = unitWork;
    if (isOnDevice(getOperation()))
      sizes = UnitSizes::finest();
    for (UnitGroup &group :
         formUnitGroups(getOperation().getBody().front(), sizes)) {
      FailureOr<bool> tiled = GroupTiler(group, sizes).run();
      if (failed(tiled))
        return signalPassFailure();
      numLoops += *tiled;
    }
  }
};
} // namespace
