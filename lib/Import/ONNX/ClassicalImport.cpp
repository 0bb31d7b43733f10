//===----------------------------------------------------------------------===//
// What the importers of classical machine learning share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ClassicalImport.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

FailureOr<PostTransform> onnximport::readPostTransform(NodeBinder &node) {
  static constexpr StringRef names[] = {"NONE", "SOFTMAX", "LOGISTIC",
                                        "SOFTMAX_ZERO", "PROBIT"};
  // The newest operator has numbers.
  const onnx::AttributeProto *attribute = node.attr("post_transform");
  if (attribute && attribute->type() == onnx::AttributeProto::INT) {
    if (attribute->i() >= 0 && attribute->i() < int64_t(std::size(names)))
      return static_cast<PostTransform>(attribute->i());
    return node.error("expects attribute 'post_transform' from 0 to 4, but "
                      "got " +
                      Twine(attribute->i()));
  }
  std::string name = node.stringAttr("post_transform", "NONE");
  for (auto [i, known] : llvm::enumerate(names))
    if (name == known)
      return static_cast<PostTransform>(i);
  return node.error("expects attribute 'post_transform' of NONE, SOFTMAX, "
                    "LOGISTIC, SOFTMAX_ZERO or PROBIT, but got '" +
                    name + "'");
}

/// Quotients of the exponentials, in which scores of 0 count as almost nothing.
static Value createSoftmaxZero(NodeBinder &node, Value scores) {
  Type type = NodeBinder::elementTypeOf(scores);
  Value zero = node.scalar(type, 0);
  Value top = node.create<nn::ReduceOp>(nn::ReduceKind::Max, scores,
                                        ArrayRef<int64_t>{1},
                                        /*keep_dims=*/true);
  Value isZero = node.create<nn::LessOrEqualOp>(node.create<nn::AbsOp>(scores),
                                                node.scalar(type, 1e-7));
  Value small = node.create<nn::MulOp>(
      scores, node.create<nn::ExpOp>(node.create<nn::NegOp>(top)));
  Value weights = node.create<nn::ExpOp>(node.create<nn::SubOp>(scores, top));
  weights = node.create<nn::WhereOp>(isZero, small, weights);
  Value sum = node.create<nn::ReduceOp>(nn::ReduceKind::Sum, weights,
                                        ArrayRef<int64_t>{1},
                                        /*keep_dims=*/true);
  return node.create<nn::WhereOp>(node.create<nn::EqualOp>(sum, zero),
                                  node.scalar(type, 0.5),
                                  node.create<nn::DivOp>(weights, sum));
}

/// The quantile of the normal distribution, by Winitzki's approximation of the
/// inverse of erf, as ONNX has it.
static Value createProbit(NodeBinder &node, Value scores) {
  Type type = NodeBinder::elementTypeOf(scores);
  auto number = [&](double value) { return node.scalar(type, value); };
  Value x = node.create<nn::SubOp>(node.create<nn::MulOp>(scores, number(2)),
                                   number(1));
  Value rest = node.create<nn::MulOp>(node.create<nn::SubOp>(number(1), x),
                                      node.create<nn::AddOp>(number(1), x));
  Value log = node.create<nn::LogOp>(rest);
  Value v =
      node.create<nn::AddOp>(node.create<nn::MulOp>(log, number(0.5)),
                             number(2.0 / (3.14159265358979323846 * 0.147)));
  Value square =
      node.create<nn::SubOp>(node.create<nn::MulOp>(v, v),
                             node.create<nn::MulOp>(log, number(1.0 / 0.147)));
  Value root = node.create<nn::SqrtOp>(
      node.create<nn::SubOp>(node.create<nn::SqrtOp>(square), v));
  Value result = node.create<nn::MulOp>(
      node.create<nn::MulOp>(root, node.create<nn::SignOp>(x)),
      number(1.41421356));
  return node.create<nn::WhereOp>(node.create<nn::EqualOp>(rest, number(0)),
                                  number(0), result);
}

Value onnximport::applyPostTransform(NodeBinder &node, Value scores,
                                     PostTransform transform) {
  if (!scores)
    return {};
  switch (transform) {
  case PostTransform::None:
    return scores;
  case PostTransform::Softmax:
    return node.create<nn::SoftmaxOp>(nn::SoftmaxKind::Soft, scores,
                                      /*axis=*/1);
  case PostTransform::Logistic:
    return node.create<nn::SigmoidOp>(scores);
  case PostTransform::SoftmaxZero:
    return createSoftmaxZero(node, scores);
  case PostTransform::Probit:
    return createProbit(node, scores);
  }
  return {};
}

Value onnximport::readFeatures(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return {};
  int64_t rank = node.rankOf(input);
  if (rank < 1 || rank > 2) {
    (void)node.error("expects features of rank 1 or 2, but got rank " +
                     Twine(rank));
    return {};
  }
  if (rank == 1)
    input =
        node.reshape(input, ArrayRef<Dim>{Dim(1), node.shape(input).front()});
  Type type = node.builder().getF32Type();
  if (node.elementTypeOf(input).isF64())
    type = node.builder().getF64Type();
  if (node.elementTypeOf(input) == type)
    return input;
  return node.create<nn::CastOp>(input, type);
}

Value onnximport::createNumbers(NodeBinder &node, Type type,
                                ArrayRef<double> numbers,
                                ArrayRef<int64_t> shape) {
  return node.constant(nncio::Tensor::fromDoubles(
      *toElementType(type), shape.vec(),
      std::vector<double>(numbers.begin(), numbers.end())));
}

FailureOr<SmallVector<double>> onnximport::readFloats(NodeBinder &node,
                                                      StringRef name) {
  std::string asTensor = (name + "_as_tensor").str();
  if (node.hasAttr(asTensor)) {
    FailureOr<nncio::Tensor> tensor = node.tensorAttr(asTensor);
    if (failed(tensor))
      return failure();
    std::vector<double> numbers = tensor->toDoubles();
    return SmallVector<double>(numbers.begin(), numbers.end());
  }
  SmallVector<double> numbers;
  if (std::optional<SmallVector<float>> floats = node.floatsAttr(name))
    numbers.append(floats->begin(), floats->end());
  return numbers;
}

FailureOr<SmallVector<int64_t>>
onnximport::readLabels(NodeBinder &node, StringRef name, StringRef strings) {
  if (std::optional<SmallVector<int64_t>> labels = node.intsAttr(name))
    if (!labels->empty())
      return *labels;
  std::optional<SmallVector<std::string>> texts = node.stringsAttr(strings);
  if (texts && !texts->empty())
    return node.error("has labels that are strings, which this compiler does "
                      "not have; export the model with integer labels");
  return SmallVector<int64_t>();
}

Value onnximport::pickLabels(NodeBinder &node, Value scores,
                             ArrayRef<int64_t> labels) {
  Value best = node.create<nn::ArgReduceOp>(nn::ReduceKind::Max, scores,
                                            /*axis=*/1, /*keep_dims=*/false,
                                            /*select_last=*/false);
  return node.create<nn::GatherOp>(node.indices(labels), best, /*axis=*/0);
}
