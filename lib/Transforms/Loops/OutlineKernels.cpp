//===----------------------------------------------------------------------===//
// Makes one function of all equal kernels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/Kern/IR/KernDialect.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/Hashing.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_OUTLINEKERNELSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// A hash of a body up to locations and value names.
static llvm::hash_code hashBody(nn::KernelOp kernel) {
  llvm::hash_code hash(0);
  for (Type type : kernel.getInputs().getTypes())
    hash = llvm::hash_combine(hash, type);
  for (Operation &op : kernel.getBody().front())
    hash =
        llvm::hash_combine(hash, OperationEquivalence::computeHash(
                                     &op, OperationEquivalence::ignoreHashValue,
                                     OperationEquivalence::ignoreHashValue,
                                     OperationEquivalence::IgnoreLocations));
  return hash;
}

/// The kind of work, for the function's name: the mnemonic of
/// the first op that computes.
static std::string describe(nn::KernelOp kernel) {
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (!op.hasTrait<OpTrait::ConstantLike>() &&
        isa<kern::KernDialect, nn::NNDialect>(op.getDialect()))
      return op.getName().stripDialect().str();
  return "copy";
}

namespace {
struct OutlineKernels : nnc::impl::OutlineKernelsPassBase<OutlineKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<nn::KernelOp> kernels;
    for (auto function : module.getOps<func::FuncOp>())
      function.walk([&](nn::KernelOp kernel) { kernels.push_back(kernel); });
    for (nn::KernelOp kernel : kernels) {
      if (!kernel.getSlots()) {
        kernel.emitOpError("expects storage to be assigned");
        return signalPassFailure();
      }
      outline(kernel, symbols);
    }
    for (const auto &[hash, functions] : known)
      for (func::FuncOp function : functions)
        replaceTerminator(function);
  }

private:
  void outline(nn::KernelOp kernel, SymbolTable &symbols) {
    func::FuncOp callee = findOrCreate(kernel, symbols);
    OpBuilder builder(kernel);
    auto launch = nn::LaunchOp::create(
        builder, kernel.getLoc(), kernel.getResultTypes(), callee.getSymName(),
        kernel.getName(), kernel.getInputs(), kernel.getResultDims(),
        *kernel.getSlots(), kernel.getCostAttr());
    kernel.replaceAllUsesWith(launch.getResults());
    kernel.erase();
  }

  func::FuncOp findOrCreate(nn::KernelOp kernel, SymbolTable &symbols) {
    auto &bucket = known[size_t(hashBody(kernel))];
    for (func::FuncOp function : bucket)
      if (function.getArgumentTypes() == kernel.getInputs().getTypes() &&
          function.getResultTypes() == kernel.getResultTypes() &&
          OperationEquivalence::isRegionEquivalentTo(
              &function.getBody(), &kernel.getBody(),
              OperationEquivalence::IgnoreLocations))
        return function;
    OpBuilder builder(kernel.getContext());
    auto function = func::FuncOp::create(
        builder, kernel.getLoc(), "kernel_" + describe(kernel),
        builder.getFunctionType(kernel.getInputs().getTypes(),
                                kernel.getResultTypes()));
    function.setPrivate();
    function->setAttr(kernelAttrName, builder.getUnitAttr());
    // The terminator stays nn.yield until all bodies have been compared.
    IRMapping mapping;
    kernel.getBody().cloneInto(&function.getBody(), mapping);
    symbols.insert(function);
    bucket.push_back(function);
    return function;
  }

  static void replaceTerminator(func::FuncOp function) {
    Operation *yield = function.getBody().front().getTerminator();
    OpBuilder builder(yield);
    func::ReturnOp::create(builder, yield->getLoc(), yield->getOperands());
    yield->erase();
  }

  DenseMap<size_t, SmallVector<func::FuncOp>> known;
};
} // namespace
