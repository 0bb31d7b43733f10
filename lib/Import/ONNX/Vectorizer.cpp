//===----------------------------------------------------------------------===//
// Import of encoders, extractors and vectorizers of features.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ClassicalImport.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/DenseSet.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// ArrayFeatureExtractor, FeatureVectorizer
//===----------------------------------------------------------------------===//

/// Features of the last axis by number; a single row stays a row.
static LogicalResult importArrayFeatureExtractor(NodeBinder &node) {
  Value input = node.input(0), indices = node.input(1);
  if (!input || !indices)
    return failure();
  int64_t rank = node.rankOf(input);
  if (rank < 1)
    return node.error("expects an input of rank 1 or more");
  if (rank == 1)
    input =
        node.reshape(input, ArrayRef<Dim>{Dim(1), node.shape(input).front()});
  DimBuilder dims(node.builder(), node.loc());
  indices = node.reshape(indices, {dims.product(node.shape(indices))});
  if (!input || !indices)
    return failure();
  return node.result(node.create<nn::GatherOp>(input, indices,
                                               std::max<int64_t>(rank, 2) - 1));
}

/// A matrix of `width` columns: cut, or filled up with zeros.
static Value fitColumns(NodeBinder &node, Value matrix, int64_t width) {
  DimBuilder dims(node.builder(), node.loc());
  Dim more = dims.sub(Dim(width), node.shape(matrix)[1]);
  SmallVector<Dim> pads{Dim(0), Dim(0), Dim(0), more};
  return node.create<nn::PadOp>(matrix, node.indices(ArrayRef<Dim>(pads)),
                                Value(), nn::PadMode::Constant);
}

static LogicalResult importFeatureVectorizer(NodeBinder &node) {
  FailureOr<SmallVector<Value>> inputs = node.inputsFrom(0);
  SmallVector<int64_t> widths =
      node.intsAttr("inputdimensions").value_or(SmallVector<int64_t>());
  if (failed(inputs))
    return failure();
  if (inputs->empty() || widths.size() != inputs->size() ||
      llvm::any_of(widths, [](int64_t width) {
        return width < 0 || width > nn::windowNumberLimit;
      }))
    return node.error("expects a number of features for each of 1 or more "
                      "inputs in attribute 'inputdimensions'");
  SmallVector<Value> columns;
  for (auto [input, width] : llvm::zip(*inputs, widths)) {
    Value column = input;
    if (node.rankOf(input) == 1)
      column =
          node.reshape(input, ArrayRef<Dim>{node.shape(input).front(), Dim(1)});
    else if (node.rankOf(input) != 2)
      return node.error("expects inputs of rank 1 or 2, but got rank " +
                        Twine(node.rankOf(input)));
    column = node.create<nn::CastOp>(column, node.builder().getF32Type());
    if (!column)
      return failure();
    columns.push_back(fitColumns(node, column, width));
    if (!columns.back())
      return failure();
  }
  return node.result(node.create<nn::ConcatOp>(columns, /*axis=*/1));
}

//===----------------------------------------------------------------------===//
// LabelEncoder, OneHotEncoder
//===----------------------------------------------------------------------===//

namespace {
/// Keys or values of a label encoder; `type` is null without a list.
struct LabelList {
  Type type;
  std::vector<double> floats;
  std::vector<int64_t> ints;

  size_t size() const {
    return isa<FloatType>(type) ? floats.size() : ints.size();
  }
  nncio::Tensor toTensor() const {
    std::vector<int64_t> shape{int64_t(size())};
    nncio::ElementType element = *toElementType(type);
    return isa<FloatType>(type)
               ? nncio::Tensor::fromDoubles(element, shape, floats)
               : nncio::Tensor::fromInts(element, shape, ints);
  }
};
} // namespace

/// Attribute `prefix`_floats, _int64s or _tensor.
static FailureOr<LabelList> readLabelList(NodeBinder &node, StringRef prefix) {
  LabelList list;
  std::string tensorName = (prefix + "_tensor").str();
  if (node.hasAttr(tensorName)) {
    FailureOr<nncio::Tensor> tensor = node.tensorAttr(tensorName);
    if (failed(tensor))
      return failure();
    list.type = fromElementType(node.context(), tensor->type());
    if (list.type) {
      list.floats = tensor->toDoubles();
      list.ints = tensor->toInts();
      return list;
    }
  }
  if (auto floats = node.floatsAttr((prefix + "_floats").str())) {
    list.type = node.builder().getF32Type();
    list.floats.assign(floats->begin(), floats->end());
    return list;
  }
  if (auto ints = node.intsAttr((prefix + "_int64s").str())) {
    list.type = node.builder().getI64Type();
    list.ints.assign(ints->begin(), ints->end());
    return list;
  }
  return node.error("expects " + prefix +
                    " that are numbers; labels that are "
                    "strings are not supported, export "
                    "the model with numbers");
}

