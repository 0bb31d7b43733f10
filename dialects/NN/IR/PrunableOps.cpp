//===----------------------------------------------------------------------===//
// The ops that can lose entries of some dimensions.
//
// Element-wise ops need no model of their own: whoever asks knows them by
// ScalarOpInterface.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/PrunableOps.h"

#include "dialects/NN/IR/HostScalars.h"
#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/PrunableOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

using Couplings = SmallVectorImpl<DimCoupling>;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

/// Two dimensions of one known size go together.
static void couple(Couplings &couplings, Value a, int64_t aDim, Value b,
                   int64_t bDim) {
  int64_t size = typeOf(a).getDimSize(aDim);
  if (!ShapedType::isDynamic(size) && size == typeOf(b).getDimSize(bDim))
    couplings.push_back({{a, aDim}, {b, bDim}, size});
}

/// All dimensions but those of `axes`, one by one.
static void coupleAllBut(Couplings &couplings, Value a, Value b,
                         ArrayRef<int64_t> axes) {
  for (int64_t dim = 0; dim < typeOf(a).getRank(); ++dim)
    if (!llvm::is_contained(axes, dim))
      couple(couplings, a, dim, b, dim);
}

//===----------------------------------------------------------------------===//
// Numbers that say sizes
//===----------------------------------------------------------------------===//

/// The elements of a small integer constant, or of a tensor of scalars as far
/// as they are known; nothing for other values.
static std::optional<SmallVector<std::optional<int64_t>>>
readNumbers(Value value) {
  SmallVector<std::optional<int64_t>> numbers;
  if (auto made = value.getDefiningOp<tensor::FromElementsOp>()) {
    for (Value element : made.getElements())
      numbers.push_back(getConstantIntValue(element));
    return numbers;
  }
  if (!isHostTensor(value))
    return std::nullopt;
  nncio::Result<nncio::Tensor> tensor = getConstantTensor(value);
  if (!tensor)
    return std::nullopt;
  for (int64_t number : tensor->toInts())
    numbers.push_back(number);
  return numbers;
}

/// Lets element `index` of `operand`, which readNumbers knows, be `number`.
static void setNumber(OpOperand &operand, int64_t index, int64_t number) {
  Value value = operand.get();
  OpBuilder builder(operand.getOwner());
  if (auto made = value.getDefiningOp<tensor::FromElementsOp>()) {
    SmallVector<Value> elements(made.getElements());
    elements[index] = arith::ConstantOp::create(
        builder, value.getLoc(),
        builder.getIntegerAttr(elements[index].getType(), number));
    operand.set(tensor::FromElementsOp::create(builder, value.getLoc(),
                                               value.getType(), elements));
    return;
  }
  nncio::Tensor tensor = *getConstantTensor(value);
  tensor.setInt(index, number);
  operand.set(ConstantOp::create(builder, value.getLoc(),
                                 toAttribute(value.getContext(), tensor)));
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

namespace {
struct PrunableMatMul
    : PrunableOpInterface::ExternalModel<PrunableMatMul, MatMulOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<MatMulOp>(self);
    Value lhs = op.getLhs(), rhs = op.getRhs(), result = op.getResult();
    int64_t l = typeOf(lhs).getRank(), r = typeOf(rhs).getRank(),
            n = typeOf(result).getRank();
    couple(couplings, lhs, l - 1, rhs, std::max<int64_t>(r - 2, 0));
    if (r >= 2)
      couple(couplings, rhs, r - 1, result, n - 1);
    if (l >= 2)
      couple(couplings, lhs, l - 2, result, n - (r >= 2 ? 2 : 1));
    for (Value operand : {lhs, rhs})
      for (int64_t i = 3; i <= typeOf(operand).getRank() && l > 1 && r > 1; ++i)
        couple(couplings, operand, typeOf(operand).getRank() - i, result,
               n - i);
  }
};

/// Both convolutions; the filter of one has its input channels first.
template <typename ModelTy, typename OpTy>
struct PrunableConvolution : PrunableOpInterface::ExternalModel<ModelTy, OpTy> {
  static int64_t getChannelDim(OpTy op) {
    return op.getChannelsLast() ? typeOf(op.getInput()).getRank() - 1 : 1;
  }

