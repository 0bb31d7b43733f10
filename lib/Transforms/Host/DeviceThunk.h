//===----------------------------------------------------------------------===//
// The function that a GPU starts a phase of a kernel with.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_HOST_DEVICETHUNK_H
#define NNC_LIB_TRANSFORMS_HOST_DEVICETHUNK_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::nnc {

/// The name of the thunk of `kernel`, an identifier of PTX.
std::string getDeviceThunkName(func::FuncOp kernel);

/// A function `name` at the builder's place that runs units of `kernel`, a
/// function over a range of them: a thread takes units i, i + threads, i + 2
/// threads, ... from its own number on, so that neighbours work on neighbouring
/// units and, as units are numbered, on neighbouring elements. Of a kernel with
/// `nn.block_threads` blocks do that in place of threads. Parameters are those
/// of the kernel, tensors in global memory, with these in place of the units
/// and the scratch: units (i64), all scratch, bytes of a part of it (i64).
func::FuncOp createDeviceThunk(OpBuilder &builder, func::FuncOp kernel,
                               StringRef name);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_HOST_DEVICETHUNK_H
