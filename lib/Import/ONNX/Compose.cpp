//===----------------------------------------------------------------------===//
// Pieces that operators composed of several ops are built from.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compose.h"

#include "MovementSupport.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

Value onnximport::readOptional(NodeBinder &node, size_t index, bool &valid) {
  Value value = node.optionalInput(index);
  valid &= value || !node.hasInput(index);
  return value;
}

LogicalResult onnximport::rejectInputs(NodeBinder &node, size_t first,
                                       size_t end, StringRef what) {
  for (size_t index = first; index < end; ++index)
    if (node.hasInput(index))
      return node.error("expects no input " + Twine(index) + " (" + what +
                        " is not supported), but it is given");
  return success();
}

LogicalResult onnximport::checkRank(NodeBinder &node, Value tensor,
                                    int64_t rank, const Twine &what) {
  if (!tensor)
    return failure();
  if (NodeBinder::rankOf(tensor) == rank)
    return success();
  return node.error("expects " + what + " of rank " + Twine(rank) +
                    ", but got rank " + Twine(NodeBinder::rankOf(tensor)));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value onnximport::convertTo(NodeBinder &node, Value tensor, Type type) {
  if (!tensor || NodeBinder::elementTypeOf(tensor) == type)
    return tensor;
  return node.create<nn::CastOp>(tensor, TypeAttr::get(type));
}

Value onnximport::scaleBy(NodeBinder &node, Value tensor, double factor) {
  if (!tensor || factor == 1)
    return tensor;
  return node.create<nn::MulOp>(
      tensor, node.scalar(NodeBinder::elementTypeOf(tensor), factor));
}

Value onnximport::addOptional(NodeBinder &node, Value tensor, Value addend) {
  return tensor && addend ? node.create<nn::AddOp>(tensor, addend) : tensor;
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

Value onnximport::sliceAxis(NodeBinder &node, Value tensor, int64_t axis,
                            Dim begin, Dim end) {
  if (!tensor ||
      (begin.isConstant(0) && end.isSameAs(node.shape(tensor)[axis])))
    return tensor;
  return node.create<nn::SliceOp>(tensor, node.indices(ArrayRef<Dim>(begin)),
                                  node.indices(ArrayRef<Dim>(end)),
                                  ArrayRef<int64_t>(axis),
                                  ArrayRef<int64_t>(int64_t(1)));
}

Value onnximport::joinAxis(NodeBinder &node, ArrayRef<Value> tensors,
                           int64_t axis) {
  if (llvm::is_contained(tensors, Value()))
    return {};
  return tensors.size() == 1
             ? tensors.front()
             : node.create<nn::ConcatOp>(ValueRange(tensors), axis);
}

Value onnximport::padLastAxis(NodeBinder &node, Value tensor, Dim size,
                              double fill) {
  if (!tensor)
    return {};
  SmallVector<Dim> shape = node.shape(tensor);
  if (shape.empty() || shape.back().isSameAs(size))
    return tensor;
  std::optional<int64_t> own = shape.back().getConstant();
  if (own && size.getConstant() && *own > *size.getConstant()) {
    (void)node.error("expects a last dimension of at most " +
                     Twine(*size.getConstant()) + ", but got " + Twine(*own));
    return {};
  }
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> pads(2 * shape.size(), Dim(0));
  pads.back() = dims.max(dims.sub(size, shape.back()), Dim(0));
  return node.create<nn::PadOp>(
      tensor, node.indices(ArrayRef<Dim>(pads)),
      node.scalar(NodeBinder::elementTypeOf(tensor), fill),
      nn::PadMode::Constant);
}

Value onnximport::countUp(NodeBinder &node, Dim size) {
  Type type = node.builder().getI64Type();
  return node.create<nn::RangeOp>(node.scalar(type, 0), node.scalar(type, 1),
                                  makeScalarIndex(node, size));
}

Value onnximport::fill(NodeBinder &node, Type type, double value,
                       ArrayRef<Dim> shape) {
  return node.create<nn::BroadcastOp>(node.scalar(type, value),
                                      node.indices(shape));
}

Value onnximport::spreadBlocks(NodeBinder &node, Value parameters, int64_t axis,
                               Dim length, int64_t size) {
  if (!parameters)
    return {};
  Value blocks = node.create<nn::DivOp>(
      countUp(node, length),
      node.scalar(node.builder().getI64Type(), double(size)));
  return node.create<nn::GatherOp>(parameters, blocks, axis);
}

Value onnximport::moveChannels(NodeBinder &node, Value tensor, bool toLast) {
  if (!tensor || NodeBinder::rankOf(tensor) < 3)
    return tensor;
  auto axes =
      llvm::to_vector(llvm::seq<int64_t>(0, NodeBinder::rankOf(tensor)));
  if (toLast)
    std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
  else
    std::rotate(axes.begin() + 1, axes.end() - 1, axes.end());
  return node.transpose(tensor, axes);
}

Value onnximport::splitHeads(NodeBinder &node, Value tensor, int64_t heads) {
  if (failed(checkRank(node, tensor, 3, "a tensor of heads")))
    return {};
  SmallVector<Dim> shape = node.shape(tensor);
  std::optional<int64_t> width = shape[2].getConstant();
  if (heads < 1 || (width && *width % heads)) {
    (void)node.error("expects a number of heads that divides the last "
                     "dimension" +
                     (width ? " " + Twine(*width) : Twine()) + ", but got " +
                     Twine(heads));
    return {};
  }
  DimBuilder dims(node.builder(), node.loc());
  Dim head = dims.floorDiv(shape[2], Dim(heads));
  Value split = node.reshape(tensor, {shape[0], shape[1], Dim(heads), head});
  return split ? node.transpose(split, {0, 2, 1, 3}) : Value();
}

Value onnximport::mergeHeads(NodeBinder &node, Value tensor) {
  if (!tensor)
    return {};
  SmallVector<Dim> shape = node.shape(tensor);
  DimBuilder dims(node.builder(), node.loc());
  return node.reshape(node.transpose(tensor, {0, 2, 1, 3}),
                      {shape[0], shape[2], dims.mul(shape[1], shape[3])});
}

//===----------------------------------------------------------------------===//
// Caches
//===----------------------------------------------------------------------===//

/// The place of each row in the cache, all axes up to the written one taken as
/// one: [outer * count] numbers, `outer * length` for what is left out.
static Value placeRows(NodeBinder &node, Dim batch, Dim perBatch, Dim length,
                       Dim count, Value starts, bool circular) {
  Type type = node.builder().getI64Type();
  DimBuilder dims(node.builder(), node.loc());
  Value size = makeScalarIndex(node, length);
  starts = node.reshape(convertTo(node, starts, type), {batch, Dim(1), Dim(1)});
  Value row = node.create<nn::AddOp>(starts, countUp(node, count));
  if (circular)
    row = node.create<nn::ModOp>(row, size, /*fmod=*/false);
  Dim outer = dims.mul(batch, perBatch);
  Value first = node.create<nn::MulOp>(
      node.reshape(countUp(node, outer), {batch, perBatch, Dim(1)}), size);
  Value place = node.create<nn::AddOp>(row, first);
  if (!circular) {
    Value behind = makeScalarIndex(node, dims.mul(outer, length));
    place = node.create<nn::WhereOp>(node.create<nn::LessOp>(row, size), place,
                                     behind);
  }
  return node.reshape(place, {dims.mul(outer, count), Dim(1)});
}

Value onnximport::writeRows(NodeBinder &node, Value cache, Value rows,
                            int64_t axis, Value starts, bool circular) {
  if (!cache ||
      failed(checkRank(node, rows, NodeBinder::rankOf(cache), "rows to write")))
    return {};
  SmallVector<Dim> shape = node.shape(cache);
  Dim count = node.shape(rows)[axis], length = shape[axis];
  if (count.getConstant() && length.getConstant() &&
      *count.getConstant() > *length.getConstant()) {
    (void)node.error("expects at most " + Twine(*length.getConstant()) +
                     " rows to write, but got " + Twine(*count.getConstant()));
    return {};
  }
  if (!starts)
    return joinAxis(node, {rows, sliceAxis(node, cache, axis, count, length)},
                    axis);
  DimBuilder dims(node.builder(), node.loc());
  ArrayRef<Dim> all(shape);
  Dim perBatch = dims.product(all.slice(1, axis - 1));
  Dim inner = dims.product(all.drop_front(axis + 1));
  Dim outer = dims.mul(shape[0], perBatch);
  Value flatCache = node.reshape(cache, {dims.mul(outer, length), inner});
  Value flatRows = node.reshape(rows, {dims.mul(outer, count), inner});
  Value places =
      placeRows(node, shape[0], perBatch, length, count, starts, circular);
  if (!flatCache || !flatRows || !places)
    return {};
  Value written = node.create<nn::ScatterNDOp>(flatCache, places, flatRows,
                                               nn::ScatterReduction::None);
  return node.reshape(written, all);
}
