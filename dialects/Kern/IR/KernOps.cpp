//===----------------------------------------------------------------------===//
// Verifiers, effects and extents of the kern ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/KernSizes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

#define GET_OP_CLASSES
#include "dialects/Kern/IR/KernOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

void mlir::nnc::kern::addKernEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand,
                           SideEffects::DefaultResource::get());
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand,
                           SideEffects::DefaultResource::get());
  }
}

/// A region over scalars: a sum, then one element of each of `extras`, which
/// `maps` read by `rank` indices. It yields `yielded`.
static LogicalResult verifyRegion(Operation *op, Region &region, StringRef name,
                                  ValueRange extras, ArrayAttr maps,
                                  int64_t rank, Type yielded) {
  Block &body = region.front();
  if (body.getNumArguments() != extras.size() + 1 ||
      maps.size() != extras.size())
    return op->emitOpError("expects ")
           << name << " to have " << extras.size() + 1 << " arguments and "
           << extras.size() << " maps, one an extra operand, but got "
           << body.getNumArguments() << " and " << maps.size();
  for (auto [index, extra] : llvm::enumerate(extras)) {
    auto map = cast<AffineMapAttr>(maps[index]).getValue();
    ShapedType type = shapedTypeOf(extra);
    if (int64_t(map.getNumDims()) != rank || map.getNumSymbols() ||
        int64_t(map.getNumResults()) != type.getRank())
      return op->emitOpError("expects map ")
             << index << " to lead from the " << rank
             << " indices of the result to the " << type.getRank()
             << " of the operand, but got " << maps[index];
    if (body.getArgument(index + 1).getType() != type.getElementType())
      return op->emitOpError("expects argument ")
             << index + 1 << " of " << name
             << " to be an element of its operand";
  }
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getOperands().size() != 1 ||
      yield.getOperands()[0].getType() != yielded)
    return op->emitOpError("expects ") << name << " to yield one " << yielded;
  if (!body.getArgument(0).getType().isIntOrFloat())
    return op->emitOpError("expects sums of an integer or float type, but got ")
           << body.getArgument(0).getType();
  return success();
}

LogicalResult mlir::nnc::kern::verifyKernEpilogue(EpilogueOpInterface op,
                                                  ValueRange extras) {
  ShapedType result = shapedTypeOf(op.getInit());
  bool isTensor = isa<RankedTensorType>(result);
  if (op->getNumResults() != (isTensor ? 1 : 0) ||
      (isTensor && op->getResult(0).getType() != result))
    return op->emitOpError("expects one result of the type of its destination, "
                           "or none where that is a memref");
  for (Value operand : op->getOperands())
    if (isa<RankedTensorType>(operand.getType()) != isTensor)
      return op->emitOpError(
          "expects all operands to be tensors, or all memrefs");
  return verifyRegion(op, op.getEpilogue(), "the epilogue", extras,
                      op.getExtraMaps(), result.getRank(),
                      result.getElementType());
}

template <typename OpTy>
static LogicalResult verifyEpilogue(OpTy op) {
  return verifyKernEpilogue(cast<EpilogueOpInterface>(op.getOperation()),
                            op.getExtras());
}

static bool fits(int64_t size, int64_t expected) {
  return ShapedType::isDynamic(size) || ShapedType::isDynamic(expected) ||
         size == expected;
}

LogicalResult kern::checkDim(Operation *op, StringRef what, int64_t axis,
                             int64_t size, int64_t expected) {
  if (fits(size, expected))
    return success();
  return op->emitOpError("expects dimension ")
         << axis << " of " << what << " to be " << expected << ", but got "
         << size;
}

/// Attributes that only products of bytes have.
template <typename OpTy>
static LogicalResult verifyBytes(OpTy op) {
  bool areBytes = multipliesBytes(op);
  if (!areBytes && (op.getDot() != 1 || op.getFlips()))
    return op.emitOpError(
        "expects operands of i8 and sums of i32 with 'dot' or "
        "'flips'");
  int64_t dot = op.getDot();
  if (dot != 1 && dot != 2 && dot != 4)
    return op.emitOpError("expects 'dot' to be 1, 2 or 4, but got ") << dot;
  if (areBytes &&
      !shapedTypeOf(op->getOperand(0)).getElementType().isInteger(8))
    return op.emitOpError("expects both operands to be of 8 bits");
  return success();
}

