//===----------------------------------------------------------------------===//
// Import of attention of the domain com.microsoft, composed of basic ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AttentionCore.h"
#include "Compose.h"
#include "Contrib.h"
#include "MovementSupport.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

namespace {
/// The dimensions of an attention.
struct Extent {
  Dim batch, queries, past, keys;
};
} // namespace

/// Attribute `name`, a number of heads; reports one below 1.
static FailureOr<int64_t> readHeadCount(NodeBinder &node, StringRef name) {
  int64_t count = node.intAttr(name, 0);
  if (count >= 1)
    return count;
  return node.error("expects attribute '" + name + "' of 1 or more, but got " +
                    Twine(count));
}

/// True for the keys that exist: those before the lengths in `mask`, [B]; in
/// [2 * B] ends are followed by starts, in [3 * B + 2] lengths come first.
static Value createLengthMask(NodeBinder &node, Value mask, Extent extent) {
  Type type = node.builder().getI64Type();
  std::optional<int64_t> batch = extent.batch.getConstant();
  std::optional<int64_t> size = node.shape(mask)[0].getConstant();
  bool hasStarts = batch && size && *size == 2 * *batch && *batch > 0;
  bool hasOffsets = batch && size && *size == 3 * *batch + 2;
  if (batch && size && *size != *batch && !hasStarts && !hasOffsets) {
    (void)node.error("expects a mask with a length for each of " +
                     Twine(*batch) + " sequences, but got " + Twine(*size));
    return {};
  }
  SmallVector<Dim> shape{extent.batch, Dim(1), Dim(1), Dim(1)};
  Value numbers = convertTo(node, mask, type);
  Value ends = numbers;
  if (hasStarts || hasOffsets)
    ends = sliceAxis(node, numbers, 0, 0, *batch);
  Value columns = countUp(node, extent.keys);
  Value allowed = node.create<nn::LessOp>(columns, node.reshape(ends, shape));
  if (!hasStarts)
    return allowed;
  Value starts = sliceAxis(node, numbers, 0, *batch, 2 * *batch);
  return node.create<nn::AndOp>(
      allowed,
      node.create<nn::LessOrEqualOp>(node.reshape(starts, shape), columns));
}

/// A mask with an element for each key, and for each query or not, as a
/// condition that broadcasts to [B, H, S, T].
static Value createElementMask(NodeBinder &node, Value mask, Extent extent) {
  DimBuilder dims(node.builder(), node.loc());
  Value condition = mask;
  if (!NodeBinder::elementTypeOf(mask).isInteger(1))
    condition = node.create<nn::LessOp>(
        node.scalar(NodeBinder::elementTypeOf(mask), 0), mask);
  if (!condition)
    return {};
  SmallVector<Dim> shape = node.shape(mask);
  switch (shape.size()) {
  case 2:
    return node.reshape(condition, {shape[0], Dim(1), Dim(1), shape[1]});
  case 3:
    return node.reshape(condition, {shape[0], Dim(1), shape[1], shape[2]});
  default:
    // Of a square for the longest sequence.
    condition = sliceAxis(node, condition, 2, extent.past,
                          dims.add(extent.past, extent.queries));
    return sliceAxis(node, condition, 3, Dim(0), extent.keys);
  }
}

/// What input `index` masks gets attribute mask_filter_value added; input
/// `biasIndex` is added everywhere.
static LogicalResult readBias(NodeBinder &node, size_t index, size_t biasIndex,
                              Extent extent, Attention &attention) {
  bool valid = true;
  Value mask = readOptional(node, index, valid);
  attention.bias = readOptional(node, biasIndex, valid);
  if (!valid || !mask)
    return success(valid);
  int64_t rank = NodeBinder::rankOf(mask);
  if (rank < 1 || rank > 4 ||
      !isa<IntegerType>(NodeBinder::elementTypeOf(mask)))
    return node.error("expects a mask of integers of rank 1 to 4, but got "
                      "rank " +
                      Twine(rank));
  Value allowed = rank == 1 ? createLengthMask(node, mask, extent)
                            : createElementMask(node, mask, extent);
  Type type = NodeBinder::elementTypeOf(attention.query);
  double filter = node.floatAttr("mask_filter_value", -10000);
  Value addend = node.create<nn::WhereOp>(allowed, node.scalar(type, 0),
                                          node.scalar(type, filter));
  attention.bias = addOptional(node, addend, attention.bias);
  return success(attention.bias != nullptr);
}

/// Computes attention of which query, key and value are set.
static LogicalResult computeMasked(NodeBinder &node, Dim past, size_t mask,
                                   size_t bias, Attention &attention) {
  SmallVector<Dim> query = node.shape(attention.query);
  Extent extent{query[0], query[2], past, node.shape(attention.key)[2]};
  FailureOr<double> scale =
      readScale(node, attention.query, /*zeroIsAbsent=*/true);
  if (failed(scale) || failed(readBias(node, mask, bias, extent, attention)))
    return failure();
  attention.scale = *scale;
  if (node.intAttr("unidirectional", 0)) {
    Value offset = past.isConstant(0) ? Value() : makeScalarIndex(node, past);
    attention.allowed =
        createCausalMask(node, extent.queries, extent.keys, offset);
    if (!attention.allowed)
      return failure();
  }
  return createAttention(node, attention);
}

