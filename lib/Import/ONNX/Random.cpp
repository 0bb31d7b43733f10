//===----------------------------------------------------------------------===//
// Import of random numbers: all from nn.random_bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Seeds, uniform and normal numbers
//===----------------------------------------------------------------------===//

/// A seed that compiles of one model have in common and nodes have not.
static int64_t makeSeed(NodeBinder &node) {
  std::string text = node.proto().name();
  for (const std::string &output : node.proto().output())
    text += '\0' + output;
  return static_cast<int64_t>(llvm::xxh3_64bits(text));
}

/// The bits of attribute 'seed', a float.
static int64_t getFloatSeed(NodeBinder &node) {
  if (!node.hasAttr("seed"))
    return makeSeed(node);
  return llvm::bit_cast<uint32_t>(
      static_cast<float>(node.floatAttr("seed", 0)));
}

/// What is computed before rounding to `type`: f64 for f64, else f32.
static Type getComputeType(NodeBinder &node, Type type) {
  return type.isF64() ? node.builder().getF64Type()
                      : Type(node.builder().getF32Type());
}

/// Numbers from 0 to below 1 of f32 (24 bits) or f64 (32 bits). `shape` is a
/// tensor.
static Value createUniform(NodeBinder &node, Value shape, Type compute,
                           int64_t seed, int64_t stream) {
  Value bits = node.create<nn::RandomBitsOp>(shape, seed, stream);
  double scale = 0x1p-32;
  if (!compute.isF64() && bits) {
    Value count = node.scalar(NodeBinder::elementTypeOf(bits), 8);
    bits = node.create<nn::ShiftRightOp>(bits, count);
    scale = 0x1p-24;
  }
  Value number = node.create<nn::CastOp>(bits, compute);
  return node.create<nn::MulOp>(number, node.scalar(compute, scale));
}

/// Standard normal numbers by the method of Box and Muller.
static Value createNormal(NodeBinder &node, Value shape, Type compute,
                          int64_t seed) {
  Value one = node.scalar(compute, 1);
  Value radius = node.create<nn::SubOp>(
      one, createUniform(node, shape, compute, seed, /*stream=*/0));
  radius = node.create<nn::MulOp>(node.create<nn::LogOp>(radius),
                                  node.scalar(compute, -2));
  radius = node.create<nn::SqrtOp>(radius);
  Value turn = createUniform(node, shape, compute, seed, /*stream=*/1);
  turn = node.create<nn::MulOp>(turn, node.scalar(compute, 6.283185307179586));
  return node.create<nn::MulOp>(radius, node.create<nn::CosOp>(turn));
}

/// numbers * scale + offset, of `type`.
static Value createScaled(NodeBinder &node, Value numbers, double scale,
                          double offset, Type type) {
  if (!numbers)
    return {};
  Type compute = NodeBinder::elementTypeOf(numbers);
  numbers = node.create<nn::MulOp>(numbers, node.scalar(compute, scale));
  numbers = node.create<nn::AddOp>(numbers, node.scalar(compute, offset));
  return node.create<nn::CastOp>(numbers, type);
}

//===----------------------------------------------------------------------===//
// RandomUniform, RandomNormal and their Like
//===----------------------------------------------------------------------===//

static FailureOr<Type> getFloatType(NodeBinder &node, int64_t number) {
  FailureOr<Type> type = node.elementType(number);
  if (succeeded(type) &&
      !isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(*type))
    return node.error("expects attribute 'dtype' to be f16, bf16, f32 or f64");
  return type;
}

static LogicalResult importDistribution(NodeBinder &node, Value shape,
                                        Type type) {
  Type compute = getComputeType(node, type);
  int64_t seed = getFloatSeed(node);
  if (node.opType().starts_with("RandomNormal"))
    return node.result(createScaled(
        node, createNormal(node, shape, compute, seed),
        node.floatAttr("scale", 1), node.floatAttr("mean", 0), type));
  double low = node.floatAttr("low", 0), high = node.floatAttr("high", 1);
  Value numbers = createUniform(node, shape, compute, seed, /*stream=*/0);
  return node.result(createScaled(node, numbers, high - low, low, type));
}

