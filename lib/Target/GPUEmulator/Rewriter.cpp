//===----------------------------------------------------------------------===//
// Turns a module for nvptx64, as it goes to the back end, into one for the
// host: intrinsics become calls of handlers, loads and stores are checked
// first.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Access.h"
#include "lib/Target/GPUEmulator/Module.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/NVPTXAddrSpace.h"

#include <set>

using namespace llvm;
using namespace nncgpu;

std::string nncgpu::entryName(StringRef kernel) {
  return (kernel + "__nncemu").str();
}

namespace {
class Rewriter {
public:
  Rewriter(Module &module, ModuleState &state)
      : module(module), state(state), context(module.getContext()) {}

  Error run(const Triple &triple, const DataLayout &layout);

private:
  void collectKernels();
  void describeKernel(Function &function);
  void placeShared();
  void rewriteFunction(Function &function);
  void rewriteCall(CallInst &call, SlotCalls &slots);
  void rewriteIntrinsic(CallInst &call, StringRef opcode, SlotCalls &slots);
  void rewriteMemory(Instruction &access, unsigned pointer);
  void rewriteCopy(MemIntrinsic &copy);
  void exportVariables();
  void makeEntry(Function &kernel);
  void strip(Function &function);
  CallInst *callHost(IRBuilder<> &builder, Type *result, const void *function,
                     ArrayRef<Value *> args);

  Module &module;
  ModuleState &state;
  LLVMContext &context;
  SmallVector<Function *> kernels;
  std::set<std::string> unknown;
};
} // namespace

/// "256,1,1" of an attribute, or nothing.
static std::optional<Dim3> readExtents(const Function &function,
                                       StringRef name) {
  SmallVector<StringRef> parts;
  function.getFnAttribute(name).getValueAsString().split(parts, ',', -1, false);
  if (parts.empty())
    return std::nullopt;
  uint32_t values[3] = {1, 1, 1};
  for (size_t i = 0; i < parts.size() && i < 3; ++i)
    if (parts[i].trim().getAsInteger(10, values[i]))
      return std::nullopt;
  return Dim3{values[0], values[1], values[2]};
}

void Rewriter::describeKernel(Function &function) {
  const DataLayout &data = module.getDataLayout();
  Kernel &kernel = state.kernels.emplace_back();
  kernel.name = function.getName();
  kernel.chip = function.getFnAttribute("target-cpu").getValueAsString();
  if (auto extents = readExtents(function, "nvvm.maxntid"))
    kernel.maxThreads = unsigned(extents->count());
  kernel.requiredBlock = readExtents(function, "nvvm.reqntid");
  kernel.requiredCluster = readExtents(function, "nvvm.cluster_dim");
  for (Argument &argument : function.args()) {
    Type *type = argument.hasByValAttr() ? argument.getParamByValType()
                                         : argument.getType();
    unsigned align = argument.hasByValAttr()
                         ? unsigned(argument.getParamAlign()
                                        .value_or(data.getABITypeAlign(type))
                                        .value())
                         : unsigned(data.getABITypeAlign(type).value());
    kernel.parameters.push_back({unsigned(data.getTypeAllocSize(type)), align});
  }
}

void Rewriter::collectKernels() {
  for (Function &function : module)
    if (function.getCallingConv() == CallingConv::PTX_Kernel) {
      if (function.isDeclaration()) {
        unknown.insert(
            ("kernel '" + function.getName() + "' without a body").str());
        continue;
      }
      kernels.push_back(&function);
      describeKernel(function);
    }
}

CallInst *Rewriter::callHost(IRBuilder<> &builder, Type *result,
                             const void *function, ArrayRef<Value *> args) {
  SmallVector<Type *> types;
  for (Value *arg : args)
    types.push_back(arg->getType());
  return builder.CreateCall(FunctionType::get(result, types, false),
                            hostPointer(context, function), args);
}

