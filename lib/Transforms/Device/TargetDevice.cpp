//===----------------------------------------------------------------------===//
// Lets the kernels of a module run on a GPU.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_TARGETDEVICEPASS
#include "nnc/Transforms/DevicePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct TargetDevice : nnc::impl::TargetDevicePassBase<TargetDevice> {
  void runOnOperation() override {
    getOperation()->setAttr(deviceAttrName, UnitAttr::get(&getContext()));
  }
};
} // namespace
