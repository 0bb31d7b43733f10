//===----------------------------------------------------------------------===//
// Import of operators that move data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MovementSupport.h"

#include "dialects/NN/IR/MovementUtils.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static constexpr int64_t maxInt = std::numeric_limits<int64_t>::max();

static LogicalResult importTranspose(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  SmallVector<int64_t> permutation;
  for (int64_t axis = node.rankOf(input) - 1; axis >= 0; --axis)
    permutation.push_back(axis);
  return node.result(
      node.transpose(input, node.intsAttr("perm").value_or(permutation)));
}

//===----------------------------------------------------------------------===//
// Slice, Split
//===----------------------------------------------------------------------===//

/// 0, 1, … below `count`.
static SmallVector<Dim> countUp(size_t count) {
  SmallVector<Dim> numbers;
  for (size_t i = 0; i < count; ++i)
    numbers.push_back(Dim(i));
  return numbers;
}

static LogicalResult importSliceOfAttributes(NodeBinder &node) {
  Value input = node.input(0);
  auto starts = node.intsAttr("starts"), ends = node.intsAttr("ends");
  if (!input)
    return failure();
  if (!starts || !ends)
    return node.error("expects attributes 'starts' and 'ends'");
  SmallVector<int64_t> axes;
  for (size_t i = 0; i < starts->size(); ++i)
    axes.push_back(i);
  FailureOr<SmallVector<int64_t>> normal = node.normalizeAxes(
      node.intsAttr("axes").value_or(axes), node.rankOf(input));
  if (failed(normal))
    return failure();
  SmallVector<int64_t> steps(normal->size(), 1);
  return node.result(node.create<nn::SliceOp>(
      input, node.indices(*starts), node.indices(*ends), *normal, steps));
}

/// A slice whose axes or steps are known only at run time: along every axis
/// that may be meant, the elements of computed numbers.
static LogicalResult importSliceByGather(NodeBinder &node, Value input,
                                         ArrayRef<Dim> starts,
                                         ArrayRef<Dim> ends, ArrayRef<Dim> axes,
                                         ArrayRef<Dim> steps) {
  int64_t rank = node.rankOf(input);
  auto first = spreadByAxis(node, rank, axes, starts, 0);
  auto last = spreadByAxis(node, rank, axes, ends, maxInt);
  auto step = spreadByAxis(node, rank, axes, steps, 1);
  if (failed(first) || failed(last) || failed(step))
    return failure();
  SmallVector<Dim> shape = node.shape(input);
  Value result = input;
  for (int64_t axis = 0; axis < rank && result; ++axis) {
    Dim start = (*first)[axis], end = (*last)[axis], by = (*step)[axis];
    if (start.isConstant(0) && end.isConstant(maxInt) && by.isConstant(1))
      continue;
    if (by.isConstant(0))
      return node.error("expects steps that are not 0");
    DimBuilder dims(node.builder(), node.loc());
    nn::AxisSlice slice =
        nn::computeAxisSlice(dims, shape[axis], start, end, by);
    Value numbers = node.create<nn::RangeOp>(
        makeScalarIndex(node, slice.first), makeScalarIndex(node, by),
        makeScalarIndex(node, slice.count));
    result = node.create<nn::GatherOp>(result, numbers, axis);
  }
  return node.result(result);
}

static LogicalResult importSlice(NodeBinder &node) {
  Value input = node.input(0), starts = node.input(1), ends = node.input(2);
  Value axesInput = node.optionalInput(3), stepsInput = node.optionalInput(4);
  if (!input || !starts || !ends)
    return failure();
  auto first = readElements(node, starts, "starts");
  auto last = readElements(node, ends, "ends");
  if (failed(first) || failed(last))
    return failure();
  FailureOr<SmallVector<Dim>> axes = countUp(first->size());
  FailureOr<SmallVector<Dim>> steps = SmallVector<Dim>(first->size(), Dim(1));
  if (axesInput)
    axes = readElements(node, axesInput, "axes");
  if (stepsInput)
    steps = readElements(node, stepsInput, "steps");
  if (failed(axes) || failed(steps))
    return failure();
  auto axisNumbers = getNumbers(*axes), stepNumbers = getNumbers(*steps);
  if (!axisNumbers || !stepNumbers)
    return importSliceByGather(node, input, *first, *last, *axes, *steps);
  auto normal = node.normalizeAxes(*axisNumbers, node.rankOf(input));
  if (failed(normal))
    return failure();
  return node.result(
      node.create<nn::SliceOp>(input, starts, ends, *normal, *stepNumbers));
}