static LogicalResult importRandom(NodeBinder &node) {
  std::optional<SmallVector<int64_t>> shape = node.intsAttr("shape");
  if (!shape)
    return node.error("expects integers in attribute 'shape'");
  FailureOr<Type> type = getFloatType(node, node.intAttr("dtype", 1));
  if (failed(type))
    return failure();
  return importDistribution(node, node.indices(ArrayRef(*shape)), *type);
}

static LogicalResult importRandomLike(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<Type> type = NodeBinder::elementTypeOf(input);
  if (node.hasAttr("dtype"))
    type = getFloatType(node, node.intAttr("dtype", 0));
  if (failed(type))
    return failure();
  if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(*type))
    return node.error("expects attribute 'dtype', as the input holds no "
                      "floats");
  return importDistribution(node, node.indices(node.shape(input)), *type);
}

//===----------------------------------------------------------------------===//
// Bernoulli, Multinomial
//===----------------------------------------------------------------------===//

static LogicalResult importBernoulli(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<Type> type = NodeBinder::elementTypeOf(input);
  if (node.hasAttr("dtype"))
    type = node.elementType(node.intAttr("dtype", 0));
  if (failed(type))
    return failure();
  if (!isa<FloatType>(NodeBinder::elementTypeOf(input)))
    return node.error("expects probabilities that are floats");
  Type compute = getComputeType(node, NodeBinder::elementTypeOf(input));
  Value drawn = createUniform(node, node.indices(node.shape(input)), compute,
                              getFloatSeed(node), /*stream=*/0);
  Value probability = node.create<nn::CastOp>(input, compute);
  return node.result(node.create<nn::CastOp>(
      node.create<nn::LessOp>(drawn, probability), *type));
}

/// The class of each sample is the number of running sums of probabilities that
/// a uniform number reaches.
static LogicalResult importMultinomial(NodeBinder &node) {
  Value input = node.input(0);
  FailureOr<Type> type = node.elementType(node.intAttr("dtype", /*i32=*/6));
  if (!input || failed(type))
    return failure();
  int64_t samples = node.intAttr("sample_size", 1);
  if (node.rankOf(input) != 2 || !isa<FloatType>(node.elementTypeOf(input)) ||
      samples < 0 || !isa<IntegerType>(*type))
    return node.error("expects floats of rank 2, a 'sample_size' of 0 or more "
                      "and integers as 'dtype'");
  Type compute = getComputeType(node, node.elementTypeOf(input));
  SmallVector<Dim> shape = node.shape(input);
  Value weights = node.create<nn::SoftmaxOp>(
      nn::SoftmaxKind::Soft, node.create<nn::CastOp>(input, compute),
      /*axis=*/1);
  Value sums = node.create<nn::CumSumOp>(weights, /*axis=*/1,
                                         /*exclusive=*/false,
                                         /*reverse=*/false);
  // In units of the whole sum, which rounding may have kept from 1.
  Value whole =
      node.create<nn::ReduceOp>(nn::ReduceKind::Max, sums, ArrayRef<int64_t>{1},
                                /*keep_dims=*/true);
  Value drawn =
      createUniform(node, node.indices(ArrayRef<Dim>{shape[0], Dim(samples)}),
                    compute, getFloatSeed(node), /*stream=*/0);
  drawn = node.create<nn::MulOp>(drawn, whole);
  if (!drawn)
    return failure();
  drawn = node.reshape(drawn, ArrayRef<Dim>{shape[0], Dim(samples), Dim(1)});
  sums = node.reshape(sums, ArrayRef<Dim>{shape[0], Dim(1), shape[1]});
  Value isReached = node.create<nn::LessOrEqualOp>(sums, drawn);
  Value count = node.create<nn::CastOp>(isReached, node.builder().getI64Type());
  count = node.create<nn::ReduceOp>(nn::ReduceKind::Sum, count,
                                    ArrayRef<int64_t>{2}, /*keep_dims=*/false);
  return node.result(node.create<nn::CastOp>(count, *type));
}