//===----------------------------------------------------------------------===//
// Attention, QAttention
//===----------------------------------------------------------------------===//

namespace {
/// Where an operator with merged projections has its further inputs.
struct MergedInputs {
  size_t mask, past, bias;
};
} // namespace

/// Reports attributes that ask for what is done for accelerators only.
static LogicalResult checkAttributes(NodeBinder &node,
                                     ArrayRef<StringRef> names) {
  for (StringRef name : names)
    if (int64_t value = node.intAttr(name, 0))
      return node.error("expects attribute '" + name +
                        "' of 0 (others are not supported), but got " +
                        Twine(value));
  return success();
}

/// Query, key and value from their projections side by side, [B, S, W].
static LogicalResult splitProjections(NodeBinder &node, Value merged,
                                      int64_t heads, Attention &attention) {
  if (failed(checkRank(node, merged, 3, "an input")))
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  Dim width = node.shape(merged)[2];
  Dim third = dims.floorDiv(width, Dim(3));
  Dim keyEnd = dims.mul(third, Dim(2)), queryEnd = third;
  if (auto sizes = node.intsAttr("qkv_hidden_sizes");
      sizes && !sizes->empty()) {
    if (sizes->size() != 3 || (*sizes)[0] != (*sizes)[1] || (*sizes)[0] < 1)
      return node.error("expects qkv_hidden_sizes of 3 numbers, the first two "
                        "equal");
    queryEnd = Dim((*sizes)[0]);
    keyEnd = Dim((*sizes)[0] + (*sizes)[1]);
  }
  attention.query =
      splitHeads(node, sliceAxis(node, merged, 2, Dim(0), queryEnd), heads);
  attention.key =
      splitHeads(node, sliceAxis(node, merged, 2, queryEnd, keyEnd), heads);
  attention.value =
      splitHeads(node, sliceAxis(node, merged, 2, keyEnd, width), heads);
  return success(attention.query && attention.key && attention.value);
}

/// Joins keys and values with those in `past`, [2, B, N, P, D]; gives P.
static FailureOr<Dim> prependPast(NodeBinder &node, Value past,
                                  Attention &attention) {
  if (!past)
    return Dim(0);
  if (failed(checkRank(node, past, 5, "past")))
    return failure();
  SmallVector<Dim> shape = node.shape(past);
  ArrayRef<Dim> part = ArrayRef<Dim>(shape).drop_front();
  int64_t index = 0;
  for (Value *current : {&attention.key, &attention.value}) {
    Value before =
        node.reshape(sliceAxis(node, past, 0, index, index + 1), part);
    *current = joinAxis(node, {before, *current}, 2);
    if (!*current)
      return failure();
    ++index;
  }
  return shape[3];
}

/// Keys and values one behind the other: [2, B, N, T, D].
static Value createPresent(NodeBinder &node, const Attention &attention) {
  SmallVector<Value> parts;
  for (Value part : {attention.key, attention.value}) {
    SmallVector<Dim> shape = node.shape(part);
    shape.insert(shape.begin(), Dim(1));
    parts.push_back(node.reshape(part, shape));
  }
  return joinAxis(node, parts, 0);
}

static LogicalResult importMerged(NodeBinder &node, Value merged,
                                  MergedInputs inputs) {
  bool valid = true;
  Value past = readOptional(node, inputs.past, valid);
  FailureOr<int64_t> heads = readHeadCount(node, "num_heads");
  Attention attention;
  if (!merged || !valid || failed(heads) ||
      failed(
          checkAttributes(node, {"do_rotary", "past_present_share_buffer"})) ||
      failed(splitProjections(node, merged, *heads, attention)))
    return failure();
  FailureOr<Dim> length = prependPast(node, past, attention);
  if (failed(length) ||
      failed(computeMasked(node, *length, inputs.mask, inputs.bias, attention)))
    return failure();
  if (failed(node.result(mergeHeads(node, attention.output))))
    return failure();
  return node.hasOutput(1) ? node.result(1, createPresent(node, attention))
                           : success();
}

static LogicalResult importAttention(NodeBinder &node) {
  bool valid = true;
  Value input = node.input(0), weights = node.input(1);
  Value bias = readOptional(node, 2, valid);
  if (!input || !weights || !valid ||
      failed(rejectInputs(node, 6, 7, "a shared buffer")))
    return failure();
  Value merged = node.create<nn::MatMulOp>(input, weights);
  return importMerged(node, addOptional(node, merged, bias), {3, 4, 5});
}

