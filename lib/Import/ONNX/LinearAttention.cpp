//===----------------------------------------------------------------------===//
// Import of LinearAttention: a recurrence over a matrix of state.
//
// With G the running sum of the decay, the state before place i holds what the
// places j before it wrote, times exp(G_i - G_j). Without a correction of what
// is written, all places are computed at once from that; with one, place by
// place.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AttentionCore.h"
#include "Compose.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

/// Places that a recurrence is unrolled for.
static constexpr int64_t maxUnrolled = 512;

namespace {
/// All in f32, or wider: [B, H, T, D], where heads of queries are grouped under
/// those of keys as rows: the query is [B, K, T, G * D].
struct Recurrence {
  /// [B, Q, T, D], [B, K, T, D], [B, K, T, E].
  Value query, key, value;
  /// [B, K, T, 1 or D], [B, K or 1, T, 1], [B, K, T, D]; null where unused.
  Value decay, beta, erase;
  /// [B, K, D, E].
  Value state;
  /// B, K, Q / K, T, D, E.
  Dim batch, heads, group, length, width, depth;
  double scale = 1;
};
} // namespace

/// The input at `index` as [B, H, T, W] of `type`; of `heads` heads, or of one
/// where its last dimension says so.
static Value readGate(NodeBinder &node, size_t index, int64_t heads,
                      Type type) {
  Value tensor = node.input(index);
  if (failed(checkRank(node, tensor, 3, "input " + Twine(index))))
    return {};
  if (node.shape(tensor)[2].isConstant(1))
    heads = 1;
  return convertTo(node, splitHeads(node, tensor, heads), type);
}

/// Reports gates that the rule needs and that are absent, or the other way.
static LogicalResult checkGate(NodeBinder &node, StringRef rule, size_t index,
                               StringRef name, bool wanted) {
  if (node.hasInput(index) == wanted)
    return success();
  return node.error("expects " + Twine(wanted ? "" : "no ") + "input " +
                    Twine(index) + " (" + name + ") for update_rule '" + rule +
                    "'");
}

/// Sets the gates that the update rule uses.
static LogicalResult readGates(NodeBinder &node, int64_t heads, Type type,
                               Recurrence &r) {
  std::string rule = node.stringAttr("update_rule", "gated_delta");
  bool isGated = rule == "gated" || rule == "gated_delta";
  bool isDelta = rule == "delta" || rule == "gated_delta";
  if (!isGated && !isDelta && rule != "linear")
    return node.error("expects update_rule linear, gated, delta or "
                      "gated_delta, but got '" +
                      rule + "'");
  if (failed(checkGate(node, rule, 4, "decay", isGated)) ||
      failed(checkGate(node, rule, 5, "beta", isDelta)) ||
      (node.hasInput(6) && !isDelta &&
       failed(checkGate(node, rule, 6, "erase_gate", false))))
    return failure();
  if (isGated && !(r.decay = readGate(node, 4, heads, type)))
    return failure();
  if (isDelta && !(r.beta = readGate(node, 5, heads, type)))
    return failure();
  if (node.hasInput(6) && !(r.erase = readGate(node, 6, heads, type)))
    return failure();
  return success();
}

static FailureOr<Recurrence> readRecurrence(NodeBinder &node, Type type) {
  int64_t queryHeads = node.intAttr("q_num_heads", 0);
  int64_t heads = node.intAttr("kv_num_heads", 0);
  if (heads < 1 || queryHeads < 1 || queryHeads % heads)
    return node.error("expects q_num_heads to be a multiple of kv_num_heads, "
                      "but got " +
                      Twine(queryHeads) + " and " + Twine(heads));
  if (node.intAttr("state_window", 0))
    return node.error("expects state_window 0 (others are not supported)");
  Recurrence r;
  bool valid = true;
  r.query = convertTo(node, splitHeads(node, node.input(0), queryHeads), type);
  r.key = convertTo(node, splitHeads(node, node.input(1), heads), type);
  r.value = convertTo(node, splitHeads(node, node.input(2), heads), type);
  r.state = convertTo(node, readOptional(node, 3, valid), type);
  if (!r.query || !r.key || !r.value || !valid)
    return failure();
  SmallVector<Dim> shape = node.shape(r.key);
  r.batch = shape[0];
  r.heads = Dim(heads);
  r.group = Dim(queryHeads / heads);
  r.length = shape[2];
  r.width = shape[3];
  r.depth = node.shape(r.value)[3];
  if (!r.state)
    r.state = fill(node, type, 0, {r.batch, r.heads, r.width, r.depth});
  if (failed(checkRank(node, r.state, 4, "past_state")) ||
      failed(readGates(node, heads, type, r)))
    return failure();
  FailureOr<double> scale = readScale(node, r.query, /*zeroIsAbsent=*/true);
  if (failed(scale))
    return failure();
  r.scale = *scale;
  return r;
}