  /// Each channel is by itself.
  static bool isDepthwise(OpTy op) {
    int64_t group = op.getGroup();
    return group > 1 && typeOf(op.getFilter()).getDimSize(0) == group &&
           typeOf(op.getFilter()).getDimSize(1) == 1 &&
           typeOf(op.getInput()).getDimSize(getChannelDim(op)) == group;
  }

  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<OpTy>(self);
    int64_t channels = getChannelDim(op);
    constexpr bool isTransposed = std::is_same_v<OpTy, ConvTransposeOp>;
    Value filter = op.getFilter(), result = op.getResult();
    if (isDepthwise(op)) {
      couple(couplings, op.getInput(), channels, filter, 0);
      couple(couplings, result, channels, filter, 0);
    } else if (op.getGroup() == 1) {
      couple(couplings, op.getInput(), channels, filter, isTransposed ? 0 : 1);
      couple(couplings, result, channels, filter, isTransposed ? 1 : 0);
    } else {
      return;
    }
    if (op.getBias())
      couple(couplings, result, channels, op.getBias(), 0);
  }

  void adaptToKept(Operation *self, const KeptEntries &kept) const {
    auto op = cast<OpTy>(self);
    if (isDepthwise(op))
      op.setGroup(kept.count(op.getFilter(), 0));
  }
};
struct PrunableConv : PrunableConvolution<PrunableConv, ConvOp> {};
struct PrunableConvTranspose
    : PrunableConvolution<PrunableConvTranspose, ConvTransposeOp> {};

/// Heads, and the widths of products.
struct PrunableAttention
    : PrunableOpInterface::ExternalModel<PrunableAttention, AttentionOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<AttentionOp>(self);
    int64_t rank = typeOf(op.getResult()).getRank();
    couple(couplings, op.getQuery(), rank - 1, op.getKey(), rank - 1);
    couple(couplings, op.getValue(), rank - 1, op.getResult(), rank - 1);
    ArrayRef<int64_t> heads = typeOf(op.getQuery()).getShape().drop_back(2);
    // Heads that several others share can't go by themselves.
    if (heads != typeOf(op.getKey()).getShape().drop_back(2))
      return;
    for (int64_t dim = 0; dim < rank - 2; ++dim)
      for (Value operand : {op.getQuery(), op.getKey(), op.getValue()})
        couple(couplings, operand, dim, op.getResult(), dim);
    if (op.getMask())
      for (int64_t i = 3; i <= typeOf(op.getMask()).getRank(); ++i)
        couple(couplings, op.getMask(), typeOf(op.getMask()).getRank() - i,
               op.getResult(), rank - i);
  }
};

//===----------------------------------------------------------------------===//
// Movements
//===----------------------------------------------------------------------===//

struct PrunableTranspose
    : PrunableOpInterface::ExternalModel<PrunableTranspose, TransposeOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<TransposeOp>(self);
    for (auto [to, from] : llvm::enumerate(op.getPermutation()))
      couple(couplings, op.getInput(), from, op.getResult(), to);
  }
};

struct PrunableConcat
    : PrunableOpInterface::ExternalModel<PrunableConcat, ConcatOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<ConcatOp>(self);
    int64_t axis = op.getAxis(), begin = 0;
    for (Value input : op.getInputs()) {
      coupleAllBut(couplings, input, op.getResult(), axis);
      int64_t size = typeOf(input).getDimSize(axis);
      if (ShapedType::isDynamic(size))
        return;
      couplings.push_back({{input, axis}, {op.getResult(), axis, begin}, size});
      begin += size;
    }
  }
};

struct PrunableSlice
    : PrunableOpInterface::ExternalModel<PrunableSlice, SliceOp> {
  /// Where the stretch of an axis begins; nothing if it is not known, or does
  /// not take each element.
  static std::optional<int64_t> getStart(SliceOp op, int64_t index) {
    auto starts = readNumbers(op.getStarts()), ends = readNumbers(op.getEnds());
    int64_t size = typeOf(op.getInput()).getDimSize(op.getAxes()[index]);
    if (!starts || !ends || !(*starts)[index] || !(*ends)[index] ||
        op.getSteps()[index] != 1 || ShapedType::isDynamic(size))
      return std::nullopt;
    int64_t start = *(*starts)[index];
    return std::clamp<int64_t>(start < 0 ? start + size : start, 0, size);
  }

  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<SliceOp>(self);
    coupleAllBut(couplings, op.getInput(), op.getResult(), op.getAxes());
    for (auto [index, axis] : llvm::enumerate(op.getAxes())) {
      int64_t size = typeOf(op.getResult()).getDimSize(axis);
      if (std::optional<int64_t> start = getStart(op, index);
          start && !ShapedType::isDynamic(size))
        couplings.push_back(
            {{op.getInput(), axis, *start}, {op.getResult(), axis}, size});
    }
  }

  void adaptToKept(Operation *self, const KeptEntries &kept) const {
    auto op = cast<SliceOp>(self);
    for (auto [index, axis] : llvm::enumerate(op.getAxes())) {
      if (!kept.find(op.getInput(), axis))
        continue;
      std::optional<int64_t> start = getStart(op, index);
      if (!start)
        continue;
      int64_t begin = kept.countBelow(op.getInput(), axis, *start);
      setNumber(op.getStartsMutable(), index, begin);
      setNumber(op.getEndsMutable(), index,
                begin + kept.count(op.getResult(), axis));
    }
  }
};

