//===----------------------------------------------------------------------===//
// Products and convolutions with constant weights, as matrices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_LINEARLAYER_H
#define NNC_COMPRESSION_LINEARLAYER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/Compression/Hessian.h"
#include "nnc/Compression/Observe.h"

namespace mlir::nnc {

/// `nn.matmul` by a constant matrix of f32, or `nn.conv` of one group with a
/// constant filter of f32: each output is a sum over the depth. A convolution's
/// depth is channels by positions of its window.
class LinearLayer {
public:
  /// Nothing for other ops.
  static std::optional<LinearLayer> match(Operation *op);
  /// All of a function's own block, in order.
  static std::vector<LinearLayer> findAll(func::FuncOp function);

  Operation *getOp() const { return op; }
  Value getData() const { return op->getOperand(0); }
  Value getWeight() const { return op->getOperand(1); }
  bool isConv() const { return positions >= 0; }
  int64_t getDepth() const { return depth; }
  int64_t getOutputs() const { return outputs; }
  /// Products with each weight of a run; sizes that are not known count as 128.
  int64_t countRows() const { return countRows(op, outputs); }
  /// The same of an op with so many outputs.
  static int64_t countRows(Operation *op, int64_t outputs);
  /// The name of the model's node, or of the op.
  std::string getName() const;

  /// [outputs, depth], row-major. Fails where a file can't be read.
  llvm::Expected<std::vector<float>> readWeight() const;
  /// A weight as the op has it.
  nncio::Tensor makeTensor(ArrayRef<float> weight) const;
  /// Replaces the constant.
  void setWeight(ArrayRef<float> weight) const;

  /// Calls `visit` with each row of the depth that `data` gives, of at most
  /// `most` rows, evenly.
  void visitRows(const nncio::Tensor &data, int64_t most,
                 llvm::function_ref<void(const float *)> visit) const;

private:
  Operation *op = nullptr;
  int64_t depth = 0, outputs = 0;
  int64_t positions = -1; ///< Of the window; -1: a product.
};

/// What `layers`, which are of the main function of `module`, read on data; of
/// many rows some, evenly. Layers deeper than `mostDepth` get an empty one:
/// memory grows with the square.
llvm::Expected<std::vector<Hessian>>
gatherHessians(ModuleOp module, ArrayRef<LinearLayer> layers,
               const DataSet &data, int64_t mostDepth = 2304);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_LINEARLAYER_H
