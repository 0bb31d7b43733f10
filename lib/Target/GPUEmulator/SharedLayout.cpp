//===----------------------------------------------------------------------===//
// Where variables lie in shared memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Module.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/NVPTXAddrSpace.h"

using namespace llvm;
using namespace nncgpu;

using GlobalSet = SmallSetVector<GlobalVariable *, 8>;

static bool isShared(const GlobalVariable &global) {
  return global.getAddressSpace() == NVPTXAS::ADDRESS_SPACE_SHARED;
}

/// What constants or instructions name, through constant expressions.
static void collectOperands(const User &user, GlobalSet &globals,
                            SmallSetVector<Function *, 8> &functions) {
  for (const Use &use : user.operands()) {
    if (auto *global = dyn_cast<GlobalVariable>(use.get())) {
      if (isShared(*global))
        globals.insert(global);
    } else if (auto *function = dyn_cast<Function>(use.get())) {
      functions.insert(function);
    } else if (auto *expression = dyn_cast<ConstantExpr>(use.get())) {
      collectOperands(*expression, globals, functions);
    }
  }
}

/// The shared variables that a kernel and what it calls name.
static GlobalSet reachedGlobals(Function &kernel) {
  GlobalSet globals;
  SmallSetVector<Function *, 8> functions;
  functions.insert(&kernel);
  for (size_t i = 0; i < functions.size(); ++i)
    for (BasicBlock &block : *functions[i])
      for (Instruction &instruction : block)
        collectOperands(instruction, globals, functions);
  return globals;
}

SharedLayout nncgpu::layOutShared(Module &module) {
  SharedLayout layout;
  const DataLayout &data = module.getDataLayout();
  DenseMap<Function *, GlobalSet> reached;
  for (Function &function : module)
    if (function.getCallingConv() == CallingConv::PTX_Kernel)
      reached[&function] = reachedGlobals(function);
  // Dynamic memory is declared outside; a variable of no bytes inside is not.
  auto isDynamic = [](const GlobalVariable &global) {
    return global.isDeclaration();
  };
  uint64_t dynamicAlign = 16;
  for (GlobalVariable &global : module.globals()) {
    if (!isShared(global))
      continue;
    uint64_t align = data.getPreferredAlign(&global).value();
    if (isDynamic(global)) {
      layout.dynamic.push_back(&global);
      dynamicAlign = std::max(dynamicAlign, align);
      continue;
    }
    uint64_t offset = 0;
    uint64_t bytes = data.getTypeAllocSize(global.getValueType());
    for (auto &[kernel, globals] : reached)
      if (globals.contains(&global))
        offset = std::max(offset, layout.staticBytes.lookup(kernel));
    offset = alignTo(offset, align);
    layout.offsets[&global] = offset;
    for (auto &[kernel, globals] : reached)
      if (globals.contains(&global))
        layout.staticBytes[kernel] = offset + bytes;
  }
  for (auto &[kernel, globals] : reached)
    if (llvm::any_of(globals, [&](auto *global) { return isDynamic(*global); }))
      layout.staticBytes[kernel] =
          alignTo(layout.staticBytes.lookup(kernel), dynamicAlign);
  return layout;
}
