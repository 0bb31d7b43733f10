//===----------------------------------------------------------------------===//
// What contractions have to do, by their tilings.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "WorkCounter.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernNarrow.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "nnc/CostModel/ByteGain.h"
#include "nnc/CostModel/ScalarWork.h"
#include "nnc/CostModel/Sparse.h"
#include "nnc/CostModel/Tiling.h"

using namespace mlir;
using namespace mlir::nnc;

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
  work.broadcasts += cost.broadcasts;
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
  double lanes = countLanes(target, op.getSumType());
  double lines =
      double(extents.batch) * double(extents.rows) * double(extents.runs);
  double vectors = lines * std::ceil(double(extents.columns) / lanes);
  double scores = vectors * lanes;
  // A maximum, a difference and a sum each; they are stored, and read twice.
  constexpr double ofSoftmax = 3, ofMoving = 3;
  work.arithmetic += vectors * (own.arithmetic + ofSoftmax);
  work.moves += vectors * ofMoving;
  work.divisions += scores * own.divisions;
  work.functions += scores * (own.functions + 1);
  // Units turn the keys of their head around, and copy its values.
  hw::TilingAttr tiling = op.getTilingAttr();
  double units = tiling && tiling.getMBlock()
                     ? std::ceil(double(extents.rows) * double(extents.runs) /
                                 double(tiling.getMBlock()))
                     : 1;
  double copied = units * double(extents.batch) * double(extents.columns) *
                  double(extents.depth);
  work.shuffles += copied;
  work.moves += 2 * copied / lanes;
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
  if (auto winograd = dyn_cast<kern::WinogradOp>(op.getOperation())) {
    work.transformCycles +=
        predictWinogradTransforms(target, extents, winograd.getTile(), sums);
    // Transformed inputs and sums are written to scratch, and read.
    work.moves += 2 * double(extents.batch) * double(extents.rows) *
                  double(extents.runs) *
                  double(extents.depth + extents.columns) / lanes;
  }
  ScalarWork own = countScalarWork(epilogue);
  double elements = countElements(op.getInit().getType());
  // Columns that do not fill a vector take as long as one.
  double columns = double(std::max<int64_t>(extents.columns, 1));
  elements *= std::ceil(columns / lanes) * lanes / columns;
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
