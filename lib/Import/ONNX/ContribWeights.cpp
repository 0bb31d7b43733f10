//===----------------------------------------------------------------------===//
// Import of operators of the domain com.microsoft whose weights are quantized
// in blocks of few bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compose.h"
#include "Contrib.h"
#include "MovementSupport.h"

#include "dialects/NN/IR/NNConstants.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Numbers of few bits
//===----------------------------------------------------------------------===//

/// Attribute `bits`: 2, 4 or 8.
static FailureOr<int64_t> readBits(NodeBinder &node) {
  int64_t bits = node.intAttr("bits", 4);
  if (bits == 2 || bits == 4 || bits == 8)
    return bits;
  return node.error("expects bits of 2, 4 or 8, but got " + Twine(bits));
}

static LogicalResult checkBytes(NodeBinder &node, Value tensor,
                                const Twine &what) {
  if (!tensor)
    return failure();
  if (NodeBinder::elementTypeOf(tensor).isUnsignedInteger(8))
    return success();
  return node.error("expects " + what + " of bytes (uint8)");
}

/// The unsigned numbers of `bits` bits in bytes, those of the lowest bits
/// first: the last axis gets longer.
static Value unpackBits(NodeBinder &node, Value bytes, int64_t bits) {
  if (!bytes || bits == 8)
    return bytes;
  int64_t perByte = 8 / bits;
  std::vector<int64_t> shifts;
  for (int64_t index = 0; index < perByte; ++index)
    shifts.push_back(index * bits);
  SmallVector<Dim> shape = node.shape(bytes);
  DimBuilder dims(node.builder(), node.loc());
  Dim count = dims.mul(shape.back(), Dim(perByte));
  shape.push_back(Dim(1));
  Value shifted = node.create<nn::ShiftRightOp>(
      node.reshape(bytes, shape),
      node.constant(
          nncio::Tensor::fromInts(nncio::ElementType::U8, {perByte}, shifts)));
  Value numbers = node.create<nn::AndOp>(
      shifted,
      node.scalar(NodeBinder::elementTypeOf(bytes), double((1 << bits) - 1)));
  shape.pop_back();
  shape.back() = count;
  return node.reshape(numbers, shape);
}

static Value reshapeTo(NodeBinder &node, Value tensor,
                       ArrayRef<int64_t> shape) {
  return node.reshape(tensor, shape);
}

/// (numbers - zero points) * scales; zero points are bytes or floats, or null
/// for the middle of the range of `bits`.
static Value dequantizeBits(NodeBinder &node, Value numbers, Value scales,
                            Value zeroPoints, int64_t bits) {
  if (!numbers || !scales)
    return {};
  Type type = NodeBinder::elementTypeOf(scales);
  if (!zeroPoints)
    zeroPoints = node.scalar(NodeBinder::elementTypeOf(numbers),
                             double(1 << (bits - 1)));
  if (isa<IntegerType>(NodeBinder::elementTypeOf(zeroPoints)))
    return node.create<nn::DequantizeOp>(numbers, scales, zeroPoints);
  Value offset = node.create<nn::SubOp>(convertTo(node, numbers, type),
                                        convertTo(node, zeroPoints, type));
  return node.create<nn::MulOp>(offset, scales);
}

//===----------------------------------------------------------------------===//
// MatMulNBits
//===----------------------------------------------------------------------===//

namespace {
/// The matrix [N, K] of MatMulNBits: each row is cut into blocks along K.
struct BlockMatrix {
  int64_t rows, columns, blockSize, blocks, bits;
};
} // namespace

static FailureOr<BlockMatrix> readBlockMatrix(NodeBinder &node) {
  FailureOr<int64_t> bits = readBits(node);
  if (failed(bits))
    return failure();
  BlockMatrix matrix{node.intAttr("N", 0), node.intAttr("K", 0),
                     node.intAttr("block_size", 0), 0, *bits};
  int64_t limit = int64_t(1) << 31;
  for (auto [value, name] :
       {std::pair(matrix.rows, "N"), std::pair(matrix.columns, "K"),
        std::pair(matrix.blockSize, "block_size")})
    if (value < 1 || value > limit)
      return node.error("expects attribute '" + Twine(name) + "' from 1 to " +
                        Twine(limit) + ", but got " + Twine(value));
  if (matrix.blockSize * matrix.bits % 8)
    return node.error("expects blocks of whole bytes, but got " +
                      Twine(matrix.blockSize) + " numbers of " +
                      Twine(matrix.bits) + " bits");
  matrix.blocks = (matrix.columns + matrix.blockSize - 1) / matrix.blockSize;
  if (matrix.blocks * matrix.blockSize > (int64_t(1) << 40) / matrix.rows)
    return node.error("expects a matrix that memory can hold, but got " +
                      Twine(matrix.rows) + " rows of " + Twine(matrix.columns));
  return matrix;
}

