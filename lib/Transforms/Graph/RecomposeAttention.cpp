//===----------------------------------------------------------------------===//
// Recomposes attention.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Recompose.h"

#include "mlir/IR/IRMapping.h"
#include "nnc/Analysis/SymbolicShapes.h"
#include <numeric>

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// The parts of attention that ends in a matrix product.
struct AttentionParts {
  nn::MatMulOp root;
  /// The key is transposed, or, where several heads share it, not.
  Value query, transposedKey, key, value, mask;
  double scale = 1;
  double fill = -std::numeric_limits<double>::infinity();
  double softcap = 0;
  bool isMaskInverted = false;
};

class AttentionMatcher {
public:
  explicit AttentionMatcher(func::FuncOp function) : shapes(function) {}

  std::optional<AttentionParts> match(nn::MatMulOp op);

private:
  bool stripMask(Value &scores, AttentionParts &parts);
  bool stripWhere(nn::WhereOp op, Value &scores, AttentionParts &parts);
  bool fitsMask(Value mask, Value scores);
  bool haveSameBatch(Value a, Value b);
  Value stripRepeat(Value heads, int64_t &repeats);

  SymbolicShapes shapes;
};
} // namespace

/// The product of query and key below scalings of the scores.
static nn::MatMulOp getScores(Value value) {
  double scale = 1;
  return stripScale(value, scale).getDefiningOp<nn::MatMulOp>();
}

/// True if each dimension of the mask is 1 or provably the scores'.
bool AttentionMatcher::fitsMask(Value mask, Value scores) {
  SmallVector<IndexExpr> small = shapes.getShape(mask);
  SmallVector<IndexExpr> large = shapes.getShape(scores);
  if (small.size() > large.size())
    return false;
  ArrayRef<IndexExpr> aligned = ArrayRef(large).take_back(small.size());
  return llvm::all_of(llvm::zip(small, aligned), [](const auto &pair) {
    return std::get<0>(pair).getConstant() == 1 ||
           std::get<0>(pair) == std::get<1>(pair);
  });
}

bool AttentionMatcher::stripWhere(nn::WhereOp op, Value &scores,
                                  AttentionParts &parts) {
  std::optional<double> no = getScalarNumber(op.getOnFalse());
  std::optional<double> yes = getScalarNumber(op.getOnTrue());
  if (!no && !yes)
    return false;
  parts.mask = op.getCondition();
  parts.isMaskInverted = !no;
  parts.fill = no ? *no : *yes;
  scores = no ? op.getOnTrue() : op.getOnFalse();
  return true;
}

/// Takes one mask off `scores`, if there is one; false if what is there is no
/// mask of attention.
bool AttentionMatcher::stripMask(Value &scores, AttentionParts &parts) {
  Value masked = scores;
  if (auto where = scores.getDefiningOp<nn::WhereOp>()) {
    if (!stripWhere(where, scores, parts))
      return false;
  } else {
    matchEitherOrder<nn::AddOp>(masked, [&](Value sum, Value mask) {
      if (!getScores(sum) || !fitsMask(mask, sum))
        return false;
      scores = sum;
      parts.mask = mask;
      return true;
    });
  }
  return !parts.mask || (scores.hasOneUse() && fitsMask(parts.mask, scores) &&
                         shapes.areSameShapes(masked, scores));
}

/// Equal rank and dimensions but those of the matrices.
bool AttentionMatcher::haveSameBatch(Value a, Value b) {
  return rankedTypeOf(a).getRank() == rankedTypeOf(b).getRank() &&
         ArrayRef(shapes.getShape(a)).drop_back(2) ==
             ArrayRef(shapes.getShape(b)).drop_back(2);
}

/// [.., heads, S, D] of which `heads`, [.., heads * n, S, D], has each head n
/// times, one after the other; null if it is not of this form.
Value AttentionMatcher::stripRepeat(Value heads, int64_t &repeats) {
  auto joined = heads.getDefiningOp<nn::ReshapeOp>();
  auto copies = joined ? joined.getInput().getDefiningOp<nn::BroadcastOp>()
                       : nn::BroadcastOp();
  auto apart = copies ? copies.getInput().getDefiningOp<nn::ReshapeOp>()
                      : nn::ReshapeOp();
  if (!apart)
    return {};
  Value few = apart.getInput();
  int64_t rank = rankedTypeOf(few).getRank();
  RankedTensorType spread = rankedTypeOf(copies);
  if (rank < 3 || rankedTypeOf(heads).getRank() != rank ||
      spread.getRank() != rank + 1 || spread.isDynamicDim(rank - 2) ||
      rankedTypeOf(few).isDynamicDim(rank - 3))
    return {};
  repeats = spread.getDimSize(rank - 2);
  SmallVector<IndexExpr> shape = shapes.getShape(few), single(shape),
                         several(shape), flat(shape);
  single.insert(single.begin() + rank - 2, IndexExpr(1));
  several.insert(several.begin() + rank - 2, IndexExpr(repeats));
  flat[rank - 3] = IndexExpr(rankedTypeOf(few).getDimSize(rank - 3) * repeats);
  bool fits = ArrayRef(shapes.getShape(apart)) == ArrayRef(single) &&
              ArrayRef(shapes.getShape(copies)) == ArrayRef(several) &&
              ArrayRef(shapes.getShape(heads)) == ArrayRef(flat);
  return fits ? few : Value();
}

