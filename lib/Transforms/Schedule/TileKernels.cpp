//===----------------------------------------------------------------------===//
// Chooses how the loops of contractions are cut.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "nnc/CostModel/NarrowTiling.h"
#include "nnc/CostModel/Tuning.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_TILEKERNELSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static int64_t getElementBytes(Value tensor) {
  Type type = cast<ShapedType>(tensor.getType()).getElementType();
  return std::max(1u, type.getIntOrFloatBitWidth() / 8);
}

static Type getSumType(kern::EpilogueOpInterface op) {
  return op.getEpilogue().front().getArgument(0).getType();
}

/// Lets products of bytes be cut as the machine multiplies them.
static void chooseDot(kern::EpilogueOpInterface op, int64_t dot) {
  llvm::TypeSwitch<Operation *>(op.getOperation())
      .Case<kern::ConvOp, kern::DepthwiseOp, kern::GemmOp>([&](auto byteOp) {
        if (kern::multipliesBytes(byteOp) && !byteOp.isPacked())
          byteOp.setDot(dot);
      });
}

namespace {
/// An algorithm and a tiling for one contraction.
struct Candidate {
  int64_t winogradTile; ///< 0: the direct algorithm.
  TilingChoice choice;
  double cycles; ///< With all that is around the products.
};
} // namespace

static remark::RemarkOpts getRemarkOpts(StringRef name) {
  return remark::RemarkOpts::name(name).category("nnc-tile-kernels");
}

//===----------------------------------------------------------------------===//
// Winograd's convolution
//===----------------------------------------------------------------------===//

/// True if there is a transform for it.
static bool hasWinogradForm(kern::ConvOp op) {
  ArrayRef<int64_t> filter =
      cast<ShapedType>(op.getFilter().getType()).getShape();
  auto isOne = [](int64_t number) { return number == 1; };
  return !op.getPacked() && op.getStrides().size() == 2 && op.getGroup() == 1 &&
         filter.take_back(2) == ArrayRef<int64_t>{3, 3} &&
         llvm::all_of(op.getStrides(), isOne) &&
         llvm::all_of(op.getDilations(), isOne) &&
         isa<FloatType>(getElementTypeOrSelf(op.getFilter().getType()));
}

/// The same convolution by the transform, in front of `op`.
static kern::WinogradOp createWinograd(kern::ConvOp op, int64_t tile) {
  OpBuilder builder(op);
  auto winograd = kern::WinogradOp::create(
      builder, op.getLoc(), op->getResultTypes(), tile, op.getInput(),
      op.getFilter(), op.getExtras(), op.getInit(), op.getPads(),
      /*packed=*/false, op.getExtraMaps(), hw::TilingAttr());
  IRMapping mapping;
  op.getEpilogue().cloneInto(&winograd.getEpilogue(), mapping);
  return winograd;
}

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

/// Adds all tilings of an algorithm whose weights, if it has a packed operand,
/// are `growth` times that, and which needs `around` cycles beside products. Of
/// the time to read weights from memory prefetching hides about half (512
/// channels on 7 x 7 places: 1.9 ms where products alone take 1.5 and reading
/// 0.8).
static void addCandidates(kern::EpilogueOpInterface op, hw::TargetAttr target,
                          int64_t winogradTile, double growth, double around,
                          SmallVectorImpl<Candidate> &candidates) {
  int64_t elementBytes = getElementBytes(op.getInit());
  if (auto contraction =
          dyn_cast<kern::ContractionOpInterface>(op.getOperation())) {
    Value packed = contraction.getPackedOperand().get();
    elementBytes = getElementBytes(packed);
    auto type = cast<ShapedType>(packed.getType());
    double bytes = type.hasStaticShape()
                       ? double(type.getNumElements()) * double(elementBytes)
                       : 0;
    around += predictStreaming(target, int64_t(bytes * growth)) / 2;
    // A step of the depth is of several bytes.
    if (getElementTypeOrSelf(packed.getType()).isInteger(8))
      elementBytes = getElementBytes(packed) * hw::getByteDot(target.getName());
  }
  for (const TilingChoice &choice :
       rankTilings(target, op.getExtents(), getSumType(op), elementBytes))
    candidates.push_back({winogradTile, choice, choice.cycles + around});
}

