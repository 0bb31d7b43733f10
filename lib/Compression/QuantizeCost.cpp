//===----------------------------------------------------------------------===//
// Whether fewer bits make a product faster.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "QuantizeCost.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "nnc/CostModel/ByteGain.h"

using namespace mlir;
using namespace mlir::nnc;

/// The type of the data with a size for every dimension.
static RankedTensorType fixSizes(const ProductLayer &layer) {
  constexpr int64_t usual = 128;
  auto type = cast<RankedTensorType>(layer.getData().getType());
  auto weight = cast<RankedTensorType>(layer.product.weight->get().getType());
  SmallVector<int64_t> sizes(type.getShape());
  if (auto channels = layer.product.channels)
    sizes[channels->data] = weight.getDimSize(channels->weight);
  for (auto [axis, size] : llvm::enumerate(sizes))
    if (ShapedType::isDynamic(size))
      size = axis == 0 ? 1 : usual;
  return type.clone(sizes);
}

namespace {
/// The product alone, of known sizes, in a block of its own.
struct LoneProduct {
  explicit LoneProduct(const ProductLayer &layer);

  Block block;
  Operation *op = nullptr;
};
} // namespace

LoneProduct::LoneProduct(const ProductLayer &layer) {
  OpBuilder builder(layer.op->getContext());
  builder.setInsertionPointToEnd(&block);
  IRMapping mapping;
  for (Value operand : layer.op->getOperands()) {
    if (mapping.contains(operand))
      continue;
    Operation *definition = operand.getDefiningOp();
    if (operand != layer.getData() && isConstantTensor(operand) &&
        definition->getNumOperands() == 0)
      builder.clone(*definition, mapping);
    else
      mapping.map(operand, block.addArgument(operand == layer.getData()
                                                 ? Type(fixSizes(layer))
                                                 : operand.getType(),
                                             operand.getLoc()));
  }
  op = builder.clone(*layer.op, mapping);
  SmallVector<Type> types;
  if (auto inferred = dyn_cast<InferTypeOpInterface>(op);
      inferred &&
      succeeded(inferred.inferReturnTypes(
          op->getContext(), std::nullopt, op->getOperands(),
          op->getAttrDictionary(), op->getPropertiesStorage(), op->getRegions(),
          types)) &&
      types.size() == 1)
    op->getResult(0).setType(types[0]);
  // What is used by a terminator leaves the kernel.
  func::ReturnOp::create(builder, op->getLoc(), op->getResults());
}

ProductCosts mlir::nnc::estimateProduct(const ProductLayer &layer,
                                        unsigned bits, const CostModel &model,
                                        double weightBytes) {
  LoneProduct lone(layer);
  Value weight = lone.op->getOperand(layer.product.weight->getOperandNumber());
  Surroundings around;
  auto distance = [&](Value value) {
    return value == weight ? weightBytes : 0;
  };
  around.operandDistance = distance;
  KernelCost floats = model.estimate(ArrayRef<Operation *>(lone.op), around);
  ProductCosts costs;
  costs.floatUs = floats.us;
  KernelWork work = floats.work;
  // Sums to reals and back, and data to bytes, in the kernels beside: a
  // multiplication, an addition, rounding and packing.
  constexpr double opsOfResult = 3, opsOfData = 4;
  double lanes = std::max(1.0, double(model.getTarget().getVectorBits()) / 32);
  double results = double(work.outputBytes.value_or(0)) / 4;
  double data = 0, smaller = double(bits) / 32;
  for (KernelOperand &operand : work.operands) {
    if (!operand.bytes)
      continue;
    bool isData = operand.value != weight &&
                  operand.value == lone.op->getOperand(
                                       layer.product.data->getOperandNumber());
    if (isData)
      data = double(*operand.bytes) / 4;
    if (isData || operand.value == weight)
      operand.bytes = int64_t(double(*operand.bytes) * smaller);
  }
  if (bits == 8) {
    work.productCycles /= getByteGain(model.getTarget());
    work.arithmetic += (results * opsOfResult + data * opsOfData) / lanes;
  } else {
    // A conversion each; multiplications are those of f32.
    work.arithmetic += (results + data) / lanes;
  }
  auto halved = [&](Value value) {
    return value == weight ? weightBytes * smaller : 0;
  };
  around.operandDistance = halved;
  costs.quantizedUs = model.estimate(std::move(work), around).us;
  return costs;
}