static LogicalResult importQAttention(NodeBinder &node) {
  bool valid = true;
  Value input = node.input(0), weights = node.input(1), bias = node.input(2);
  Value inputScale = node.input(3), weightScale = node.input(4);
  Value inputZero = readOptional(node, 6, valid);
  Value weightZero = readOptional(node, 7, valid);
  if (!bias || !valid)
    return failure();
  Value merged = createIntegerProduct(node, {input, inputScale, inputZero},
                                      {weights, weightScale, weightZero});
  return importMerged(node, addOptional(node, merged, bias),
                      {5, 8, node.numInputs()});
}

//===----------------------------------------------------------------------===//
// MultiHeadAttention
//===----------------------------------------------------------------------===//

/// Part `index` of a tensor that has heads and then parts, [B, S, N, parts, D],
/// as [B, N, S, D].
static Value takePacked(NodeBinder &node, Value packed, int64_t index) {
  SmallVector<Dim> shape = node.shape(packed);
  Value part = sliceAxis(node, packed, 3, index, index + 1);
  part = node.reshape(part, {shape[0], shape[1], shape[2], shape[4]});
  return part ? node.transpose(part, {0, 2, 1, 3}) : Value();
}

/// Sets query, key and value as [B, N, S, D] from any of the forms they come
/// in. `keysAreHeads` tells whether keys came split into heads.
static LogicalResult readForms(NodeBinder &node, int64_t heads,
                               bool &keysAreHeads, Attention &attention) {
  bool valid = true;
  Value query = node.input(0), key = readOptional(node, 1, valid);
  Value value = readOptional(node, 2, valid);
  if (!query || !valid)
    return failure();
  if (NodeBinder::rankOf(query) == 5) {
    attention.query = takePacked(node, query, 0);
    attention.key = takePacked(node, query, 1);
    attention.value = takePacked(node, query, 2);
    return success(attention.value != nullptr);
  }
  attention.query = splitHeads(node, query, heads);
  if (!key)
    return node.error("expects input 1, as input 0 is not of rank 5");
  if (NodeBinder::rankOf(key) == 5) {
    attention.key = takePacked(node, key, 0);
    attention.value = takePacked(node, key, 1);
    return success(attention.query && attention.value);
  }
  if (!value)
    return node.error("expects input 2, as input 1 is not of rank 5");
  keysAreHeads = NodeBinder::rankOf(key) == 4;
  attention.key = keysAreHeads ? key : splitHeads(node, key, heads);
  attention.value =
      NodeBinder::rankOf(value) == 4 ? value : splitHeads(node, value, heads);
  return success(attention.query && attention.key && attention.value);
}

/// Adds the stretch of the bias in input 3 from `begin` on to a tensor of
/// heads; gives the end of the stretch.
static Dim addHeadBias(NodeBinder &node, Value &tensor, Dim begin) {
  SmallVector<Dim> shape = node.shape(tensor);
  DimBuilder dims(node.builder(), node.loc());
  Dim end = dims.add(begin, dims.mul(shape[1], shape[3]));
  Value bias = sliceAxis(node, node.input(3), 0, begin, end);
  bias = node.reshape(bias, {shape[1], Dim(1), shape[3]});
  tensor = node.create<nn::AddOp>(tensor, bias);
  return end;
}

static LogicalResult importMultiHeadAttention(NodeBinder &node) {
  FailureOr<int64_t> heads = readHeadCount(node, "num_heads");
  bool valid = true, keysAreHeads = false;
  Attention attention;
  if (failed(heads) || failed(rejectInputs(node, 8, 10, "a shared buffer")) ||
      failed(readForms(node, *heads, keysAreHeads, attention)))
    return failure();
  Value pastKey = readOptional(node, 6, valid);
  Value pastValue = readOptional(node, 7, valid);
  if (!valid || !pastKey != !pastValue)
    return valid ? node.error("expects past_key and past_value together, but "
                              "got one")
                 : failure();
  if (node.hasInput(3)) {
    if (failed(checkRank(node, node.input(3), 1, "bias")))
      return failure();
    Dim end = addHeadBias(node, attention.query, Dim(0));
    if (!keysAreHeads && attention.query) {
      end = addHeadBias(node, attention.key, end);
      (void)addHeadBias(node, attention.value, end);
    }
  }
  Dim past(0);
  if (pastKey) {
    past = node.shape(pastKey)[2];
    attention.key = joinAxis(node, {pastKey, attention.key}, 2);
    attention.value = joinAxis(node, {pastValue, attention.value}, 2);
  }
  if (!attention.key || !attention.value ||
      failed(computeMasked(node, past, 4, 5, attention)) ||
      failed(node.result(mergeHeads(node, attention.output))) ||
      failed(node.result(1, attention.key)) ||
      failed(node.result(2, attention.value)))
    return failure();
  return node.result(3, attention.masked);
}

void onnximport::addContribAttentionOperators(OpTable &table) {
  table.addTo(contribDomain, "Attention", 1, importAttention);
  table.addTo(contribDomain, "MultiHeadAttention", 1, importMultiHeadAttention);
  table.addTo(contribDomain, "QAttention", 1, importQAttention);
}
