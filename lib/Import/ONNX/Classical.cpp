//===----------------------------------------------------------------------===//
// Import of scalers, linear models and support vector machines.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ClassicalImport.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Scaler, Normalizer, Binarizer, Imputer
//===----------------------------------------------------------------------===//

/// A list of one number a feature, or one for all.
static Value createPerFeature(NodeBinder &node, Type type, StringRef name,
                              ArrayRef<double> numbers, Value features) {
  int64_t count = node.typeOf(features).getShape().back();
  if (numbers.size() != 1 && !ShapedType::isDynamic(count) &&
      int64_t(numbers.size()) != count) {
    (void)node.error("expects 1 or " + Twine(count) +
                     " numbers in attribute '" + name + "', but got " +
                     Twine(numbers.size()));
    return {};
  }
  return createNumbers(node, type, numbers, {int64_t(numbers.size())});
}

static LogicalResult importScaler(NodeBinder &node) {
  Value input = node.input(0);
  FailureOr<SmallVector<double>> offset = readFloats(node, "offset");
  FailureOr<SmallVector<double>> scale = readFloats(node, "scale");
  if (!input || failed(offset) || failed(scale))
    return failure();
  if (node.rankOf(input) < 1)
    return node.error("expects features of rank 1 or more");
  Type type = node.builder().getF32Type();
  Value result = node.create<nn::CastOp>(input, type);
  if (!offset->empty())
    result = node.create<nn::SubOp>(
        result, createPerFeature(node, type, "offset", *offset, input));
  if (!scale->empty())
    result = node.create<nn::MulOp>(
        result, createPerFeature(node, type, "scale", *scale, input));
  return node.result(result);
}

/// Each row divided by its norm, unless that is 0.
static LogicalResult importNormalizer(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  int64_t rank = node.rankOf(input);
  if (rank < 1 || rank > 2)
    return node.error("expects features of rank 1 or 2, but got rank " +
                      Twine(rank));
  std::string norm = node.stringAttr("norm", "MAX");
  if (norm != "MAX" && norm != "L1" && norm != "L2")
    return node.error("expects attribute 'norm' of MAX, L1 or L2, but got '" +
                      norm + "'");
  Type f64 = node.builder().getF64Type(), f32 = node.builder().getF32Type();
  Value x = node.create<nn::CastOp>(input, f64);
  Value size = node.create<nn::AbsOp>(x);
  nn::ReduceKind kind = norm == "MAX"  ? nn::ReduceKind::Max
                        : norm == "L1" ? nn::ReduceKind::Sum
                                       : nn::ReduceKind::L2;
  size = node.create<nn::ReduceOp>(kind, size, ArrayRef<int64_t>{rank - 1},
                                   /*keep_dims=*/true);
  Value isZero = node.create<nn::EqualOp>(size, node.scalar(f64, 0));
  size = node.create<nn::WhereOp>(isZero, node.scalar(f64, 1), size);
  return node.result(
      node.create<nn::CastOp>(node.create<nn::DivOp>(x, size), f32));
}

static LogicalResult importBinarizer(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  Type type = node.elementTypeOf(input);
  // Whole numbers are above a threshold if they are above it rounded down.
  double threshold = node.floatAttr("threshold", 0);
  if (isa<IntegerType>(type))
    threshold = std::floor(threshold);
  Value isAbove = node.create<nn::LessOp>(node.scalar(type, threshold), input);
  return node.result(node.create<nn::CastOp>(isAbove, type));
}

static LogicalResult importImputer(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  if (node.rankOf(input) < 1)
    return node.error("expects features of rank 1 or more");
  Type type = node.elementTypeOf(input);
  FailureOr<SmallVector<double>> values =
      readFloats(node, "imputed_value_floats");
  if (failed(values))
    return failure();
  double replaced = node.floatAttr("replaced_value_float", 0);
  if (isa<IntegerType>(type)) {
    values->clear();
    if (auto ints = node.intsAttr("imputed_value_int64s"))
      values->append(ints->begin(), ints->end());
    replaced = double(node.intAttr("replaced_value_int64", 0));
  }
  if (values->empty())
    return node.error("expects attribute 'imputed_value_floats' for floats, "
                      "'imputed_value_int64s' for integers");
  Value isMissing =
      std::isnan(replaced)
          ? node.create<nn::IsNaNOp>(input)
          : node.create<nn::EqualOp>(input, node.scalar(type, replaced));
  Value filled = createPerFeature(node, type, "imputed_value", *values, input);
  return node.result(node.create<nn::WhereOp>(isMissing, filled, input));
}

