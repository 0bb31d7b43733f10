//===----------------------------------------------------------------------===//
// Lowering of recurrent cells: a loop over time for each direction.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"
#include "RecurrentScalars.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

namespace {
/// Operands of one op in storage types; absent ones are null.
struct Layer {
  Value x, w, r, bias, lengths, initialH, initialC, peepholes;
  nn::Direction direction;
  ArrayAttr activations;
  double clip;
  int64_t gates;
};

/// One direction of a layer: weights cut out once, before the loop, and the
/// pieces that a cell is made of. All state is of the type of computation:
/// that of the tensors, but at least f32.
class CellBuilder {
public:
  CellBuilder(LoweringBuilder &b, const Layer &layer, int64_t d)
      : layer(layer), d(d), b(b) {
    SmallVector<Dim> shape = b.shape(layer.x);
    steps = shape[0], batch = shape[1], inputs = shape[2];
    bool isProjected = !layer.w;
    hidden = b.dim(layer.r, isProjected ? 1 : 2);
    element = cast<RankedTensorType>(layer.x.getType()).getElementType();
    compute = element.getIntOrFloatBitWidth() < 32
                  ? Type(b.builder.getF32Type())
                  : element;
    rows = b.dims.mul(Dim(layer.gates), hidden);
    // A slice of an axis without elements is invalid.
    if (!isProjected && !inputs.isConstant(0))
      w = cut(layer.w, {Dim(d), Dim(0), Dim(0)}, {Dim(1), rows, inputs}, 1);
    SmallVector<Dim> sizes{Dim(1), rows, hidden};
    if (isProjected)
      std::swap(sizes[1], sizes[2]);
    r = cut(layer.r, {Dim(d), Dim(0), Dim(0)}, sizes, 1);
    size_t functions =
        layer.activations.size() /
        (layer.direction == nn::Direction::bidirectional ? 2 : 1);
    for (size_t i = 0; i < functions; ++i)
      activations.push_back(
          cast<nn::ActivationAttr>(layer.activations[d * functions + i]));
  }

  /// A slice, without its first `dropped` axes, which have size 1.
  Value cut(Value tensor, ArrayRef<Dim> offsets, ArrayRef<Dim> sizes,
            unsigned dropped) {
    auto type = cast<RankedTensorType>(tensor.getType());
    SmallVector<OpFoldResult> from = fold(offsets), size = fold(sizes);
    SmallVector<OpFoldResult> ones(sizes.size(), b.builder.getIndexAttr(1));
    auto result = RankedTensorType::get(
        getStaticSizes(sizes.drop_front(dropped)), type.getElementType());
    return tensor::ExtractSliceOp::create(b.builder, b.loc, result, tensor,
                                          from, size, ones);
  }
  Value paste(Value part, Value whole, ArrayRef<Dim> offsets,
              ArrayRef<Dim> sizes) {
    SmallVector<OpFoldResult> ones(sizes.size(), b.builder.getIndexAttr(1));
    return tensor::InsertSliceOp::create(b.builder, b.loc, part, whole,
                                         fold(offsets), fold(sizes), ones);
  }
  /// Columns of gate `gate` of a [N, G*H] tensor.
  Value gateOf(Value sums, int64_t gate) {
    return cut(sums, {Dim(0), b.dims.mul(Dim(gate), hidden)}, {batch, hidden},
               0);
  }
  /// The part of r for `count` gates from `first` on.
  Value stateWeights(int64_t first, int64_t count) {
    SmallVector<Dim> offsets{b.dims.mul(Dim(first), hidden), Dim(0)};
    SmallVector<Dim> sizes{b.dims.mul(Dim(count), hidden), hidden};
    if (!layer.w) {
      std::swap(offsets[0], offsets[1]);
      std::swap(sizes[0], sizes[1]);
    }
    return cut(r, offsets, sizes, 0);
  }
  /// Part of the bias: w's (0) or r's (1), from gate `first` on.
  Value biasOf(int64_t half, int64_t first, int64_t count) {
    if (!layer.bias)
      return {};
    Dim offset = b.dims.mul(Dim(half * layer.gates + first), hidden);
    return cut(layer.bias, {Dim(d), offset},
               {Dim(1), b.dims.mul(Dim(count), hidden)}, 1);
  }