/// The lengths of the parts of an axis of `size`.
static FailureOr<SmallVector<Dim>> getSplitLengths(NodeBinder &node, Dim size) {
  int64_t count = node.numOutputs();
  if (auto lengths = node.intsAttr("split"))
    return toDims(*lengths);
  if (Value lengths = node.optionalInput(1))
    return readElements(node, lengths, "split lengths");
  if (count < 1 || node.intAttr("num_outputs", count) != count)
    return node.error("expects 'num_outputs' to be the number of outputs, " +
                      Twine(count) + ", but got " +
                      Twine(node.intAttr("num_outputs", count)));
  if (node.version() < 18 && size.getConstant() &&
      *size.getConstant() % count != 0)
    return node.error("expects an axis that splits into " + Twine(count) +
                      " equal parts, but got size " +
                      Twine(*size.getConstant()));
  DimBuilder dims(node.builder(), node.loc());
  return SmallVector<Dim>(count, dims.ceilDiv(size, count));
}

/// Reports constant lengths that can't be those of an axis of `size`. Without
/// lengths in the model the last part may be shorter.
static LogicalResult checkSplit(NodeBinder &node, ArrayRef<Dim> lengths,
                                Dim size, bool given) {
  if (lengths.size() != node.numOutputs())
    return node.error("expects a length for each of the " +
                      Twine(node.numOutputs()) + " outputs, but got " +
                      Twine(lengths.size()));
  auto numbers = getNumbers(lengths);
  if (!numbers || !given)
    return success();
  DimBuilder dims(node.builder(), node.loc());
  Dim sum(0);
  for (int64_t length : *numbers) {
    if (length < 0)
      return node.error("expects lengths of 0 or more, but got " +
                        Twine(length));
    sum = dims.add(sum, length);
  }
  if (size.getConstant() && !size.isSameAs(sum))
    return node.error("expects lengths that sum up to " +
                      Twine(*size.getConstant()) + ", but got " +
                      Twine(*sum.getConstant()));
  return success();
}

static LogicalResult importSplit(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), node.rankOf(input));
  if (failed(axis))
    return failure();
  Dim size = node.shape(input)[*axis];
  FailureOr<SmallVector<Dim>> lengths = getSplitLengths(node, size);
  bool given = node.hasAttr("split") || node.hasInput(1);
  if (failed(lengths) || failed(checkSplit(node, *lengths, size, given)))
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  Dim start(0);
  for (auto [i, length] : llvm::enumerate(*lengths)) {
    Dim end = dims.add(start, length);
    Value part = node.create<nn::SliceOp>(input, node.indices(start),
                                          node.indices(end), *axis, int64_t(1));
    if (failed(node.result(i, part)))
      return failure();
    start = end;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Concat, Tile, Pad
//===----------------------------------------------------------------------===//

static LogicalResult importConcat(NodeBinder &node) {
  FailureOr<SmallVector<Value>> inputs = node.inputsFrom(0);
  if (failed(inputs))
    return failure();
  if (inputs->empty())
    return node.error("expects at least one input");
  if (node.version() >= 4 && !node.hasAttr("axis"))
    return node.error("expects attribute 'axis'");
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 1), node.rankOf(inputs->front()));
  if (failed(axis))
    return failure();
  if (inputs->size() == 1)
    return node.result(inputs->front());
  return node.result(node.create<nn::ConcatOp>(*inputs, *axis));
}

