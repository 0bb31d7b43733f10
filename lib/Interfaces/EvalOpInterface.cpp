//===----------------------------------------------------------------------===//
// The reference evaluator's driver.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/EvalOpInterface.h"

#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;

#include "nnc/Interfaces/EvalOpInterface.cpp.inc"

/// Results above this many bytes are refused: a hostile model may ask for any.
static constexpr int64_t maxResultBytes = int64_t(1) << 36;

/// Zero-filled tensors of the shapes that the op's shape function gives.
static std::string allocateResults(Operation *op,
                                   ArrayRef<nncio::Tensor> operands,
                                   std::vector<nncio::Tensor> &results) {
  std::string message;
  DimBuilder dims(op->getOperands(), operands,
                  [&](const Twine &text) { message = text.str(); });
  SmallVector<ResultShape> shapes;
  if (failed(cast<ShapeOpInterface>(op).computeShapes(dims, shapes)))
    return message.empty() ? "operands do not fit together" : message;
  for (const ResultShape &shape : shapes) {
    std::vector<int64_t> sizes;
    for (Dim dim : shape.dims) {
      if (!dim.getConstant())
        return "a result dimension could not be computed";
      sizes.push_back(*dim.getConstant());
    }
    std::optional<nncio::ElementType> type = toElementType(shape.elementType);
    int64_t count = nncio::numElements(sizes);
    if (!type || count < 0 ||
        count > maxResultBytes / int64_t(nncio::elementBytes(*type)))
      return "the result is too large or of an unsupported element type";
    results.emplace_back(*type, std::move(sizes));
  }
  return "";
}

nncio::Result<std::vector<nncio::Tensor>>
mlir::nnc::evaluateOp(Operation *op, ArrayRef<nncio::Tensor> operands) {
  using Out = nncio::Result<std::vector<nncio::Tensor>>;
  auto fail = [&](const std::string &why) {
    return Out::failure("'" + op->getName().getStringRef().str() + "': " + why);
  };
  auto eval = dyn_cast<EvalOpInterface>(op);
  if (!eval || !isa<ShapeOpInterface>(op))
    return fail("has no reference evaluator");
  std::vector<nncio::Tensor> results;
  std::string message = allocateResults(op, operands, results);
  if (message.empty())
    message = eval.evaluate(operands, results);
  if (!message.empty())
    return fail(message);
  return results;
}
