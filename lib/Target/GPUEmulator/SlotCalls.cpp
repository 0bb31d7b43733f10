//===----------------------------------------------------------------------===//
// Calls of the emulator from rewritten code.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Module.h"
#include "llvm/IR/DebugInfoMetadata.h"

using namespace llvm;
using namespace nncgpu;

Site &ModuleState::addSite(const Instruction &instruction, std::string name) {
  Site &site = sites.emplace_back();
  site.name = std::move(name);
  site.function = instruction.getFunction()->getName();
  site.index = uint32_t(sites.size());
  if (const DebugLoc &location = instruction.getDebugLoc())
    site.location = (cast<DIScope>(location.getScope())->getFilename() + ":" +
                     Twine(location.getLine()))
                        .str();
  return site;
}

Constant *nncgpu::hostPointer(LLVMContext &context, const void *address) {
  auto bits = reinterpret_cast<uint64_t>(address);
  return ConstantExpr::getIntToPtr(
      ConstantInt::get(Type::getInt64Ty(context), bits),
      PointerType::get(context, 0));
}

Value *SlotCalls::toSlot(IRBuilder<> &builder, Value *value) {
  Type *type = value->getType();
  if (type->isPointerTy())
    return builder.CreatePtrToInt(value, builder.getInt64Ty());
  if (!type->isIntegerTy())
    value = builder.CreateBitCast(
        value, builder.getIntNTy(type->getPrimitiveSizeInBits()));
  return builder.CreateZExtOrTrunc(value, builder.getInt64Ty());
}

Value *SlotCalls::fromSlot(IRBuilder<> &builder, Value *slot, Type *type) {
  if (type->isPointerTy())
    return builder.CreateIntToPtr(slot, type);
  if (type->isIntegerTy())
    return builder.CreateZExtOrTrunc(slot, type);
  Value *bits = builder.CreateTrunc(
      slot, builder.getIntNTy(type->getPrimitiveSizeInBits()));
  return builder.CreateBitCast(bits, type);
}

AllocaInst *SlotCalls::getBuffer(AllocaInst *&buffer, unsigned slots) {
  if (!buffer)
    buffer = makeVariable();
  Type *type = Type::getInt32Ty(function.getContext());
  auto *count = cast<ConstantInt>(buffer->getArraySize());
  if (count->getZExtValue() < slots)
    buffer->setOperand(0, ConstantInt::get(type, slots));
  return buffer;
}

AllocaInst *SlotCalls::makeVariable() {
  IRBuilder<> builder(&function.getEntryBlock(),
                      function.getEntryBlock().begin());
  return builder.CreateAlloca(builder.getInt64Ty(), builder.getInt32(1));
}

SmallVector<Value *> SlotCalls::call(IRBuilder<> &builder, const Site &site,
                                     ArrayRef<Value *> args, unsigned results) {
  Type *slot = builder.getInt64Ty();
  AllocaInst *in = getBuffer(argBuffer, unsigned(args.size()));
  AllocaInst *out = getBuffer(resultBuffer, results);
  for (auto [i, arg] : enumerate(args))
    builder.CreateStore(arg, builder.CreateConstGEP1_64(slot, in, i));
  PointerType *pointer = builder.getPtrTy();
  auto *type = FunctionType::get(builder.getVoidTy(),
                                 {pointer, pointer, pointer}, false);
  LLVMContext &context = builder.getContext();
  builder.CreateCall(
      type, hostPointer(context, reinterpret_cast<const void *>(site.handler)),
      {hostPointer(context, &site), out, in});
  SmallVector<Value *> values;
  for (unsigned i = 0; i < results; ++i)
    values.push_back(
        builder.CreateLoad(slot, builder.CreateConstGEP1_64(slot, out, i)));
  return values;
}
