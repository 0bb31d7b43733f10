//===----------------------------------------------------------------------===//
// Import of GroupQueryAttention and RotaryEmbedding of the domain
// com.microsoft, composed of basic ops.
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
// Rotary positions
//===----------------------------------------------------------------------===//

/// The rows of the table in input `index` at `positions`, [B, S] or [S], with
/// an axis for the heads at `headAxis` of [B, S, W].
static Value lookUpAngles(NodeBinder &node, size_t index, Value positions,
                          int64_t headAxis) {
  Value table = node.input(index);
  if (!positions || failed(checkRank(node, table, 2, "a cache of angles")))
    return {};
  Value rows = node.create<nn::GatherOp>(table, positions, 0);
  if (!rows)
    return {};
  SmallVector<Dim> shape = node.shape(rows);
  if (shape.size() == 2)
    shape.insert(shape.begin(), Dim(1));
  shape.insert(shape.begin() + headAxis, Dim(1));
  return node.reshape(rows, shape);
}

/// Positions of one number: it and its successors, [S].
static Value expandPositions(NodeBinder &node, Value positions, Dim count) {
  if (!positions || NodeBinder::rankOf(positions) == 2)
    return positions;
  if (failed(checkRank(node, positions, 1, "position_ids")))
    return {};
  return node.create<nn::AddOp>(
      convertTo(node, positions, node.builder().getI64Type()),
      countUp(node, count));
}

static LogicalResult importRotaryEmbedding(NodeBinder &node) {
  Value input = node.input(0), positions = node.input(1);
  Value table = node.input(2);
  if (!input || !positions || failed(checkRank(node, table, 2, "cos_cache")))
    return failure();
  double scale = node.floatAttr("scale", 1);
  if (scale != 1 || node.intAttr("is_packed_batching", 0))
    return node.error("expects scale 1 and no packed batching (others are not "
                      "supported)");
  int64_t rank = NodeBinder::rankOf(input);
  if (rank != 3 && rank != 4)
    return node.error("expects an input of rank 3 or 4, but got rank " +
                      Twine(rank));
  SmallVector<Dim> shape = node.shape(input);
  Value heads = input;
  if (rank == 3) {
    // Without a number of heads the cache tells their size.
    DimBuilder dims(node.builder(), node.loc());
    int64_t given = node.intAttr("num_heads", 0);
    if (given < 0 || (given == 0 && node.intAttr("rotary_embedding_dim", 0)))
      return node.error("expects attribute 'num_heads' of 1 or more, but "
                        "got " +
                        Twine(given));
    Dim size = given ? dims.floorDiv(shape[2], Dim(given))
                     : dims.max(dims.mul(node.shape(table)[1], Dim(2)), Dim(1));
    Dim count = given ? Dim(given) : dims.floorDiv(shape[2], size);
    heads = node.reshape(input, {shape[0], shape[1], count, size});
  }
  positions = expandPositions(node, positions, shape[rank == 4 ? 2 : 1]);
  int64_t headAxis = rank == 4 ? 1 : 2;
  Value rotated =
      rotatePositions(node, heads, lookUpAngles(node, 2, positions, headAxis),
                      lookUpAngles(node, 3, positions, headAxis),
                      node.intAttr("interleaved", 0) != 0);
  if (!rotated)
    return failure();
  return node.result(rank == 3 ? node.reshape(rotated, shape) : rotated);
}

//===----------------------------------------------------------------------===//
// GroupQueryAttention
//===----------------------------------------------------------------------===//

namespace {
/// What the sequence lengths say.
struct Lengths {
  /// The length of the longest sequence, the past included.
  Dim total;
  /// The places in the cache, and so the keys.
  Dim keys;
  /// The length of each past, [B] of i64; null where all are 0.
  Value past;
};
} // namespace

/// Reports what is done for accelerators only.
static LogicalResult checkSupport(NodeBinder &node) {
  if (node.intAttr("sliding_window_cache", 0))
    return node.error("expects no sliding_window_cache (it is not supported)");
  for (StringRef name : {"k_quant_type", "v_quant_type"})
    if (std::string type = node.stringAttr(name, "NONE"); type != "NONE")
      return node.error("expects " + name +
                        " NONE (others are not supported), but got '" + type +
                        "'");
  return rejectInputs(node, 12, 14, "a quantized cache");
}