static LogicalResult importTileOfAxis(NodeBinder &node) {
  Value input = node.input(0), tiles = node.input(1), axis = node.input(2);
  if (!input || !tiles || !axis)
    return failure();
  auto count = readElements(node, tiles, "tiles");
  auto named = readElements(node, axis, "an axis");
  if (failed(count) || failed(named))
    return failure();
  auto repeats = spreadByAxis(node, node.rankOf(input), *named, *count, 1);
  if (failed(repeats))
    return failure();
  return node.result(node.create<nn::TileOp>(input, node.indices(*repeats)));
}

static LogicalResult importTile(NodeBinder &node) {
  Value input = node.input(0), repeats = node.input(1);
  if (!input || !repeats)
    return failure();
  return node.result(node.create<nn::TileOp>(input, repeats));
}

static FailureOr<nn::PadMode> getPadMode(NodeBinder &node) {
  std::string name = node.stringAttr("mode", "constant");
  std::optional<nn::PadMode> mode = nn::symbolizePadMode(name);
  if (mode && (*mode != nn::PadMode::Wrap || node.version() >= 19))
    return *mode;
  return node.error("expects mode constant, edge, reflect or (from opset 19) "
                    "wrap, but got '" +
                    name + "'");
}

static LogicalResult importPadOfAttributes(NodeBinder &node) {
  Value input = node.input(0);
  FailureOr<nn::PadMode> mode = getPadMode(node);
  if (!input || failed(mode))
    return failure();
  StringRef name = node.version() < 2 ? "paddings" : "pads";
  auto pads = node.intsAttr(name);
  if (!pads)
    return node.error("expects attribute '" + name + "'");
  double number = node.floatAttr("value", 0);
  Value value;
  if (*mode == nn::PadMode::Constant && number != 0)
    value = node.scalar(node.elementTypeOf(input), number);
  return node.result(
      node.create<nn::PadOp>(input, node.indices(*pads), value, *mode));
}

/// Pads of all axes from those of some.
static Value spreadPads(NodeBinder &node, Value pads, Value axes,
                        int64_t rank) {
  auto numbers = readElements(node, pads, "pads");
  auto named = readElements(node, axes, "axes");
  if (failed(numbers) || failed(named))
    return {};
  size_t count = named->size();
  if (numbers->size() != 2 * count) {
    (void)node.error("expects " + Twine(2 * count) + " pads for " +
                     Twine(count) + " axes, but got " + Twine(numbers->size()));
    return {};
  }
  auto before =
      spreadByAxis(node, rank, *named, ArrayRef(*numbers).take_front(count), 0);
  auto after =
      spreadByAxis(node, rank, *named, ArrayRef(*numbers).drop_front(count), 0);
  if (failed(before) || failed(after))
    return {};
  llvm::append_range(*before, *after);
  return node.indices(*before);
}

static LogicalResult importPad(NodeBinder &node) {
  Value input = node.input(0), pads = node.input(1);
  Value value = node.optionalInput(2), axes = node.optionalInput(3);
  FailureOr<nn::PadMode> mode = getPadMode(node);
  if (!input || !pads || failed(mode))
    return failure();
  if (axes)
    pads = spreadPads(node, pads, axes, node.rankOf(input));
  if (*mode != nn::PadMode::Constant)
    value = {}; // given by some exporters, without meaning
  else if (value)
    value = reshapeToScalar(node, value, "the value");
  if (!pads)
    return failure();
  return node.result(node.create<nn::PadOp>(input, pads, value, *mode));
}

//===----------------------------------------------------------------------===//
// DepthToSpace, SpaceToDepth
//===----------------------------------------------------------------------===//

/// The input of rank 4 and the block size; reports what does not fit. Axes that
/// are divided must be multiples of `divisor(block)`.
static FailureOr<std::pair<Value, int64_t>> getBlocked(NodeBinder &node) {
  Value input = node.input(0);
  int64_t block = node.intAttr("blocksize", 0);
  if (!input)
    return failure();
  if (node.rankOf(input) != 4)
    return node.error("expects an input of rank 4, but got rank " +
                      Twine(node.rankOf(input)));
  if (block < 1 || block > (int64_t(1) << 20))
    return node.error("expects a block size of 1 to 2^20, but got " +
                      Twine(block));
  return std::pair(input, block);
}

