//===----------------------------------------------------------------------===//
// Import of reductions, softmax and running sums.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"
#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using nn::ReduceKind;
using nn::SoftmaxKind;

//===----------------------------------------------------------------------===//
// Reduce...
//===----------------------------------------------------------------------===//

/// Sum, product, least or greatest of two scalars of a signless integer type.
static Value combineOnHost(OpBuilder &builder, Location loc, ReduceKind kind,
                           Value a, Value b) {
  switch (kind) {
  case ReduceKind::Prod:
    return builder.createOrFold<arith::MulIOp>(loc, a, b);
  case ReduceKind::Max:
    return builder.createOrFold<arith::MaxSIOp>(loc, a, b);
  case ReduceKind::Min:
    return builder.createOrFold<arith::MinSIOp>(loc, a, b);
  default:
    return builder.createOrFold<arith::AddIOp>(loc, a, b);
  }
}

/// A reduction of all of a rank-1 shape tensor stays arithmetic on the host.
/// Null if this is none.
static Value reduceOnHost(NodeBinder &node, ReduceKind kind, Value input,
                          bool keepDims) {
  auto elements = input.getDefiningOp<tensor::FromElementsOp>();
  auto type = NodeBinder::typeOf(input);
  if (!elements || !nn::isHostTensor(input) || type.getRank() != 1 ||
      elements.getElements().empty() ||
      !type.getElementType().isSignlessInteger() ||
      type.getElementType().isInteger(1))
    return {};
  if (!llvm::is_contained(
          {ReduceKind::Sum, ReduceKind::Prod, ReduceKind::Max, ReduceKind::Min},
          kind))
    return {};
  OpBuilder &b = node.builder();
  Value sum = elements.getElements().front();
  for (Value element : elements.getElements().drop_front())
    sum = combineOnHost(b, node.loc(), kind, sum, element);
  SmallVector<int64_t> shape(keepDims ? 1 : 0, 1);
  return tensor::FromElementsOp::create(
      b, node.loc(), RankedTensorType::get(shape, type.getElementType()), sum);
}

/// The axes of a Reduce... node where they are known now, from the attribute or
/// the second input; nullopt if the run decides. None given means all, or none
/// with `noop_with_empty_axes`.
static FailureOr<std::optional<SmallVector<int64_t>>>
readAxes(NodeBinder &node, bool isInput, Value input) {
  std::optional<SmallVector<int64_t>> axes;
  if (!isInput) {
    axes = node.intsAttr("axes").value_or(SmallVector<int64_t>());
  } else if (!node.hasInput(1)) {
    axes.emplace();
  } else {
    Value tensor = node.input(1);
    if (!tensor)
      return failure();
    RankedTensorType type = NodeBinder::typeOf(tensor);
    if (!type.hasStaticShape())
      return node.error("expects a fixed number of axes, but their number is "
                        "known at run time only");
    axes = node.constantInts(tensor);
    if (!axes && type.getNumElements() == 0)
      axes.emplace();
    if (!axes)
      return axes;
  }
  int64_t rank = NodeBinder::rankOf(input);
  if (axes->empty() && !node.intAttr("noop_with_empty_axes", 0))
    axes->append(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  FailureOr<SmallVector<int64_t>> normal = node.normalizeAxes(*axes, rank);
  if (failed(normal))
    return failure();
  axes = std::move(*normal);
  return axes;
}

/// Axes became an input in version 13 for ReduceSum, in 18 for the others.
template <ReduceKind kind, int64_t axesAreInputSince>
static LogicalResult importReduce(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  bool keepDims = node.intAttr("keepdims", 1) != 0;
  auto axes = readAxes(node, node.version() >= axesAreInputSince, input);
  if (failed(axes))
    return failure();
  if (!*axes)
    return node.result(
        node.create<nn::ReduceAlongOp>(kind, input, node.input(1), keepDims));
  if ((*axes)->size() == 1)
    if (Value scalar = reduceOnHost(node, kind, input, keepDims))
      return node.result(scalar);
  return node.result(node.create<nn::ReduceOp>(kind, input, **axes, keepDims));
}

template <ReduceKind kind>
static LogicalResult importArgReduce(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), NodeBinder::rankOf(input));
  if (failed(axis))
    return failure();
  return node.result(node.create<nn::ArgReduceOp>(
      kind, input, *axis, node.intAttr("keepdims", 1) != 0,
      node.intAttr("select_last_index", 0) != 0));
}

//===----------------------------------------------------------------------===//
// Softmax, LogSoftmax, Hardmax
//===----------------------------------------------------------------------===//

template <SoftmaxKind kind>
static LogicalResult importSoftmax(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", -1), NodeBinder::rankOf(input));
  if (failed(axis))
    return failure();
  return node.result(node.create<nn::SoftmaxOp>(kind, input, *axis));
}