/// What is no key becomes this, rank 0.
static FailureOr<Value> readDefault(NodeBinder &node, Type type) {
  if (node.hasAttr("default_tensor")) {
    FailureOr<nncio::Tensor> tensor = node.tensorAttr("default_tensor");
    if (failed(tensor))
      return failure();
    if (tensor->size() != 1 ||
        fromElementType(node.context(), tensor->type()) != type)
      return node.error("expects one default of the values' type");
    return node.constant(tensor->reshaped({}));
  }
  if (isa<FloatType>(type))
    return node.scalar(type, node.floatAttr("default_float", -0.0));
  nncio::Tensor number(*toElementType(type), {});
  number.setInt(0, node.intAttr("default_int64", -1));
  return node.constant(number);
}

/// [..., numbers]: where the input equals each of them. NaN equals NaN.
static Value compareWith(NodeBinder &node, Value input, const LabelList &list) {
  SmallVector<Dim> shape = node.shape(input);
  shape.push_back(Dim(1));
  input = node.reshape(input, ArrayRef<Dim>(shape));
  Value keys = node.constant(list.toTensor());
  Value isEqual = node.create<nn::EqualOp>(input, keys);
  if (!isa<FloatType>(list.type) ||
      llvm::none_of(list.floats, [](double x) { return std::isnan(x); }))
    return isEqual;
  Value isNan = node.create<nn::AndOp>(node.create<nn::IsNaNOp>(input),
                                       node.create<nn::IsNaNOp>(keys));
  return node.create<nn::OrOp>(isEqual, isNan);
}

static LogicalResult importLabelEncoder(NodeBinder &node) {
  Value input = node.input(0);
  FailureOr<LabelList> keys = readLabelList(node, "keys");
  if (!input || failed(keys))
    return failure();
  FailureOr<LabelList> values = readLabelList(node, "values");
  if (failed(values))
    return failure();
  if (keys->size() != values->size() || keys->size() == 0)
    return node.error("expects as many keys as values, and at least one, but "
                      "got " +
                      Twine(keys->size()) + " and " + Twine(values->size()));
  if (keys->type != node.elementTypeOf(input))
    return node.error("expects keys of the input's element type");
  FailureOr<Value> otherwise = readDefault(node, values->type);
  if (failed(otherwise))
    return failure();
  Value isEqual = compareWith(node, input, *keys);
  if (!isEqual)
    return failure();
  int64_t axis = node.rankOf(isEqual) - 1;
  Value isAny = node.create<nn::ReduceOp>(nn::ReduceKind::Max, isEqual,
                                          ArrayRef<int64_t>{axis},
                                          /*keep_dims=*/false);
  Type i32 = node.builder().getI32Type();
  Value first = node.create<nn::ArgReduceOp>(
      nn::ReduceKind::Max, node.create<nn::CastOp>(isEqual, i32), axis,
      /*keep_dims=*/false, /*select_last=*/false);
  Value found = node.create<nn::GatherOp>(node.constant(values->toTensor()),
                                          first, /*axis=*/0);
  return node.result(node.create<nn::WhereOp>(isAny, found, *otherwise));
}

/// A number that is no category gives zeros, also if attribute 'zeros' asks for
/// an error.
static LogicalResult importOneHotEncoder(NodeBinder &node) {
  Value input = node.input(0);
  FailureOr<SmallVector<int64_t>> categories =
      readLabels(node, "cats_int64s", "cats_strings");
  if (!input || failed(categories))
    return failure();
  if (categories->empty())
    return node.error("expects categories in attribute 'cats_int64s'");
  LabelList list;
  list.type = node.elementTypeOf(input);
  list.floats.assign(categories->begin(), categories->end());
  list.ints.assign(categories->begin(), categories->end());
  Value isEqual = compareWith(node, input, list);
  return node.result(
      node.create<nn::CastOp>(isEqual, node.builder().getF32Type()));
}

//===----------------------------------------------------------------------===//
// TfIdfVectorizer
//===----------------------------------------------------------------------===//

namespace {
/// The n-grams of the pool that count, and the columns of their counts.
struct NGrams {
  std::vector<int64_t> items, lengths;
  SmallVector<int64_t> columns;
  int64_t longest = 1, width = 0;
};
} // namespace