/// Variables in shared memory become offsets from the block's window.
void Rewriter::placeShared() {
  SharedLayout layout = layOutShared(module);
  for (auto [kernel, function] : zip(state.kernels, kernels))
    kernel.staticShared = unsigned(layout.staticBytes.lookup(function));
  SmallVector<Constant *> globals(layout.dynamic.begin(), layout.dynamic.end());
  for (auto [global, offset] : layout.offsets)
    globals.push_back(global);
  convertUsersOfConstantsToInstructions(globals, nullptr,
                                        /*RemoveDeadConstants=*/true);
  for (Constant *constant : globals) {
    auto *global = cast<GlobalVariable>(constant);
    // The base is asked for once a function.
    DenseMap<Function *, Value *> bases;
    for (Use &use : make_early_inc_range(global->uses())) {
      auto *user = dyn_cast<Instruction>(use.getUser());
      if (!user)
        continue;
      Value *&base = bases[user->getFunction()];
      if (!base) {
        BasicBlock &entry = user->getFunction()->getEntryBlock();
        IRBuilder<> builder(&entry, entry.begin());
        bool isDynamic = llvm::is_contained(layout.dynamic, global);
        auto *function = isDynamic ? &dynamicShared : &sharedBase;
        Value *window = callHost(builder, builder.getPtrTy(),
                                 reinterpret_cast<const void *>(function), {});
        if (!isDynamic)
          window = builder.CreateConstGEP1_64(builder.getInt8Ty(), window,
                                              layout.offsets.lookup(global));
        base = builder.CreateAddrSpaceCast(window, global->getType());
      }
      use.set(base);
    }
    global->removeDeadConstantUsers();
    if (global->use_empty())
      global->eraseFromParent();
    else
      unknown.insert(("the address of '" + global->getName() +
                      "' in the initial value of a variable")
                         .str());
  }
}

/// Whether a pointer can only be to the frame or to an argument.
static bool isLocal(Value *pointer) {
  const Value *object = getUnderlyingObject(pointer);
  if (isa<AllocaInst>(object))
    return true;
  auto *argument = dyn_cast<Argument>(object);
  return argument && argument->hasByValAttr();
}

static const void *accessFunction(unsigned space) {
  switch (space) {
  case NVPTXAS::ADDRESS_SPACE_GENERIC:
    return reinterpret_cast<const void *>(&accessGeneric);
  case NVPTXAS::ADDRESS_SPACE_GLOBAL:
  case NVPTXAS::ADDRESS_SPACE_CONST:
    return reinterpret_cast<const void *>(&accessGlobal);
  case NVPTXAS::ADDRESS_SPACE_SHARED:
  case NVPTXAS::ADDRESS_SPACE_SHARED_CLUSTER:
    return reinterpret_cast<const void *>(&accessShared);
  default:
    return nullptr;
  }
}

static Align alignmentOf(const Instruction &access) {
  if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&access))
    return exchange->getAlign();
  if (auto *update = dyn_cast<AtomicRMWInst>(&access))
    return update->getAlign();
  return getLoadStoreAlignment(&access);
}

void Rewriter::rewriteMemory(Instruction &access, unsigned index) {
  Value *pointer = access.getOperand(index);
  const void *function =
      accessFunction(pointer->getType()->getPointerAddressSpace());
  if (!function || isLocal(pointer))
    return;
  std::string name;
  raw_string_ostream os(name);
  os << access.getOpcodeName() << " ";
  Type *type = access.getType();
  if (auto *store = dyn_cast<StoreInst>(&access))
    type = store->getValueOperand()->getType();
  else if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&access))
    type = exchange->getNewValOperand()->getType();
  type->print(os);
  Site &site = state.addSite(access, std::move(name));
  site.bytes = uint32_t(module.getDataLayout().getTypeStoreSize(type));
  site.isWrite = !isa<LoadInst>(access);
  site.isAtomic = access.isAtomic() || access.isVolatile();
  site.align = uint32_t(alignmentOf(access).value());
  IRBuilder<> builder(&access);
  Value *address = builder.CreatePtrToInt(pointer, builder.getInt64Ty());
  Value *checked = callHost(builder, builder.getPtrTy(), function,
                            {hostPointer(context, &site), address});
  access.setOperand(index, checked);
  // Wrong alignment is reported, not trapped.
  if (auto *load = dyn_cast<LoadInst>(&access); load && !load->isAtomic())
    load->setAlignment(Align(1));
  if (auto *store = dyn_cast<StoreInst>(&access); store && !store->isAtomic())
    store->setAlignment(Align(1));
}

