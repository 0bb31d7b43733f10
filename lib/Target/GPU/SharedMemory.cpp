//===----------------------------------------------------------------------===//
// Shared memory of kernels beyond what their code may declare.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPU/SharedMemory.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/Support/NVPTXAddrSpace.h"

using namespace mlir::nnc;
using namespace llvm;

/// Of dynamic memory; descriptors of swizzled tiles need as much.
static constexpr uint64_t dynamicAlignment = 1024;

/// The functions whose code names `variable`.
static SmallSetVector<Function *, 2> findUsers(GlobalVariable &variable) {
  SmallSetVector<Function *, 2> functions;
  for (User *user : variable.users())
    if (auto *op = dyn_cast<Instruction>(user))
      functions.insert(op->getFunction());
  return functions;
}

/// The array without a length that stands for memory of the start: a name
/// outside, since an internal one would get a place among declared variables.
static GlobalVariable *getDynamic(Module &module) {
  constexpr StringLiteral name = "nnc_shared";
  if (GlobalVariable *known = module.getNamedGlobal(name))
    return known;
  auto *type = ArrayType::get(Type::getInt8Ty(module.getContext()), 0);
  auto *dynamic = new GlobalVariable(
      module, type, /*isConstant=*/false, GlobalValue::ExternalLinkage,
      /*Initializer=*/nullptr, name, /*InsertBefore=*/nullptr,
      GlobalValue::NotThreadLocal, NVPTXAS::ADDRESS_SPACE_SHARED);
  dynamic->setAlignment(Align(dynamicAlignment));
  return dynamic;
}

/// Uses in `kernel` become those of byte `offset` of what comes with the start.
static void moveUses(GlobalVariable &variable, Function &kernel,
                     uint64_t offset) {
  Module &module = *kernel.getParent();
  Constant *place = ConstantExpr::getGetElementPtr(
      Type::getInt8Ty(module.getContext()), getDynamic(module),
      ConstantInt::get(Type::getInt64Ty(module.getContext()), offset));
  variable.replaceUsesWithIf(place, [&](Use &use) {
    auto *op = dyn_cast<Instruction>(use.getUser());
    return op && op->getFunction() == &kernel;
  });
}

std::map<std::string, int> mlir::nnc::moveLargeSharedMemory(Module &module) {
  const llvm::DataLayout &data = module.getDataLayout();
  SmallVector<Constant *> variables;
  for (GlobalVariable &variable : module.globals())
    if (variable.getAddressSpace() == NVPTXAS::ADDRESS_SPACE_SHARED &&
        !variable.isDeclaration())
      variables.push_back(&variable);
  convertUsersOfConstantsToInstructions(variables);
  MapVector<Function *, SmallVector<GlobalVariable *>> used;
  for (Constant *constant : variables) {
    auto *variable = cast<GlobalVariable>(constant);
    for (Function *function : findUsers(*variable))
      used[function].push_back(variable);
  }
  std::map<std::string, int> dynamicBytes;
  for (auto &[kernel, own] : used) {
    uint64_t bytes = 0;
    SmallVector<uint64_t> offsets;
    for (GlobalVariable *variable : own) {
      bytes = alignTo(bytes, data.getPreferredAlign(variable));
      offsets.push_back(bytes);
      bytes += data.getTypeAllocSize(variable->getValueType());
    }
    if (bytes <= mostDeclaredBytes)
      continue;
    for (auto [variable, offset] : zip(own, offsets))
      moveUses(*variable, *kernel, offset);
    dynamicBytes[kernel->getName().str()] = int(bytes);
  }
  for (Constant *constant : variables)
    if (constant->use_empty())
      cast<GlobalVariable>(constant)->eraseFromParent();
  return dynamicBytes;
}