  /// [N, count*H] whose rows are all the sum of `biases`, null ones left out.
  Value spread(int64_t count, ArrayRef<Value> biases);
  /// `sums` + left * weights^T, or of a projected layer's state left * weights,
  /// in place.
  Value product(Value left, Value weights, Value sums, bool transposed);
  Value stateProduct(Value state, Value weights, Value sums) {
    return product(state, weights, sums, /*transposed=*/bool(layer.w));
  }
  /// `sums` + what step `t` of the inputs gives, in place.
  Value addInputs(Value t, Value sums) {
    if (!layer.w)
      return addProjected(t, sums);
    if (!w)
      return sums;
    Value x =
        cut(layer.x, {Dim(t), Dim(0), Dim(0)}, {Dim(1), batch, inputs}, 1);
    return product(x, w, sums, /*transposed=*/true);
  }
  Value addProjected(Value t, Value sums) {
    Value x = cut(layer.x, {Dim(t), Dim(0), b.dims.mul(Dim(d), rows)},
                  {Dim(1), batch, rows}, 1);
    return pointwise(x, sums, [](Scalars &s, ValueRange args) {
      return SmallVector<Value>{s.add(args[0], args[1])};
    })[0];
  }
  /// linalg.generic over [N, H]: inputs are [N, H], or [H] spread over N; the
  /// body gets them, and then the outputs', in the type of computation where
  /// they are floats.
  SmallVector<Value>
  pointwise(ValueRange ins, ValueRange outs,
            function_ref<SmallVector<Value>(Scalars &, ValueRange)> body);

  /// `from`, converted to the type of `to` and written there.
  Value copy(Value from, Value to);
  /// A first state as [N, H] of the type of computation.
  Value firstState(Value initial);
  Value stateEmpty() { return b.empty({batch, hidden}, compute); }

  Value gateInput(Scalars &s, Value x) {
    return layer.clip > 0 ? s.clip(x, layer.clip) : x;
  }
  Value gate(Scalars &s, unsigned function, Value x) {
    return s.activate(activations[function], gateInput(s, x));
  }

  const Layer &layer;
  int64_t d;
  LoweringBuilder &b;
  Dim steps, batch, inputs, hidden, rows;
  Type element, compute;
  Value w, r;
  SmallVector<nn::ActivationAttr> activations;

private:
  SmallVector<OpFoldResult> fold(ArrayRef<Dim> dims) {
    return llvm::map_to_vector(dims, [&](Dim dim) -> OpFoldResult {
      if (std::optional<int64_t> number = dim.getConstant())
        return b.builder.getIndexAttr(*number);
      return dim.getValue();
    });
  }
};
} // namespace

Value CellBuilder::spread(int64_t count, ArrayRef<Value> biases) {
  MLIRContext *context = b.builder.getContext();
  SmallVector<Value> given;
  for (Value bias : biases)
    if (bias)
      given.push_back(bias);
  SmallVector<Dim> shape{batch, b.dims.mul(Dim(count), hidden)};
  if (given.empty())
    return b.filled(shape, b.constant(compute, 0));
  SmallVector<AffineMap> maps(
      given.size(), AffineMap::get(2, 0, getAffineDimExpr(1, context)));
  maps.push_back(AffineMap::getMultiDimIdentityMap(2, context));
  return b.generic(given, b.empty(shape, compute), maps,
                   [&](OpBuilder &inner, Location loc, ValueRange args) {
                     Scalars s{inner, loc, compute};
                     Value sum = s.compute(args[0]);
                     for (Value arg : args.drop_front().drop_back())
                       sum = s.add(sum, s.compute(arg));
                     return sum;
                   });
}

Value CellBuilder::product(Value left, Value weights, Value sums,
                           bool transposed) {
  MLIRContext *context = b.builder.getContext();
  AffineExpr n, row, k;
  bindDims(context, n, row, k);
  SmallVector<AffineMap> maps{AffineMap::get(3, 0, {n, k}, context),
                              transposed
                                  ? AffineMap::get(3, 0, {row, k}, context)
                                  : AffineMap::get(3, 0, {k, row}, context),
                              AffineMap::get(3, 0, {n, row}, context)};
  return b.generic(
      {left, weights}, sums, maps,
      [&](OpBuilder &inner, Location loc, ValueRange args) {
        Scalars s{inner, loc, compute};
        return s.add(args[2], s.mul(s.compute(args[0]), s.compute(args[1])));
      });
}