/// The padding of a window is an element of an extra operand.
template <typename OpTy>
static LogicalResult verifyPadding(OpTy op) {
  std::optional<int64_t> extra = op.getPaddingExtra();
  if (!extra)
    return success();
  if (*extra < 0 || *extra >= int64_t(op.getExtras().size()) ||
      shapedTypeOf(op.getExtras()[*extra]).getRank() != 0 ||
      shapedTypeOf(op.getExtras()[*extra]).getElementType() !=
          shapedTypeOf(op.getInput()).getElementType())
    return op.emitOpError(
        "expects 'padding_extra' to be the number of an extra "
        "operand of rank 0 and of the input's element type");
  return success();
}

//===----------------------------------------------------------------------===//
// kern.gemm
//===----------------------------------------------------------------------===//

void GemmOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

LogicalResult GemmOp::verify() {
  if (failed(verifyEpilogue(*this)) || failed(verifyBytes(*this)))
    return failure();
  ShapedType lhs = shapedTypeOf(getLhs()), rhs = shapedTypeOf(getRhs()),
             result = shapedTypeOf(getInit());
  int64_t batch = getBatch(), rank = lhs.getRank();
  bool isPanels = getLayout() == RhsLayout::Panels;
  if (batch < 0 || rank < batch + 2 || result.getRank() != rank)
    return emitOpError("expects operands of equal rank, at least ")
           << batch + 2 << ", but got " << lhs << " and " << result;
  int64_t dot = getDot(), rhsRank = batch + (isPanels ? (dot > 1 ? 4 : 3) : 2);
  if (rhs.getRank() != rhsRank)
    return emitOpError("expects a right operand of rank ")
           << rhsRank << ", but got " << rhs;
  for (int64_t axis = 0; axis + 1 < rank; ++axis)
    if ((axis >= batch || lhs.getDimSize(axis) != 1) &&
        failed(checkDim(*this, "the left operand", axis, lhs.getDimSize(axis),
                        result.getDimSize(axis))))
      return failure();
  for (int64_t axis = 0; axis < batch; ++axis)
    if (rhs.getDimSize(axis) != 1 &&
        failed(checkDim(*this, "the right operand", axis, rhs.getDimSize(axis),
                        result.getDimSize(axis))))
      return failure();
  int64_t depth = lhs.getDimSize(rank - 1),
          columns = result.getDimSize(rank - 1);
  if (!isPanels) {
    int64_t k = getLayout() == RhsLayout::Rows ? batch : batch + 1;
    int64_t n = getLayout() == RhsLayout::Rows ? batch + 1 : batch;
    if (failed(
            checkDim(*this, "the right operand", k, rhs.getDimSize(k), depth)))
      return failure();
    return checkDim(*this, "the right operand", n, rhs.getDimSize(n), columns);
  }
  if (!getTiling() || ShapedType::isDynamic(columns))
    return emitOpError("expects panels with a tiling and a known number of "
                       "columns");
  int64_t panel = getTilingAttr().getColumns();
  if (failed(checkDim(*this, "the right operand", batch, rhs.getDimSize(batch),
                      llvm::divideCeil(columns, panel))) ||
      failed(checkDim(*this, "the right operand", batch + 1,
                      rhs.getDimSize(batch + 1), countSteps(depth, dot))) ||
      (dot > 1 && failed(checkDim(*this, "the right operand", batch + 3,
                                  rhs.getDimSize(batch + 3), dot))))
    return failure();
  return checkDim(*this, "the right operand", batch + 2,
                  rhs.getDimSize(batch + 2), panel);
}

int64_t mlir::nnc::kern::multiplySizes(ArrayRef<int64_t> sizes) {
  int64_t product = 1;
  for (int64_t size : sizes)
    if (ShapedType::isDynamic(size) ||
        llvm::MulOverflow(product, size, product))
      return ShapedType::kDynamic;
  return product;
}

