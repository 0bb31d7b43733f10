//===----------------------------------------------------------------------===//
// Recurrent cells: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/WeightTransforms.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

namespace {
/// What the three ops have in common; absent operands are null.
struct RecurrentOperands {
  Value x, w, r, bias, lengths, initialH, initialC, peepholes;
  Direction direction;
  ArrayAttr activations;
  FloatAttr clip;
  int64_t gates, functions;
};

/// Checks operands against the dimensions that `x`, `r` and the direction give.
class RecurrentShapes {
public:
  RecurrentShapes(const RecurrentOperands &in, DimBuilder &dims)
      : in(in), dims(dims),
        directions(in.direction == Direction::bidirectional ? 2 : 1) {}

  LogicalResult infer(unsigned states, SmallVectorImpl<ResultShape> &shapes) {
    if (failed(checkAttributes()) || failed(checkRank(in.x, 3, "x")) ||
        (in.w && failed(checkRank(in.w, 3, "w"))) ||
        failed(checkRank(in.r, 3, "r")))
      return failure();
    SmallVector<Dim> x = dims.shape(in.x);
    Dim inputs = x[2], hidden = dims.dim(in.r, in.w ? 2 : 1);
    Dim rows = dims.mul(Dim(in.gates), hidden), batch = x[1];
    if (failed(checkProducts(inputs, rows, hidden)) ||
        failed(check(in.bias, {directions, dims.mul(Dim(2), rows)}, "bias")) ||
        failed(check(in.lengths, {batch}, "lengths")) ||
        failed(check(in.initialH, {directions, batch, hidden}, "initial_h")) ||
        failed(check(in.initialC, {directions, batch, hidden}, "initial_c")) ||
        failed(check(in.peepholes, {directions, dims.mul(Dim(3), hidden)},
                     "peepholes")))
      return failure();
    Type type = cast<RankedTensorType>(in.x.getType()).getElementType();
    shapes.push_back({type, {x[0], directions, batch, hidden}});
    for (unsigned i = 0; i < states; ++i)
      shapes.push_back({type, {directions, batch, hidden}});
    return success();
  }

private:
  /// What the inputs and the state are multiplied by.
  LogicalResult checkProducts(Dim inputs, Dim rows, Dim hidden) {
    if (in.w)
      return success(succeeded(check(in.w, {directions, rows, inputs}, "w")) &&
                     succeeded(check(in.r, {directions, rows, hidden}, "r")));
    return success(
        succeeded(dims.requireEqual(inputs, dims.mul(directions, rows),
                                    "dimension 2 of 'x' and the gates of a "
                                    "layer without 'w'")) &&
        succeeded(check(in.r, {directions, hidden, rows}, "r")));
  }

  LogicalResult checkAttributes() {
    int64_t expected = *directions.getConstant() * in.functions;
    if (int64_t(in.activations.size()) != expected)
      return dims.fail("expects " + Twine(expected) + " activations, but got " +
                       Twine(in.activations.size()));
    if (in.clip && !(in.clip.getValueAsDouble() > 0))
      return dims.fail("expects a clip above 0");
    return success();
  }

  LogicalResult checkRank(Value operand, int64_t rank, StringRef name) {
    int64_t found = cast<RankedTensorType>(operand.getType()).getRank();
    if (found != rank)
      return dims.fail("expects '" + name + "' of rank " + Twine(rank) +
                       ", but got " + Twine(found));
    return success();
  }

  LogicalResult check(Value operand, ArrayRef<Dim> shape, StringRef name) {
    if (!operand)
      return success();
    if (failed(checkRank(operand, shape.size(), name)))
      return failure();
    Type type = cast<RankedTensorType>(operand.getType()).getElementType();
    Type expected = cast<RankedTensorType>(in.x.getType()).getElementType();
    if (isa<FloatType>(type) && type != expected)
      return dims.fail("expects '" + name + "' of the element type of 'x'");
    for (auto [axis, dim] : llvm::enumerate(shape))
      if (failed(
              dims.requireEqual(dims.dim(operand, axis), dim,
                                "dimension " + Twine(axis) + " of '" + name +
                                    "' and what the other operands ask for")))
        return failure();
    return success();
  }

  const RecurrentOperands &in;
  DimBuilder &dims;
  Dim directions;
};
} // namespace

LogicalResult LstmOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                  SmallVectorImpl<ResultShape> &shapes) {
  RecurrentOperands in{
      adaptor.getX(),           adaptor.getW(),         adaptor.getR(),
      adaptor.getBias(),        adaptor.getLengths(),   adaptor.getInitialH(),
      adaptor.getInitialC(),    adaptor.getPeepholes(), adaptor.getDirection(),
      adaptor.getActivations(), adaptor.getClipAttr(),  /*gates=*/4,
      /*functions=*/3};
  return RecurrentShapes(in, dims).infer(/*states=*/2, shapes);
}

