//===----------------------------------------------------------------------===//
// Import of the operators of transformers: attention, rotary positions, caches,
// state-carrying convolution; composed of basic ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AttentionCore.h"
#include "Compose.h"
#include "MovementSupport.h"

#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// Input `index` as [B, H, S, D]; of rank 3 its heads lie side by side, and
/// attribute `heads` tells how many there are.
static Value readHeads(NodeBinder &node, size_t index, StringRef heads) {
  Value tensor = node.input(index);
  if (!tensor || NodeBinder::rankOf(tensor) == 4)
    return tensor;
  if (NodeBinder::rankOf(tensor) != 3) {
    (void)node.error("expects inputs 0 to 2 of rank 3 or 4, but got rank " +
                     Twine(NodeBinder::rankOf(tensor)));
    return {};
  }
  if (!node.hasAttr(heads)) {
    (void)node.error("expects attribute '" + heads +
                     "' for inputs of rank 3, but got none");
    return {};
  }
  return splitHeads(node, tensor, node.intAttr(heads, 0));
}

/// What comes before the keys or values, joined with them; `past` may be null.
static Value appendToPast(NodeBinder &node, Value past, Value current) {
  return past ? joinAxis(node, {past, current}, 2) : current;
}

/// Input 3: false or minus infinity for the keys behind its end.
static LogicalResult readMask(NodeBinder &node, Attention &attention,
                              Dim keys) {
  Value mask = node.optionalInput(3);
  if (!mask)
    return success(!node.hasInput(3));
  bool isBool = NodeBinder::elementTypeOf(mask).isInteger(1);
  mask = padLastAxis(node, mask, keys,
                     isBool ? 0 : -std::numeric_limits<double>::infinity());
  (isBool ? attention.allowed : attention.bias) = mask;
  return success(mask != nullptr);
}

/// Restricts the keys to those before each query, counted from the end of the
/// past, and to the `nonpad_kv_seqlen` first ones in input 6.
static LogicalResult addMasks(NodeBinder &node, Attention &attention,
                              Value past) {
  Dim queries = node.shape(attention.query)[2];
  Dim keys = node.shape(attention.key)[2];
  Type type = node.builder().getI64Type();
  Value lengths = node.optionalInput(6);
  if (node.hasInput(6)) {
    if (failed(checkRank(node, lengths, 1, "nonpad_kv_seqlen")))
      return failure();
    lengths = node.reshape(convertTo(node, lengths, type),
                           {node.shape(lengths)[0], Dim(1), Dim(1), Dim(1)});
  }
  Value causal;
  if (node.intAttr("is_causal", 0)) {
    Value offset;
    if (past)
      offset = makeScalarIndex(node, node.shape(past)[2]);
    else if (lengths)
      offset = node.create<nn::SubOp>(lengths, makeScalarIndex(node, queries));
    causal = createCausalMask(node, queries, keys, offset);
    if (!causal)
      return failure();
  }
  Value present;
  if (lengths) {
    present = node.create<nn::LessOp>(countUp(node, keys), lengths);
    if (!present)
      return failure();
  }
  attention.allowed = intersectMasks(node, attention.allowed,
                                     intersectMasks(node, causal, present));
  return success();
}