static LogicalResult checkMultiple(NodeBinder &node, Dim size, int64_t divisor,
                                   const Twine &what) {
  if (!size.getConstant() || *size.getConstant() % divisor == 0)
    return success();
  return node.error("expects " + what + " to be a multiple of " +
                    Twine(divisor) + ", but got " + Twine(*size.getConstant()));
}

static LogicalResult importDepthToSpace(NodeBinder &node) {
  auto blocked = getBlocked(node);
  std::string mode = node.stringAttr("mode", "DCR");
  if (failed(blocked))
    return failure();
  if (mode != "DCR" && mode != "CRD")
    return node.error("expects mode DCR or CRD, but got '" + mode + "'");
  auto [input, block] = *blocked;
  SmallVector<Dim> shape = node.shape(input);
  if (failed(checkMultiple(node, shape[1], block * block, "the channels")))
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  Dim b(block), channels = dims.floorDiv(shape[1], block * block);
  bool depthFirst = mode == "DCR";
  SmallVector<Dim> split =
      depthFirst
          ? SmallVector<Dim>{shape[0], b, b, channels, shape[2], shape[3]}
          : SmallVector<Dim>{shape[0], channels, b, b, shape[2], shape[3]};
  SmallVector<int64_t> order = depthFirst
                                   ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2}
                                   : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
  Value parts = node.reshape(input, split);
  Value moved = parts ? node.transpose(parts, order) : Value();
  SmallVector<Dim> joined{shape[0], channels, dims.mul(shape[2], b),
                          dims.mul(shape[3], b)};
  return node.result(moved ? node.reshape(moved, joined) : Value());
}

static LogicalResult importSpaceToDepth(NodeBinder &node) {
  auto blocked = getBlocked(node);
  if (failed(blocked))
    return failure();
  auto [input, block] = *blocked;
  SmallVector<Dim> shape = node.shape(input);
  if (failed(checkMultiple(node, shape[2], block, "the height")) ||
      failed(checkMultiple(node, shape[3], block, "the width")))
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  Dim b(block);
  Dim height = dims.floorDiv(shape[2], b), width = dims.floorDiv(shape[3], b);
  SmallVector<Dim> split{shape[0], shape[1], height, b, width, b};
  Value parts = node.reshape(input, split);
  Value moved = parts ? node.transpose(parts, {0, 3, 5, 1, 2, 4}) : Value();
  SmallVector<Dim> joined{shape[0], dims.mul(shape[1], block * block), height,
                          width};
  return node.result(moved ? node.reshape(moved, joined) : Value());
}

//===----------------------------------------------------------------------===//
// Trilu, ReverseSequence
//===----------------------------------------------------------------------===//

static LogicalResult importTrilu(NodeBinder &node) {
  Value input = node.input(0), k = node.optionalInput(1);
  if (!input)
    return failure();
  k = k ? reshapeToScalar(node, k, "the diagonal") : makeScalarIndex(node, 0);
  if (!k)
    return failure();
  return node.result(node.create<nn::TriluOp>(
      input, k, /*upper=*/node.intAttr("upper", 1) != 0));
}

static LogicalResult importReverseSequence(NodeBinder &node) {
  Value input = node.input(0), lengths = node.input(1);
  if (!input || !lengths)
    return failure();
  return node.result(node.create<nn::ReverseSequenceOp>(
      input, lengths, node.intAttr("time_axis", 0),
      node.intAttr("batch_axis", 1)));
}

void onnximport::addMovementOperators(OpTable &table) {
  table.add("Concat", 1, importConcat);
  table.add("DepthToSpace", 1, importDepthToSpace);
  table.add("Pad", 1, importPadOfAttributes);
  table.add("Pad", 11, importPad);
  table.add("ReverseSequence", 10, importReverseSequence);
  table.add("Slice", 1, importSliceOfAttributes);
  table.add("Slice", 10, importSlice);
  table.add("SpaceToDepth", 1, importSpaceToDepth);
  table.add("Split", 1, importSplit);
  table.add("Tile", 1, importTileOfAxis);
  table.add("Tile", 6, importTile);
  table.add("Transpose", 1, importTranspose);
  table.add("Trilu", 14, importTrilu);
}