LogicalResult GruOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                 SmallVectorImpl<ResultShape> &shapes) {
  RecurrentOperands in{
      adaptor.getX(),        adaptor.getW(),         adaptor.getR(),
      adaptor.getBias(),     adaptor.getLengths(),   adaptor.getInitialH(),
      /*initialC=*/{},
      /*peepholes=*/{},      adaptor.getDirection(), adaptor.getActivations(),
      adaptor.getClipAttr(),
      /*gates=*/3,
      /*functions=*/2};
  return RecurrentShapes(in, dims).infer(/*states=*/1, shapes);
}

LogicalResult RnnOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                 SmallVectorImpl<ResultShape> &shapes) {
  RecurrentOperands in{
      adaptor.getX(),        adaptor.getW(),         adaptor.getR(),
      adaptor.getBias(),     adaptor.getLengths(),   adaptor.getInitialH(),
      /*initialC=*/{},
      /*peepholes=*/{},      adaptor.getDirection(), adaptor.getActivations(),
      adaptor.getClipAttr(),
      /*gates=*/1,
      /*functions=*/1};
  return RecurrentShapes(in, dims).infer(/*states=*/1, shapes);
}

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

static double activate(Attribute attribute, double x) {
  auto function = cast<ActivationAttr>(attribute);
  double alpha = function.getAlphaValue(), beta = function.getBetaValue();
  switch (function.getKind()) {
  case ActivationKind::affine:
    return alpha * x + beta;
  case ActivationKind::elu:
    return x >= 0 ? x : alpha * std::expm1(x);
  case ActivationKind::hard_sigmoid:
    return std::min(std::max(alpha * x + beta, 0.0), 1.0);
  case ActivationKind::leaky_relu:
    return x >= 0 ? x : alpha * x;
  case ActivationKind::relu:
    return std::max(x, 0.0);
  case ActivationKind::scaled_tanh:
    return alpha * std::tanh(beta * x);
  case ActivationKind::sigmoid:
    return 1 / (1 + std::exp(-x));
  case ActivationKind::softplus:
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  case ActivationKind::softsign:
    return x / (1 + std::abs(x));
  case ActivationKind::tanh:
    return std::tanh(x);
  case ActivationKind::thresholded_relu:
    return x >= alpha ? x : 0;
  }
  return x;
}

namespace {
using Vector = std::vector<double>;

/// Runs a cell over time. A cell is a function of the direction, the gates'
/// inputs from x (w's bias added) and the state h, which it updates.
class Recurrence {
public:
  template <typename OpTy>
  Recurrence(OpTy op, ArrayRef<nncio::Tensor> operands)
      : direction(op.getDirection()), activations(op.getActivations()),
        clip(op.getClipAttr() ? op.getClipAttr().getValueAsDouble() : 0),
        x(operands[0].toDoubles()), isProjected(!op.getW()) {
    const std::vector<int64_t> &shape = operands[0].shape();
    steps = shape[0], batch = shape[1], inputs = shape[2];
    auto read = [&](unsigned operand) {
      auto [begin, length] = op.getODSOperandIndexAndLength(operand);
      return length ? operands[begin].toDoubles() : Vector();
    };
    const std::vector<int64_t> &state =
        operands[op.getODSOperandIndexAndLength(2).first].shape();
    directions = state[0];
    rows = state[isProjected ? 2 : 1], hidden = state[isProjected ? 1 : 2];
    w = read(1), r = read(2), bias = read(3), lengths = read(4),
    initialH = read(5);
    if (std::is_same_v<OpTy, LstmOp>)
      initialC = read(6), peepholes = read(7);
  }

  using Cell =
      function_ref<void(int64_t d, const Vector &fromX, Vector &h, Vector &c)>;
  void run(Cell cell, MutableArrayRef<nncio::Tensor> results) const {
    for (int64_t d = 0; d < directions; ++d)
      for (int64_t n = 0; n < batch; ++n)
        runOne(cell, d, n, results);
  }

