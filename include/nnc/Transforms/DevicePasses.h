//===----------------------------------------------------------------------===//
// Passes for kernels that run on a GPU, and how others see that they do.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TRANSFORMS_DEVICEPASSES_H
#define NNC_TRANSFORMS_DEVICEPASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Transforms/DevicePasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "nnc/Transforms/DevicePasses.h.inc"

/// On a module whose kernels run on a GPU.
inline constexpr StringLiteral deviceAttrName = "nn.device";

/// On a loop over units and a kernel's function: the threads of a block, which
/// take a unit together.
/// Without it each thread takes units of its own.
inline constexpr StringLiteral blockThreadsAttrName = "nn.block_threads";

/// The widest queries and values, in elements, that attention in one kernel has
/// room for in shared memory.
inline constexpr int64_t mostAttentionWidth = 128;

/// Does the module that `op` is or lies in run its kernels on a GPU?
inline bool isOnDevice(Operation *op) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    module = op->getParentOfType<ModuleOp>();
  return module && module->hasAttr(deviceAttrName);
}

} // namespace mlir::nnc

#endif // NNC_TRANSFORMS_DEVICEPASSES_H