/// The key whose last two axes `transposed` has the other way round, or null.
static Value stripTranspose(Value transposed) {
  auto transpose = transposed.getDefiningOp<nn::TransposeOp>();
  if (!transpose)
    return {};
  SmallVector<int64_t> wanted(transpose.getPermutation().size());
  std::iota(wanted.begin(), wanted.end(), 0);
  std::swap(wanted[wanted.size() - 1], wanted[wanted.size() - 2]);
  return transpose.getPermutation() == ArrayRef(wanted) ? transpose.getInput()
                                                        : Value();
}

/// c * tanh(x / c)
static Value stripSoftcap(Value scores, double &softcap) {
  double factor = 1;
  Value bent = stripScale(scores, factor);
  auto tanh = bent.getDefiningOp<nn::TanhOp>();
  if (!tanh || !bent.hasOneUse() || factor <= 0)
    return scores;
  softcap = factor;
  return tanh->getOperand(0);
}

std::optional<AttentionParts> AttentionMatcher::match(nn::MatMulOp op) {
  AttentionParts parts;
  auto softmax = op.getLhs().getDefiningOp<nn::SoftmaxOp>();
  int64_t rank = rankedTypeOf(op.getRhs()).getRank();
  if (!softmax || !softmax->hasOneUse() ||
      softmax.getKind() != nn::SoftmaxKind::Soft || rank < 2 ||
      rankedTypeOf(softmax).getRank() != rank ||
      int64_t(softmax.getAxis()) != rank - 1)
    return std::nullopt;
  parts.root = op;
  parts.value = op.getRhs();
  Value scores = softmax.getInput();
  if (!scores.hasOneUse() || !stripMask(scores, parts))
    return std::nullopt;
  scores = stripSoftcap(scores, parts.softcap);
  scores = stripScale(scores, parts.scale);
  if (parts.softcap != 0)
    parts.scale *= parts.softcap;
  auto product = scores.getDefiningOp<nn::MatMulOp>();
  if (!product || !scores.hasOneUse())
    return std::nullopt;
  parts.query = stripScale(product.getLhs(), parts.scale);
  parts.transposedKey = stripScale(product.getRhs(), parts.scale);
  if (!haveSameBatch(parts.query, parts.transposedKey) ||
      !haveSameBatch(parts.query, parts.value) ||
      !haveSameBatch(parts.query, op.getResult()))
    return std::nullopt;
  int64_t ofKey = 0, ofValue = 0;
  Value key = stripTranspose(parts.transposedKey);
  Value fewKeys = key ? stripRepeat(key, ofKey) : Value();
  Value fewValues = stripRepeat(parts.value, ofValue);
  if (fewKeys && fewValues && ofKey == ofValue &&
      haveSameBatch(fewKeys, fewValues)) {
    parts.key = fewKeys;
    parts.value = fewValues;
  }
  return parts;
}

/// Leaves the parts behind, dead where nothing else needs them.
static Value createAttention(const AttentionParts &parts, IRMapping &mapping) {
  nn::MatMulOp root = parts.root;
  OpBuilder builder(root);
  Location loc = root.getLoc();
  Value key = parts.key ? mapping.lookupOrDefault(parts.key) : Value();
  if (!key) {
    int64_t rank = root.getType().getRank();
    SmallVector<int64_t> permutation(rank);
    std::iota(permutation.begin(), permutation.end(), 0);
    std::swap(permutation[rank - 1], permutation[rank - 2]);
    key = nn::TransposeOp::create(builder, loc,
                                  mapping.lookupOrDefault(parts.transposedKey),
                                  permutation);
  }
  Value mask = parts.mask ? mapping.lookupOrDefault(parts.mask) : Value();
  if (mask && parts.isMaskInverted)
    mask = nn::NotOp::create(builder, loc, mask);
  return nn::AttentionOp::create(
      builder, loc, root.getType(), mapping.lookupOrDefault(parts.query), key,
      mapping.lookupOrDefault(parts.value), mask, llvm::APFloat(parts.scale),
      llvm::APFloat(parts.fill), llvm::APFloat(parts.softcap),
      nn::Causality::none);
}

void mlir::nnc::recomposeAttention(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return;
  SmallVector<nn::MatMulOp> products(
      function.getBody().front().getOps<nn::MatMulOp>());
  bool hasSoftmax = !function.getBody().front().getOps<nn::SoftmaxOp>().empty();
  if (products.empty() || !hasSoftmax)
    return;
  SmallVector<AttentionParts> found;
  AttentionMatcher matcher(function);
  for (nn::MatMulOp op : products)
    if (std::optional<AttentionParts> parts = matcher.match(op))
      found.push_back(*parts);
  // What one attention takes may be what another one gives.
  IRMapping mapping;
  for (AttentionParts &parts : found) {
    Value attention = createAttention(parts, mapping);
    Value root = parts.root.getResult();
    mapping.map(root, attention);
    root.replaceAllUsesWith(attention);
  }
}
