//===----------------------------------------------------------------------===//
// Lowers the schedule to calls of the runtime.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"
#include "nnc/Transforms/Passes.h"

#include "HostLowering.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_LOWERHOSTPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct LowerHost : nnc::impl::LowerHostPassBase<LowerHost> {
  void getDependentDialects(DialectRegistry &registry) const override {
    LowerHostPassBase::getDependentDialects(registry);
    registry.insert<NVVM::NVVMDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    ArtifactTables tables(module);
    SmallVector<func::FuncOp> entries;
    for (auto function : module.getOps<func::FuncOp>())
      if (function->hasAttr(nn::NNDialect::entryAttrName))
        entries.push_back(function);
    for (func::FuncOp entry : entries) {
      if (failed(
              HostLowering(entry, symbols, tables, isOnDevice(module)).run()))
        return signalPassFailure();
      symbols.erase(entry);
    }
    module->setAttr(artifactAttrName, tables.get());
  }
};
} // namespace
