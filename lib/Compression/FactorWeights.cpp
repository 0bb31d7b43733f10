//===----------------------------------------------------------------------===//
// Replaces products by two of a lower rank.
//
// The best matrix of rank r in place of W, judged by outputs W x over inputs of
// second moments H, is U U^T W with U the first r eigenvectors of W H W^T
// (Eckart and Young, for W H^1/2): activation-aware as Z. Yuan et al., "ASVD"
// (arXiv 2312.05821), without a factor of H to invert.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Masks.h"
#include "nnc/Compression/SymmetricEigen.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/Remarks.h"
#include "nnc/CostModel/Tiling.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::nnc;

static remark::RemarkOpts getRemarkOpts() {
  return remark::RemarkOpts::name("LowRank").category("nnc-prune");
}

/// Outputs of layers that are decomposed; time grows with the third power.
static constexpr int64_t mostOutputs = 1024;

/// W H W^T, [outputs, outputs]; an empty H stands for the identity.
static std::vector<double> getOutputMoments(const WeightMatrix &matrix,
                                            const Hessian &hessian) {
  int64_t n = matrix.outputs, depth = matrix.depth;
  std::vector<double> result(n * n), row(depth);
  for (int64_t f = 0; f < n; ++f) {
    for (int64_t k = 0; k < depth; ++k)
      row[k] = hessian.getSize() ? 0 : matrix.at(f, k);
    for (int64_t k = 0; k < depth && hessian.getSize(); ++k)
      for (int64_t j = 0; j < depth; ++j)
        row[j] += double(matrix.at(f, k)) * hessian.get(k, j);
    for (int64_t g = 0; g <= f; ++g) {
      double sum = 0;
      for (int64_t k = 0; k < depth; ++k)
        sum += row[k] * matrix.at(g, k);
      result[f * n + g] = result[g * n + f] = sum;
    }
  }
  return result;
}

/// A window of one place without strides, paddings and dilations, or a product.
static bool isPointwise(const LinearLayer &layer) {
  auto conv = dyn_cast<nn::ConvOp>(layer.getOp());
  if (!conv)
    return true;
  auto isOne = [](int64_t number) { return number == 1; };
  auto filter = cast<ShapedType>(conv.getFilter().getType()).getShape();
  return llvm::all_of(filter.drop_front(2), isOne) &&
         llvm::all_of(conv.getStrides(), isOne) &&
         llvm::all_of(conv.getPads(), [](int64_t pad) { return pad == 0; });
}

static double predict(hw::TargetAttr target, int64_t rows, int64_t outputs,
                      int64_t depth) {
  kern::Extents extents{1, rows, 1, outputs, depth, true};
  Type type = Float32Type::get(target.getContext());
  return rankTilings(target, extents, type, 4).front().cycles +
         predictStreaming(target, outputs * depth * 4) / 2;
}

/// `data` times a constant [outputs, depth] as an op like the layer's.
static Value createProduct(OpBuilder &b, const LinearLayer &layer, Value data,
                           int64_t outputs, ArrayRef<float> weight,
                           Value bias) {
  Location loc = layer.getOp()->getLoc();
  auto type = cast<RankedTensorType>(layer.getOp()->getResult(0).getType());
  int64_t depth = int64_t(weight.size()) / outputs;
  SmallVector<int64_t> shape(type.getShape());
  auto conv = dyn_cast<nn::ConvOp>(layer.getOp());
  shape[conv ? 1 : type.getRank() - 1] = outputs;
  SmallVector<int64_t> weightShape{outputs, depth};
  std::vector<float> values = weight.vec();
  if (conv) {
    weightShape.append(conv.getStrides().size(), 1);
  } else {
    weightShape = {depth, outputs};
    for (int64_t f = 0; f < outputs; ++f)
      for (int64_t k = 0; k < depth; ++k)
        values[k * outputs + f] = weight[f * depth + k];
  }
  nncio::Tensor tensor(nncio::ElementType::F32,
                       ArrayRef<int64_t>(weightShape).vec());
  std::memcpy(tensor.mutableData(), values.data(), tensor.bytes());
  Value constant =
      nn::ConstantOp::create(b, loc, nn::toAttribute(b.getContext(), tensor));
  if (!conv)
    return nn::MatMulOp::create(b, loc, type.clone(shape), data, constant);
  return nn::ConvOp::create(b, loc, type.clone(shape), data, constant, bias,
                            conv.getStrides(), conv.getDilations(),
                            conv.getPads(), /*group=*/1, conv.getAutoPad(),
                            /*channels_last=*/false);
}

