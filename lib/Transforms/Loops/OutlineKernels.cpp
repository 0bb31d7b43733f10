//===----------------------------------------------------------------------===//
// Makes one function of all equal kernels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/IR/OperationSupport.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
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

/// The slot in the arena of the kernel result that `value` is, or null.
static nn::SlotAttr getArenaSlot(Value value) {
  OpResult made = isa<RankedTensorType>(value.getType())
                      ? getKernelResult(value)
                      : OpResult();
  if (!made)
    return {};
  std::optional<ArrayAttr> slots =
      cast<nn::KernelOp>(made.getOwner()).getSlots();
  auto slot = slots ? cast<nn::SlotAttr>((*slots)[made.getResultNumber()])
                    : nn::SlotAttr();
  return slot && slot.getKind() == nn::SlotClass::arena ? slot : nn::SlotAttr();
}

/// For each result the input in whose slot it is written, or -1; null if there
/// is none.
static DenseI64ArrayAttr findSharedInputs(nn::KernelOp kernel) {
  SmallVector<int64_t> numbers(kernel->getNumResults(), -1);
  for (auto [number, input] : llvm::enumerate(kernel.getInputs()))
    if (nn::SlotAttr slot = getArenaSlot(input))
      for (auto [result, own] : llvm::enumerate(*kernel.getSlots()))
        if (own == slot)
          numbers[result] = number;
  if (llvm::all_of(numbers, [](int64_t number) { return number < 0; }))
    return {};
  return DenseI64ArrayAttr::get(kernel.getContext(), numbers);
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
      if (DenseI64ArrayAttr shared = findSharedInputs(kernel))
        inPlace[kernel] = shared;
    }
    for (nn::KernelOp kernel : kernels)
      outline(kernel, symbols);
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
    DenseI64ArrayAttr shared = inPlace.lookup(kernel);
    for (func::FuncOp function : bucket)
      if (function->getAttr(inPlaceAttrName) == shared &&
          function.getArgumentTypes() == kernel.getInputs().getTypes() &&
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
    if (shared)
      function->setAttr(inPlaceAttrName, shared);
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
  /// What findSharedInputs says of kernels.
  DenseMap<Operation *, DenseI64ArrayAttr> inPlace;
};
} // namespace