void Rewriter::rewriteCopy(MemIntrinsic &copy) {
  IRBuilder<> builder(&copy);
  Value *bytes =
      builder.CreateZExtOrTrunc(copy.getLength(), builder.getInt64Ty());
  auto check = [&](Value *pointer, bool isWrite) {
    if (isLocal(pointer))
      return;
    Site &site = state.addSite(
        copy, copy.getCalledFunction()->getName().split('.').second.str());
    site.isWrite = isWrite;
    callHost(builder, builder.getVoidTy(),
             reinterpret_cast<const void *>(&accessRange),
             {hostPointer(context, &site),
              builder.CreatePtrToInt(pointer, builder.getInt64Ty()), bytes});
  };
  if (auto *transfer = dyn_cast<MemTransferInst>(&copy))
    check(transfer->getRawSource(), /*isWrite=*/false);
  check(copy.getRawDest(), /*isWrite=*/true);
}

void Rewriter::rewriteIntrinsic(CallInst &call, StringRef opcode,
                                SlotCalls &slots) {
  IRBuilder<> builder(&call);
  SmallVector<Value *> operands(call.args());
  if (Value *value = expandMath(builder, opcode, operands)) {
    call.replaceAllUsesWith(value);
    call.eraseFromParent();
    return;
  }
  Site &site = state.addSite(call, opcode.str());
  site.operands = uint32_t(operands.size());
  if (!matchOpcode(opcode, site)) {
    unknown.insert(("intrinsic 'llvm.nvvm." + opcode + "'").str());
    return;
  }
  for (Value *&operand : operands)
    operand = SlotCalls::toSlot(builder, operand);
  Type *type = call.getType();
  auto *record = dyn_cast<StructType>(type);
  unsigned count = record ? record->getNumElements() : !type->isVoidTy();
  SmallVector<Value *> results = slots.call(builder, site, operands, count);
  if (record) {
    Value *value = PoisonValue::get(type);
    for (unsigned i = 0; i < count; ++i)
      value = builder.CreateInsertValue(
          value,
          SlotCalls::fromSlot(builder, results[i], record->getElementType(i)),
          i);
    call.replaceAllUsesWith(value);
  } else if (count) {
    call.replaceAllUsesWith(SlotCalls::fromSlot(builder, results[0], type));
  }
  call.eraseFromParent();
}

void Rewriter::rewriteCall(CallInst &call, SlotCalls &slots) {
  if (call.isInlineAsm()) {
    if (auto problem = rewriteAssembly(call, slots, state))
      unknown.insert(*problem);
    return;
  }
  Function *callee = call.getCalledFunction();
  if (!callee)
    return;
  StringRef name = callee->getName();
  if (name.consume_front("llvm.nvvm."))
    return rewriteIntrinsic(call, name, slots);
  if (callee->getIntrinsicID() == Intrinsic::trap || name == "__assertfail") {
    IRBuilder<> builder(&call);
    Site &site = state.addSite(call, "trap");
    callHost(builder, builder.getVoidTy(),
             reinterpret_cast<const void *>(&trapThread),
             {hostPointer(context, &site)});
    call.eraseFromParent();
    return;
  }
  if (auto *copy = dyn_cast<MemIntrinsic>(&call))
    return rewriteCopy(*copy);
  if (!callee->isIntrinsic() && callee->isDeclaration())
    unknown.insert(("function '" + name + "' without a body").str());
  call.setCallingConv(CallingConv::C);
}