Extents GemmOp::getExtents() {
  ArrayRef<int64_t> shape = shapedTypeOf(getInit()).getShape();
  ArrayRef<int64_t> rows = shape.drop_front(getBatch()).drop_back();
  return {multiplySizes(shape.take_front(getBatch())),
          multiplySizes(rows),
          1,
          shape.back(),
          countSteps(shapedTypeOf(getLhs()).getShape().back(), getDot()),
          shapedTypeOf(getInit()).getElementType() == getSumType() &&
              !multipliesBytes(*this)};
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// Ranks and numbers of attributes of a convolution.
template <typename OpTy>
static LogicalResult verifyWindow(OpTy op, ArrayRef<int64_t> strides,
                                  ArrayRef<int64_t> dilations) {
  if (failed(verifyEpilogue(op)))
    return failure();
  ShapedType input = shapedTypeOf(op.getInput()),
             result = shapedTypeOf(op.getInit());
  int64_t rank = input.getRank() - 2;
  if (rank < 1 || rank > 3 || result.getRank() != rank + 2)
    return op.emitOpError("expects operands of one to three spatial axes, but "
                          "got ")
           << input << " and " << result;
  if (int64_t(strides.size()) != rank || int64_t(dilations.size()) != rank ||
      int64_t(op.getPads().size()) != 2 * rank)
    return op.emitOpError("expects ")
           << rank << " strides and dilations and " << 2 * rank << " pads";
  for (ArrayRef<int64_t> list : {strides, dilations})
    if (llvm::any_of(list, [](int64_t x) { return x < 1; }))
      return op.emitOpError("expects strides and dilations of 1 or more");
  if (llvm::any_of(op.getPads(), [](int64_t x) { return x < 0; }))
    return op.emitOpError("expects pads of 0 or more");
  if (ShapedType::isDynamic(result.getDimSize(rank + 1)) ||
      ShapedType::isDynamic(input.getDimSize(rank + 1)) ||
      !shapedTypeOf(op.getFilter()).hasStaticShape())
    return op.emitOpError("expects known channels and a known filter");
  if (op.isPacked() && !op.getTiling())
    return op.emitOpError("expects a packed filter to come with a tiling");
  return checkDim(op, "the input", 0, input.getDimSize(0),
                  result.getDimSize(0));
}

void ConvOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

/// The type a filter must have, packed or not; checks it.
static LogicalResult checkFilter(Operation *op, ShapedType filter,
                                 ArrayRef<int64_t> expected) {
  if (filter.getShape() == expected)
    return success();
  return op->emitOpError("expects a filter of shape [")
         << expected << "], but got " << filter;
}

LogicalResult ConvOp::verify() {
  if (failed(verifyWindow(*this, getStrides(), getDilations())) ||
      failed(verifyBytes(*this)) || failed(verifyPadding(*this)))
    return failure();
  ShapedType filter = shapedTypeOf(getFilter());
  int64_t rank = getStrides().size(), group = getGroup();
  int64_t c = shapedTypeOf(getInput()).getShape().back();
  int64_t f = shapedTypeOf(getInit()).getShape().back();
  if (group < 1 || c % group || f % group)
    return emitOpError("expects channels that divide into ")
           << group << " groups, but got " << c << " and " << f;
  int64_t dot = getDot();
  int64_t expectedRank = rank + (getPacked() ? (dot > 1 ? 5 : 4) : 2);
  if (filter.getRank() != expectedRank)
    return emitOpError("expects a filter of rank ")
           << expectedRank << ", but got " << filter;
  ArrayRef<int64_t> kernel = filter.getShape().slice(2, rank);
  SmallVector<int64_t> expected{f, c / group};
  if (getPacked())
    expected = {group, int64_t(llvm::divideCeil(f / group,
                                                getTilingAttr().getColumns()))};
  llvm::append_range(expected, kernel);
  if (getPacked())
    expected.append({countSteps(c / group, dot), getTilingAttr().getColumns()});
  if (getPacked() && dot > 1)
    expected.push_back(dot);
  return checkFilter(*this, filter, expected);
}

/// Loops of a window op whose rows are the last spatial axis.
template <typename OpTy>
static Extents getWindowExtents(OpTy op, int64_t batch, int64_t columns,
                                int64_t depth) {
  ArrayRef<int64_t> shape = shapedTypeOf(op.getInit()).getShape();
  return {batch,
          shape[shape.size() - 2],
          multiplySizes(shape.drop_back(2)),
          columns,
          depth,
          false};
}

Extents ConvOp::getExtents() {
  ArrayRef<int64_t> filter = shapedTypeOf(getFilter()).getShape();
  int64_t features = shapedTypeOf(getInit()).getShape().back() / getGroup();
  int64_t kernel = multiplySizes(filter.slice(2, getStrides().size()));
  int64_t channels = shapedTypeOf(getInput()).getShape().back() / getGroup();
  int64_t depth = multiplySizes({kernel, countSteps(channels, getDot())});
  return getWindowExtents(*this, getGroup(), features, depth);
}

void DepthwiseOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

LogicalResult DepthwiseOp::verify() {
  if (failed(verifyWindow(*this, getStrides(), getDilations())) ||
      failed(verifyBytes(*this)) || failed(verifyPadding(*this)))
    return failure();
  int64_t c = shapedTypeOf(getInput()).getShape().back();
  if (shapedTypeOf(getInit()).getShape().back() != c)
    return emitOpError("expects as many features as channels");
  if (getKernel().size() != getStrides().size() ||
      llvm::any_of(getKernel(), [](int64_t x) { return x < 1; }))
    return emitOpError("expects one kernel size of 1 or more a spatial axis");
  bool areBytes = multipliesBytes(*this);
  if (areBytes && getStrides().size() > 2)
    return emitOpError("expects one or two spatial axes of bytes");
  if (getPacked() && areBytes)
    return checkFilter(*this, shapedTypeOf(getFilter()),
                       {getKernel().back(),
                        countSteps(getKernelHeight(*this), getDot()),
                        getPaddedChannels(*this), int64_t(getDot())});
  if (getPacked())
    return checkFilter(*this, shapedTypeOf(getFilter()),
                       {llvm::product_of(getKernel()), c});
  SmallVector<int64_t> expected{c, 1};
  llvm::append_range(expected, getKernel());
  return checkFilter(*this, shapedTypeOf(getFilter()), expected);
}

Extents DepthwiseOp::getExtents() {
  Extents extents =
      getWindowExtents(*this, 1, shapedTypeOf(getInit()).getShape().back(),
                       multiplySizes(getKernel()));
  extents.window = getKernel().back();
  extents.stride = getStrides().back();
  extents.dilation = getDilations().back();
  extents.isPadded =
      getPads().back() || getPads().drop_back(getPads().size() / 2).back();
  return extents;
}

void WinogradOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

LogicalResult WinogradOp::verify() {
  if (getTile() != 2 && getTile() != 4)
    return emitOpError("expects tile 2 or 4, but got ") << getTile();
  if (failed(verifyWindow(*this, {1, 1}, {1, 1})))
    return failure();
  int64_t c = shapedTypeOf(getInput()).getShape().back();
  int64_t f = shapedTypeOf(getInit()).getShape().back();
  int64_t positions = (getTile() + 2) * (getTile() + 2);
  if (!getPacked())
    return checkFilter(*this, shapedTypeOf(getFilter()), {f, c, 3, 3});
  int64_t columns = getTilingAttr().getColumns();
  return checkFilter(
      *this, shapedTypeOf(getFilter()),
      {int64_t(llvm::divideCeil(f, columns)), positions, c, columns});
}

Extents WinogradOp::getExtents() {
  ArrayRef<int64_t> shape = shapedTypeOf(getInit()).getShape();
  auto countTiles = [&](int64_t axis) {
    return ShapedType::isDynamic(shape[axis])
               ? shape[axis]
               : int64_t(llvm::divideCeil(shape[axis], getTile()));
  };
  int64_t positions = (getTile() + 2) * (getTile() + 2);
  int64_t channels = shapedTypeOf(getInput()).getShape().back();
  Extents extents{positions,
                  countTiles(2),
                  multiplySizes({shape[0], countTiles(1)}),
                  shape[3],
                  channels,
                  /*canSplitDepth=*/false};
  extents.rowBytes =
      positions * channels * getSumType().getIntOrFloatBitWidth() / 8;
  extents.tile = getTile();
  return extents;
}

//===----------------------------------------------------------------------===//
// kern.attention
//===----------------------------------------------------------------------===//

void AttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

/// The size of loop `dim` of `map`, by which `operand` is read; dynamic if the
/// operand does not tell.
static int64_t getLoopSize(Value operand, AffineMap map, unsigned dim) {
  std::optional<unsigned> position =
      map.getResultPosition(getAffineDimExpr(dim, map.getContext()));
  return position ? shapedTypeOf(operand).getDimSize(*position)
                  : ShapedType::kDynamic;
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyEpilogue(*this)))
    return failure();
  int64_t loops = getResultMap().getNumDims();
  if (loops < 2 || !getResultMap().isPermutation() ||
      getResultMap().getResult(loops - 1) !=
          getAffineDimExpr(loops - 1, getContext()) ||
      loops != shapedTypeOf(getInit()).getRank())
    return emitOpError("expects a result map that permutes the result's axes "
                       "but for the last, but got ")
           << getResultMapAttr();
  std::pair<Value, AffineMap> operands[] = {{getQuery(), getQueryMap()},
                                            {getKey(), getKeyMap()},
                                            {getValue(), getValueMap()}};
  for (auto [operand, map] : operands) {
    if (int64_t(map.getNumDims()) != loops || map.getNumSymbols() ||
        int64_t(map.getNumResults()) != shapedTypeOf(operand).getRank())
      return emitOpError("expects a map from ")
             << loops << " loops to the " << shapedTypeOf(operand).getRank()
             << " indices of the operand, but got " << AffineMapAttr::get(map);
    for (unsigned dim : {unsigned(loops - 2), unsigned(loops - 1)})
      if (!map.getResultPosition(getAffineDimExpr(dim, getContext())))
        return emitOpError("expects a map that has the last two loops as "
                           "indices, but got ")
               << AffineMapAttr::get(map);
  }
  if (getValueMap().getResult(getValueMap().getNumResults() - 1) !=
      getAffineDimExpr(loops - 1, getContext()))
    return emitOpError("expects values to be contiguous along their columns, "
                       "but got ")
           << getValueMapAttr();
  if (!fits(getLoopSize(getQuery(), getQueryMap(), loops - 1),
            getLoopSize(getKey(), getKeyMap(), loops - 1)) ||
      !fits(getLoopSize(getKey(), getKeyMap(), loops - 2),
            getLoopSize(getValue(), getValueMap(), loops - 2)) ||
      !fits(getLoopSize(getQuery(), getQueryMap(), loops - 2),
            getLoopSize(getInit(), getResultMap(), loops - 2)) ||
      !fits(getLoopSize(getValue(), getValueMap(), loops - 1),
            shapedTypeOf(getInit()).getDimSize(loops - 1)))
    return emitOpError("expects queries, keys, values and result of sizes that "
                       "agree");
  Type sumType = getSumType();
  if (!isa<FloatType>(sumType) || getScores().front().getNumArguments() == 0 ||
      getScores().front().getArgument(0).getType() != sumType)
    return emitOpError("expects sums of one float type in both regions");
  return verifyRegion(*this, getScores(), "the region of scores",
                      getScoreExtras(), getScoreMaps(), loops, sumType);
}

Extents AttentionOp::getExtents() {
  AffineMap map = getResultMap();
  int64_t loops = map.getNumDims();
  SmallVector<int64_t> batch;
  for (int64_t dim = 0; dim < loops - 2; ++dim)
    batch.push_back(getLoopSize(getInit(), map, dim));
  return {multiplySizes(batch),
          getLoopSize(getInit(), map, loops - 2),
          1,
          getLoopSize(getInit(), map, loops - 1),
          getLoopSize(getKey(), getKeyMap(), loops - 2),
          false};
}

Extents AttentionOp::getScoreExtents() {
  Extents extents = getExtents();
  extents.columns = extents.depth;
  extents.depth =
      getLoopSize(getKey(), getKeyMap(), getKeyMap().getNumDims() - 1);
  return extents;
}