/// Sets query, key and value as [B, N, S, D] from inputs 0 to 2, or from input
/// 0 alone, which has them side by side.
static LogicalResult readProjections(NodeBinder &node, Attention &attention) {
  int64_t heads = node.intAttr("num_heads", 0);
  int64_t keyHeads = node.intAttr("kv_num_heads", 0);
  bool valid = true;
  Value query = node.input(0), key = readOptional(node, 1, valid);
  Value value = readOptional(node, 2, valid);
  if (!valid || failed(checkRank(node, query, 3, "query")))
    return failure();
  if (heads < 1 || keyHeads < 1)
    return node.error("expects num_heads and kv_num_heads of 1 or more, but "
                      "got " +
                      Twine(heads) + " and " + Twine(keyHeads));
  if (!key != !value)
    return node.error("expects key and value together, but got one");
  if (!key) {
    DimBuilder dims(node.builder(), node.loc());
    Dim width = node.shape(query)[2];
    Dim size = dims.floorDiv(width, Dim(heads + 2 * keyHeads));
    Dim queryEnd = dims.mul(size, Dim(heads));
    Dim keyEnd = dims.mul(size, Dim(heads + keyHeads));
    Value packed = query;
    query = sliceAxis(node, packed, 2, Dim(0), queryEnd);
    key = sliceAxis(node, packed, 2, queryEnd, keyEnd);
    value = sliceAxis(node, packed, 2, keyEnd, width);
  }
  attention.query = splitHeads(node, query, heads);
  attention.key = splitHeads(node, key, keyHeads);
  attention.value = splitHeads(node, value, keyHeads);
  return success(attention.query && attention.key && attention.value);
}

/// Inputs 5 and 6. The first prompt, whose total length is the queries', has no
/// past, whatever the lengths of its sequences.
static FailureOr<Lengths> readLengths(NodeBinder &node, Dim queries,
                                      Value past) {
  Value last = node.input(5), total = node.input(6);
  if (!total || failed(checkRank(node, last, 1, "seqlens_k")))
    return failure();
  FailureOr<SmallVector<Dim>> numbers =
      readElements(node, total, "total_sequence_length");
  if (failed(numbers))
    return failure();
  if (numbers->size() != 1)
    return node.error("expects one total_sequence_length, but got " +
                      Twine(numbers->size()));
  Lengths lengths;
  lengths.total = numbers->front();
  if (!past) {
    lengths.keys = queries;
    return lengths;
  }
  DimBuilder dims(node.builder(), node.loc());
  lengths.keys = dims.max(node.shape(past)[2], lengths.total);
  Dim hasPast = dims.selectEqual(queries, lengths.total, Dim(0), Dim(1));
  Value before = convertTo(node, last, node.builder().getI64Type());
  before = node.create<nn::SubOp>(
      before, makeScalarIndex(node, dims.sub(queries, Dim(1))));
  lengths.past = node.create<nn::MulOp>(before, makeScalarIndex(node, hasPast));
  if (!lengths.past)
    return failure();
  return lengths;
}

/// Normalizes and rotates queries and keys where the node asks for it.
static LogicalResult prepareHeads(NodeBinder &node, const Lengths &lengths,
                                  Attention &attention) {
  Value *tensors[] = {&attention.query, &attention.key};
  for (auto [index, tensor] : llvm::enumerate(tensors)) {
    if (!node.hasInput(14 + index))
      continue;
    Value scale = node.input(14 + index);
    Value normal = node.create<nn::NormalizeOp>(
        *tensor, ArrayRef<int64_t>{3},
        llvm::APFloat(node.floatAttr("qk_norm_epsilon", 1e-6f)),
        /*uncentered=*/true);
    *tensor = scale ? node.create<nn::MulOp>(normal, scale) : Value();
    if (!*tensor)
      return failure();
  }
  if (!node.intAttr("do_rotary", 0))
    return success();
  bool valid = true;
  Value positions = readOptional(node, 9, valid);
  SmallVector<Dim> shape = node.shape(attention.query);
  if (!positions) {
    positions = countUp(node, shape[2]);
    if (lengths.past)
      positions = node.create<nn::AddOp>(
          node.reshape(lengths.past, {shape[0], Dim(1)}), positions);
  }
  Value cosine = lookUpAngles(node, 7, positions, 1);
  Value sine = lookUpAngles(node, 8, positions, 1);
  if (!valid || !cosine || !sine)
    return failure();
  for (Value *tensor : tensors)
    *tensor = rotatePositions(node, *tensor, cosine, sine,
                              node.intAttr("rotary_interleaved", 0) != 0);
  return success(attention.query && attention.key);
}

