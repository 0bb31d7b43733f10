//===----------------------------------------------------------------------===//
// Search: shapes, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementOrder.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/ScalarOperands.h"

#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}
static Type elementTypeOf(Value tensor) {
  return typeOf(tensor).getElementType();
}
static Type indexTypeOf(Value tensor) {
  return IntegerType::get(tensor.getContext(), 64);
}

//===----------------------------------------------------------------------===//
// TopKOp
//===----------------------------------------------------------------------===//

LogicalResult TopKOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                  SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput();
  int64_t axis = adaptor.getAxis();
  if (failed(requireAxis(dims, axis, typeOf(input).getRank())))
    return failure();
  FailureOr<Dim> k = readScalar(dims, adaptor.getK(), "k");
  if (failed(k))
    return failure();
  SmallVector<Dim> shape = dims.shape(input);
  if (failed(requireAtLeast(dims, *k, 0, "k")) ||
      failed(requireAtMost(dims, *k, shape[axis], "k")))
    return failure();
  shape[axis] = *k;
  shapes.push_back({elementTypeOf(input), shape});
  shapes.push_back({indexTypeOf(input), shape});
  return success();
}

std::string TopKOp::evaluate(ArrayRef<nncio::Tensor> operands,
                             MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  AxisView from = AxisView::of(input.shape(), getAxis());
  AxisView to = AxisView::of(results[0].shape(), getAxis());
  size_t width = nncio::elementBytes(input.type());
  std::vector<int64_t> order(from.size);
  for (int64_t o = 0; o < to.outer; ++o) {
    for (int64_t r = 0; r < to.inner; ++r) {
      for (int64_t i = 0; i < from.size; ++i)
        order[i] = i;
      llvm::sort(order, [&](int64_t a, int64_t b) {
        int sign = compareElements(input, from.at(o, a, r), from.at(o, b, r));
        if (sign == 0)
          return a < b;
        return getSmallest() ? sign < 0 : sign > 0;
      });
      for (int64_t i = 0; i < to.size; ++i) {
        std::memcpy(results[0].mutableData() + to.at(o, i, r) * width,
                    input.data() + from.at(o, order[i], r) * width, width);
        results[1].setInt(to.at(o, i, r), order[i]);
      }
    }
  }
  return "";
}

//===----------------------------------------------------------------------===//
// OneHotOp
//===----------------------------------------------------------------------===//

LogicalResult OneHotOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (failed(requireAxis(dims, axis, shape.size() + 1)) ||
      failed(requireRank(dims, adaptor.getValues(), 1, "values")) ||
      failed(dims.requireEqual(dims.dim(adaptor.getValues(), 0), Dim(2),
                               "the number of values and 2")))
    return failure();
  FailureOr<Dim> depth = readScalar(dims, adaptor.getDepth(), "a depth");
  if (failed(depth) || failed(requireAtLeast(dims, *depth, 0, "a depth")))
    return failure();
  shape.insert(shape.begin() + axis, *depth);
  shapes.push_back({elementTypeOf(adaptor.getValues()), shape});
  return success();
}

std::string OneHotOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &indices = operands[0], &values = operands[2];
  nncio::Tensor &result = results[0];
  AxisView view = AxisView::of(result.shape(), getAxis());
  size_t width = nncio::elementBytes(result.type());
  uint8_t *out = result.mutableData();
  for (int64_t i = 0; i < result.size(); ++i)
    std::memcpy(out + i * width, values.data(), width);
  for (int64_t o = 0; o < view.outer; ++o) {
    for (int64_t r = 0; r < view.inner; ++r) {
      int64_t index = indices.getInt(o * view.inner + r);
      bool isHuge = indices.type() == nncio::ElementType::U64 && index < 0;
      if (index < 0 && !isHuge)
        index += view.size;
      if (index >= 0 && index < view.size)
        std::memcpy(out + view.at(o, index, r) * width, values.data() + width,
                    width);
    }
  }
  return "";
}

//===----------------------------------------------------------------------===//
// CountNonZeroOp, NonZeroOp
//===----------------------------------------------------------------------===//

LogicalResult
CountNonZeroOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                            SmallVectorImpl<ResultShape> &shapes) {
  shapes.push_back({indexTypeOf(adaptor.getInput()), {Dim(1)}});
  return success();
}

static bool isNonZero(const nncio::Tensor &tensor, int64_t i) {
  return nncio::isFloat(tensor.type()) ? tensor.getDouble(i) != 0
                                       : tensor.getInt(i) != 0;
}

std::string CountNonZeroOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                     MutableArrayRef<nncio::Tensor> results) {
  int64_t count = 0;
  for (int64_t i = 0; i < operands[0].size(); ++i)
    count += isNonZero(operands[0], i);
  results[0].setInt(0, count);
  return "";
}

LogicalResult NonZeroOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                     SmallVectorImpl<ResultShape> &shapes) {
  FailureOr<Dim> count = readScalar(dims, adaptor.getCount(), "a count");
  if (failed(count) || failed(requireAtLeast(dims, *count, 0, "a count")))
    return failure();
  int64_t rank = typeOf(adaptor.getInput()).getRank();
  shapes.push_back({indexTypeOf(adaptor.getInput()), {Dim(rank), *count}});
  return success();
}

