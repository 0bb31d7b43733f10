//===----------------------------------------------------------------------===//
// Products and convolutions with constant weights, as matrices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/LinearLayer.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "nnc/Analysis/NodeNames.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

std::optional<LinearLayer> LinearLayer::match(Operation *op) {
  LinearLayer layer;
  layer.op = op;
  auto isConstantMatrix = [](Value weight) {
    return nn::isConstantTensor(weight) && typeOf(weight).hasStaticShape() &&
           typeOf(weight).getElementType().isF32() &&
           typeOf(weight).getNumElements() > 0;
  };
  if (auto product = dyn_cast<nn::MatMulOp>(op)) {
    RankedTensorType weight = typeOf(product.getRhs());
    if (weight.getRank() != 2 || !isConstantMatrix(product.getRhs()) ||
        typeOf(product.getLhs()).getRank() < 2)
      return std::nullopt;
    layer.depth = weight.getDimSize(0);
    layer.outputs = weight.getDimSize(1);
    return layer;
  }
  auto conv = dyn_cast<nn::ConvOp>(op);
  if (!conv || conv.getGroup() != 1 || conv.getChannelsLast() ||
      conv.getAutoPad() != nn::AutoPad::NotSet ||
      !isConstantMatrix(conv.getFilter()))
    return std::nullopt;
  ArrayRef<int64_t> filter = typeOf(conv.getFilter()).getShape();
  layer.outputs = filter[0];
  layer.positions = llvm::product_of(filter.drop_front(2));
  layer.depth = filter[1] * layer.positions;
  return layer;
}

std::vector<LinearLayer> LinearLayer::findAll(func::FuncOp function) {
  std::vector<LinearLayer> layers;
  for (Operation &op : function.getBody().front())
    if (std::optional<LinearLayer> layer = match(&op))
      layers.push_back(*layer);
  return layers;
}

int64_t LinearLayer::countRows(Operation *op, int64_t outputs) {
  constexpr int64_t middle = 128;
  int64_t count = 1;
  for (int64_t size : typeOf(op->getResult(0)).getShape())
    count *= ShapedType::isDynamic(size) ? middle : size;
  return count / outputs;
}

std::string LinearLayer::getName() const {
  SmallVector<StringRef> names = getNodeNames(op->getLoc());
  return names.empty() ? op->getName().getStringRef().str()
                       : names.front().str();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

llvm::Expected<std::vector<float>> LinearLayer::readWeight() const {
  nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(getWeight());
  if (!tensor)
    return llvm::createStringError(tensor.error());
  std::vector<float> weight(depth * outputs);
  std::vector<float> stored(weight.size());
  std::memcpy(stored.data(), tensor->data(), tensor->bytes());
  if (isConv())
    return stored;
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t f = 0; f < outputs; ++f)
      weight[f * depth + k] = stored[k * outputs + f];
  return weight;
}

nncio::Tensor LinearLayer::makeTensor(ArrayRef<float> weight) const {
  nncio::Tensor tensor(nncio::ElementType::F32,
                       typeOf(getWeight()).getShape().vec());
  auto *out = reinterpret_cast<float *>(tensor.mutableData());
  for (int64_t f = 0; f < outputs; ++f)
    for (int64_t k = 0; k < depth; ++k)
      out[isConv() ? f * depth + k : k * outputs + f] = weight[f * depth + k];
  return tensor;
}