/// The past with `rows` written behind each sequence's end.
static Value appendRows(NodeBinder &node, Value past, Value rows,
                        const Lengths &lengths) {
  SmallVector<Dim> shape = node.shape(past);
  DimBuilder dims(node.builder(), node.loc());
  if (!shape[2].isSameAs(lengths.keys)) {
    shape[2] = dims.sub(lengths.keys, shape[2]);
    Value room = fill(node, NodeBinder::elementTypeOf(past), 0, shape);
    past = joinAxis(node, {past, room}, 2);
  }
  return writeRows(node, past, rows, 2, lengths.past, /*circular=*/false);
}

/// Which keys each query may see, what is added to its scores, and the sink.
static LogicalResult addMasks(NodeBinder &node, const Lengths &lengths,
                              Attention &attention) {
  SmallVector<Dim> shape = node.shape(attention.query);
  bool valid = true;
  attention.bias =
      padLastAxis(node, readOptional(node, 10, valid), lengths.keys, 0);
  Value sink = readOptional(node, 11, valid);
  if (!valid || (node.hasInput(10) && !attention.bias))
    return failure();
  int64_t window = node.intAttr("local_window_size", -1);
  if (node.intAttr("causal", 1)) {
    Value offset = lengths.past;
    if (offset)
      offset = node.reshape(offset, {shape[0], Dim(1), Dim(1), Dim(1)});
    attention.allowed =
        createCausalMask(node, shape[2], lengths.keys, offset, window);
  } else {
    Value last = convertTo(node, node.input(5), node.builder().getI64Type());
    attention.allowed = node.create<nn::LessOrEqualOp>(
        countUp(node, lengths.keys),
        node.reshape(last, {shape[0], Dim(1), Dim(1), Dim(1)}));
  }
  Type type = NodeBinder::elementTypeOf(attention.query);
  if (sink)
    attention.sink = node.reshape(sink, {shape[1], Dim(1), Dim(1)});
  else if (node.intAttr("smooth_softmax", 0) > 0)
    attention.sink = fill(node, type, 0, {Dim(1), Dim(1), Dim(1)});
  return success(attention.allowed != nullptr);
}

static LogicalResult importGroupQueryAttention(NodeBinder &node) {
  bool valid = true;
  Attention attention;
  Value pastKey = readOptional(node, 3, valid);
  Value pastValue = readOptional(node, 4, valid);
  if (!valid || failed(checkSupport(node)) ||
      failed(readProjections(node, attention)))
    return failure();
  if (!pastKey != !pastValue)
    return node.error("expects past_key and past_value together, but got one");
  if (pastKey && failed(checkRank(node, pastKey, 4, "past_key")))
    return failure();
  FailureOr<Lengths> lengths =
      readLengths(node, node.shape(attention.query)[2], pastKey);
  FailureOr<double> scale =
      readScale(node, attention.query, /*zeroIsAbsent=*/true);
  if (failed(lengths) || failed(scale) ||
      failed(prepareHeads(node, *lengths, attention)))
    return failure();
  attention.scale = *scale;
  attention.softcap = node.floatAttr("softcap", 0);
  if (pastKey) {
    attention.key = appendRows(node, pastKey, attention.key, *lengths);
    attention.value = appendRows(node, pastValue, attention.value, *lengths);
  }
  if (!attention.key || !attention.value ||
      failed(addMasks(node, *lengths, attention)) ||
      failed(createAttention(node, attention)) ||
      failed(node.result(mergeHeads(node, attention.output))) ||
      failed(node.result(1, attention.key)) ||
      failed(node.result(2, attention.value)))
    return failure();
  if (!node.hasOutput(3))
    return success();
  Value scores =
      node.intAttr("qk_output", 0) == 2 ? attention.weights : attention.masked;
  return node.result(3, sliceAxis(node, scores, 3, Dim(0), lengths->total));
}

void onnximport::addContribCacheOperators(OpTable &table) {
  table.addTo(contribDomain, "GroupQueryAttention", 1,
              importGroupQueryAttention);
  table.addTo(contribDomain, "RotaryEmbedding", 1, importRotaryEmbedding);
}