SmallVector<Value> CellBuilder::pointwise(
    ValueRange ins, ValueRange outs,
    function_ref<SmallVector<Value>(Scalars &, ValueRange)> body) {
  MLIRContext *context = b.builder.getContext();
  AffineMap both = AffineMap::getMultiDimIdentityMap(2, context);
  SmallVector<AffineMap> maps;
  for (Value in : ins)
    maps.push_back(cast<RankedTensorType>(in.getType()).getRank() == 2
                       ? both
                       : AffineMap::get(2, 0, getAffineDimExpr(1, context)));
  maps.append(outs.size(), both);
  SmallVector<utils::IteratorType> loops(2, utils::IteratorType::parallel);
  auto emit = [&](OpBuilder &inner, Location loc, ValueRange args) {
    Scalars s{inner, loc, compute};
    SmallVector<Value> values =
        llvm::map_to_vector(args, [&](Value arg) { return s.compute(arg); });
    SmallVector<Value> results = body(s, values);
    for (auto [result, out] : llvm::zip(results, outs))
      result = s.cast(result,
                      cast<RankedTensorType>(out.getType()).getElementType());
    linalg::YieldOp::create(inner, loc, results);
  };
  auto op = linalg::GenericOp::create(b.builder, b.loc, TypeRange(outs), ins,
                                      outs, maps, loops, emit);
  return llvm::to_vector_of<Value>(op->getResults());
}

Value CellBuilder::firstState(Value initial) {
  if (!initial)
    return b.filled({batch, hidden}, b.constant(compute, 0));
  Value state =
      cut(initial, {Dim(d), Dim(0), Dim(0)}, {Dim(1), batch, hidden}, 1);
  return copy(state, stateEmpty());
}

Value CellBuilder::copy(Value from, Value to) {
  return pointwise(from, to, [](Scalars &, ValueRange args) {
    return SmallVector<Value>{args[0]};
  })[0];
}

namespace {
/// Computes the next states from the inputs of step `t` and the states.
using Cell =
    function_ref<SmallVector<Value>(CellBuilder &, Value t, ValueRange states)>;
} // namespace

/// What follows one step: after a sequence's end the states stay and y is 0.
/// Returns the states and y with step `t` written.
static SmallVector<Value> finishStep(CellBuilder &c, Value t, ValueRange before,
                                     ValueRange after, Value y) {
  SmallVector<Dim> offsets{Dim(t), Dim(c.d), Dim(0), Dim(0)};
  SmallVector<Dim> sizes{Dim(1), Dim(1), c.batch, c.hidden};
  SmallVector<Value> outs(before);
  outs.push_back(c.cut(y, offsets, sizes, 2));
  size_t count = before.size();
  Value lengths = c.layer.lengths;
  SmallVector<Value> results =
      c.pointwise(after, outs, [&](Scalars &s, ValueRange args) {
        SmallVector<Value> values(args.take_front(count));
        values.push_back(args[0]);
        if (!lengths)
          return values;
        Value n = linalg::IndexOp::create(s.b, s.loc, 0);
        Value length = arith::IndexCastOp::create(
            s.b, s.loc, s.b.getIndexType(),
            tensor::ExtractOp::create(s.b, s.loc, lengths, n));
        Value runs = arith::CmpIOp::create(
            s.b, s.loc, arith::CmpIPredicate::slt, t, length);
        for (size_t i = 0; i <= count; ++i)
          values[i] = arith::SelectOp::create(s.b, s.loc, runs, values[i],
                                              i < count ? args[count + i]
                                                        : s.number(0));
        return values;
      });
  results.back() = c.paste(results.back(), y, offsets, sizes);
  return results;
}