//===----------------------------------------------------------------------===//
// LinearRegressor, LinearClassifier
//===----------------------------------------------------------------------===//

/// features * coefficients + intercepts; the coefficients are cut into `rows`
/// rows, or one a feature if 0.
static Value createLinearScores(NodeBinder &node, Value features,
                                int64_t rows) {
  FailureOr<SmallVector<double>> coefficients =
      readFloats(node, "coefficients");
  FailureOr<SmallVector<double>> intercepts = readFloats(node, "intercepts");
  if (failed(coefficients) || failed(intercepts))
    return {};
  int64_t count = coefficients->size();
  int64_t width = node.typeOf(features).getDimSize(1);
  if (rows == 0)
    rows = ShapedType::isDynamic(width) || width == 0 ? 1 : count / width;
  if (rows < 1 || count == 0 || count % rows != 0) {
    (void)node.error("expects as many coefficients in each of " + Twine(rows) +
                     " rows, but got " + Twine(count) + " in all");
    return {};
  }
  int64_t biases = intercepts->size();
  if (biases > 1 && biases != rows) {
    (void)node.error("expects " + Twine(rows) + " intercepts, but got " +
                     Twine(biases));
    return {};
  }
  Type type = node.elementTypeOf(features);
  Value matrix = createNumbers(node, type, *coefficients, {rows, count / rows});
  Value scores =
      node.create<nn::MatMulOp>(features, node.transpose(matrix, {1, 0}));
  if (!biases || !scores)
    return scores;
  return node.create<nn::AddOp>(
      scores, createNumbers(node, type, *intercepts, {biases}));
}

static LogicalResult importLinearRegressor(NodeBinder &node) {
  Value features = readFeatures(node);
  FailureOr<PostTransform> transform = readPostTransform(node);
  if (!features || failed(transform))
    return failure();
  int64_t targets = node.intAttr("targets", 1);
  if (targets < 1)
    return node.error("expects 1 or more targets, but got " + Twine(targets));
  Value scores = createLinearScores(node, features, targets);
  scores = applyPostTransform(node, scores, *transform);
  return node.result(
      node.create<nn::CastOp>(scores, node.builder().getF32Type()));
}

/// One column of scores s becomes [-s, s].
static Value createSignedPair(NodeBinder &node, Value scores) {
  SmallVector<Value> columns{node.create<nn::NegOp>(scores), scores};
  if (!columns.front())
    return {};
  return node.create<nn::ConcatOp>(columns, /*axis=*/1);
}

/// Labels of one column of scores: the label at the threshold and above.
static Value createSingleLabels(NodeBinder &node, Value scores,
                                double threshold, int64_t label) {
  Type i64 = node.builder().getI64Type();
  Value column = node.reshape(scores, ArrayRef<Dim>{node.shape(scores)[0]});
  Value isIt = node.create<nn::LessOrEqualOp>(
      node.scalar(node.elementTypeOf(scores), threshold), column);
  return node.create<nn::WhereOp>(isIt, node.scalar(i64, double(label)),
                                  node.scalar(i64, 0));
}

