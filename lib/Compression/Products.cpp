//===----------------------------------------------------------------------===//
// The products of a graph that could be ones of small integers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Products.h"

using namespace mlir;
using namespace mlir::nnc;

std::vector<ProductLayer> mlir::nnc::listProducts(func::FuncOp function,
                                                  const ValueNames &names) {
  std::vector<ProductLayer> layers;
  for (Operation &op : function.getBody().front()) {
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    std::optional<QuantizedProduct> product =
        quantizable ? quantizable.getQuantizedProduct() : std::nullopt;
    if (product)
      layers.push_back({&op, *product, names.get(op.getResult(0)).str()});
  }
  return layers;
}

void ScaleGroups::add(Value value) {
  void *key = value.getAsOpaquePointer();
  if (groups.findLeader(key) != groups.member_end())
    return;
  groups.insert(key);
  auto mover = value.getDefiningOp<QuantizableOpInterface>();
  if (!mover)
    return;
  for (OpOperand *operand : mover.getAlikeOperands()) {
    add(operand->get());
    groups.unionSets(key, operand->get().getAsOpaquePointer());
  }
}

ScaleGroups::ScaleGroups(ArrayRef<ProductLayer> layers) {
  for (const ProductLayer &layer : layers)
    add(layer.getData());
}

Value ScaleGroups::getLeader(Value value) const {
  auto leader = groups.findLeader(value.getAsOpaquePointer());
  return leader == groups.member_end() ? Value()
                                       : Value::getFromOpaquePointer(*leader);
}

int64_t mlir::nnc::getChannelAxis(const ProductLayer &layer, bool isData) {
  if (!isData)
    return layer.product.resultAxis;
  if (layer.product.channels)
    return layer.product.channels->data;
  // Of groups of channels: where images have them.
  return 1;
}

ArrayRef<float> mlir::nnc::getFloats(const nncio::Tensor &tensor) {
  return {reinterpret_cast<const float *>(tensor.data()),
          size_t(tensor.size())};
}

void mlir::nnc::visitChannels(
    const nncio::Tensor &tensor, int64_t axis,
    function_ref<void(int64_t, ArrayRef<float>)> visit) {
  ArrayRef<float> numbers = getFloats(tensor);
  ArrayRef<int64_t> shape = tensor.shape();
  int64_t channels = shape[size_t(axis)], inner = 1;
  for (int64_t size : shape.drop_front(size_t(axis) + 1))
    inner *= size;
  for (int64_t channel = 0; !numbers.empty(); ++channel) {
    visit(channel % channels, numbers.take_front(size_t(inner)));
    numbers = numbers.drop_front(size_t(inner));
  }
}
