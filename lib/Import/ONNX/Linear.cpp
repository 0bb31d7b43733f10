//===----------------------------------------------------------------------===//
// Import of matrix products, Einstein sums and normalization over channels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LinearWindow.h"
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static LogicalResult importMatMul(NodeBinder &node) {
  Value lhs = node.input(0), rhs = node.input(1);
  return node.result(lhs && rhs ? node.create<nn::MatMulOp>(lhs, rhs)
                                : Value());
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

/// `tensor` times `factor`; `tensor` itself for a factor of 1.
static Value scale(NodeBinder &node, Value tensor, double factor) {
  if (!tensor || factor == 1)
    return tensor;
  return node.create<nn::MulOp>(
      tensor, node.scalar(NodeBinder::elementTypeOf(tensor), factor));
}

/// An operand of rank 2, transposed where the node says so.
static Value importMatrix(NodeBinder &node, size_t index, StringRef transpose) {
  Value tensor = node.input(index);
  if (!tensor)
    return {};
  if (NodeBinder::rankOf(tensor) != 2) {
    (void)node.error("expects input " + Twine(index) + " of rank 2, but got " +
                     Twine(NodeBinder::rankOf(tensor)));
    return {};
  }
  return node.intAttr(transpose, 0) ? node.transpose(tensor, {1, 0}) : tensor;
}

FailureOr<Value> onnximport::createGemm(NodeBinder &node) {
  Value a = importMatrix(node, 0, "transA");
  Value b = importMatrix(node, 1, "transB");
  if (!a || !b)
    return failure();
  double alpha = node.floatAttr("alpha", 1), beta = node.floatAttr("beta", 1);
  bool isFloat = isa<FloatType>(NodeBinder::elementTypeOf(a));
  for (double factor : {alpha, beta})
    if (!isFloat && factor != static_cast<double>(static_cast<int64_t>(factor)))
      return node.error("expects whole alpha and beta for integer operands, "
                        "but got " +
                        std::to_string(factor));
  Value product = scale(node, node.create<nn::MatMulOp>(a, b), alpha);
  if (!node.hasInput(2) || !product)
    return product;
  Value addend = node.input(2);
  // Without beta the addend does not count, not even NaN.
  if (!addend || beta == 0)
    return addend ? product : Value();
  SmallVector<Dim> shape = node.shape(product), own = node.shape(addend);
  if (own.size() > 2)
    return node.error("expects input 2 of rank 0 to 2, but got " +
                      Twine(own.size()));
  for (auto [size, wanted] :
       llvm::zip(llvm::reverse(own), llvm::reverse(shape)))
    if (wanted.isConstant(1) && size.getConstant() && !size.isConstant(1))
      return node.error("expects input 2 to broadcast to the product, but got "
                        "a dimension of " +
                        Twine(*size.getConstant()) + " for 1");
  return node.create<nn::AddOp>(product, scale(node, addend, beta));
}

static LogicalResult importGemm(NodeBinder &node) {
  FailureOr<Value> product = createGemm(node);
  return succeeded(product) ? node.result(*product) : failure();
}

//===----------------------------------------------------------------------===//
// Einsum, LRN
//===----------------------------------------------------------------------===//

static LogicalResult importEinsum(NodeBinder &node) {
  FailureOr<SmallVector<Value>> inputs = node.inputsFrom(0);
  if (failed(inputs))
    return node.result(Value());
  return node.result(node.create<nn::EinsumOp>(
      StringRef(node.stringAttr("equation", "")), ValueRange(*inputs)));
}

static LogicalResult importLRN(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return node.result(input);
  if (!node.hasAttr("size"))
    return node.error("expects attribute 'size'");
  return node.result(
      node.create<nn::LRNOp>(input, uint64_t(node.intAttr("size", 1)),
                             APFloat(node.floatAttr("alpha", 1e-4f)),
                             APFloat(node.floatAttr("beta", 0.75)),
                             APFloat(node.floatAttr("bias", 1))));
}

void onnximport::addLinearOperators(OpTable &table) {
  table.add("Einsum", 12, importEinsum);
  table.add("Gemm", 1, importGemm);
  table.add("LRN", 1, importLRN);
  table.add("MatMul", 1, importMatMul);
  addWindowOperators(table);
}
