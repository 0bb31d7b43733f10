//===----------------------------------------------------------------------===//
// Packing of weights: reshape, pad, split, permute, on raw bytes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/WeightTransformUtils.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// Units to cut the work into, at least, where the result has as many rows.
static constexpr int64_t minUnits = 64;

static ArrayRef<int64_t> listOf(DenseI64ArrayAttr attr) {
  return attr ? attr.asArrayRef() : ArrayRef<int64_t>();
}

static int64_t product(ArrayRef<int64_t> sizes) {
  return nncio::numElements(sizes.vec());
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// The sizes after padding; nothing if one does not fit into 63 bits.
static std::optional<SmallVector<int64_t>> padShape(ArrayRef<int64_t> shape,
                                                    ArrayRef<int64_t> pad) {
  SmallVector<int64_t> sizes(shape);
  for (auto [size, more] : llvm::zip(sizes, pad))
    if (more < 0 || llvm::AddOverflow(size, more, size))
      return std::nullopt;
  return sizes;
}

/// For each of `split`, the dimension of `sizes` that it is a part of; nothing
/// if they are no parts. It does not matter whose part a 1 is.
static std::optional<SmallVector<int64_t>> matchSplit(ArrayRef<int64_t> sizes,
                                                      ArrayRef<int64_t> split) {
  SmallVector<int64_t> owners;
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    int64_t parts = 1;
    while (owners.size() < split.size() &&
           (parts != size || split[owners.size()] == 1)) {
      int64_t part = split[owners.size()];
      if (part < 0 || llvm::MulOverflow(parts, part, parts))
        return std::nullopt;
      owners.push_back(dim);
    }
    if (parts != size)
      return std::nullopt;
  }
  // What is left has no dimension: parts of a scalar.
  while (owners.size() < split.size() && split[owners.size()] == 1)
    owners.push_back(int64_t(sizes.size()) - 1);
  if (owners.size() != split.size())
    return std::nullopt;
  return owners;
}

LogicalResult RelayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   DenseI64ArrayAttr shape,
                                   DenseI64ArrayAttr pad,
                                   DenseI64ArrayAttr split,
                                   DenseI64ArrayAttr perm) {
  ArrayRef<int64_t> sizes = listOf(shape), pads = listOf(pad);
  if (product(sizes) < 0)
    return emitError() << "expects a shape whose size fits into 63 bits, but "
                          "got "
                       << sizes;
  if (!pads.empty() && pads.size() != sizes.size())
    return emitError() << "expects one padding a dimension of " << sizes
                       << ", but got " << pads;
  std::optional<SmallVector<int64_t>> padded = padShape(sizes, pads);
  if (!padded || product(*padded) < 0)
    return emitError() << "expects paddings of at least 0 and a size that fits "
                          "into 63 bits, but got "
                       << pads;
  ArrayRef<int64_t> parts = listOf(split).empty() ? *padded : listOf(split);
  if (!matchSplit(*padded, parts))
    return emitError() << "expects each of the dimensions " << ArrayRef(*padded)
                       << " to be split into parts, but got " << parts;
  ArrayRef<int64_t> order = listOf(perm);
  SmallVector<int64_t> sorted(order);
  llvm::sort(sorted);
  if (!order.empty() &&
      !llvm::equal(sorted, llvm::seq<int64_t>(0, parts.size())))
    return emitError() << "expects a permutation of " << parts.size()
                       << " dimensions, but got " << order;
  return success();
}

namespace {
/// One dimension of the result.
struct Axis {
  int64_t size;
  int64_t stride; ///< In the operand, in elements.
  /// Of the padded dimension that this is a part of: which one, and how far an
  /// index moves in it; -1 where nothing is padded.
  int64_t dim = -1;
  int64_t factor = 0;
  int64_t outStride = 1; ///< In the result, in elements.
};
} // namespace

/// The result's dimensions, as they are written in the attribute.
static SmallVector<Axis> makeAxes(RelayoutAttr attr) {
  ArrayRef<int64_t> shape = listOf(attr.getShape());
  ArrayRef<int64_t> pad = listOf(attr.getPad());
  SmallVector<int64_t> padded = *padShape(shape, pad);
  ArrayRef<int64_t> split = listOf(attr.getSplit()).empty()
                                ? ArrayRef<int64_t>(padded)
                                : listOf(attr.getSplit());
  SmallVector<int64_t> owners = *matchSplit(padded, split);
  SmallVector<Axis> parts(split.size());
  int64_t factor = 1, stride = 1;
  for (int64_t i = int64_t(split.size()) - 1, dim = int64_t(shape.size()) - 1;
       i >= 0; --i) {
    for (; dim != owners[i]; --dim, factor = 1)
      stride *= shape[dim];
    bool isPadded = dim >= 0 && !pad.empty() && pad[dim] > 0;
    parts[i] = {split[i], stride * factor, isPadded ? dim : -1,
                isPadded ? factor : 0};
    factor *= split[i];
  }
  SmallVector<Axis> axes;
  ArrayRef<int64_t> perm = listOf(attr.getPerm());
  for (int64_t i = 0; i < int64_t(parts.size()); ++i)
    axes.push_back(parts[perm.empty() ? i : perm[i]]);
  return axes;
}

