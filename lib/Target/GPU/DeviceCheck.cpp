//===----------------------------------------------------------------------===//
// What code generation for GPUs would stop at.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPU/DeviceCheck.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Intrinsics.h"

#include <set>
#include <string>

using namespace mlir::nnc;

/// Does the intrinsic stand for a function of the C library, whatever its type?
static bool isLibraryFunction(llvm::Intrinsic::ID id) {
  switch (id) {
  case llvm::Intrinsic::acos:
  case llvm::Intrinsic::asin:
  case llvm::Intrinsic::atan:
  case llvm::Intrinsic::atan2:
  case llvm::Intrinsic::cos:
  case llvm::Intrinsic::cosh:
  case llvm::Intrinsic::exp:
  case llvm::Intrinsic::exp10:
  case llvm::Intrinsic::exp2:
  case llvm::Intrinsic::log:
  case llvm::Intrinsic::log10:
  case llvm::Intrinsic::log2:
  case llvm::Intrinsic::pow:
  case llvm::Intrinsic::powi:
  case llvm::Intrinsic::sin:
  case llvm::Intrinsic::sincos:
  case llvm::Intrinsic::sinh:
  case llvm::Intrinsic::tan:
  case llvm::Intrinsic::tanh:
    return true;
  default:
    return false;
  }
}

llvm::Error mlir::nnc::checkDeviceModule(const llvm::Module &module) {
  std::set<std::string> missing;
  for (const llvm::Function &function : module)
    for (const llvm::Instruction &op : llvm::instructions(function)) {
      auto *call = llvm::dyn_cast<llvm::CallBase>(&op);
      const llvm::Function *callee = call ? call->getCalledFunction() : nullptr;
      if (!callee || !callee->isDeclaration())
        continue;
      if (callee->isIntrinsic() && !isLibraryFunction(callee->getIntrinsicID()))
        continue;
      missing.insert("'" + callee->getName().str() + "' in '" +
                     function.getName().str() + "'");
    }
  if (missing.empty())
    return llvm::Error::success();
  std::string text;
  for (const std::string &name : missing)
    text += (text.empty() ? "" : ", ") + name;
  return llvm::createStringError(
      "kernels call functions that GPUs do not have (some of double have no "
      "form there; use float, or a CPU): " +
      text);
}