/// Input 3 as [N, blocks]: packed bytes with whole bytes a row, or floats.
static Value readZeroPoints(NodeBinder &node, const BlockMatrix &matrix,
                            bool &valid) {
  Value points = readOptional(node, 3, valid);
  if (!points)
    return {};
  if (NodeBinder::elementTypeOf(points).isUnsignedInteger(8)) {
    int64_t bytes = (matrix.blocks * matrix.bits + 7) / 8;
    points = unpackBits(node, reshapeTo(node, points, {matrix.rows, bytes}),
                        matrix.bits);
    points = sliceAxis(node, points, 1, 0, matrix.blocks);
  } else {
    points = reshapeTo(node, points, {matrix.rows, matrix.blocks});
  }
  valid &= points != nullptr;
  return points;
}

/// The matrix as real numbers, [N, K].
static Value createMatrix(NodeBinder &node, const BlockMatrix &matrix) {
  bool valid = true;
  Value packed = node.input(1), scales = node.input(2);
  Value points = readZeroPoints(node, matrix, valid);
  Value groups = readOptional(node, 4, valid);
  if (!scales || !valid || failed(checkBytes(node, packed, "a matrix")))
    return {};
  Value numbers = reshapeTo(
      node, packed,
      {matrix.rows, matrix.blocks, matrix.blockSize * matrix.bits / 8});
  numbers = unpackBits(node, numbers, matrix.bits);
  scales = reshapeTo(node, scales, {matrix.rows, matrix.blocks});
  int64_t padded = matrix.blocks * matrix.blockSize;
  if (groups) {
    // Each column names its block.
    numbers = reshapeTo(node, numbers, {matrix.rows, padded});
    numbers = sliceAxis(node, numbers, 1, 0, matrix.columns);
    groups = reshapeTo(node, sliceAxis(node, groups, 0, 0, matrix.columns),
                       {matrix.columns});
    scales = node.create<nn::GatherOp>(scales, groups, 1);
    points = points ? node.create<nn::GatherOp>(points, groups, 1) : Value();
    return dequantizeBits(node, numbers, scales, points, matrix.bits);
  }
  SmallVector<int64_t> spread{matrix.rows, matrix.blocks, 1};
  scales = node.reshape(scales, spread);
  points = points ? node.reshape(points, spread) : Value();
  Value real = dequantizeBits(node, numbers, scales, points, matrix.bits);
  real = reshapeTo(node, real, {matrix.rows, padded});
  return sliceAxis(node, real, 1, 0, matrix.columns);
}

/// The rows of `input`, [..., K], times those of `weights`, [N, K]: the input
/// is transposed instead of the weights, which are larger.
static Value multiplyByRows(NodeBinder &node, Value input, Value weights) {
  if (!input || !weights)
    return {};
  SmallVector<Dim> shape = node.shape(input);
  if (shape.empty()) {
    (void)node.error("expects an input of rank 1 or more, but got a scalar");
    return {};
  }
  DimBuilder dims(node.builder(), node.loc());
  Dim width = shape.back();
  Dim count = dims.product(ArrayRef<Dim>(shape).drop_back());
  auto flip = [&](Value matrix, Dim rows, Dim columns) {
    // A single row lies in memory as a column does.
    return count.isConstant(1) ? node.reshape(matrix, {columns, rows})
                               : node.transpose(matrix, {1, 0});
  };
  Value rows = node.reshape(input, {count, width});
  Value product = node.create<nn::MatMulOp>(weights, flip(rows, count, width));
  if (!product)
    return {};
  shape.back() = node.shape(product)[0];
  return node.reshape(flip(product, shape.back(), count), shape);
}

/// Number `index` of those of `bits` bits from byte `begin` on.
static int64_t readNumber(const nncio::Tensor &bytes, int64_t begin,
                          int64_t index, int64_t bits) {
  int64_t place = index * bits;
  return bytes.data()[begin + place / 8] >> (place % 8) & ((1 << bits) - 1);
}

/// A parameter for each block as [blocks, 1, N]; `get` takes row and block.
static nncio::Tensor
spreadParameter(const BlockMatrix &matrix, nncio::ElementType type,
                function_ref<double(int64_t, int64_t)> get) {
  nncio::Tensor result(type, {matrix.blocks, 1, matrix.rows});
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t block = 0; block < matrix.blocks; ++block)
      result.setDouble(block * matrix.rows + row, get(row, block));
  return result;
}