  /// Row `row` of r times `h`, with r's bias.
  double fromState(int64_t d, int64_t row, const Vector &h) const {
    double sum = bias.empty() ? 0 : bias[d * 2 * rows + rows + row];
    for (int64_t k = 0; k < hidden; ++k)
      sum += r[isProjected ? (d * hidden + k) * rows + row
                           : (d * rows + row) * hidden + k] *
             h[k];
    return sum;
  }
  double peephole(int64_t d, int64_t gate, int64_t j) const {
    return peepholes.empty() ? 0 : peepholes[(d * 3 + gate) * hidden + j];
  }
  /// Activation `number` of direction `d` on a gate's input.
  double gate(int64_t d, int64_t number, double value) const {
    if (clip)
      value = std::min(std::max(value, -clip), clip);
    return function(d, number, value);
  }
  double function(int64_t d, int64_t number, double value) const {
    return activate(activations[d * activations.size() / directions + number],
                    value);
  }
  int64_t hidden;

private:
  void runOne(Cell cell, int64_t d, int64_t n,
              MutableArrayRef<nncio::Tensor> results) const {
    int64_t at = (d * batch + n) * hidden;
    auto first = [&](const Vector &all) {
      return all.empty() ? Vector(hidden, 0.0)
                         : Vector(&all[at], &all[at] + hidden);
    };
    Vector h = hidden ? first(initialH) : Vector();
    Vector c = hidden ? first(initialC) : Vector();
    bool backward = direction == Direction::reverse || d == 1;
    for (int64_t step = 0; step < steps; ++step) {
      int64_t t = backward ? steps - 1 - step : step;
      if (!lengths.empty() && t >= lengths[n])
        continue;
      cell(d, inputsOfGates(d, t, n), h, c);
      for (int64_t j = 0; j < hidden; ++j)
        results[0].setDouble(((t * directions + d) * batch + n) * hidden + j,
                             h[j]);
    }
    for (int64_t j = 0; j < hidden; ++j) {
      results[1].setDouble(at + j, h[j]);
      if (results.size() > 2)
        results[2].setDouble(at + j, c[j]);
    }
  }

  Vector inputsOfGates(int64_t d, int64_t t, int64_t n) const {
    Vector sums(rows, 0.0);
    for (int64_t row = 0; row < rows; ++row) {
      double sum = bias.empty() ? 0 : bias[d * 2 * rows + row];
      if (isProjected)
        sum += x[(t * batch + n) * inputs + d * rows + row];
      for (int64_t k = 0; !isProjected && k < inputs; ++k)
        sum +=
            w[(d * rows + row) * inputs + k] * x[(t * batch + n) * inputs + k];
      sums[row] = sum;
    }
    return sums;
  }

  Direction direction;
  ArrayAttr activations;
  double clip;
  Vector x;
  bool isProjected;
  Vector w, r, bias, lengths, initialH, initialC, peepholes;
  int64_t steps, batch, inputs, rows, directions;
};
} // namespace

std::string LstmOp::evaluate(ArrayRef<nncio::Tensor> operands,
                             MutableArrayRef<nncio::Tensor> results) {
  Recurrence rec(*this, operands);
  int64_t size = rec.hidden;
  rec.run(
      [&](int64_t d, const Vector &fromX, Vector &h, Vector &c) {
        Vector next(size);
        for (int64_t j = 0; j < size; ++j) {
          auto sum = [&](int64_t gate) {
            int64_t row = gate * size + j;
            return fromX[row] + rec.fromState(d, row, h);
          };
          double in = rec.gate(d, 0, sum(0) + rec.peephole(d, 0, j) * c[j]);
          double forget =
              getInputForget()
                  ? 1 - in
                  : rec.gate(d, 0, sum(2) + rec.peephole(d, 2, j) * c[j]);
          c[j] = forget * c[j] + in * rec.gate(d, 1, sum(3));
          double out = rec.gate(d, 0, sum(1) + rec.peephole(d, 1, j) * c[j]);
          next[j] = out * rec.function(d, 2, c[j]);
        }
        h = next;
      },
      results);
  return "";
}

std::string GruOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  Recurrence rec(*this, operands);
  int64_t size = rec.hidden;
  rec.run(
      [&](int64_t d, const Vector &fromX, Vector &h, Vector &) {
        Vector update(size), reset(size), next(size);
        for (int64_t j = 0; j < size; ++j) {
          update[j] = rec.gate(d, 0, fromX[j] + rec.fromState(d, j, h));
          reset[j] =
              rec.gate(d, 0, fromX[size + j] + rec.fromState(d, size + j, h));
        }
        Vector kept(size);
        for (int64_t j = 0; j < size; ++j)
          kept[j] = reset[j] * h[j];
        for (int64_t j = 0; j < size; ++j) {
          int64_t row = 2 * size + j;
          double state = getLinearBeforeReset()
                             ? reset[j] * rec.fromState(d, row, h)
                             : rec.fromState(d, row, kept);
          next[j] = (1 - update[j]) * rec.gate(d, 1, fromX[row] + state) +
                    update[j] * h[j];
        }
        h = next;
      },
      results);
  return "";
}