//===----------------------------------------------------------------------===//
// All places at once
//===----------------------------------------------------------------------===//

/// Products of queries and keys, [B, K, G, T, T], each key's part faded by the
/// decay between the two places; 0 for keys behind the query. `sums` are the
/// running sums of the decay, [B, K, T, 1 or D], or null.
static Value createScores(NodeBinder &node, const Recurrence &r, Value query,
                          Value sums) {
  Type type = NodeBinder::elementTypeOf(query);
  Value past = createCausalMask(node, r.length, r.length, Value());
  Value none = node.scalar(type, 0);
  Value keys =
      node.reshape(r.key, {r.batch, r.heads, Dim(1), r.length, r.width});
  if (!sums) {
    Value scores =
        node.create<nn::MatMulOp>(query, node.transpose(keys, {0, 1, 2, 4, 3}));
    return node.create<nn::WhereOp>(past, scores, none);
  }
  Dim fading = node.shape(sums)[3];
  Value later =
      node.reshape(sums, {r.batch, r.heads, Dim(1), r.length, Dim(1), fading});
  Value earlier =
      node.reshape(sums, {r.batch, r.heads, Dim(1), Dim(1), r.length, fading});
  // Keys behind the query would grow, and might overflow.
  Value apart = node.create<nn::SubOp>(later, earlier);
  apart = node.create<nn::WhereOp>(
      node.reshape(past, {r.length, r.length, Dim(1)}), apart, none);
  Value fade = node.create<nn::ExpOp>(apart);
  Value scores;
  if (fading.isConstant(1)) {
    scores =
        node.create<nn::MatMulOp>(query, node.transpose(keys, {0, 1, 2, 4, 3}));
    scores = node.create<nn::MulOp>(
        scores,
        node.reshape(fade, {r.batch, r.heads, Dim(1), r.length, r.length}));
  } else {
    Value left = node.reshape(
        query, {r.batch, r.heads, r.group, r.length, Dim(1), r.width});
    Value right = node.reshape(
        r.key, {r.batch, r.heads, Dim(1), Dim(1), r.length, r.width});
    Value parts =
        node.create<nn::MulOp>(node.create<nn::MulOp>(left, right), fade);
    scores = node.create<nn::ReduceOp>(nn::ReduceKind::Sum, parts,
                                       ArrayRef<int64_t>{5},
                                       /*keep_dims=*/false);
  }
  return node.create<nn::WhereOp>(past, scores, none);
}

/// Output [B, Q, T, E] and final state without a correction of the values.
static std::pair<Value, Value> computeAtOnce(NodeBinder &node,
                                             const Recurrence &r) {
  Value query =
      node.reshape(r.query, {r.batch, r.heads, r.group, r.length, r.width});
  Value sums, faded = query, keys = r.key, state = r.state;
  if (r.decay) {
    sums = node.create<nn::CumSumOp>(r.decay, /*axis=*/2, /*exclusive=*/false,
                                     /*reverse=*/false);
    if (!sums)
      return {};
    Dim fading = node.shape(sums)[3];
    faded = node.create<nn::MulOp>(
        query, node.create<nn::ExpOp>(node.reshape(
                   sums, {r.batch, r.heads, Dim(1), r.length, fading})));
    Value total = node.create<nn::ReduceOp>(nn::ReduceKind::Sum, r.decay,
                                            ArrayRef<int64_t>{2},
                                            /*keep_dims=*/true);
    keys = node.create<nn::MulOp>(
        keys, node.create<nn::ExpOp>(node.create<nn::SubOp>(total, sums)));
    state = node.create<nn::MulOp>(
        state, node.create<nn::ExpOp>(node.transpose(total, {0, 1, 3, 2})));
  }
  Value scores = createScores(node, r, query, sums);
  Value values =
      node.reshape(r.value, {r.batch, r.heads, Dim(1), r.length, r.depth});
  Value before =
      node.reshape(r.state, {r.batch, r.heads, Dim(1), r.width, r.depth});
  Value output =
      node.create<nn::AddOp>(node.create<nn::MatMulOp>(scores, values),
                             node.create<nn::MatMulOp>(faded, before));
  DimBuilder dims(node.builder(), node.loc());
  output = node.reshape(
      output, {r.batch, dims.mul(r.heads, r.group), r.length, r.depth});
  Value written =
      node.create<nn::MatMulOp>(node.transpose(keys, {0, 1, 3, 2}), r.value);
  return {output, node.create<nn::AddOp>(state, written)};
}