/// Cuts the pool into n-grams: those of n items start at number n - 1 of the
/// counts.
static LogicalResult cutPool(NodeBinder &node, NGrams &ngrams) {
  auto ints = [&](StringRef name) {
    return node.intsAttr(name).value_or(SmallVector<int64_t>());
  };
  SmallVector<int64_t> pool = ints("pool_int64s"),
                       starts = ints("ngram_counts");
  SmallVector<int64_t> indexes = ints("ngram_indexes");
  int64_t shortest = node.intAttr("min_gram_length", 1);
  ngrams.longest = node.intAttr("max_gram_length", 1);
  if (shortest < 1 || ngrams.longest < shortest || ngrams.longest > 1024)
    return node.error(
        "expects 1 <= min_gram_length <= max_gram_length <= 1024");
  for (int64_t index : indexes)
    if (index < 0 || index >= nn::windowNumberLimit)
      return node.error("expects numbers of columns in 'ngram_indexes', but "
                        "got " +
                        Twine(index));
    else
      ngrams.width = std::max(ngrams.width, index + 1);
  starts.push_back(pool.size());
  size_t number = 0;
  llvm::DenseSet<int64_t> seen;
  for (int64_t length = 1; length < int64_t(starts.size()); ++length) {
    int64_t begin = starts[length - 1], end = starts[length];
    if (begin < 0 || end < begin || end > int64_t(pool.size()) ||
        (end - begin) % length != 0)
      return node.error("expects 'ngram_counts' that cut the pool into whole "
                        "n-grams");
    for (int64_t at = begin; at < end; at += length, ++number) {
      if (number >= indexes.size())
        return node.error(
            "expects a number in 'ngram_indexes' for each n-gram");
      if (length < shortest || length > ngrams.longest)
        continue;
      ngrams.lengths.push_back(length);
      if (!seen.insert(indexes[number]).second)
        return node.error("has number " + Twine(indexes[number]) +
                          " twice in 'ngram_indexes'");
      ngrams.columns.push_back(indexes[number]);
      for (int64_t k = 0; k < ngrams.longest; ++k)
        ngrams.items.push_back(k < length ? pool[at + k] : 0);
    }
  }
  return success();
}

/// Counts in the columns of the result, [..., width].
static Value createCounts(NodeBinder &node, Value input, const NGrams &ngrams) {
  int64_t count = ngrams.lengths.size();
  Value items = node.constant(nncio::Tensor::fromInts(
      nncio::ElementType::I64, {count, ngrams.longest}, ngrams.items));
  Value counts = node.create<nn::NGramCountsOp>(
      input, items, node.indices(ArrayRef<int64_t>(ngrams.lengths)),
      node.intAttr("max_skip_count", 0));
  if (!counts)
    return {};
  // Each column gathers its n-gram; a zero stands behind them for the others.
  SmallVector<int64_t> sources(ngrams.width, count);
  for (auto [i, column] : llvm::enumerate(ngrams.columns))
    sources[column] = i;
  SmallVector<int64_t> pads(2 * node.rankOf(counts), 0);
  pads.back() = 1;
  counts = node.create<nn::PadOp>(counts, node.indices(pads), Value(),
                                  nn::PadMode::Constant);
  return node.create<nn::GatherOp>(counts, node.indices(sources),
                                   node.rankOf(input) - 1);
}

static LogicalResult importTfIdfVectorizer(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  if (!node.stringsAttr("pool_strings")
           .value_or(SmallVector<std::string>())
           .empty())
    return node.error("has n-grams of strings, which this compiler does not "
                      "have; export the model with tokens as integers");
  std::string mode = node.stringAttr("mode", "TF");
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF")
    return node.error(
        "expects attribute 'mode' of TF, IDF or TFIDF, but got '" + mode + "'");
  NGrams ngrams;
  if (failed(cutPool(node, ngrams)))
    return failure();
  Type f32 = node.builder().getF32Type();
  Value result = createCounts(node, input, ngrams);
  if (mode == "IDF")
    result = node.create<nn::CastOp>(
        node.create<nn::LessOp>(node.scalar(f32, 0), result), f32);
  SmallVector<float> weights =
      node.floatsAttr("weights").value_or(SmallVector<float>());
  if (mode == "TF" || weights.empty())
    return node.result(result);
  // Implementations agree that weights are by column.
  if (int64_t(weights.size()) != ngrams.width)
    return node.error("expects " + Twine(ngrams.width) + " weights, but got " +
                      Twine(weights.size()));
  SmallVector<double> numbers(weights.begin(), weights.end());
  return node.result(node.create<nn::MulOp>(
      result, createNumbers(node, f32, numbers, {ngrams.width})));
}

void onnximport::addVectorizerOperators(OpTable &table) {
  table.add("TfIdfVectorizer", 9, importTfIdfVectorizer);
  table.addTo(classicalDomain, "ArrayFeatureExtractor", 1,
              importArrayFeatureExtractor);
  table.addTo(classicalDomain, "FeatureVectorizer", 1, importFeatureVectorizer);
  table.addTo(classicalDomain, "LabelEncoder", 2, importLabelEncoder);
  table.addTo(classicalDomain, "OneHotEncoder", 1, importOneHotEncoder);
}
