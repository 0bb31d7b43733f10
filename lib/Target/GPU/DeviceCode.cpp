//===----------------------------------------------------------------------===//
// From kernels in the LLVM dialect to LLVM IR for a GPU, and its forms.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/GPU/DeviceCode.h"

#include "lib/Target/GPU/DeviceCheck.h"
#include "lib/Target/GPU/Ptxas.h"
#include "lib/Target/GPU/SharedMemory.h"
#include "lib/Target/GPU/WideMath.h"
#include "lib/Target/Optimize.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "nnc/Transforms/DevicePasses.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <algorithm>
#include <map>

using namespace mlir;
using namespace mlir::nnc;
using llvm::Error;
using llvm::Expected;

/// Zeros behind an image, of which a driver gets no size: the end of a text,
/// and of what an emulator reads block by block.
static constexpr size_t imagePadding = 8;
/// Threads of a block, as the runtime launches them at most.
static constexpr int maxThreads = 256;

/// An integer attribute of a function; 0 if it has none.
static int getNumber(ModuleOp module, StringRef function, StringRef name) {
  auto symbol = module.lookupSymbol<LLVM::LLVMFuncOp>(function);
  auto number =
      symbol ? symbol->getAttrOfType<IntegerAttr>(name) : IntegerAttr();
  return number ? int(number.getInt()) : 0;
}

static Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(const GpuTarget &target) {
  static const bool initialized = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)initialized;
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string message;
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!backend)
    return llvm::createStringError("no code generator for GPUs: " + message);
  auto level = llvm::CodeGenOpt::getLevel(std::clamp(target.optLevel, 0, 3));
  return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(
      triple, target.chip, target.features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, std::nullopt,
      level.value_or(llvm::CodeGenOptLevel::Default)));
}

/// Fixed allocations become variables of their function: where they stand,
/// each would be made again and none a register.
static void hoistAllocations(llvm::Function &function) {
  llvm::BasicBlock &entry = function.getEntryBlock();
  for (llvm::BasicBlock &block : function)
    for (llvm::Instruction &op : llvm::make_early_inc_range(block))
      if (auto *alloc = dyn_cast<llvm::AllocaInst>(&op);
          alloc && &block != &entry &&
          isa<llvm::ConstantInt>(alloc->getArraySize()))
        alloc->moveBefore(entry, entry.getFirstInsertionPt());
}

/// Kernels are entries, all else becomes part of them.
static void prepare(llvm::Module &module, ArrayRef<StringRef> kernels,
                    const GpuTarget &target) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.setDoesNotThrow();
    function.addFnAttr("target-cpu", target.chip);
    hoistAllocations(function);
    if (llvm::is_contained(kernels, function.getName())) {
      function.setCallingConv(llvm::CallingConv::PTX_Kernel);
      function.setLinkage(llvm::GlobalValue::ExternalLinkage);
      function.setVisibility(llvm::GlobalValue::DefaultVisibility);
      continue;
    }
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.addFnAttr(llvm::Attribute::AlwaysInline);
  }
  for (llvm::GlobalVariable &variable : module.globals())
    if (!variable.isDeclaration())
      variable.setLinkage(llvm::GlobalValue::InternalLinkage);
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine,
                     int optLevel) {
  llvm::OptimizationLevel level = getOptimizationLevel(optLevel);
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  runPipeline(module, machine, level, tuning);
}