static LogicalResult importLinearClassifier(NodeBinder &node) {
  Value features = readFeatures(node);
  FailureOr<PostTransform> transform = readPostTransform(node);
  FailureOr<SmallVector<int64_t>> labels =
      readLabels(node, "classlabels_ints", "classlabels_strings");
  if (!features || failed(transform) || failed(labels))
    return failure();
  Value scores = createLinearScores(node, features, /*rows=*/0);
  if (!scores)
    return failure();
  int64_t columns = node.typeOf(scores).getDimSize(1);
  if (labels->empty())
    for (int64_t i = 0; i < std::max<int64_t>(columns, 2); ++i)
      labels->push_back(i);
  if (columns == 1 && labels->size() == 2) {
    scores = createSignedPair(node, scores);
    columns = 2;
  }
  if (columns != int64_t(labels->size()))
    return node.error("expects as many labels as classes, but got " +
                      Twine(labels->size()) + " labels and " + Twine(columns) +
                      " classes");
  scores = applyPostTransform(node, scores, *transform);
  if (!scores)
    return failure();
  Value label =
      columns > 1
          ? pickLabels(node, scores, *labels)
          : createSingleLabels(node, scores,
                               *transform == PostTransform::None ? 0 : 0.5,
                               labels->front());
  scores = node.create<nn::CastOp>(scores, node.builder().getF32Type());
  return success(succeeded(node.result(0, label)) &&
                 succeeded(node.result(1, scores)));
}

//===----------------------------------------------------------------------===//
// SVMRegressor, SVMClassifier
//===----------------------------------------------------------------------===//

namespace {
/// gamma, coefficient, degree of a kernel function.
struct VectorKernel {
  std::string type;
  double gamma = 0, offset = 0, degree = 0;
};
} // namespace

static FailureOr<VectorKernel> readKernel(NodeBinder &node) {
  VectorKernel kernel{node.stringAttr("kernel_type", "LINEAR")};
  SmallVector<float> parameters =
      node.floatsAttr("kernel_params").value_or(SmallVector<float>());
  if (!parameters.empty() && parameters.size() != 3)
    return node.error("expects 3 kernel parameters, but got " +
                      Twine(parameters.size()));
  if (!parameters.empty()) {
    kernel.gamma = parameters[0];
    kernel.offset = parameters[1];
    kernel.degree = parameters[2];
  }
  if (kernel.type != "LINEAR" && kernel.type != "POLY" &&
      kernel.type != "RBF" && kernel.type != "SIGMOID")
    return node.error("expects attribute 'kernel_type' of LINEAR, POLY, RBF or "
                      "SIGMOID, but got '" +
                      kernel.type + "'");
  return kernel;
}

/// The kernel function of each row of `features` and each of `vectors`, [rows,
/// vectors].
static Value createKernel(NodeBinder &node, const VectorKernel &kernel,
                          Value features, Value vectors) {
  Type type = node.elementTypeOf(features);
  if (kernel.type == "RBF") {
    SmallVector<Dim> shape = node.shape(features), other = node.shape(vectors);
    Value difference = node.create<nn::SubOp>(
        node.reshape(features, ArrayRef<Dim>{shape[0], Dim(1), shape[1]}),
        node.reshape(vectors, ArrayRef<Dim>{Dim(1), other[0], other[1]}));
    Value square = node.create<nn::ReduceOp>(nn::ReduceKind::SumSquare,
                                             difference, ArrayRef<int64_t>{2},
                                             /*keep_dims=*/false);
    return node.create<nn::ExpOp>(
        node.create<nn::MulOp>(square, node.scalar(type, -kernel.gamma)));
  }
  Value product =
      node.create<nn::MatMulOp>(features, node.transpose(vectors, {1, 0}));
  if (kernel.type == "LINEAR")
    return product;
  product = node.create<nn::AddOp>(
      node.create<nn::MulOp>(product, node.scalar(type, kernel.gamma)),
      node.scalar(type, kernel.offset));
  if (kernel.type == "SIGMOID")
    return node.create<nn::TanhOp>(product);
  return node.create<nn::PowOp>(product,
                                node.scalar(type, std::trunc(kernel.degree)));
}

/// The support vectors, `count` rows; null after an error.
static Value readVectors(NodeBinder &node, Type type, int64_t count) {
  FailureOr<SmallVector<double>> numbers = readFloats(node, "support_vectors");
  if (failed(numbers))
    return {};
  int64_t size = numbers->size();
  if (count < 1 || size == 0 || size % count != 0) {
    (void)node.error("expects as many numbers in each of " + Twine(count) +
                     " support vectors, but got " + Twine(size) + " in all");
    return {};
  }
  return createNumbers(node, type, *numbers, {count, size / count});
}