/// The layer by U (U^T W).
static void replace(const LinearLayer &layer, const WeightMatrix &matrix,
                    ArrayRef<double> vectors, int64_t rank) {
  int64_t n = matrix.outputs, depth = matrix.depth;
  std::vector<float> first(rank * depth), second(n * rank);
  for (int64_t r = 0; r < rank; ++r) {
    std::vector<double> row(depth, 0);
    for (int64_t f = 0; f < n; ++f) {
      double factor = vectors[r * n + f];
      second[f * rank + r] = float(factor);
      for (int64_t k = 0; k < depth; ++k)
        row[k] += factor * matrix.at(f, k);
    }
    llvm::copy(row, first.begin() + r * depth);
  }
  OpBuilder builder(layer.getOp());
  auto conv = dyn_cast<nn::ConvOp>(layer.getOp());
  Value inner =
      createProduct(builder, layer, layer.getData(), rank, first, Value());
  Value outer = createProduct(builder, layer, inner, n, second,
                              conv ? conv.getBias() : Value());
  layer.getOp()->getResult(0).replaceAllUsesWith(outer);
  layer.getOp()->erase();
}

static llvm::Error factor(const LinearLayer &layer, const Hessian &hessian,
                          const PruneStep &step, hw::TargetAttr target) {
  auto refuse = [&](const std::string &why) {
    remark::missed(layer.getOp()->getLoc(), getRemarkOpts()) << why;
    return llvm::Error::success();
  };
  int64_t n = layer.getOutputs(), depth = layer.getDepth();
  if (isKeptByName(layer, step))
    return refuse("stays whole: kept by name");
  if (!isPointwise(layer))
    return refuse("stays whole: a window of several places");
  if (n > mostOutputs || n < 2)
    return refuse(
        llvm::formatv("stays whole: {0} outputs, where 2 to {1} are decomposed",
                      n, mostOutputs)
            .str());
  llvm::Expected<std::vector<float>> weight = layer.readWeight();
  if (!weight)
    return weight.takeError();
  WeightMatrix matrix{n, depth, *weight};
  std::vector<double> vectors = getOutputMoments(matrix, hessian);
  std::vector<double> values = decomposeSymmetric(vectors, n);
  double all = 0, kept = 0;
  for (double value : values)
    all += std::max(value, 0.0);
  int64_t rank = 0;
  while (rank < n && kept < step.amount * all)
    kept += std::max(values[rank++], 0.0);
  rank = std::max<int64_t>(rank, 1);
  // What a vector holds beyond it costs nothing.
  int64_t lanes = target.getLanes(Float32Type::get(target.getContext()));
  rank = std::min<int64_t>(llvm::alignTo(rank, lanes), std::min(n, depth));
  double dense = predict(target, layer.countRows(), n, depth);
  double parts = predict(target, layer.countRows(), rank, depth) +
                 predict(target, layer.countRows(), n, rank);
  constexpr double leastGain = 1.05;
  std::string text =
      llvm::formatv("rank {0} of {1} x {2} is predicted to take {3:P0} of the "
                    "time",
                    rank, n, depth, parts / dense)
          .str();
  if (parts * leastGain > dense)
    return refuse("stays whole: " + text);
  remark::passed(layer.getOp()->getLoc(), getRemarkOpts()) << text;
  replace(layer, matrix, vectors, rank);
  return llvm::Error::success();
}

llvm::Error mlir::nnc::factorWeights(ModuleOp module, const PruneStep &step,
                                     const DataSet *data,
                                     hw::TargetAttr target) {
  func::FuncOp function = findEntry(module);
  if (!function)
    return llvm::createStringError("the module has no entry point");
  std::vector<LinearLayer> layers = LinearLayer::findAll(function);
  std::vector<Hessian> hessians(layers.size());
  if (data) {
    llvm::Expected<std::vector<Hessian>> gathered =
        gatherHessians(module, layers, *data);
    if (!gathered)
      return gathered.takeError();
    hessians = std::move(*gathered);
  }
  for (auto [layer, hessian] : llvm::zip(layers, hessians))
    if (llvm::Error error = factor(layer, hessian, step, target))
      return error;
  return llvm::Error::success();
}