void Rewriter::rewriteFunction(Function &function) {
  SlotCalls slots(function);
  SmallVector<Instruction *> instructions;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      instructions.push_back(&instruction);
  for (Instruction *each : instructions) {
    if (auto *call = dyn_cast<CallInst>(each))
      rewriteCall(*call, slots);
    else if (isa<LoadInst, AtomicRMWInst, AtomicCmpXchgInst>(each))
      rewriteMemory(*each, 0);
    else if (isa<StoreInst>(each))
      rewriteMemory(*each, StoreInst::getPointerOperandIndex());
  }
}

/// Attributes speak of the GPU, and of functions that call nothing.
void Rewriter::strip(Function &function) {
  function.setCallingConv(CallingConv::C);
  function.setAttributes(AttributeList());
  function.addFnAttr(Attribute::NoUnwind);
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      if (auto *call = dyn_cast<CallBase>(&instruction))
        if (!call->getCalledFunction() ||
            !call->getCalledFunction()->isIntrinsic())
          call->setAttributes(AttributeList());
}

void Rewriter::exportVariables() {
  const DataLayout &data = module.getDataLayout();
  for (GlobalVariable &global : llvm::make_early_inc_range(module.globals())) {
    if (global.getName().starts_with("llvm.")) {
      global.eraseFromParent();
      continue;
    }
    if (global.isDeclaration()) {
      if (!global.use_empty())
        unknown.insert(
            ("variable '" + global.getName() + "' without a value").str());
      continue;
    }
    global.setLinkage(GlobalValue::ExternalLinkage);
    global.setVisibility(GlobalValue::DefaultVisibility);
    if (!global.hasName())
      global.setName("variable");
    state.variables.push_back({global.getName().str(), 0,
                               data.getTypeAllocSize(global.getValueType())});
  }
}

void Rewriter::makeEntry(Function &kernel) {
  PointerType *pointer = PointerType::get(context, 0);
  auto *type = FunctionType::get(Type::getVoidTy(context), {pointer}, false);
  auto *entry = Function::Create(type, GlobalValue::ExternalLinkage,
                                 entryName(kernel.getName()), module);
  IRBuilder<> builder(BasicBlock::Create(context, "", entry));
  SmallVector<Value *> args;
  for (Argument &argument : kernel.args()) {
    Value *place = builder.CreateLoad(
        pointer, builder.CreateConstGEP1_64(pointer, entry->getArg(0),
                                            argument.getArgNo()));
    args.push_back(argument.hasByValAttr()
                       ? builder.CreateAddrSpaceCast(place, argument.getType())
                       : builder.CreateLoad(argument.getType(), place));
  }
  builder.CreateCall(&kernel, args);
  builder.CreateRetVoid();
}

Error Rewriter::run(const Triple &triple, const DataLayout &layout) {
  if (!module.getTargetTriple().isNVPTX() ||
      !module.getTargetTriple().isArch64Bit())
    return createStringError(
        "expected a module for nvptx64, found one for '%s'",
        module.getTargetTriple().str().c_str());
  collectKernels();
  module.setTargetTriple(triple);
  module.setDataLayout(layout);
  placeShared();
  SmallVector<Function *> bodies;
  for (Function &function : module)
    if (!function.isDeclaration())
      bodies.push_back(&function);
  for (Function *function : bodies)
    rewriteFunction(*function);
  exportVariables();
  if (!unknown.empty())
    return createStringError("the emulator does not know " +
                             join(unknown, ", "));
  for (Function *kernel : kernels)
    makeEntry(*kernel);
  for (Function *function : bodies)
    strip(*function);
  for (Function &function : llvm::make_early_inc_range(module))
    if (function.isDeclaration() && function.use_empty())
      function.eraseFromParent();
  std::string message;
  raw_string_ostream os(message);
  if (verifyModule(module, &os))
    return createStringError("the rewritten module is not valid: " + message);
  return Error::success();
}

Error nncgpu::rewriteModule(Module &module, const Triple &triple,
                            const DataLayout &layout, ModuleState &state) {
  return Rewriter(module, state).run(triple, layout);
}