static LogicalResult importSVMRegressor(NodeBinder &node) {
  Value features = readFeatures(node);
  FailureOr<VectorKernel> kernel = readKernel(node);
  FailureOr<SmallVector<double>> coefficients =
      readFloats(node, "coefficients");
  FailureOr<SmallVector<double>> rho = readFloats(node, "rho");
  FailureOr<PostTransform> transform = readPostTransform(node);
  if (!features || failed(kernel) || failed(coefficients) || failed(rho) ||
      failed(transform))
    return failure();
  int64_t count = coefficients->size();
  int64_t supports = node.intAttr("n_supports", 0);
  if (rho->empty() || count == 0 || (supports > 0 && supports != count))
    return node.error("expects a number in 'rho' and as many coefficients as "
                      "support vectors");
  Type type = node.elementTypeOf(features);
  Value weights = createNumbers(node, type, *coefficients, {count, 1});
  Value terms = features;
  if (supports > 0) {
    Value vectors = readVectors(node, type, supports);
    terms = vectors ? createKernel(node, *kernel, features, vectors) : Value();
  }
  Value scores =
      node.create<nn::AddOp>(node.create<nn::MatMulOp>(terms, weights),
                             node.scalar(type, rho->front()));
  if (node.intAttr("one_class", 0)) {
    Value isInside = node.create<nn::LessOp>(node.scalar(type, 0), scores);
    scores = node.create<nn::WhereOp>(isInside, node.scalar(type, 1),
                                      node.scalar(type, -1));
  }
  scores = applyPostTransform(node, scores, *transform);
  return node.result(
      node.create<nn::CastOp>(scores, node.builder().getF32Type()));
}

/// For each pair of classes (i, j) the weights of the support vectors: those of
/// i have row j - 1 of the coefficients, those of j row i. [vectors, pairs].
static SmallVector<double> pairWeights(ArrayRef<double> coefficients,
                                       ArrayRef<int64_t> perClass,
                                       int64_t vectors) {
  int64_t classes = perClass.size(), pairs = classes * (classes - 1) / 2;
  SmallVector<double> weights(vectors * pairs, 0.0);
  SmallVector<int64_t> starts{0};
  for (int64_t count : perClass)
    starts.push_back(starts.back() + count);
  int64_t pair = 0;
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = i + 1; j < classes; ++j, ++pair) {
      for (int64_t v = starts[i]; v < starts[i + 1]; ++v)
        weights[v * pairs + pair] = coefficients[(j - 1) * vectors + v];
      for (int64_t v = starts[j]; v < starts[j + 1]; ++v)
        weights[v * pairs + pair] = coefficients[i * vectors + v];
    }
  return weights;
}

/// [rows, classes] votes: the first class of a pair wins a score above 0.
static Value createVotes(NodeBinder &node, Value scores, int64_t classes) {
  Type type = node.elementTypeOf(scores);
  int64_t pairs = classes * (classes - 1) / 2, pair = 0;
  // votes = wins * (first - second) + sum of second.
  SmallVector<double> matrix(pairs * classes, 0.0), start(classes, 0.0);
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = i + 1; j < classes; ++j, ++pair) {
      matrix[pair * classes + i] = 1;
      matrix[pair * classes + j] = -1;
      start[j] += 1;
    }
  Value wins = node.create<nn::CastOp>(
      node.create<nn::LessOp>(node.scalar(type, 0), scores), type);
  Value votes = node.create<nn::MatMulOp>(
      wins, createNumbers(node, type, matrix, {pairs, classes}));
  return node.create<nn::AddOp>(votes,
                                createNumbers(node, type, start, {classes}));
}