/// All ways to compute `op`, the best by prediction first; `tiles` are those of
/// Winograd's transform that are allowed.
static SmallVector<Candidate> rankCandidates(kern::EpilogueOpInterface op,
                                             hw::TargetAttr target,
                                             ArrayRef<int64_t> tiles) {
  SmallVector<Candidate> candidates;
  if (auto narrow = dyn_cast<kern::NarrowGemmOp>(op.getOperation())) {
    TilingChoice choice = chooseNarrowTiling(target, narrow);
    return {{/*winogradTile=*/0, choice, choice.cycles}};
  }
  addCandidates(op, target, /*winogradTile=*/0, 1, 0, candidates);
  auto conv = dyn_cast<kern::ConvOp>(op.getOperation());
  if (conv && hasWinogradForm(conv))
    for (int64_t tile : tiles) {
      kern::WinogradOp winograd = createWinograd(conv, tile);
      addCandidates(winograd, target, tile, double((tile + 2) * (tile + 2)) / 9,
                    predictWinogradTransforms(target, winograd.getExtents(),
                                              tile, getSumType(winograd)),
                    candidates);
      winograd.erase();
    }
  llvm::sort(candidates, [](const Candidate &a, const Candidate &b) {
    // Of equal cost the simpler algorithm, then the larger tile.
    auto key = [](const Candidate &candidate) {
      hw::TilingAttr tiling = candidate.choice.tiling;
      return std::tuple(candidate.cycles, candidate.winogradTile,
                        -tiling.getRows() * tiling.getVectors(),
                        tiling.getVectors());
    };
    return key(a) < key(b);
  });
  return candidates;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Tells whether a convolution's transform pays.
static void remarkAlgorithm(Location loc, ArrayRef<Candidate> candidates,
                            const Candidate &chosen) {
  auto isDirect = [](const Candidate &candidate) {
    return candidate.winogradTile == 0;
  };
  if (llvm::all_of(candidates, isDirect))
    return;
  if (!chosen.winogradTile) {
    remark::missed(loc, getRemarkOpts("Winograd"))
        << "the direct convolution is predicted to be faster";
    return;
  }
  double direct = llvm::find_if(candidates, isDirect)->cycles;
  remark::passed(loc, getRemarkOpts("Winograd"))
      << llvm::formatv("F({0},3): {1:F2} times faster than direct by "
                       "prediction",
                       chosen.winogradTile, direct / chosen.cycles)
             .str();
}

/// Lets `op` be computed by `chosen`; the op that is now there.
static Operation *apply(Operation *op, const Candidate &chosen) {
  Operation *result = op;
  if (chosen.winogradTile) {
    result = createWinograd(cast<kern::ConvOp>(op), chosen.winogradTile);
    op->replaceAllUsesWith(result->getResults());
    op->erase();
  }
  cast<kern::EpilogueOpInterface>(result).setTilingAttr(chosen.choice.tiling);
  return result;
}

namespace {
struct TileKernels : nnc::impl::TileKernelsPassBase<TileKernels> {
  using TileKernelsPassBase::TileKernelsPassBase;

  void runOnOperation() override {
    machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    std::optional<SmallVector<int64_t>> tiles = getWinogradTiles(precision);
    if (!tiles) {
      getOperation()->emitError("expects precision strict, default or relaxed, "
                                "but got '")
          << precision << "'";
      return signalPassFailure();
    }
    measured = TuningTable();
    if (!tuning.empty()) {
      llvm::Expected<TuningTable> table =
          TuningTable::load(&getContext(), tuning);
      if (!table) {
        getOperation()->emitError(llvm::toString(table.takeError()));
        return signalPassFailure();
      }
      measured = std::move(*table);
    }
    SmallVector<kern::EpilogueOpInterface> contractions;
    getOperation().walk([&](kern::EpilogueOpInterface op) {
      if (!op.getTilingAttr())
        contractions.push_back(op);
    });
    for (kern::EpilogueOpInterface op : contractions)
      tile(op, *tiles);
  }

private:
  void tile(kern::EpilogueOpInterface op, ArrayRef<int64_t> tiles) {
    std::string key;
    if (candidate >= 0 || !measured.empty())
      key = getTuningKey(op);
    chooseDot(op, hw::getByteDot(machine.getName()));
    SmallVector<Candidate> candidates = rankCandidates(op, machine, tiles);
    const Candidate &chosen = choose(op, key, candidates);
    remarkAlgorithm(op.getLoc(), candidates, chosen);
    Operation *tiled = apply(op, chosen);
    hw::TilingAttr tiling = chosen.choice.tiling;
    remark::passed(tiled->getLoc(), getRemarkOpts("Tiling"))
        << llvm::formatv("{0} rows by {1} vectors of {2}: {3:P0} of the "
                         "multiply-add peak expected",
                         tiling.getRows(), tiling.getVectors(),
                         tiling.getLanes(), chosen.choice.efficiency)
               .str();
    if (candidate >= 0 && !key.empty())
      tiled->setAttr(tuningKeyAttrName, StringAttr::get(&getContext(), key));
    ++numTiled;
    numWinograd += chosen.winogradTile != 0;
  }

  const Candidate &choose(Operation *op, StringRef key,
                          ArrayRef<Candidate> candidates) {
    const MeasuredTiling *best = measured.find(target, key);
    if (!best || key.empty())
      return candidates[std::clamp<int64_t>(candidate, 0,
                                            candidates.size() - 1)];
    auto found = llvm::find_if(candidates, [&](const Candidate &candidate) {
      return candidate.winogradTile == best->winogradTile &&
             candidate.choice.tiling == best->tiling;
    });
    if (found != candidates.end()) {
      remark::passed(op->getLoc(), getRemarkOpts("Tuning"))
          << "by measurement, in the tuning file";
      return *found;
    }
    remark::missed(op->getLoc(), getRemarkOpts("Tuning"))
        << "the tuning file's choice is none of those that are possible here";
    return candidates.front();
  }

  hw::TargetAttr machine;
  TuningTable measured;
};
} // namespace