/// The transposed matrix, [K, N], where all of it is known: products widen its
/// numbers, so nothing but the order of these changes. Null where it is not, or
/// has zero points that are no integers, or an order of blocks of its own.
static Value createKnownMatrix(NodeBinder &node, const BlockMatrix &matrix,
                               Type type) {
  Value packed = node.optionalInput(1), scales = node.optionalInput(2),
        points = node.optionalInput(3);
  if (!packed || !scales || node.hasInput(4) ||
      NodeBinder::elementTypeOf(scales) != type ||
      !NodeBinder::elementTypeOf(packed).isUnsignedInteger(8) ||
      (points && !NodeBinder::elementTypeOf(points).isUnsignedInteger(8)))
    return {};
  int64_t blockBytes = matrix.blockSize * matrix.bits / 8,
          pointBytes = (matrix.blocks * matrix.bits + 7) / 8;
  auto read = [](Value value, int64_t size) -> std::optional<nncio::Tensor> {
    nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(value);
    if (!tensor || tensor->size() != size)
      return std::nullopt;
    return *tensor;
  };
  auto bytes = read(packed, matrix.rows * matrix.blocks * blockBytes),
       factors = read(scales, matrix.rows * matrix.blocks);
  std::optional<nncio::Tensor> zeros;
  if (!bytes || !factors ||
      (points && !(zeros = read(points, matrix.rows * pointBytes))))
    return {};
  nncio::ElementType element = matrix.bits == 2   ? nncio::ElementType::U2
                               : matrix.bits == 4 ? nncio::ElementType::U4
                                                  : nncio::ElementType::U8;
  nncio::Tensor numbers(element,
                        {matrix.blocks, matrix.blockSize, matrix.rows});
  uint8_t *to = numbers.mutableData();
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t block = 0; block < matrix.blocks; ++block)
      for (int64_t i = 0; i < matrix.blockSize; ++i)
        to[(block * matrix.blockSize + i) * matrix.rows + row] = uint8_t(
            readNumber(*bytes, (row * matrix.blocks + block) * blockBytes, i,
                       matrix.bits));
  nncio::Tensor scale =
      spreadParameter(matrix, factors->type(), [&](int64_t row, int64_t block) {
        return factors->getDouble(row * matrix.blocks + block);
      });
  nncio::Tensor zero =
      spreadParameter(matrix, element, [&](int64_t row, int64_t block) {
        return zeros ? double(readNumber(*zeros, row * pointBytes, block,
                                         matrix.bits))
                     : double(1 << (matrix.bits - 1));
      });
  Value real = node.create<nn::DequantizeOp>(
      node.constant(numbers), node.constant(scale), node.constant(zero));
  real = reshapeTo(node, real, {matrix.blocks * matrix.blockSize, matrix.rows});
  return sliceAxis(node, real, 0, 0, matrix.columns);
}

static LogicalResult importMatMulNBits(NodeBinder &node) {
  FailureOr<BlockMatrix> matrix = readBlockMatrix(node);
  bool valid = true;
  Value input = node.input(0), bias = readOptional(node, 5, valid);
  if (failed(matrix) || !input || !valid)
    return failure();
  if (node.intAttr("weight_prepacked", 0))
    return node.error("expects weights that are not prepacked for a device");
  if (Value known =
          createKnownMatrix(node, *matrix, NodeBinder::elementTypeOf(input)))
    return node.result(
        addOptional(node, node.create<nn::MatMulOp>(input, known), bias));
  Value weights = createMatrix(node, *matrix);
  if (!weights)
    return failure();
  weights = convertTo(node, weights, NodeBinder::elementTypeOf(input));
  return node.result(
      addOptional(node, multiplyByRows(node, input, weights), bias));
}

//===----------------------------------------------------------------------===//
// MatMulBnb4
//===----------------------------------------------------------------------===//

/// The 16 values that 4 bits stand for, as bitsandbytes defines them: a float
/// of 1 sign, 2 exponent and 1 mantissa bit, or quantiles of the normal
/// distribution.
static constexpr double float4Values[] = {0,
                                          0.005208333333,
                                          0.6666666667,
                                          1,
                                          0.3333333333,
                                          0.5,
                                          0.1666666667,
                                          0.25,
                                          0,
                                          -0.005208333333,
                                          -0.6666666667,
                                          -1,
                                          -0.3333333333,
                                          -0.5,
                                          -0.1666666667,
                                          -0.25};
static constexpr double normal4Values[] = {-1.0,
                                           -0.6961928009986877,
                                           -0.5250730514526367,
                                           -0.39491748809814453,
                                           -0.28444138169288635,
                                           -0.18477343022823334,
                                           -0.09105003625154495,
                                           0.0,
                                           0.07958029955625534,
                                           0.16093020141124725,
                                           0.24611230194568634,
                                           0.33791524171829224,
                                           0.44070982933044434,
                                           0.5626170039176941,
                                           0.7229568362236023,
                                           1.0};

