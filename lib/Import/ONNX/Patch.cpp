//===----------------------------------------------------------------------===//
// Import of patches and regions of images.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

namespace {
/// Attributes of windows over `rank` axes.
struct Windows {
  SmallVector<int64_t> strides, dilations, pads;

  Windows(NodeBinder &node, int64_t rank)
      : strides(rank, 1), dilations(rank, 1), pads(2 * rank, 0) {
    strides = node.intsAttr("strides").value_or(strides);
    dilations = node.intsAttr("dilations").value_or(dilations);
    pads = node.intsAttr("pads").value_or(pads);
  }
};
} // namespace

static LogicalResult importCol2Im(NodeBinder &node) {
  Value input = node.input(0), image = node.input(1), block = node.input(2);
  if (!input || !image || !block)
    return failure();
  std::optional<SmallVector<int64_t>> kernel = node.constantInts(block);
  if (!kernel)
    return node.error("expects a constant block shape, but it is computed in "
                      "the run");
  Windows windows(node, kernel->size());
  return node.result(node.create<nn::Col2ImOp>(
      input, image, *kernel, windows.strides, windows.dilations, windows.pads));
}

/// Columns of moved elements, times the filter in one product a group.
static LogicalResult importDeformConv(NodeBinder &node) {
  Value input = node.input(0), filter = node.input(1), offset = node.input(2);
  Value bias = node.optionalInput(3), mask = node.optionalInput(4);
  if (!input || !filter || !offset || (node.hasInput(3) && !bias) ||
      (node.hasInput(4) && !mask))
    return failure();
  if (node.rankOf(input) != 4 || node.rankOf(filter) != 4)
    return node.error("expects input and filter of rank 4 (two spatial axes), "
                      "but got ranks " +
                      Twine(node.rankOf(input)) + " and " +
                      Twine(node.rankOf(filter)));
  ArrayRef<int64_t> size = node.typeOf(filter).getShape().drop_front(2);
  if (ShapedType::isDynamicShape(size))
    return node.error("expects a filter of fixed spatial dimensions");
  int64_t groups = node.intAttr("group", 1);
  if (groups < 1 || groups > nn::windowNumberLimit)
    return node.error("expects 1 or more groups, but got " + Twine(groups));
  Windows windows(node, 2);
  Value columns = node.create<nn::DeformColumnsOp>(
      input, offset, mask, size, windows.strides, windows.dilations,
      windows.pads, node.intAttr("offset_group", 1));
  if (!columns)
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> shape = node.shape(columns), features = node.shape(filter);
  Dim taps = dims.product(ArrayRef(features).drop_front());
  Dim places = dims.mul(shape[4], shape[5]);
  Dim part = dims.floorDiv(features[0], Dim(groups));
  // Each reshape checks that the channels divide into groups.
  columns =
      node.reshape(columns, ArrayRef<Dim>{shape[0], Dim(groups), taps, places});
  filter = node.reshape(filter, ArrayRef<Dim>{Dim(1), Dim(groups), part, taps});
  if (!columns || !filter)
    return failure();
  Value product = node.create<nn::MatMulOp>(filter, columns);
  if (!product)
    return failure();
  Value result = node.reshape(
      product, ArrayRef<Dim>{shape[0], features[0], shape[4], shape[5]});
  if (bias) {
    if (node.rankOf(bias) != 1)
      return node.error("expects a bias of rank 1, but got rank " +
                        Twine(node.rankOf(bias)));
    bias =
        node.reshape(bias, ArrayRef<Dim>{node.shape(bias)[0], Dim(1), Dim(1)});
    result = node.create<nn::AddOp>(result, bias);
  }
  return node.result(result);
}

static LogicalResult importMaxRoiPool(NodeBinder &node) {
  Value input = node.input(0), rois = node.input(1);
  if (!input || !rois)
    return failure();
  std::optional<SmallVector<int64_t>> size = node.intsAttr("pooled_shape");
  if (!size)
    return node.error("expects integers in attribute 'pooled_shape'");
  return node.result(node.create<nn::MaxRoiPoolOp>(
      input, rois, *size,
      llvm::APFloat(static_cast<float>(node.floatAttr("spatial_scale", 1)))));
}

static LogicalResult importImageDecoder(NodeBinder &node) {
  return node.error("decodes image files, for which compiled models link no "
                    "decoder; decode the image before the model and make the "
                    "pixels, [height, width, channels] of ui8, its input");
}

void onnximport::addPatchOperators(OpTable &table) {
  table.add("Col2Im", 18, importCol2Im);
  table.add("DeformConv", 19, importDeformConv);
  table.add("ImageDecoder", 20, importImageDecoder);
  table.add("MaxRoiPool", 1, importMaxRoiPool);
}
