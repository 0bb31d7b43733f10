//===----------------------------------------------------------------------===//
// A model's layers as separate pieces of one function, to judge each alone.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_LAYERCUTS_H
#define NNC_LIB_DRIVER_LAYERCUTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace mlir::nnc::driver {

/// A tensor that leaves a layer.
struct LayerValue {
  /// Of the ops that compute it, in their order.
  std::vector<std::string> nodes;
  /// Its position among the results that `exposeLayers` leaves.
  size_t result = 0;
  /// Of an op with regions: what is in it is judged as one.
  bool isControlFlow = false;
  /// The layer rounds to quantized steps.
  bool isQuantized = false;
};

/// The ONNX nodes of each kernel, from a module of the schedule phase.
std::vector<std::vector<std::string>> listKernelNodes(ModuleOp module);

/// Makes every tensor that one layer hands to another, or to a caller, a result
/// of `function`, whose ops are those of the graph phase. What one kernel
/// computes is a layer, by the names in `kernels`; an op without a name is one
/// too. The results that were there keep their places.
std::vector<LayerValue>
exposeLayers(func::FuncOp function,
             llvm::ArrayRef<std::vector<std::string>> kernels);

/// After exposeLayers: lets each layer read what others compute from new
/// arguments of the function, one for each of the values returned here, in
/// their order. All layers are then independent of each other.
std::vector<size_t> cutLayers(func::FuncOp function,
                              llvm::ArrayRef<std::vector<std::string>> kernels);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_LAYERCUTS_H