/// Input 1 has the numbers of a matrix [N, K] one after another, the high four
/// bits of a byte first; each block of them has a scale in input 2.
static LogicalResult importMatMulBnb4(NodeBinder &node) {
  Value input = node.input(0), packed = node.input(1), scales = node.input(2);
  int64_t rows = node.intAttr("N", 0), columns = node.intAttr("K", 0);
  int64_t block = node.intAttr("block_size", 0);
  int64_t kind = node.intAttr("quant_type", 0);
  if (!input || !scales || failed(checkBytes(node, packed, "a matrix")))
    return failure();
  int64_t limit = int64_t(1) << 24;
  if (rows < 1 || columns < 1 || rows > limit || columns > limit || block < 2 ||
      block > limit || rows * columns % block || block % 2)
    return node.error("expects N and K of 1 or more, and even blocks that "
                      "divide their product, but got " +
                      Twine(rows) + ", " + Twine(columns) + " and blocks of " +
                      Twine(block));
  if (kind != 0 && kind != 1)
    return node.error("expects quant_type 0 or 1, but got " + Twine(kind));
  if (node.intAttr("transB", 1) != 1)
    return node.error("expects transB 1, but got 0");
  int64_t blocks = rows * columns / block;
  Type type = NodeBinder::elementTypeOf(packed);
  Value bytes = reshapeTo(node, packed, {blocks, block / 2, 1});
  Value shifts = node.constant(
      nncio::Tensor::fromInts(nncio::ElementType::U8, {2}, {4, 0}));
  Value codes = node.create<nn::AndOp>(
      node.create<nn::ShiftRightOp>(bytes, shifts), node.scalar(type, 15));
  codes = reshapeTo(node, codes, {blocks, block});
  ArrayRef<double> values(kind == 0 ? float4Values : normal4Values);
  Value table = node.constant(nncio::Tensor::fromDoubles(
      nncio::ElementType::F32, {16},
      std::vector<double>(values.begin(), values.end())));
  Value real = node.create<nn::GatherOp>(
      table, convertTo(node, codes, node.builder().getI32Type()), 0);
  Type wide = node.builder().getF32Type();
  real = node.create<nn::MulOp>(
      real, reshapeTo(node, convertTo(node, scales, wide), {blocks, 1}));
  Value weights = convertTo(node, reshapeTo(node, real, {rows, columns}),
                            NodeBinder::elementTypeOf(input));
  return node.result(multiplyByRows(node, input, weights));
}

//===----------------------------------------------------------------------===//
// GatherBlockQuantized
//===----------------------------------------------------------------------===//

/// Rows of the quantized `data` and of its scales and zero points, dequantized
/// where they are gathered.
static LogicalResult importGatherBlockQuantized(NodeBinder &node) {
  FailureOr<int64_t> bits = readBits(node);
  bool valid = true;
  Value data = node.input(0), indices = node.input(1), scales = node.input(2);
  Value points = readOptional(node, 3, valid);
  if (failed(bits) || !indices || !scales || !valid ||
      failed(checkBytes(node, data, "data")))
    return failure();
  int64_t rank = NodeBinder::rankOf(data);
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("gather_axis", 0), rank);
  FailureOr<int64_t> quantized =
      node.normalizeAxis(node.intAttr("quantize_axis", 1), rank);
  int64_t block = node.intAttr("block_size", 128);
  if (failed(axis) || failed(quantized) ||
      failed(checkRank(node, scales, rank, "scales")))
    return failure();
  if (*axis != 0 || *quantized == 0 || block < 1)
    return node.error("expects gather_axis 0, another quantize_axis and "
                      "block_size of 1 or more, but got " +
                      Twine(*axis) + ", " + Twine(*quantized) + " and " +
                      Twine(block));
  Dim last = node.shape(scales).back();
  int64_t inner = *quantized - 1 + NodeBinder::rankOf(indices);
  Value numbers =
      unpackBits(node, node.create<nn::GatherOp>(data, indices, 0), *bits);
  scales = node.create<nn::GatherOp>(scales, indices, 0);
  if (points) {
    points =
        unpackBits(node, node.create<nn::GatherOp>(points, indices, 0), *bits);
    if (points)
      points =
          sliceAxis(node, points, NodeBinder::rankOf(points) - 1, Dim(0), last);
  }
  if (!numbers || !scales || (node.hasInput(3) && !points))
    return failure();
  Dim length = node.shape(numbers)[inner];
  scales = spreadBlocks(node, scales, inner, length, block);
  points = spreadBlocks(node, points, inner, length, block);
  return node.result(dequantizeBits(node, numbers, scales, points, *bits));
}

void onnximport::addContribWeightOperators(OpTable &table) {
  table.addTo(contribDomain, "GatherBlockQuantized", 1,
              importGatherBlockQuantized);
  table.addTo(contribDomain, "MatMulBnb4", 1, importMatMulBnb4);
  table.addTo(contribDomain, "MatMulNBits", 1, importMatMulNBits);
}