//===----------------------------------------------------------------------===//
// Dropout
//===----------------------------------------------------------------------===//

/// Ones of the input's shape.
static Value createOnes(NodeBinder &node, Value input) {
  return node.create<nn::BroadcastOp>(
      node.scalar(node.builder().getI1Type(), 1),
      node.indices(node.shape(input)));
}

/// Sets both outputs. Masks are bool from version 10 on.
static LogicalResult setDropout(NodeBinder &node, Value output, Value mask) {
  if (node.hasOutput(1)) {
    if (node.version() < 10)
      mask = node.create<nn::CastOp>(mask, node.elementTypeOf(node.input(0)));
    if (failed(node.result(1, mask)))
      return failure();
  }
  return node.result(output);
}

/// Keeps elements with probability 1 - ratio and scales them up. `training`
/// may be known at run time only.
static LogicalResult importTrainingDropout(NodeBinder &node, Value training) {
  Value input = node.input(0);
  Type type = node.elementTypeOf(input), compute = getComputeType(node, type);
  Value ratio = node.hasInput(1) ? node.input(1) : node.scalar(type, 0.5);
  if (!ratio)
    return failure();
  for (Value scalar : {training, ratio})
    if (!node.typeOf(scalar).hasStaticShape() ||
        node.typeOf(scalar).getNumElements() != 1)
      return node.error("expects 'ratio' and 'training_mode' of one element");
  ratio = node.create<nn::CastOp>(node.reshape(ratio, ArrayRef<int64_t>()),
                                  compute);
  training = node.reshape(training, ArrayRef<int64_t>());
  int64_t seed =
      node.hasAttr("seed") ? node.intAttr("seed", 0) : makeSeed(node);
  Value drawn = createUniform(node, node.indices(node.shape(input)), compute,
                              seed, /*stream=*/0);
  Value mask = node.create<nn::LessOrEqualOp>(ratio, drawn);
  Value isOff = node.create<nn::NotOp>(training);
  mask = node.create<nn::OrOp>(mask, isOff);
  Value scale = node.create<nn::DivOp>(
      node.scalar(compute, 1),
      node.create<nn::SubOp>(node.scalar(compute, 1), ratio));
  scale = node.create<nn::WhereOp>(isOff, node.scalar(compute, 1), scale);
  Value scaled =
      node.create<nn::MulOp>(node.create<nn::CastOp>(input, compute), scale);
  Value kept = node.create<nn::WhereOp>(
      mask, node.create<nn::CastOp>(scaled, type), node.scalar(type, 0));
  return setDropout(node, kept, mask);
}

/// Models of the versions with attributes are taken as trained.
static LogicalResult importDropout(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  Value training = node.version() < 12 ? Value() : node.optionalInput(2);
  std::optional<SmallVector<int64_t>> flag = node.constantInts(training);
  if (training && !(flag && flag->size() == 1 && !flag->front()))
    return importTrainingDropout(node, training);
  return setDropout(node, input,
                    node.hasOutput(1) ? createOnes(node, input) : Value());
}

void onnximport::addRandomOperators(OpTable &table) {
  table.add("Bernoulli", 15, importBernoulli);
  table.add("Dropout", 1, importDropout);
  table.add("Multinomial", 7, importMultinomial);
  table.add("RandomNormal", 1, importRandom);
  table.add("RandomNormalLike", 1, importRandomLike);
  table.add("RandomUniform", 1, importRandom);
  table.add("RandomUniformLike", 1, importRandomLike);
}
