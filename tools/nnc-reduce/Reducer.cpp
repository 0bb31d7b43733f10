//===----------------------------------------------------------------------===//
// Makes a module that shows a fault smaller.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Reducer.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nnc/Reference/Interpreter.h"

using namespace mlir;
using namespace mlir::nnc;

static Block &getBody(ModuleOp module) {
  return findEntry(module).getBody().front();
}

/// Ops that compute tensors, in order: what is left out or kept.
static SmallVector<Operation *> listOps(ModuleOp module) {
  SmallVector<Operation *> ops;
  for (Operation &op : getBody(module).without_terminator())
    if (!op.hasTrait<OpTrait::ConstantLike>() && !isa<nn::WeightOp>(op) &&
        llvm::any_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>))
      ops.push_back(&op);
  return ops;
}

/// Removes what nothing reads, and makes the signature fit again.
static void tidy(ModuleOp module) {
  func::FuncOp entry = findEntry(module);
  Block &body = entry.getBody().front();
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op))
      op.erase();
  SmallVector<DictionaryAttr> arguments, results;
  Builder builder(module.getContext());
  auto name = [&](const char *what, size_t i) {
    return builder.getDictionaryAttr(builder.getNamedAttr(
        nn::NNDialect::nameAttrName, builder.getStringAttr(what + Twine(i))));
  };
  for (unsigned i = body.getNumArguments(); i-- > 0;)
    if (body.getArgument(i).use_empty())
      body.eraseArgument(i);
  for (unsigned i = 0; i < body.getNumArguments(); ++i)
    arguments.push_back(name("x", i));
  for (unsigned i = 0; i < body.getTerminator()->getNumOperands(); ++i)
    results.push_back(name("y", i));
  entry.removeArgAttrsAttr();
  entry.removeResAttrsAttr();
  entry.setType(builder.getFunctionType(
      body.getArgumentTypes(), body.getTerminator()->getOperandTypes()));
  entry.setAllArgAttrs(arguments);
  entry.setAllResultAttrs(results);
}

/// Returns what the op at `last` computes, and nothing behind it.
static void keepPrefix(ModuleOp module, size_t last) {
  SmallVector<Value> results;
  for (Value result : listOps(module)[last]->getResults())
    if (isa<RankedTensorType>(result.getType()))
      results.push_back(result);
  getBody(module).getTerminator()->setOperands(results);
}

/// Takes what the ops before `first` compute as arguments.
static void cutBefore(ModuleOp module, size_t first) {
  SmallVector<Operation *> ops = listOps(module);
  Operation *begin = ops[first];
  Block &body = getBody(module);
  for (Operation *op : ArrayRef(ops).take_front(first))
    for (Value result : op->getResults()) {
      auto isLater = [&](OpOperand &use) {
        return !body.findAncestorOpInBlock(*use.getOwner())
                    ->isBeforeInBlock(begin);
      };
      if (isa<RankedTensorType>(result.getType()) &&
          llvm::any_of(result.getUses(), isLater))
        result.replaceUsesWithIf(
            body.addArgument(result.getType(), result.getLoc()), isLater);
    }
}

/// What reads the op at `i` reads an operand of the same type instead, if there
/// is one.
static void leaveOut(ModuleOp module, size_t i) {
  Operation *op = listOps(module)[i];
  if (op->getNumResults() != 1)
    return;
  for (Value operand : op->getOperands())
    if (operand.getType() == op->getResult(0).getType())
      return op->getResult(0).replaceAllUsesWith(operand);
}

namespace {
class Reducer {
public:
  Reducer(OwningOpRef<ModuleOp> module, const InterestTest &test)
      : module(std::move(module)), test(test) {}

  OwningOpRef<ModuleOp> run() {
    size_t before;
    do {
      before = countOps();
      // The least prefix that shows the fault, and the least rest of it: by
      // bisection, as if one that shows it did so in all larger ones.
      for (size_t low = 0, high = countOps(); low + 1 < high;) {
        size_t middle = (low + high) / 2;
        if (attempt([&](ModuleOp copy) { keepPrefix(copy, middle - 1); }))
          high = std::min(middle, countOps());
        else
          low = middle;
      }
      for (size_t left = countOps(); left > 1;) {
        left /= 2;
        while (left < countOps() &&
               attempt([&](ModuleOp copy) { cutBefore(copy, left); }))
          ;
      }
      for (size_t i = countOps(); i-- > 0;)
        attempt([&](ModuleOp copy) { leaveOut(copy, i); });
    } while (countOps() < before);
    return std::move(module);
  }

private:
  size_t countOps() { return listOps(*module).size(); }

  /// Keeps what `change` makes of the module if it is smaller, valid and of
  /// interest.
  bool attempt(llvm::function_ref<void(ModuleOp)> change) {
    OwningOpRef<ModuleOp> copy = module->clone();
    change(*copy);
    tidy(*copy);
    if (listOps(*copy).size() >= countOps() || failed(verify(*copy)) ||
        !test(*copy))
      return false;
    module = std::move(copy);
    return true;
  }

  OwningOpRef<ModuleOp> module;
  const InterestTest &test;
};
} // namespace

OwningOpRef<ModuleOp> mlir::nnc::reduceModule(OwningOpRef<ModuleOp> module,
                                              const InterestTest &test) {
  return Reducer(std::move(module), test).run();
}