/// Outputs after the first: keys and values with the past, and a value on the
/// way to the weights.
static LogicalResult setFurtherResults(NodeBinder &node, const Attention &a) {
  if (failed(node.result(1, a.key)) || failed(node.result(2, a.value)))
    return failure();
  if (!node.hasOutput(3))
    return success();
  Value stages[] = {a.scores, a.limited, a.masked, a.weights};
  int64_t mode = node.intAttr("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3)
    return node.error("expects qk_matmul_output_mode from 0 to 3, but got " +
                      Twine(mode));
  return node.result(3, stages[mode]);
}

static LogicalResult importAttention(NodeBinder &node) {
  Attention attention;
  bool valid = true;
  attention.query = readHeads(node, 0, "q_num_heads");
  Value key = readHeads(node, 1, "kv_num_heads");
  Value value = readHeads(node, 2, "kv_num_heads");
  Value pastKey = readOptional(node, 4, valid);
  Value pastValue = readOptional(node, 5, valid);
  if (!attention.query || !key || !value || !valid)
    return failure();
  if (!pastKey != !pastValue)
    return node.error("expects past_key and past_value together, but got one");
  bool isFlat = NodeBinder::rankOf(node.input(0)) == 3;
  attention.key = appendToPast(node, pastKey, key);
  attention.value = appendToPast(node, pastValue, value);
  FailureOr<double> scale =
      readScale(node, attention.query, /*zeroIsAbsent=*/false);
  if (!attention.key || !attention.value || failed(scale))
    return failure();
  attention.scale = *scale;
  attention.softcap = node.floatAttr("softcap", 0);
  if (node.intAttr("softmax_precision", 0)) {
    FailureOr<Type> type =
        node.elementType(node.intAttr("softmax_precision", 0));
    if (failed(type))
      return failure();
    if (!isa<FloatType>(*type))
      return node.error("expects a float type in attribute "
                        "'softmax_precision'");
    attention.precision = *type;
  }
  if (failed(readMask(node, attention, node.shape(attention.key)[2])) ||
      failed(addMasks(node, attention, pastKey)) ||
      failed(createAttention(node, attention)))
    return failure();
  Value output = attention.output;
  if (failed(node.result(isFlat ? mergeHeads(node, output) : output)))
    return failure();
  return setFurtherResults(node, attention);
}

//===----------------------------------------------------------------------===//
// RotaryEmbedding
//===----------------------------------------------------------------------===//

/// Rows of a table in input `index`: those that `positions` [B, S] name, or,
/// without them, the input itself, [B, S, W].
static Value readAngles(NodeBinder &node, size_t index, Value positions) {
  Value table = node.input(index);
  if (failed(
          checkRank(node, table, positions ? 2 : 3, "input " + Twine(index))))
    return {};
  return positions ? node.create<nn::GatherOp>(table, positions, 0) : table;
}

static LogicalResult importRotaryEmbedding(NodeBinder &node) {
  bool valid = true;
  Value input = node.input(0), positions = readOptional(node, 3, valid);
  if (!input || !valid)
    return failure();
  if (positions && failed(checkRank(node, positions, 2, "position_ids")))
    return failure();
  int64_t rank = NodeBinder::rankOf(input);
  if (rank != 3 && rank != 4)
    return node.error("expects an input of rank 3 or 4, but got rank " +
                      Twine(rank));
  Value cosine = readAngles(node, 1, positions);
  Value sine = readAngles(node, 2, positions);
  if (!cosine || !sine)
    return failure();
  SmallVector<Dim> shape = node.shape(input);
  Value heads = input;
  if (rank == 3) {
    int64_t count = node.intAttr("num_heads", 0);
    if (count < 1)
      return node.error("expects attribute 'num_heads' of 1 or more for an "
                        "input of rank 3, but got " +
                        Twine(count));
    DimBuilder dims(node.builder(), node.loc());
    heads = node.reshape(input, {shape[0], shape[1], Dim(count),
                                 dims.floorDiv(shape[2], Dim(count))});
  }
  // Heads come before the positions in rank 4, and behind them in rank 3.
  SmallVector<Dim> angles = node.shape(cosine);
  angles.insert(angles.begin() + (rank == 4 ? 1 : 2), Dim(1));
  int64_t width = node.intAttr("rotary_embedding_dim", 0);
  std::optional<int64_t> half = angles.back().getConstant();
  if (width != 0 && half && 2 * *half != width)
    return node.error("expects a cache of width " + Twine(width / 2) +
                      ", but got " + Twine(*half));
  Value rotated = rotatePositions(node, heads, node.reshape(cosine, angles),
                                  node.reshape(sine, angles),
                                  node.intAttr("interleaved", 0) != 0);
  if (!rotated)
    return failure();
  return node.result(rank == 3 ? node.reshape(rotated, shape) : rotated);
}

//===----------------------------------------------------------------------===//
// TensorScatter
//===----------------------------------------------------------------------===//

static LogicalResult importTensorScatter(NodeBinder &node) {
  bool valid = true;
  Value cache = node.input(0), rows = node.input(1);
  Value starts = readOptional(node, 2, valid);
  if (!cache || !rows || !valid)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", -2), NodeBinder::rankOf(cache));
  if (failed(axis))
    return failure();
  if (*axis == 0)
    return node.error("expects an axis behind the batch, but got 0");
  if (starts && failed(checkRank(node, starts, 1, "write_indices")))
    return failure();
  std::string mode = node.stringAttr("mode", "linear");
  if (mode != "linear" && mode != "circular")
    return node.error("expects mode linear or circular, but got '" + mode +
                      "'");
  return node.result(
      writeRows(node, cache, rows, *axis, starts, mode == "circular"));
}

//===----------------------------------------------------------------------===//
// CausalConvWithState
//===----------------------------------------------------------------------===//

/// A convolution of each channel alone over the values before and at each
/// place; input 3 is what came before the first, zero if it is absent.
static LogicalResult importCausalConv(NodeBinder &node) {
  bool valid = true;
  Value input = node.input(0), filter = node.input(1);
  Value bias = readOptional(node, 2, valid),
        past = readOptional(node, 3, valid);
  if (!valid || failed(checkRank(node, input, 3, "an input")) ||
      failed(checkRank(node, filter, 3, "a filter")))
    return failure();
  std::string activation = node.stringAttr("activation", "none");
  bool isGated = activation == "silu" || activation == "swish";
  if (!isGated && activation != "none")
    return node.error("expects activation silu, swish or none, but got '" +
                      activation + "'");
  if (node.intAttr("state_window", 0))
    return node.error("expects state_window 0 (others are not supported)");
  SmallVector<Dim> shape = node.shape(input), kernel = node.shape(filter);
  std::optional<int64_t> channels = kernel[0].getConstant();
  if (!channels)
    return node.error("expects a filter with a known number of channels");
  DimBuilder dims(node.builder(), node.loc());
  Dim kept = dims.max(dims.sub(kernel[2], Dim(1)), Dim(0));
  Type type = NodeBinder::elementTypeOf(input);
  if (!past)
    past = fill(node, type, 0, {shape[0], shape[1], kept});
  Value whole = joinAxis(node, {past, input}, 2);
  if (!whole)
    return failure();
  Value output = node.create<nn::ConvOp>(
      whole, filter, bias, ArrayRef<int64_t>{1}, ArrayRef<int64_t>{1},
      ArrayRef<int64_t>{0, 0}, uint64_t(*channels), nn::AutoPad::NotSet);
  if (output && isGated)
    output = node.create<nn::MulOp>(output, node.create<nn::SigmoidOp>(output));
  Dim end = node.shape(whole)[2];
  if (failed(node.result(output)))
    return failure();
  return node.result(1, sliceAxis(node, whole, 2, dims.sub(end, kept), end));
}

void onnximport::addAttentionOperators(OpTable &table) {
  table.add("Attention", 23, importAttention);
  table.add("CausalConvWithState", 27, importCausalConv);
  table.addTo("com.microsoft", "CausalConvWithState", 1, importCausalConv);
  table.add("RotaryEmbedding", 23, importRotaryEmbedding);
  table.add("TensorScatter", 24, importTensorScatter);
  addLinearAttentionOperators(table);
}