/// Runs one direction; returns the last states, and `y` with its part written.
static SmallVector<Value> runDirection(CellBuilder &c, bool hasC, Value y,
                                       Cell cell) {
  LoweringBuilder &b = c.b;
  SmallVector<Value> carried{c.firstState(c.layer.initialH)};
  if (hasC)
    carried.push_back(c.firstState(c.layer.initialC));
  carried.push_back(y);
  if (c.steps.isConstant(0))
    return carried;
  Value steps = b.index(c.steps), zero = b.index(0), one = b.index(1);
  auto loop = scf::ForOp::create(b.builder, b.loc, zero, steps, one, carried);
  OpBuilder::InsertionGuard guard(b.builder);
  b.builder.setInsertionPointToStart(loop.getBody());
  Value t = loop.getInductionVar();
  if (c.layer.direction == nn::Direction::reverse || c.d == 1) {
    Value last = arith::SubIOp::create(b.builder, b.loc, steps, one);
    t = arith::SubIOp::create(b.builder, b.loc, last, t);
  }
  ValueRange args = loop.getRegionIterArgs();
  SmallVector<Value> after = cell(c, t, args.drop_back());
  scf::YieldOp::create(b.builder, b.loc,
                       finishStep(c, t, args.drop_back(), after, args.back()));
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// All directions one after the other; results are y and the last states.
static void runLayer(LoweringBuilder &b, const Layer &layer, bool hasC,
                     ArrayRef<SmallVector<Dim>> shapes, Cell cell,
                     SmallVectorImpl<Value> &results) {
  Type element = cast<RankedTensorType>(layer.x.getType()).getElementType();
  for (ArrayRef<Dim> shape : shapes)
    results.push_back(b.empty(shape, element));
  // Nothing to compute, and slices of such tensors are invalid.
  if (llvm::any_of(shapes[1], [](Dim dim) { return dim.isConstant(0); }))
    return;
  int64_t directions = layer.direction == nn::Direction::bidirectional ? 2 : 1;
  for (int64_t d = 0; d < directions; ++d) {
    CellBuilder c(b, layer, d);
    SmallVector<Value> states = runDirection(c, hasC, results[0], cell);
    results[0] = states.pop_back_val();
    SmallVector<Dim> offsets{Dim(d), Dim(0), Dim(0)};
    SmallVector<Dim> sizes{Dim(1), c.batch, c.hidden};
    for (auto [last, state] :
         llvm::zip(MutableArrayRef(results).drop_front(), states)) {
      Value out = c.cut(last, offsets, sizes, 1);
      last = c.paste(c.copy(state, out), last, offsets, sizes);
    }
  }
}

//===----------------------------------------------------------------------===//
// The cells
//===----------------------------------------------------------------------===//

static SmallVector<Value> buildLstm(CellBuilder &c, Value t, ValueRange states,
                                    bool inputForget) {
  Value sums = c.spread(4, {c.biasOf(0, 0, 4), c.biasOf(1, 0, 4)});
  sums = c.addInputs(t, sums);
  sums = c.stateProduct(states[0], c.r, sums);
  SmallVector<Value> ins;
  for (int64_t gate = 0; gate < 4; ++gate)
    ins.push_back(c.gateOf(sums, gate));
  ins.push_back(states[1]);
  bool hasPeepholes = static_cast<bool>(c.layer.peepholes);
  for (int64_t gate = 0; hasPeepholes && gate < 3; ++gate)
    ins.push_back(c.cut(c.layer.peepholes,
                        {Dim(c.d), c.b.dims.mul(Dim(gate), c.hidden)},
                        {Dim(1), c.hidden}, 1));
  return c.pointwise(
      ins, {c.stateEmpty(), c.stateEmpty()},
      [&](Scalars &s, ValueRange args) -> SmallVector<Value> {
        // Gates i, o, f, c; then the cell's state; then peepholes of i, o, f.
        auto peep = [&](int64_t gate, Value cell) {
          return hasPeepholes ? s.add(args[gate], s.mul(args[5 + gate], cell))
                              : args[gate];
        };
        Value in = c.gate(s, 0, peep(0, args[4]));
        Value forget = inputForget ? s.sub(s.number(1), in)
                                   : c.gate(s, 0, peep(2, args[4]));
        Value cell =
            s.add(s.mul(forget, args[4]), s.mul(in, c.gate(s, 1, args[3])));
        Value out = c.gate(s, 0, peep(1, cell));
        return {s.mul(out, s.activate(c.activations[2], cell)), cell};
      });
}

/// `(1 - z) g + z h`, where `state` is what the reset state adds to g's input.
static Value mixGru(CellBuilder &c, Scalars &s, Value z, Value fromX,
                    Value state, Value h) {
  Value next = c.gate(s, 1, s.add(fromX, state));
  return s.add(s.mul(s.sub(s.number(1), z), next), s.mul(z, h));
}

static SmallVector<Value> buildGruBefore(CellBuilder &c, Value t, Value h) {
  Value fromX = c.addInputs(t, c.spread(3, c.biasOf(0, 0, 3)));
  Value fromH = c.stateProduct(h, c.r, c.spread(3, c.biasOf(1, 0, 3)));
  SmallVector<Value> ins;
  for (Value sums : {fromX, fromH})
    for (int64_t gate = 0; gate < 3; ++gate)
      ins.push_back(c.gateOf(sums, gate));
  ins.push_back(h);
  return c.pointwise(
      ins, c.stateEmpty(),
      [&](Scalars &s, ValueRange args) -> SmallVector<Value> {
        Value z = c.gate(s, 0, s.add(args[0], args[3]));
        Value r = c.gate(s, 0, s.add(args[1], args[4]));
        return {mixGru(c, s, z, args[2], s.mul(r, args[5]), args[6])};
      });
}

static SmallVector<Value> buildGruAfter(CellBuilder &c, Value t, Value h) {
  Value fromX =
      c.addInputs(t, c.spread(3, {c.biasOf(0, 0, 3), c.biasOf(1, 0, 3)}));
  // Gates z and r.
  Value fromH = c.stateProduct(h, c.stateWeights(0, 2), c.spread(2, {}));
  Value kept = c.pointwise(
      {c.gateOf(fromX, 1), c.gateOf(fromH, 1), h}, c.stateEmpty(),
      [&](Scalars &s, ValueRange args) -> SmallVector<Value> {
        return {s.mul(c.gate(s, 0, s.add(args[0], args[1])), args[2])};
      })[0];
  Value fromKept = c.stateProduct(kept, c.stateWeights(2, 1), c.spread(1, {}));
  return c.pointwise(
      {c.gateOf(fromX, 0), c.gateOf(fromH, 0), c.gateOf(fromX, 2), fromKept, h},
      c.stateEmpty(), [&](Scalars &s, ValueRange args) -> SmallVector<Value> {
        Value z = c.gate(s, 0, s.add(args[0], args[1]));
        return {mixGru(c, s, z, args[2], args[3], args[4])};
      });
}

static SmallVector<Value> buildRnn(CellBuilder &c, Value t, Value h) {
  Value sums = c.spread(1, {c.biasOf(0, 0, 1), c.biasOf(1, 0, 1)});
  sums = c.stateProduct(h, c.r, c.addInputs(t, sums));
  return c.pointwise(sums, c.stateEmpty(),
                     [&](Scalars &s, ValueRange args) -> SmallVector<Value> {
                       return {c.gate(s, 0, args[0])};
                     });
}

namespace {
template <typename OpTy>
Layer getLayer(OpTy op, typename OpTy::Adaptor adaptor, int64_t gates) {
  FloatAttr clip = op.getClipAttr();
  return {adaptor.getX(),
          adaptor.getW(),
          adaptor.getR(),
          adaptor.getBias(),
          adaptor.getLengths(),
          adaptor.getInitialH(),
          /*initialC=*/{},
          /*peepholes=*/{},
          op.getDirection(),
          op.getActivations(),
          clip ? clip.getValueAsDouble() : 0,
          gates};
}

struct LowerLstm : NNLoweringPattern<nn::LstmOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::LstmOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Layer layer = getLayer(op, adaptor, /*gates=*/4);
    layer.initialC = adaptor.getInitialC();
    layer.peepholes = adaptor.getPeepholes();
    runLayer(
        b, layer, /*hasC=*/true, resultShapes(op, adaptor, b),
        [&](CellBuilder &c, Value t, ValueRange states) {
          return buildLstm(c, t, states, op.getInputForget());
        },
        results);
    return success();
  }
};

struct LowerGru : NNLoweringPattern<nn::GruOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::GruOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    runLayer(
        b, getLayer(op, adaptor, /*gates=*/3), /*hasC=*/false,
        resultShapes(op, adaptor, b),
        [&](CellBuilder &c, Value t, ValueRange states) {
          return op.getLinearBeforeReset() ? buildGruBefore(c, t, states[0])
                                           : buildGruAfter(c, t, states[0]);
        },
        results);
    return success();
  }
};

struct LowerRnn : NNLoweringPattern<nn::RnnOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::RnnOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    runLayer(
        b, getLayer(op, adaptor, /*gates=*/1), /*hasC=*/false,
        resultShapes(op, adaptor, b),
        [](CellBuilder &c, Value t, ValueRange states) {
          return buildRnn(c, t, states[0]);
        },
        results);
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNRecurrentToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerGru, LowerLstm, LowerRnn>(converter, patterns.getContext());
}