Expected<DeviceModule>
mlir::nnc::translateForDevice(ModuleOp module, ArrayRef<StringRef> kernels,
                              const GpuTarget &target) {
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createMachine(target);
  if (!machine)
    return machine.takeError();
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);
  DeviceModule result;
  result.context = std::make_unique<llvm::LLVMContext>();
  result.module = translateModuleToLLVMIR(module, *result.context, "nnc");
  if (!result.module)
    return llvm::createStringError("translation to LLVM IR failed");
  result.module->setTargetTriple((*machine)->getTargetTriple());
  result.module->setDataLayout((*machine)->createDataLayout());
  expandWideMath(*result.module);
  prepare(*result.module, kernels, target);
  for (StringRef name : kernels)
    if (llvm::Function *function = result.module->getFunction(name)) {
      int threads = getNumber(module, name, blockThreadsAttrName);
      function->addFnAttr("nvvm.maxntid",
                          std::to_string(threads ? threads : maxThreads));
      // Else ptxas spills sums where that lets more blocks run at a time.
      if (threads)
        function->addFnAttr("nvvm.minctasm", "1");
    }
  std::string message;
  llvm::raw_string_ostream os(message);
  if (llvm::verifyModule(*result.module, &os))
    return llvm::createStringError("the module is not valid LLVM IR: " +
                                   message);
  optimize(*result.module, **machine, target.optLevel);
  result.sharedBytes = moveLargeSharedMemory(*result.module);
  if (Error error = checkDeviceModule(*result.module))
    return error;
  return result;
}

static Expected<std::string> makePTX(llvm::Module &module,
                                     const GpuTarget &target) {
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream os(text);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, os, nullptr,
                                      llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError("no code generator writes PTX");
  passes.run(module);
  return text.str().str();
}

Expected<std::string> mlir::nnc::makeImage(llvm::Module &module, ImageKind kind,
                                           const GpuTarget &target) {
  if (kind == ImageKind::Bitcode) {
    std::string bytes;
    llvm::raw_string_ostream os(bytes);
    llvm::WriteBitcodeToFile(module, os);
    return bytes;
  }
  Expected<std::string> ptx = makePTX(module, target);
  if (!ptx || kind == ImageKind::PTX)
    return ptx;
  return assemble(*ptx, target);
}

/// What is kept where a cubin can be left out.
static std::vector<ImageKind> getKinds(const GpuTarget &target) {
  std::vector<ImageKind> kinds = target.images;
  if (target.isCubinOptional && findPtxas().empty())
    llvm::erase(kinds, ImageKind::Cubin);
  return kinds;
}

Expected<DeviceCode> mlir::nnc::compileForDevice(ModuleOp module,
                                                 ArrayRef<StringRef> kernels,
                                                 const GpuTarget &target) {
  Expected<DeviceModule> code = translateForDevice(module, kernels, target);
  if (!code)
    return code.takeError();
  DeviceCode result;
  for (StringRef name : kernels) {
    llvm::Function *function = code->module->getFunction(name);
    if (!function)
      return llvm::createStringError("the code has no kernel '" + name + "'");
    // Units, scratch and its part a thread come last.
    constexpr unsigned numUnitParameters = 3;
    unsigned count = function->arg_size();
    if (count < numUnitParameters)
      return llvm::createStringError("the kernel '" + name +
                                     "' is not made for a GPU");
    DevicePhase phase;
    phase.numArgs = int(count - numUnitParameters);
    phase.usesScratch = !function->getArg(count - 2)->use_empty();
    phase.threads = getNumber(module, name, blockThreadsAttrName);
    auto shared = code->sharedBytes.find(name.str());
    if (shared != code->sharedBytes.end())
      phase.sharedBytes = shared->second;
    result.phases[name] = phase;
  }
  // Code generation changes the module, so bitcode comes first.
  std::vector<ImageKind> kinds = getKinds(target);
  std::map<ImageKind, std::string> images;
  for (ImageKind kind : {ImageKind::Bitcode, ImageKind::PTX}) {
    Expected<std::string> image = makeImage(*code->module, kind, target);
    if (!image)
      return image.takeError();
    images[kind] = std::move(*image);
  }
  if (llvm::is_contained(kinds, ImageKind::Cubin)) {
    Expected<std::string> cubin = assemble(images[ImageKind::PTX], target);
    if (!cubin)
      return cubin.takeError();
    images[ImageKind::Cubin] = std::move(*cubin);
  }
  for (ImageKind kind : kinds)
    result.images.push_back(images[kind] + std::string(imagePadding, '\0'));
  return result;
}
