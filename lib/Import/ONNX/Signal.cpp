//===----------------------------------------------------------------------===//
// Import of windows, Fourier transforms, determinants.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compose.h"
#include "MovementSupport.h"
#include "NodeBinder.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

static LogicalResult importWindow(NodeBinder &node,
                                  ArrayRef<double> coefficients) {
  Value size = node.input(0);
  FailureOr<Type> type =
      node.elementType(node.intAttr("output_datatype", /*float=*/1));
  if (!size || failed(type))
    return failure();
  return node.result(node.create<nn::CosineWindowOp>(
      size, coefficients, node.intAttr("periodic", 1) != 0, *type));
}

static LogicalResult importHannWindow(NodeBinder &node) {
  return importWindow(node, {0.5, 0.5, 0.0});
}

static LogicalResult importHammingWindow(NodeBinder &node) {
  return importWindow(node, {25.0 / 46.0, 21.0 / 46.0, 0.0});
}

static LogicalResult importBlackmanWindow(NodeBinder &node) {
  return importWindow(node, {0.42, 0.5, 0.08});
}

//===----------------------------------------------------------------------===//
// MelWeightMatrix
//===----------------------------------------------------------------------===//

static LogicalResult importMelWeightMatrix(NodeBinder &node) {
  SmallVector<Value> inputs;
  for (size_t i = 0; i < 5; ++i) {
    Value input = node.input(i);
    if (!input)
      return failure();
    inputs.push_back(input);
  }
  FailureOr<Type> type =
      node.elementType(node.intAttr("output_datatype", /*float=*/1));
  if (failed(type))
    return failure();
  return node.result(node.create<nn::MelWeightMatrixOp>(
      inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], *type));
}

//===----------------------------------------------------------------------===//
// DFT, STFT, Det
//===----------------------------------------------------------------------===//

/// The real signal of which the input is one half of the transform along
/// `axis`: the other half is conjugated, in reverse order.
static LogicalResult importRealInverse(NodeBinder &node, Value half,
                                       int64_t axis) {
  int64_t last = node.rankOf(half) - 1;
  if (axis == last)
    return node.error("expects an axis in front of the components, but got "
                      "the last one");
  DimBuilder dims(node.builder(), node.loc());
  Dim known = node.shape(half)[axis];
  Dim length = dims.mul(dims.sub(known, Dim(1)), Dim(2));
  if (node.hasInput(1)) {
    Value given = node.input(1);
    auto numbers = given ? readElements(node, given, "dft_length")
                         : FailureOr<SmallVector<Dim>>(failure());
    if (failed(numbers) || numbers->size() != 1)
      return failed(numbers) ? failure()
                             : node.error("expects one dft_length, but got " +
                                          Twine(numbers->size()));
    length = numbers->front();
  }
  Dim kept = dims.add(dims.floorDiv(length, Dim(2)), Dim(1));
  SmallVector<Dim> room = node.shape(half);
  room[axis] = dims.max(dims.sub(kept, known), Dim(0));
  Type type = node.elementTypeOf(half);
  if (!room[axis].isConstant(0))
    half = joinAxis(node, {half, fill(node, type, 0, room)}, axis);
  half = sliceAxis(node, half, axis, Dim(0), kept);
  if (!half)
    return failure();
  Dim end = dims.floorDiv(dims.sub(length, Dim(1)), Dim(2));
  Value other = node.create<nn::SliceOp>(
      half, node.indices(ArrayRef<Dim>(end)),
      node.indices(ArrayRef<int64_t>(int64_t(0))), ArrayRef<int64_t>(axis),
      ArrayRef<int64_t>(int64_t(-1)));
  if (node.shape(half)[last].isConstant(2))
    other =
        node.create<nn::MulOp>(other, node.constant(nncio::Tensor::fromDoubles(
                                          *toElementType(type), {2}, {1, -1})));
  Value whole = joinAxis(node, {half, other}, axis);
  Value signal = node.create<nn::DFTOp>(whole, makeScalarIndex(node, length),
                                        axis, /*inverse=*/true,
                                        /*onesided=*/false);
  return node.result(sliceAxis(node, signal, last, Dim(0), Dim(1)));
}