nncio::Result<RankedTensorType>
RelayoutAttr::inferType(RankedTensorType operand) const {
  if (product(operand.getShape()) != product(listOf(getShape())))
    return nncio::Result<RankedTensorType>::failure(
        "expects a weight of " + std::to_string(product(listOf(getShape()))) +
        " elements to lay out, but got " + nn::detail::describe(operand));
  SmallVector<int64_t> sizes;
  for (const Axis &axis : makeAxes(*this))
    sizes.push_back(axis.size);
  return operand.clone(sizes);
}

bool RelayoutAttr::isReshape() const {
  ArrayRef<int64_t> perm = listOf(getPerm());
  return llvm::all_of(listOf(getPad()), [](int64_t pad) { return pad == 0; }) &&
         llvm::equal(perm, llvm::seq<int64_t>(0, perm.size()));
}

//===----------------------------------------------------------------------===//
// Copying
//===----------------------------------------------------------------------===//

/// Joins neighbours that are contiguous in the operand too, and drops what has
/// one index; at least one axis is left.
static SmallVector<Axis> simplifyAxes(SmallVector<Axis> axes) {
  SmallVector<Axis> joined;
  for (const Axis &axis : axes) {
    if (axis.size == 1)
      continue;
    if (!joined.empty()) {
      Axis &outer = joined.back();
      if (outer.stride == axis.size * axis.stride && outer.dim == axis.dim &&
          outer.factor == axis.size * axis.factor) {
        outer = {outer.size * axis.size, axis.stride, axis.dim, axis.factor};
        continue;
      }
    }
    joined.push_back(axis);
  }
  if (joined.empty())
    joined.push_back({1, 1});
  int64_t stride = 1;
  for (Axis &axis : llvm::reverse(joined)) {
    axis.outStride = stride;
    stride *= axis.size;
  }
  return joined;
}

namespace {
/// An element, wherever it lies.
template <int Width>
struct Element {
  uint8_t bytes[Width];
};

/// How a relayout runs.
class Copier {
public:
  explicit Copier(RelayoutAttr attr)
      : limits(listOf(attr.getShape())), axes(simplifyAxes(makeAxes(attr))),
        coordinates(limits.size(), 0) {
    // Blocks of the result's last dimension and of the operand's.
    row = axes.size() - 1;
    blocked = row;
    for (auto [i, axis] : llvm::enumerate(axes))
      if (axis.stride == 1 && (axis.dim < 0 || axis.dim != axes[row].dim))
        blocked = i;
    numUnits = 1;
    for (cut = 0; cut < row && cut < blocked; ++cut) {
      if (numUnits * axes[cut].size >= minUnits)
        break;
      numUnits *= axes[cut].size;
    }
    numUnits *= axes[cut].size;
  }

  int64_t getNumUnits() const { return numUnits; }

  template <int Width>
  void run(const uint8_t *data, uint8_t *result, int64_t begin, int64_t end) {
    operand = data;
    // Units are indices of the axes up to `cut`, which are taken in pieces.
    int64_t size = axes[cut].size;
    for (int64_t unit = begin; unit < end;) {
      int64_t low = unit % size, high = std::min(size, low + end - unit);
      unit += high - low;
      int64_t outer = (unit - 1) / size, in = 0;
      llvm::fill(coordinates, 0);
      uint8_t *out = result + outer * size * axes[cut].outStride * Width;
      for (int64_t i = cut - 1; i >= 0; --i) {
        advance(axes[i], outer % axes[i].size, in);
        outer /= axes[i].size;
      }
      copy<Width>(cut, in, out, low, high);
    }
  }

private:
  void advance(const Axis &axis, int64_t index, int64_t &in) {
    in += index * axis.stride;
    if (axis.dim >= 0)
      coordinates[axis.dim] += index * axis.factor;
  }

  /// How many indices from `low` to `high` stand for elements, not padding.
  int64_t countValid(const Axis &axis, int64_t low, int64_t high) const {
    if (axis.dim < 0)
      return high - low;
    int64_t room = limits[axis.dim] - coordinates[axis.dim] - low * axis.factor;
    if (room <= 0)
      return 0;
    return std::min(high - low, (room + axis.factor - 1) / axis.factor);
  }

