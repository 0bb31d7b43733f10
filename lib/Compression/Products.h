//===----------------------------------------------------------------------===//
// The products of a graph that could be ones of small integers, and which
// tensors would have the same scale.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COMPRESSION_PRODUCTS_H
#define NNC_LIB_COMPRESSION_PRODUCTS_H

#include "nnc/Compression/ValueNames.h"
#include "nnc/DataIO/Tensor.h"
#include "nnc/Interfaces/QuantizableOpInterface.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace mlir::nnc {

/// A product in the function's block.
struct ProductLayer {
  Operation *op = nullptr;
  QuantizedProduct product;
  /// That of the result, by ValueNames.
  std::string name;

  Value getData() const { return product.data->get(); }
  Value getResult() const { return op->getResult(0); }
};

/// In the order of the ops.
std::vector<ProductLayer> listProducts(func::FuncOp function,
                                       const ValueNames &names);

/// Tensors that get one scale: what products read, and what that is made of by
/// ops that only move or compare elements.
class ScaleGroups {
public:
  explicit ScaleGroups(ArrayRef<ProductLayer> layers);

  /// The same value for all of a group; null for a value in none.
  Value getLeader(Value value) const;

private:
  void add(Value value);

  llvm::EquivalenceClasses<void *> groups;
};

/// The channels of a tensor that a product reads or gives.
int64_t getChannelAxis(const ProductLayer &layer, bool isData);

/// Elements of f32 as they lie in memory.
ArrayRef<float> getFloats(const nncio::Tensor &tensor);

/// Calls `visit(channel, elements)` for all runs of elements of one channel
/// that lie together.
void visitChannels(const nncio::Tensor &tensor, int64_t axis,
                   llvm::function_ref<void(int64_t, ArrayRef<float>)> visit);

} // namespace mlir::nnc

#endif // NNC_LIB_COMPRESSION_PRODUCTS_H