void LinearLayer::setWeight(ArrayRef<float> weight) const {
  OpBuilder builder(op);
  Value constant = nn::ConstantOp::create(
      builder, getWeight().getLoc(),
      nn::toAttribute(op->getContext(), makeTensor(weight)));
  op->setOperand(1, constant);
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

namespace {
/// The window of a convolution over data [N, C, spatial...].
class WindowRows {
public:
  WindowRows(nn::ConvOp op, const nncio::Tensor &data)
      : op(op), data(data), rank(data.rank() - 2) {
    ArrayRef<int64_t> kernel = typeOf(op.getFilter()).getShape().drop_front(2);
    for (int64_t axis = 0; axis < rank; ++axis) {
      int64_t size = data.shape()[axis + 2] + op.getPads()[axis] +
                     op.getPads()[rank + axis];
      int64_t reach = op.getDilations()[axis] * (kernel[axis] - 1) + 1;
      sizes.push_back(
          size < reach ? 0 : (size - reach) / op.getStrides()[axis] + 1);
      taps.push_back(kernel[axis]);
    }
  }

  int64_t count() const {
    return data.shape()[0] * llvm::product_of(ArrayRef<int64_t>(sizes));
  }

  void read(int64_t row, float *out) const {
    SmallVector<int64_t> place(rank);
    for (int64_t axis = rank; axis-- > 0; row /= sizes[axis])
      place[axis] = row % sizes[axis];
    int64_t channels = data.shape()[1], inner = 1;
    for (int64_t axis = 0; axis < rank; ++axis)
      inner *= data.shape()[axis + 2];
    int64_t positions = llvm::product_of(ArrayRef<int64_t>(taps));
    const auto *from = reinterpret_cast<const float *>(data.data());
    for (int64_t position = 0; position < positions; ++position) {
      std::optional<int64_t> at = locate(place, position);
      for (int64_t c = 0; c < channels; ++c)
        out[c * positions + position] =
            at ? from[(row * channels + c) * inner + *at] : 0;
    }
  }

private:
  /// The place of a position of the window in a channel; nothing outside.
  std::optional<int64_t> locate(ArrayRef<int64_t> place,
                                int64_t position) const {
    int64_t at = 0, scale = 1;
    for (int64_t axis = rank; axis-- > 0; position /= taps[axis]) {
      int64_t size = data.shape()[axis + 2];
      int64_t index = place[axis] * op.getStrides()[axis] +
                      position % taps[axis] * op.getDilations()[axis] -
                      op.getPads()[axis];
      if (index < 0 || index >= size)
        return std::nullopt;
      at += index * scale;
      scale *= size;
    }
    return at;
  }

  mutable nn::ConvOp op; ///< Getters of ops are not const.
  const nncio::Tensor &data;
  int64_t rank;
  SmallVector<int64_t> sizes, taps;
};
} // namespace

void LinearLayer::visitRows(const nncio::Tensor &data, int64_t most,
                            function_ref<void(const float *)> visit) const {
  // Data of a run is aligned; that of a file may not be.
  nncio::Tensor aligned = data;
  if (reinterpret_cast<uintptr_t>(data.data()) % alignof(float))
    aligned.mutableData();
  auto spread = [&](int64_t count, function_ref<void(int64_t)> take) {
    int64_t taken = std::min(count, most);
    for (int64_t i = 0; i < taken; ++i)
      take(taken == count ? i : int64_t(double(i) * double(count) / taken));
  };
  if (!isConv()) {
    const auto *from = reinterpret_cast<const float *>(aligned.data());
    return spread(aligned.size() / depth,
                  [&](int64_t row) { visit(from + row * depth); });
  }
  WindowRows rows(cast<nn::ConvOp>(op), aligned);
  std::vector<float> row(depth);
  spread(rows.count(), [&](int64_t at) {
    rows.read(at, row.data());
    visit(row.data());
  });
}

llvm::Expected<std::vector<Hessian>>
mlir::nnc::gatherHessians(ModuleOp module, ArrayRef<LinearLayer> layers,
                          const DataSet &data, int64_t mostDepth) {
  std::vector<Hessian> hessians(layers.size());
  SmallVector<Value> values;
  SmallVector<size_t> numbers;
  for (auto [index, layer] : llvm::enumerate(layers)) {
    if (layer.getDepth() > mostDepth)
      continue;
    hessians[index] = Hessian(layer.getDepth());
    values.push_back(layer.getData());
    numbers.push_back(index);
  }
  // Rows beyond some times the depth tell little more.
  int64_t samples = std::max<int64_t>(data.countSamples(), 1);
  auto visit = [&](size_t number, const nncio::Tensor &tensor) {
    constexpr int64_t blockRows = 256;
    const LinearLayer &layer = layers[numbers[number]];
    Hessian &hessian = hessians[numbers[number]];
    int64_t depth = layer.getDepth();
    int64_t own = tensor.rank() ? tensor.shape()[0] : 1;
    int64_t most = std::max<int64_t>(1, (8 * depth + 8192) * own / samples);
    std::vector<float> block;
    block.reserve(blockRows * depth);
    auto flush = [&] {
      hessian.add(module.getContext(), block.data(),
                  int64_t(block.size()) / depth);
      block.clear();
    };
    layer.visitRows(tensor, most, [&](const float *row) {
      block.insert(block.end(), row, row + depth);
      if (int64_t(block.size()) == blockRows * depth)
        flush();
    });
    if (!block.empty())
      flush();
    return llvm::Error::success();
  };
  if (llvm::Error error = observe(module, values, data, visit))
    return std::move(error);
  return hessians;
}