/// The axis is an attribute up to version 17, an input from 20 on.
static LogicalResult importDFT(NodeBinder &node) {
  Value signal = node.input(0);
  if (!signal)
    return failure();
  bool hasAxisInput = node.version() >= 20;
  int64_t axis = node.intAttr("axis", hasAxisInput ? -2 : 1);
  if (hasAxisInput && node.hasInput(2)) {
    std::optional<SmallVector<int64_t>> known =
        node.constantInts(node.input(2));
    if (!known || known->size() != 1)
      return node.error("expects a constant axis, but it is computed in the "
                        "run");
    axis = (*known)[0];
  }
  FailureOr<int64_t> normal = node.normalizeAxis(axis, node.rankOf(signal));
  if (failed(normal))
    return failure();
  bool isInverse = node.intAttr("inverse", 0) != 0;
  bool isOnesided = node.intAttr("onesided", 0) != 0;
  if (isInverse && isOnesided)
    return importRealInverse(node, signal, *normal);
  Value length = node.hasInput(1) ? node.input(1)
                                  : node.indices({node.shape(signal)[*normal]});
  if (!length)
    return failure();
  return node.result(
      node.create<nn::DFTOp>(signal, length, *normal, isInverse, isOnesided));
}

/// Frames, each multiplied by the window, then transformed.
static LogicalResult importSTFT(NodeBinder &node) {
  Value signal = node.input(0), step = node.input(1);
  Value window = node.optionalInput(2), length = node.optionalInput(3);
  if (!signal || !step || (node.hasInput(2) && !window) ||
      (node.hasInput(3) && !length))
    return failure();
  if (node.rankOf(signal) == 2) {
    SmallVector<Dim> shape = node.shape(signal);
    shape.push_back(Dim(1));
    signal = node.reshape(signal, shape);
  }
  if (window && node.rankOf(window) != 1)
    return node.error("expects a window of rank 1");
  if (!length && !window)
    return node.error("expects a window or a frame length");
  if (!length)
    length = node.indices({node.shape(window)[0]});
  Value frames = node.create<nn::FrameOp>(signal, length, step);
  if (!frames)
    return failure();
  if (window) {
    window = node.reshape(window, {node.shape(window)[0], Dim(1)});
    frames = window ? node.create<nn::MulOp>(frames, window) : Value();
    if (!frames)
      return failure();
  }
  return node.result(node.create<nn::DFTOp>(
      frames, length, /*axis=*/int64_t(2), /*inverse=*/false,
      /*onesided=*/node.intAttr("onesided", 1) != 0));
}

static LogicalResult importDet(NodeBinder &node) {
  Value input = node.input(0);
  return input ? node.result(node.create<nn::DetOp>(input)) : failure();
}

//===----------------------------------------------------------------------===//
// CenterCropPad
//===----------------------------------------------------------------------===//

/// A pad whose counts may be negative; the odd element goes behind.
static LogicalResult importCenterCropPad(NodeBinder &node) {
  Value input = node.input(0), shape = node.input(1);
  if (!input || !shape)
    return failure();
  int64_t rank = node.rankOf(input);
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  FailureOr<SmallVector<int64_t>> axes =
      node.normalizeAxes(node.intsAttr("axes").value_or(all), rank);
  if (failed(axes))
    return failure();
  if (node.rankOf(shape) != 1 ||
      node.typeOf(shape).getDimSize(0) != int64_t(axes->size()))
    return node.error("expects a shape of length " + Twine(axes->size()));
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> from = node.shape(input), pads(2 * rank, Dim(0));
  for (auto [i, axis] : llvm::enumerate(*axes)) {
    Dim more = dims.sub(dims.element(shape, i), from[axis]);
    Dim less = dims.sub(Dim(0), more);
    Dim removed = dims.sub(Dim(0), dims.floorDiv(less, Dim(2)));
    Dim before =
        dims.selectLess(more, Dim(0), removed, dims.floorDiv(more, Dim(2)));
    pads[axis] = before;
    pads[rank + axis] = dims.sub(more, before);
  }
  return node.result(node.create<nn::PadOp>(input,
                                            node.indices(ArrayRef<Dim>(pads)),
                                            Value(), nn::PadMode::Constant));
}

void onnximport::addSignalOperators(OpTable &table) {
  table.add("BlackmanWindow", 17, importBlackmanWindow);
  table.add("CenterCropPad", 18, importCenterCropPad);
  table.add("DFT", 17, importDFT);
  table.add("Det", 11, importDet);
  table.add("HammingWindow", 17, importHammingWindow);
  table.add("HannWindow", 17, importHannWindow);
  table.add("MelWeightMatrix", 17, importMelWeightMatrix);
  table.add("STFT", 17, importSTFT);
}