  /// Whether the axes around have left the operand already.
  bool isOutside() const {
    for (auto [coordinate, limit] : llvm::zip(coordinates, limits))
      if (coordinate >= limit)
        return true;
    return false;
  }

  /// Indices [low, high) of the axis `level`, all of the axes inside.
  template <int Width>
  void copy(size_t level, int64_t in, uint8_t *out, int64_t low, int64_t high) {
    if (level == row)
      return copyRow<Width>(in, out, low, high);
    if (level == blocked)
      return copyBlocks<Width>(level + 1, in, out, low, high);
    const Axis &axis = axes[level];
    for (int64_t i = low; i < high; ++i) {
      int64_t next = in;
      advance(axis, i, next);
      copy<Width>(level + 1, next, out + i * axis.outStride * Width, 0,
                  axes[level + 1].size);
      advance(axis, -i, next);
    }
  }

  /// The axes between the blocked one, of which [low, high) is asked for, and
  /// the row.
  template <int Width>
  void copyBlocks(size_t level, int64_t in, uint8_t *out, int64_t low,
                  int64_t high) {
    if (level == row)
      return copyBlock<Width>(in, out, low, high);
    const Axis &axis = axes[level];
    for (int64_t i = 0; i < axis.size; ++i) {
      int64_t next = in;
      advance(axis, i, next);
      copyBlocks<Width>(level + 1, next, out + i * axis.outStride * Width, low,
                        high);
      advance(axis, -i, next);
    }
  }

  template <int Width>
  void copyRow(int64_t in, uint8_t *out, int64_t low, int64_t high) {
    const Axis &axis = axes[row];
    int64_t valid = isOutside() ? 0 : countValid(axis, low, high);
    out += low * Width;
    if (valid > 0) {
      const uint8_t *from = operand + (in + low * axis.stride) * Width;
      if (axis.stride == 1)
        std::memcpy(out, from, valid * Width);
      else
        for (int64_t i = 0; i < valid; ++i)
          std::memcpy(out + i * Width, from + i * axis.stride * Width, Width);
    }
    std::memset(out + valid * Width, 0, (high - low - valid) * Width);
  }

  /// A transposed piece: contiguous along the blocked axis in the operand,
  /// along the row in the result.
  template <int Width>
  void copyBlock(int64_t in, uint8_t *out, int64_t low, int64_t high);

  ArrayRef<int64_t> limits;
  SmallVector<Axis> axes;
  SmallVector<int64_t> coordinates;
  const uint8_t *operand = nullptr;
  size_t row, blocked, cut;
  int64_t numUnits;
};
} // namespace

template <int Width>
void Copier::copyBlock(int64_t in, uint8_t *out, int64_t low, int64_t high) {
  // A cache line of the result, and few enough lines of it at a time that they
  // stay in the first cache even if they compete for the same places.
  constexpr int64_t rowTile = 64 / Width, blockTile = 8;
  const Axis &outer = axes[blocked], &inner = axes[row];
  bool outside = isOutside();
  int64_t numOuter = outside ? 0 : countValid(outer, low, high);
  int64_t numInner = outside ? 0 : countValid(inner, 0, inner.size);
  auto *results = reinterpret_cast<Element<Width> *>(out);
  auto *operands =
      reinterpret_cast<const Element<Width> *>(operand) + (in + low);
  results += low * outer.outStride;
  for (int64_t i0 = 0; i0 < numInner; i0 += rowTile)
    for (int64_t j0 = 0; j0 < numOuter; j0 += blockTile) {
      int64_t i1 = std::min(i0 + rowTile, numInner);
      int64_t j1 = std::min(j0 + blockTile, numOuter);
      for (int64_t i = i0; i < i1; ++i)
        for (int64_t j = j0; j < j1; ++j)
          results[j * outer.outStride + i] = operands[i * inner.stride + j];
    }
  for (int64_t j = 0; j < high - low; ++j) {
    int64_t valid = j < numOuter ? numInner : 0;
    std::memset(static_cast<void *>(results + j * outer.outStride + valid), 0,
                (inner.size - valid) * Width);
  }
}

int64_t RelayoutAttr::getNumUnits(RankedTensorType) const {
  return Copier(*this).getNumUnits();
}

void RelayoutAttr::applyUnits(RankedTensorType operand, const uint8_t *data,
                              uint8_t *result, int64_t begin,
                              int64_t end) const {
  Copier copier(*this);
  switch (nncio::elementBytes(*toElementType(operand.getElementType()))) {
  case 1:
    return copier.run<1>(data, result, begin, end);
  case 2:
    return copier.run<2>(data, result, begin, end);
  case 4:
    return copier.run<4>(data, result, begin, end);
  default:
    return copier.run<8>(data, result, begin, end);
  }
}