/// Before version 13 the axes from `axis` on count as one.
template <SoftmaxKind kind>
static LogicalResult importFlatSoftmax(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  int64_t rank = NodeBinder::rankOf(input);
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", 1), rank);
  if (failed(axis))
    return failure();
  ArrayRef<int64_t> sizes = NodeBinder::typeOf(input).getShape();
  if (llvm::all_of(sizes.drop_front(*axis + 1),
                   [](int64_t size) { return size == 1; }))
    return node.result(node.create<nn::SoftmaxOp>(kind, input, *axis));
  SmallVector<Dim> shape = node.shape(input);
  SmallVector<Dim> flat(ArrayRef<Dim>(shape).take_front(*axis));
  DimBuilder dims(node.builder(), node.loc());
  flat.push_back(dims.product(ArrayRef<Dim>(shape).drop_front(*axis)));
  Value rows = node.reshape(input, flat);
  return node.result(
      node.reshape(node.create<nn::SoftmaxOp>(kind, rows, *axis), shape));
}

//===----------------------------------------------------------------------===//
// CumSum, CumProd
//===----------------------------------------------------------------------===//

/// The axis is known at run time only: the result along the axis that it is.
template <typename OpTy>
static Value cumulateAlong(NodeBinder &node, Value input, Value axis,
                           bool exclusive, bool reverse) {
  int64_t rank = NodeBinder::rankOf(input);
  Type type = NodeBinder::elementTypeOf(axis);
  Value sums = node.create<OpTy>(input, /*axis=*/0, exclusive, reverse);
  for (int64_t i = 1; i < rank; ++i) {
    Value isHere = node.create<nn::OrOp>(
        node.create<nn::EqualOp>(axis, node.scalar(type, i)),
        node.create<nn::EqualOp>(axis, node.scalar(type, i - rank)));
    sums = node.create<nn::WhereOp>(
        isHere, node.create<OpTy>(input, i, exclusive, reverse), sums);
  }
  return sums;
}

template <typename OpTy>
static LogicalResult importCumulation(NodeBinder &node) {
  Value input = node.input(0), axisTensor = node.input(1);
  if (!input || !axisTensor)
    return failure();
  int64_t rank = NodeBinder::rankOf(input);
  bool exclusive = node.intAttr("exclusive", 0) != 0;
  bool reverse = node.intAttr("reverse", 0) != 0;
  RankedTensorType axisType = NodeBinder::typeOf(axisTensor);
  if (rank == 0 || !axisType.hasStaticShape() || axisType.getRank() > 1 ||
      axisType.getNumElements() != 1)
    return node.error("expects an input of rank 1 or more and one axis");
  std::optional<SmallVector<int64_t>> axis = node.constantInts(axisTensor);
  if (!axis)
    return node.result(
        cumulateAlong<OpTy>(node, input, axisTensor, exclusive, reverse));
  FailureOr<int64_t> normal = node.normalizeAxis(axis->front(), rank);
  if (failed(normal))
    return failure();
  return node.result(node.create<OpTy>(input, *normal, exclusive, reverse));
}

void onnximport::addReductionOperators(OpTable &table) {
  table.add("ReduceSum", 1, importReduce<ReduceKind::Sum, 13>);
  table.add("ReduceMean", 1, importReduce<ReduceKind::Mean, 18>);
  table.add("ReduceMax", 1, importReduce<ReduceKind::Max, 18>);
  table.add("ReduceMin", 1, importReduce<ReduceKind::Min, 18>);
  table.add("ReduceProd", 1, importReduce<ReduceKind::Prod, 18>);
  table.add("ReduceL1", 1, importReduce<ReduceKind::L1, 18>);
  table.add("ReduceL2", 1, importReduce<ReduceKind::L2, 18>);
  table.add("ReduceLogSum", 1, importReduce<ReduceKind::LogSum, 18>);
  table.add("ReduceLogSumExp", 1, importReduce<ReduceKind::LogSumExp, 18>);
  table.add("ReduceSumSquare", 1, importReduce<ReduceKind::SumSquare, 18>);
  table.add("ArgMax", 1, importArgReduce<ReduceKind::Max>);
  table.add("ArgMin", 1, importArgReduce<ReduceKind::Min>);
  table.add("Softmax", 1, importFlatSoftmax<SoftmaxKind::Soft>);
  table.add("Softmax", 13, importSoftmax<SoftmaxKind::Soft>);
  table.add("LogSoftmax", 1, importFlatSoftmax<SoftmaxKind::Log>);
  table.add("LogSoftmax", 13, importSoftmax<SoftmaxKind::Log>);
  table.add("Hardmax", 1, importFlatSoftmax<SoftmaxKind::Hard>);
  table.add("Hardmax", 13, importSoftmax<SoftmaxKind::Hard>);
  table.add("CumProd", 26, importCumulation<nn::CumProdOp>);
  table.add("CumSum", 11, importCumulation<nn::CumSumOp>);
}