/// Scores between pairs of classes, as support vector machines have them.
static Value createPairScores(NodeBinder &node, Value features,
                              ArrayRef<int64_t> perClass,
                              ArrayRef<double> coefficients,
                              ArrayRef<double> rho) {
  FailureOr<VectorKernel> kernel = readKernel(node);
  if (failed(kernel))
    return {};
  constexpr int64_t limit = 1 << 24;
  int64_t classes = perClass.size(), vectors = 0;
  for (int64_t count : perClass)
    vectors += count < 0 || count > limit ? limit : count;
  int64_t pairs = classes * (classes - 1) / 2;
  if (classes < 2 || classes > (1 << 12) || vectors < 1 || vectors >= limit ||
      int64_t(coefficients.size()) != (classes - 1) * vectors ||
      int64_t(rho.size()) != pairs) {
    (void)node.error("expects coefficients of one row less than classes and "
                     "a number in 'rho' for each pair of classes");
    return {};
  }
  Type type = node.elementTypeOf(features);
  Value supports = readVectors(node, type, vectors);
  if (!supports)
    return {};
  Value weights =
      createNumbers(node, type, pairWeights(coefficients, perClass, vectors),
                    {vectors, pairs});
  Value scores = node.create<nn::MatMulOp>(
      createKernel(node, *kernel, features, supports), weights);
  return node.create<nn::AddOp>(scores,
                                createNumbers(node, type, rho, {pairs}));
}

static LogicalResult importSVMClassifier(NodeBinder &node) {
  Value features = readFeatures(node);
  FailureOr<SmallVector<double>> coefficients =
      readFloats(node, "coefficients");
  FailureOr<SmallVector<double>> rho = readFloats(node, "rho");
  FailureOr<PostTransform> transform = readPostTransform(node);
  FailureOr<SmallVector<int64_t>> labels =
      readLabels(node, "classlabels_ints", "classlabels_strings");
  if (!features || failed(coefficients) || failed(rho) || failed(transform) ||
      failed(labels))
    return failure();
  if (!node.floatsAttr("prob_a").value_or(SmallVector<float>()).empty())
    return node.error("asks for probabilities, which need an iteration that "
                      "this compiler does not have; train and export the "
                      "model without them (scikit-learn: probability=False)");
  SmallVector<int64_t> perClass =
      node.intsAttr("vectors_per_class").value_or(SmallVector<int64_t>());
  if (perClass.size() < 2 || labels->size() != perClass.size())
    return node.error("expects 'vectors_per_class' for 2 or more classes and a "
                      "label for each; linear machines are exported as "
                      "LinearClassifier");
  Value scores =
      createPairScores(node, features, perClass, *coefficients, *rho);
  if (!scores)
    return failure();
  Value votes = createVotes(node, scores, labels->size());
  Value label = votes ? pickLabels(node, votes, *labels) : Value();
  // One pair of classes has a score for each.
  if (labels->size() == 2)
    scores = createSignedPair(node, scores);
  scores = applyPostTransform(node, scores, *transform);
  scores = node.create<nn::CastOp>(scores, node.builder().getF32Type());
  return success(succeeded(node.result(0, label)) &&
                 succeeded(node.result(1, scores)));
}

static LogicalResult importZipMap(NodeBinder &node) {
  return node.error("makes a list of maps, which has no form on tensors; "
                    "export the model without it (skl2onnx: "
                    "options={'zipmap': False})");
}

void onnximport::addClassicalOperators(OpTable &table) {
  table.addTo(classicalDomain, "Binarizer", 1, importBinarizer);
  table.addTo(classicalDomain, "Imputer", 1, importImputer);
  table.addTo(classicalDomain, "LinearClassifier", 1, importLinearClassifier);
  table.addTo(classicalDomain, "LinearRegressor", 1, importLinearRegressor);
  table.addTo(classicalDomain, "Normalizer", 1, importNormalizer);
  table.addTo(classicalDomain, "SVMClassifier", 1, importSVMClassifier);
  table.addTo(classicalDomain, "SVMRegressor", 1, importSVMRegressor);
  table.addTo(classicalDomain, "Scaler", 1, importScaler);
  table.addTo(classicalDomain, "ZipMap", 1, importZipMap);
}