struct PrunablePad : PrunableOpInterface::ExternalModel<PrunablePad, PadOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<PadOp>(self);
    auto pads = readNumbers(op.getPads());
    int64_t rank = typeOf(op.getInput()).getRank();
    for (int64_t dim = 0; pads && dim < rank; ++dim)
      if ((*pads)[dim] == 0 && (*pads)[rank + dim] == 0)
        couple(couplings, op.getInput(), dim, op.getResult(), dim);
  }
};

struct PrunableGather
    : PrunableOpInterface::ExternalModel<PrunableGather, GatherOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<GatherOp>(self);
    int64_t added = typeOf(op.getIndices()).getRank() - 1;
    for (int64_t dim = 0; dim < typeOf(op.getInput()).getRank(); ++dim)
      if (dim != int64_t(op.getAxis()))
        couple(couplings, op.getInput(), dim, op.getResult(),
               dim + (dim > int64_t(op.getAxis()) ? added : 0));
  }
};

/// Dimensions that stay, and factors of one that become several or the other
/// way round: the outermost factor goes together with runs.
struct PrunableReshape
    : PrunableOpInterface::ExternalModel<PrunableReshape, ReshapeOp> {
  static int64_t productOf(ArrayRef<int64_t> sizes) {
    return nncio::numElements(sizes.vec());
  }

  /// The first of several factors that is not 1.
  static int64_t findOutermost(ArrayRef<int64_t> sizes) {
    return std::distance(sizes.begin(), llvm::find_if(sizes, [](int64_t size) {
                           return size != 1;
                         }));
  }

  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<ReshapeOp>(self);
    auto numbers = readNumbers(op.getShape());
    if (!numbers)
      return;
    ArrayRef<int64_t> from = typeOf(op.getInput()).getShape(),
                      to = typeOf(op.getResult()).getShape();
    auto isDynamic = [](int64_t size) { return ShapedType::isDynamic(size); };
    // What is not known must stand first in both, and be one number.
    size_t known = 0;
    if (llvm::any_of(from, isDynamic) || llvm::any_of(to, isDynamic)) {
      if (from.empty() || to.empty() || !isDynamic(from[0]) ||
          !isDynamic(to[0]) || llvm::any_of(from.drop_front(), isDynamic) ||
          llvm::any_of(to.drop_front(), isDynamic) ||
          productOf(from.drop_front()) != productOf(to.drop_front()))
        return;
      known = 1;
    }
    for (size_t i = known, j = known; i < from.size() && j < to.size();) {
      size_t iEnd = i + 1, jEnd = j + 1;
      int64_t a = from[i], b = to[j];
      while (a != b && (a < b ? iEnd < from.size() : jEnd < to.size()))
        a < b ? a *= from[iEnd++] : b *= to[jEnd++];
      if (a != b)
        return;
      coupleFactors(op, i, iEnd, j, jEnd, a, couplings);
      i = iEnd;
      j = jEnd;
    }
  }

  /// Dimensions [i, iEnd) of the input are [j, jEnd) of the result.
  static void coupleFactors(ReshapeOp op, size_t i, size_t iEnd, size_t j,
                            size_t jEnd, int64_t size, Couplings &couplings) {
    ArrayRef<int64_t> from = typeOf(op.getInput()).getShape(),
                      to = typeOf(op.getResult()).getShape();
    i += findOutermost(from.slice(i, iEnd - i));
    j += findOutermost(to.slice(j, jEnd - j));
    if (i == iEnd || j == jEnd || (from[i] != size && to[j] != size))
      return;
    int64_t count = std::min(from[i], to[j]);
    if (count == 0 || from[i] % count || to[j] % count)
      return;
    couplings.push_back({{op.getInput(), int64_t(i), 0, from[i] / count},
                         {op.getResult(), int64_t(j), 0, to[j] / count},
                         count});
  }

  void adaptToKept(Operation *self, const KeptEntries &kept) const {
    auto op = cast<ReshapeOp>(self);
    auto numbers = readNumbers(op.getShape());
    for (int64_t dim = 0; numbers && dim < typeOf(op.getResult()).getRank();
         ++dim)
      if (kept.find(op.getResult(), dim) && (*numbers)[dim] &&
          *(*numbers)[dim] > 0)
        setNumber(op.getShapeMutable(), dim, kept.count(op.getResult(), dim));
  }
};