std::string RnnOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  Recurrence rec(*this, operands);
  rec.run(
      [&](int64_t d, const Vector &fromX, Vector &h, Vector &) {
        Vector next(rec.hidden);
        for (int64_t j = 0; j < rec.hidden; ++j)
          next[j] = rec.gate(d, 0, fromX[j] + rec.fromState(d, j, h));
        h = next;
      },
      results);
  return "";
}

//===----------------------------------------------------------------------===//
// Products of the inputs, for all steps at once
//===----------------------------------------------------------------------===//

/// True if the inputs' weights are known and the layer has not met them yet.
template <typename OpTy>
static bool isProjectable(OpTy op) {
  if (!op.getW())
    return false;
  auto isKnown = [](Value weights) {
    auto type = cast<RankedTensorType>(weights.getType());
    return isConstantTensor(weights) && type.hasStaticShape() &&
           type.getNumElements() > 0;
  };
  return isKnown(op.getW()) && isKnown(op.getR());
}

/// Constant weights under the shape `shape`, then permuted.
static Value arrange(OpBuilder &builder, Value weights, ArrayRef<int64_t> shape,
                     ArrayRef<int64_t> order) {
  return *transformWeight(
      builder, weights,
      RelayoutAttr::get(builder.getContext(), shape, {}, {}, order));
}

template <typename OpTy>
static SmallVector<Value> project(OpTy op, OpBuilder &builder) {
  auto x = cast<RankedTensorType>(op.getX().getType());
  ArrayRef<int64_t> w = cast<RankedTensorType>(op.getW().getType()).getShape(),
                    r = cast<RankedTensorType>(op.getR().getType()).getShape();
  Value weights = arrange(builder, op.getW(), {w[0] * w[1], w[2]}, {1, 0});
  Value state = arrange(builder, op.getR(), r, {0, 2, 1});
  auto type = RankedTensorType::get(
      {x.getDimSize(0), x.getDimSize(1), w[0] * w[1]}, x.getElementType());
  auto projected = cast<OpTy>(builder.clone(*op));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(projected);
  projected.getXMutable().assign(
      MatMulOp::create(builder, op.getLoc(), type, op.getX(), weights));
  projected.getWMutable().clear();
  projected.getRMutable().assign(state);
  return SmallVector<Value>(projected->getResults());
}

bool LstmOp::hasParts() { return isProjectable(*this); }
bool GruOp::hasParts() { return isProjectable(*this); }
bool RnnOp::hasParts() { return isProjectable(*this); }
SmallVector<Value> LstmOp::decompose(OpBuilder &builder) {
  return project(*this, builder);
}
SmallVector<Value> GruOp::decompose(OpBuilder &builder) {
  return project(*this, builder);
}
SmallVector<Value> RnnOp::decompose(OpBuilder &builder) {
  return project(*this, builder);
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

/// Products with w and r, and `perUnit` operations an element of the state.
template <typename OpTy>
static std::optional<int64_t> countFlops(OpTy op, int64_t perUnit) {
  auto y = cast<RankedTensorType>(op.getY().getType());
  auto x = cast<RankedTensorType>(op.getX().getType());
  auto r = cast<RankedTensorType>(op.getR().getType());
  bool isProjected = !op.getW();
  int64_t gateAxis = isProjected ? 2 : 1;
  if (!y.hasStaticShape() || r.isDynamicDim(gateAxis) ||
      (!isProjected && x.isDynamicDim(2)))
    return std::nullopt;
  int64_t hidden = y.getDimSize(3), rows = r.getDimSize(gateAxis);
  int64_t depth = hidden + (isProjected ? 0 : x.getDimSize(2));
  int64_t cells = y.getDimSize(0) * y.getDimSize(1) * y.getDimSize(2);
  return cells * (2 * rows * depth + perUnit * hidden);
}

/// The same with `functions` activations an element of the state.
template <typename OpTy>
static std::optional<OpWork> splitWork(OpTy op, int64_t functions) {
  std::optional<int64_t> flops = op.getFlops();
  if (!flops)
    return std::nullopt;
  auto y = cast<RankedTensorType>(op.getY().getType());
  OpWork work;
  work.functions = functions * y.getNumElements();
  work.arithmetic = *flops - work.functions;
  work.steps = std::max<int64_t>(y.getDimSize(0), 1);
  return work;
}

std::optional<int64_t> LstmOp::getFlops() { return countFlops(*this, 17); }
std::optional<int64_t> GruOp::getFlops() { return countFlops(*this, 13); }
std::optional<int64_t> RnnOp::getFlops() { return countFlops(*this, 3); }
std::optional<OpWork> LstmOp::getWork() { return splitWork(*this, 5); }
std::optional<OpWork> GruOp::getWork() { return splitWork(*this, 3); }
std::optional<OpWork> RnnOp::getWork() { return splitWork(*this, 1); }