std::string NonZeroOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  int64_t room = results[0].shape()[1], count = 0;
  for (int64_t i = 0; i < input.size(); ++i) {
    if (!isNonZero(input, i))
      continue;
    int64_t rest = i;
    for (int64_t axis = input.rank() - 1; axis >= 0 && count < room; --axis) {
      results[0].setInt(axis * room + count, rest % input.shape()[axis]);
      rest /= input.shape()[axis];
    }
    ++count;
  }
  if (count != room)
    return "expects a count of " + std::to_string(count) + ", but got " +
           std::to_string(room);
  return "";
}

//===----------------------------------------------------------------------===//
// NonMaxSuppressionOp
//===----------------------------------------------------------------------===//

LogicalResult
NonMaxSuppressionOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                 SmallVectorImpl<ResultShape> &shapes) {
  Value boxes = adaptor.getBoxes(), scores = adaptor.getScores();
  if (failed(requireRank(dims, boxes, 3, "boxes")) ||
      failed(requireRank(dims, scores, 3, "scores")))
    return failure();
  for (Value other :
       {scores, adaptor.getIouThreshold(), adaptor.getScoreThreshold()})
    if (elementTypeOf(other) != elementTypeOf(boxes))
      return dims.fail("expects boxes, scores and thresholds of one type");
  FailureOr<Dim> count =
      dims.requireEqual(dims.dim(boxes, 1), dims.dim(scores, 2),
                        "the numbers of boxes and of scores");
  FailureOr<Dim> batch =
      dims.requireEqual(dims.dim(boxes, 0), dims.dim(scores, 0), "the batches");
  if (failed(count) || failed(batch) ||
      failed(dims.requireEqual(dims.dim(boxes, 2), Dim(4),
                               "a box's coordinates and 4")) ||
      failed(requireOneElement(dims, adaptor.getIouThreshold(),
                               "an overlap threshold")) ||
      failed(requireOneElement(dims, adaptor.getScoreThreshold(),
                               "a score threshold")))
    return failure();
  FailureOr<Dim> limit =
      readScalar(dims, adaptor.getMaxBoxes(), "a number of boxes");
  if (failed(limit))
    return failure();
  Dim each = dims.min(*count, dims.max(*limit, Dim(0)));
  Dim total = dims.mul(dims.mul(*batch, dims.dim(scores, 1)), each);
  shapes.push_back({indexTypeOf(boxes), {total, Dim(3)}});
  shapes.push_back({indexTypeOf(boxes), {Dim(1)}});
  return success();
}

namespace {
/// Corners with low <= high.
struct Box {
  float y1, x1, y2, x2;
  float area() const { return (y2 - y1) * (x2 - x1); }
};
} // namespace

static Box readBox(const nncio::Tensor &boxes, int64_t index,
                   bool isCenterPoint) {
  float v[4];
  for (int64_t i = 0; i < 4; ++i)
    v[i] = float(boxes.getDouble(index * 4 + i));
  if (isCenterPoint)
    return {v[1] - v[3] / 2, v[0] - v[2] / 2, v[1] + v[3] / 2, v[0] + v[2] / 2};
  return {std::min(v[0], v[2]), std::min(v[1], v[3]), std::max(v[0], v[2]),
          std::max(v[1], v[3])};
}

static bool overlapMuch(const Box &a, const Box &b, float threshold) {
  float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  if (!(height > 0) || !(width > 0))
    return false;
  float common = height * width;
  float all = a.area() + b.area() - common;
  return a.area() > 0 && b.area() > 0 && all > 0 && common / all > threshold;
}

std::string
NonMaxSuppressionOp::evaluate(ArrayRef<nncio::Tensor> operands,
                              MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &boxes = operands[0], &scores = operands[1];
  int64_t batches = scores.shape()[0], classes = scores.shape()[1];
  int64_t count = scores.shape()[2], limit = operands[2].getInt(0), found = 0;
  float overlap = float(operands[3].getDouble(0));
  double threshold = operands[4].getDouble(0);
  for (int64_t group = 0; group < batches * classes; ++group) {
    std::vector<int64_t> order;
    for (int64_t i = 0; i < count; ++i)
      if (scores.getDouble(group * count + i) > threshold)
        order.push_back(i);
    llvm::sort(order, [&](int64_t a, int64_t b) {
      double x = scores.getDouble(group * count + a);
      double y = scores.getDouble(group * count + b);
      return x == y ? a < b : x > y;
    });
    std::vector<Box> taken;
    for (int64_t i : order) {
      if (int64_t(taken.size()) >= limit)
        break;
      Box box = readBox(boxes, group / classes * count + i, getCenterPoint());
      if (llvm::any_of(taken, [&](const Box &other) {
            return overlapMuch(box, other, overlap);
          }))
        continue;
      taken.push_back(box);
      int64_t row[] = {group / classes, group % classes, i};
      for (int64_t j = 0; j < 3; ++j)
        results[0].setInt(found * 3 + j, row[j]);
      ++found;
    }
  }
  results[1].setInt(0, found);
  return "";
}