//===----------------------------------------------------------------------===//
// Along axes
//===----------------------------------------------------------------------===//

struct PrunableReduce
    : PrunableOpInterface::ExternalModel<PrunableReduce, ReduceOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<ReduceOp>(self);
    int64_t to = 0;
    for (int64_t dim = 0; dim < typeOf(op.getInput()).getRank(); ++dim) {
      bool isReduced = llvm::is_contained(op.getAxes(), dim);
      if (!isReduced)
        couple(couplings, op.getInput(), dim, op.getResult(), to);
      to += !isReduced || op.getKeepDims();
    }
  }
};

struct PrunableSoftmax
    : PrunableOpInterface::ExternalModel<PrunableSoftmax, SoftmaxOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<SoftmaxOp>(self);
    coupleAllBut(couplings, op.getInput(), op.getResult(), op.getAxis());
  }
};

struct PrunableNormalize
    : PrunableOpInterface::ExternalModel<PrunableNormalize, NormalizeOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<NormalizeOp>(self);
    Value result = op.getResult();
    coupleAllBut(couplings, op.getInput(), result, op.getAxes());
    int64_t rank = typeOf(result).getRank();
    for (Value factor : {op.getScale(), op.getBias()})
      for (int64_t i = 1; factor && i <= typeOf(factor).getRank(); ++i)
        if (!llvm::is_contained(op.getAxes(), rank - i))
          couple(couplings, factor, typeOf(factor).getRank() - i, result,
                 rank - i);
  }
};

struct PrunableResize
    : PrunableOpInterface::ExternalModel<PrunableResize, ResizeOp> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<ResizeOp>(self);
    coupleAllBut(couplings, op.getInput(), op.getResult(), op.getAxes());
  }
};

/// Windows over the axes behind the channels.
template <typename OpTy>
struct PrunablePool
    : PrunableOpInterface::ExternalModel<PrunablePool<OpTy>, OpTy> {
  void getDimCouplings(Operation *self, Couplings &couplings) const {
    auto op = cast<OpTy>(self);
    int64_t channels =
        op.getChannelsLast() ? typeOf(op.getInput()).getRank() - 1 : 1;
    couple(couplings, op.getInput(), channels, op.getResult(), channels);
  }
};
} // namespace

void nn::attachPrunableOpInterface(MLIRContext &context) {
  AttentionOp::attachInterface<PrunableAttention>(context);
  AveragePoolOp::attachInterface<PrunablePool<AveragePoolOp>>(context);
  ConcatOp::attachInterface<PrunableConcat>(context);
  ConvOp::attachInterface<PrunableConv>(context);
  ConvTransposeOp::attachInterface<PrunableConvTranspose>(context);
  GatherOp::attachInterface<PrunableGather>(context);
  LpPoolOp::attachInterface<PrunablePool<LpPoolOp>>(context);
  MatMulOp::attachInterface<PrunableMatMul>(context);
  MaxPoolOp::attachInterface<PrunablePool<MaxPoolOp>>(context);
  NormalizeOp::attachInterface<PrunableNormalize>(context);
  PadOp::attachInterface<PrunablePad>(context);
  ReduceOp::attachInterface<PrunableReduce>(context);
  ReshapeOp::attachInterface<PrunableReshape>(context);
  ResizeOp::attachInterface<PrunableResize>(context);
  SliceOp::attachInterface<PrunableSlice>(context);
  SoftmaxOp::attachInterface<PrunableSoftmax>(context);
  TransposeOp::attachInterface<PrunableTranspose>(context);
}
