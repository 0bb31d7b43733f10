//===----------------------------------------------------------------------===//
// What products lose by bytes, measured on data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Trials.h"

#include "TrialBuilder.h"
#include "dialects/NN/IR/NNOps.h"
#include "nnc/Reference/Interpreter.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

double SignalAndNoise::getSqnr() const {
  constexpr double most = 200;
  if (noise <= 0)
    return most;
  return signal > 0 ? std::min(10 * std::log10(signal / noise), most) : 0;
}

//===----------------------------------------------------------------------===//
// TrialBuilder
//===----------------------------------------------------------------------===//

TrialBuilder::TrialBuilder(ModuleOp original)
    : module(cast<ModuleOp>(original->clone(mapping))),
      function(findEntry(*module)), builder(original.getContext()) {}

Value TrialBuilder::addInput(Type type) {
  Block &block = function.getBody().front();
  unsigned number = block.getNumArguments();
  Value argument = block.addArgument(type, builder.getUnknownLoc());
  SmallVector<DictionaryAttr> attributes;
  function.getAllArgAttrs(attributes);
  attributes.resize(number, builder.getDictionaryAttr({}));
  attributes.push_back(builder.getDictionaryAttr(
      builder.getNamedAttr(nn::NNDialect::nameAttrName,
                           builder.getStringAttr("trial " + Twine(number)))));
  Operation *end = block.getTerminator();
  function.setType(builder.getFunctionType(block.getArgumentTypes(),
                                           end->getOperandTypes()));
  function.setAllArgAttrs(attributes);
  return argument;
}

void TrialBuilder::setResults(ArrayRef<Value> results) {
  Block &block = function.getBody().front();
  block.getTerminator()->setOperands(results);
  SmallVector<DictionaryAttr> attributes;
  for (size_t i = 0; i < results.size(); ++i)
    attributes.push_back(builder.getDictionaryAttr(
        builder.getNamedAttr(nn::NNDialect::nameAttrName,
                             builder.getStringAttr("result " + Twine(i)))));
  function.setType(builder.getFunctionType(
      block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
  function.setAllResultAttrs(attributes);
}

Value TrialBuilder::roundData(Value data, Value scale, Value zeroPoint) {
  auto type = cast<RankedTensorType>(data.getType());
  Type byte = builder.getIntegerType(8, /*isSigned=*/false);
  Location loc = data.getLoc();
  Value bytes = nn::QuantizeOp::create(builder, loc, type.clone(byte), data,
                                       scale, zeroPoint, byte,
                                       /*unsaturated=*/false);
  return nn::DequantizeOp::create(builder, loc, type, bytes, scale, zeroPoint);
}

Value TrialBuilder::sumSquares(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  Type result = RankedTensorType::get({}, type.getElementType());
  return nn::ReduceOp::create(builder, value.getLoc(), result,
                              nn::ReduceKind::SumSquare, value, axes,
                              /*keep_dims=*/false);
}

//===----------------------------------------------------------------------===//
// RangeTrials
//===----------------------------------------------------------------------===//

llvm::Expected<RangeTrials> RangeTrials::create(ModuleOp module,
                                                ArrayRef<ProductLayer> layers) {
  TrialBuilder trial(module);
  OpBuilder &b = trial.builder;
  SmallVector<Value> results;
  for (const ProductLayer &layer : layers) {
    Operation *op = trial.mapping.lookup(layer.op);
    Value scale = trial.addInput(RankedTensorType::get({}, b.getF32Type()));
    Value zero = trial.addInput(
        RankedTensorType::get({}, b.getIntegerType(8, /*isSigned=*/false)));
    b.setInsertionPointAfter(op);
    unsigned number = layer.product.data->getOperandNumber();
    Value rounded = trial.roundData(op->getOperand(number), scale, zero);
    Operation *again = b.clone(*op);
    again->setOperand(number, rounded);
    Value plain = op->getResult(0);
    Value change = nn::SubOp::create(b, op->getLoc(), plain.getType(),
                                     again->getResult(0), plain);
    results.push_back(trial.sumSquares(plain));
    results.push_back(trial.sumSquares(change));
  }
  trial.setResults(results);
  RangeTrials trials;
  auto executable = compileHere(*trial.module);
  if (!executable)
    return executable.takeError();
  trials.executable = std::move(*executable);
  return trials;
}

llvm::Expected<std::vector<SignalAndNoise>>
RangeTrials::run(ArrayRef<RealRange> ranges, const DataSet &data) {
  std::vector<SignalAndNoise> sums(ranges.size());
  for (const nncrun::SampleSet &set : data.sets) {
    nncrun::Tensors inputs = set.inputs;
    for (RealRange range : ranges) {
      ByteScale scale = makeByteScale(range);
      inputs.push_back(nncio::Tensor::fromDoubles(nncio::ElementType::F32, {},
                                                  {double(scale.scale)}));
      inputs.push_back(nncio::Tensor::fromInts(nncio::ElementType::U8, {},
                                               {scale.zeroPoint}));
    }
    nncio::Status done = nncrun::visitBatches(
        *executable, inputs, data.batch,
        [&](nncrun::BatchOutputs &given) -> nncio::Status {
          for (size_t i = 0; i < sums.size(); ++i) {
            sums[i].signal += given.outputs[2 * i].getDouble(0);
            sums[i].noise += given.outputs[2 * i + 1].getDouble(0);
          }
          return nncio::Success();
        });
    if (!done)
      return llvm::createStringError(done.error());
  }
  return sums;
}