//===----------------------------------------------------------------------===//
// Place by place
//===----------------------------------------------------------------------===//

/// Place `index` of a tensor along the axis of places, which stays.
static Value takePlace(NodeBinder &node, Value tensor, int64_t index) {
  return tensor ? sliceAxis(node, tensor, 2, index, index + 1) : Value();
}

/// Output and final state where each value is corrected by what the state has
/// for its key.
static std::pair<Value, Value> computeByPlace(NodeBinder &node,
                                              const Recurrence &r) {
  std::optional<int64_t> length = r.length.getConstant();
  if (!length || *length > maxUnrolled || *length < 1) {
    (void)node.error("expects a length from 1 to " + Twine(maxUnrolled) +
                     " that is known, as values are corrected one by one; give "
                     "the input's shape with --shape");
    return {};
  }
  DimBuilder dims(node.builder(), node.loc());
  Value state = r.state;
  SmallVector<Value> outputs;
  for (int64_t place = 0; place < *length && state; ++place) {
    if (r.decay) {
      Value fade = node.create<nn::ExpOp>(
          node.transpose(takePlace(node, r.decay, place), {0, 1, 3, 2}));
      state = node.create<nn::MulOp>(state, fade);
    }
    Value key = takePlace(node, r.key, place), probe = key;
    if (r.erase)
      probe = node.create<nn::MulOp>(key, takePlace(node, r.erase, place));
    Value found = node.create<nn::MatMulOp>(probe, state);
    Value value = node.create<nn::MulOp>(
        takePlace(node, r.beta, place),
        node.create<nn::SubOp>(takePlace(node, r.value, place), found));
    state = node.create<nn::AddOp>(
        state,
        node.create<nn::MatMulOp>(node.transpose(key, {0, 1, 3, 2}), value));
    Value query = node.reshape(takePlace(node, r.query, place),
                               {r.batch, r.heads, r.group, r.width});
    Value output = node.create<nn::MatMulOp>(query, state);
    outputs.push_back(node.reshape(
        output, {r.batch, dims.mul(r.heads, r.group), Dim(1), r.depth}));
  }
  return {joinAxis(node, outputs, 2), state};
}

static LogicalResult importLinearAttention(NodeBinder &node) {
  Value query = node.input(0);
  if (!query)
    return failure();
  Type type = NodeBinder::elementTypeOf(query);
  if (!isa<FloatType>(type))
    return node.error("expects an input of floats");
  Type wide = type.isF64() ? type : node.builder().getF32Type();
  FailureOr<Recurrence> r = readRecurrence(node, wide);
  if (failed(r))
    return failure();
  auto [output, state] =
      r->beta ? computeByPlace(node, *r) : computeAtOnce(node, *r);
  output = mergeHeads(node, scaleBy(node, output, r->scale));
  if (failed(node.result(convertTo(node, output, type))))
    return failure();
  Type stateType =
      node.hasInput(3) ? NodeBinder::elementTypeOf(node.input(3)) : type;
  return node.result(1, convertTo(node, state, stateType));
}

void onnximport::addLinearAttentionOperators(OpTable &table) {
  table.add("LinearAttention", 27, importLinearAttention);
  table.addTo("com.microsoft", "LinearAttention", 1, importLinearAttention);
}
