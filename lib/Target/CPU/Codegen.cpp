//===----------------------------------------------------------------------===//
// From a module in the LLVM dialect to machine code in memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Codegen.h"

#include "lib/Target/CPU/Parts.h"
#include "lib/Target/CPU/SpillControl.h"
#include "lib/Target/Optimize.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Threading.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "nnc/Transforms/DevicePasses.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::nnc;
using llvm::Error;
using llvm::Expected;
using NncTargetOptions = mlir::nnc::TargetOptions;

static Error makeError(const Twine &message) {
  return llvm::createStringError(message);
}

void mlir::nnc::registerTargetTranslations(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

static std::string featureText(const NncTargetOptions &options) {
  return llvm::join(
      llvm::map_range(options.features,
                      [](const std::string &name) { return "+" + name; }),
      ",");
}

/// What code generation has to know of every function.
static void setTargetAttributes(llvm::Module &module,
                                const NncTargetOptions &options) {
  std::string features = featureText(options);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", options.cpu);
    function.addFnAttr("target-features", features);
    function.addFnAttr("tune-cpu", options.tuneCpu);
    if (options.hasFeature("avx512f"))
      function.addFnAttr("prefer-vector-width", "512");
    function.setDoesNotThrow();
    // Lets debuggers and profilers walk the stack.
    function.setUWTableKind(llvm::UWTableKind::Default);
  }
}

/// Lets the functions that ask for it take numbers below the normal range for
/// 0. Only x86-64 takes long for them. The mode is that of their callers'
/// calls, and they are not inlined: LLVM moves arithmetic over changes of the
/// mode.
static void flushSubnormals(llvm::Module &module) {
  constexpr StringLiteral name = "nnc-flush-subnormals";
  constexpr unsigned flushToZero = 1 << 15, denormalsAreZero = 1 << 6;
  if (!module.getTargetTriple().isX86())
    return;
  for (llvm::Function &function : module) {
    if (function.isDeclaration() || !function.hasFnAttribute(name))
      continue;
    function.addFnAttr(llvm::Attribute::NoInline);
    for (llvm::User *user : function.users()) {
      auto *call = dyn_cast<llvm::CallInst>(user);
      if (!call)
        continue;
      llvm::BasicBlock &entry = call->getFunction()->getEntryBlock();
      llvm::IRBuilder<> builder(&*entry.begin());
      llvm::Value *old = builder.CreateAlloca(builder.getInt32Ty());
      llvm::Value *own = builder.CreateAlloca(builder.getInt32Ty());
      builder.SetInsertPoint(call);
      builder.CreateIntrinsic(llvm::Intrinsic::x86_sse_stmxcsr, {old});
      llvm::Value *mode = builder.CreateLoad(builder.getInt32Ty(), old);
      builder.CreateStore(
          builder.CreateOr(mode, flushToZero | denormalsAreZero), own);
      builder.CreateIntrinsic(llvm::Intrinsic::x86_sse_ldmxcsr, {own});
      builder.SetInsertPoint(call->getNextNode());
      builder.CreateIntrinsic(llvm::Intrinsic::x86_sse_ldmxcsr, {old});
    }
  }
}

namespace {
/// Collects what translation reports in place of printing it.
class QuietHandler {
public:
  explicit QuietHandler(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
            return failure();
          message += (message.empty() ? "" : "; ") + diagnostic.str();
          return success();
        }) {}

  std::string message;

private:
  ScopedDiagnosticHandler handler;
};
} // namespace

/// What kernels are called where other parts of an artifact see them; no C
/// identifier, and not that of another artifact.
static std::string kernelSymbol(StringRef name,
                                const NncTargetOptions &options) {
  return options.symbolPrefix() + "." + name.str();
}

/// Makes the kernels known to other parts, all else the module's own.
static void setLinkage(llvm::Module &module, const ArtifactInfo &info,
                       const NncTargetOptions &options) {
  for (llvm::GlobalObject &object : module.global_objects())
    if (!object.isDeclaration()) {
      object.setVisibility(llvm::GlobalValue::DefaultVisibility);
      object.setLinkage(llvm::GlobalValue::InternalLinkage);
    }
  for (const ArtifactKernel &kernel : info.kernels)
    for (const std::string &phase : kernel.phases)
      if (llvm::Function *function = module.getFunction(phase)) {
        function->setLinkage(llvm::GlobalValue::ExternalLinkage);
        if (!function->isDeclaration())
          function->setVisibility(llvm::GlobalValue::HiddenVisibility);
      }
}

/// LLVM IR of a part of a module, or of all of it. `isHost`: with the tables,
/// which know the kernels of a GPU by `device`.
static Expected<CodeModule> translatePart(ModuleOp module,
                                          const ArtifactInfo &info,
                                          const NncTargetOptions &options,
                                          ArtifactUse use, bool isHost,
                                          const DeviceCode *device = nullptr) {
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  CodeModule code;
  code.context = std::make_unique<llvm::LLVMContext>();
  code.module = translateModuleToLLVMIR(module, *code.context, "nnc");
  if (!code.module)
    return makeError("translation to LLVM IR failed");
  code.module->setTargetTriple((*machine)->getTargetTriple());
  code.module->setDataLayout((*machine)->createDataLayout());
  code.module->setPICLevel(llvm::PICLevel::BigPIC);
  setLinkage(*code.module, info, options);
  if (isHost)
    if (Error error = emitTables(*code.module, info, options, use, device))
      return error;
  for (const ArtifactKernel &kernel : info.kernels)
    for (const std::string &phase : kernel.phases)
      if (llvm::Function *function = code.module->getFunction(phase))
        function->setName(kernelSymbol(phase, options));
  setTargetAttributes(*code.module, options);
  flushSubnormals(*code.module);
  std::string message;
  llvm::raw_string_ostream os(message);
  if (llvm::verifyModule(*code.module, &os))
    return makeError("the module is not valid LLVM IR: " + message);
  return code;
}

/// The functions that the tables name must have bodies.
static Error checkFunctions(ModuleOp module, const ArtifactInfo &info) {
  SymbolTable symbols(module);
  auto check = [&](const std::string &name) -> Error {
    auto function = symbols.lookup<LLVM::LLVMFuncOp>(name);
    if (!function || function.isExternal())
      return makeError("the module does not define the function '" + name +
                       "'");
    return Error::success();
  };
  for (const ArtifactEntry &entry : info.entries)
    if (Error error = check(entry.function))
      return error;
  for (const ArtifactKernel &kernel : info.kernels)
    for (const std::string &phase : kernel.phases)
      if (Error error = check(phase))
        return error;
  return Error::success();
}

/// Host functions and kernels are lowered for a GPU or for a CPU.
static Error checkDevice(ModuleOp module, const NncTargetOptions &options) {
  bool isOnDevice = module->hasAttr(deviceAttrName);
  if (isOnDevice == options.gpu.has_value())
    return Error::success();
  return makeError(Twine("the module is lowered for a ") +
                   (isOnDevice ? "GPU" : "CPU") + ", but the target is '" +
                   options.name + "'");
}

static void loadTranslations(MLIRContext *context) {
  DialectRegistry registry;
  registerTargetTranslations(registry);
  context->appendDialectRegistry(registry);
}

Expected<CodeModule> mlir::nnc::translate(ModuleOp module,
                                          const ArtifactInfo &info,
                                          const NncTargetOptions &options,
                                          ArtifactUse use) {
  if (Error error = checkDevice(module, options))
    return error;
  if (Error error = checkFunctions(module, info))
    return error;
  loadTranslations(module.getContext());
  QuietHandler handler(module.getContext());
  Expected<CodeModule> code =
      translatePart(module, info, options, use, /*isHost=*/true);
  if (!code && !handler.message.empty())
    return makeError(llvm::toString(code.takeError()) + ": " + handler.message);
  if (!code)
    return code.takeError();
  // Nothing else is compiled that could need them.
  for (const ArtifactKernel &kernel : info.kernels)
    for (const std::string &phase : kernel.phases)
      if (llvm::Function *function =
              code->module->getFunction(kernelSymbol(phase, options))) {
        function->setVisibility(llvm::GlobalValue::DefaultVisibility);
        function->setLinkage(llvm::GlobalValue::InternalLinkage);
        function->setName(phase);
      }
  return code;
}

/// The object of one part.
static Expected<ObjectBytes> compilePart(ModuleOp module, const CodePart &part,
                                         const ArtifactInfo &info,
                                         const NncTargetOptions &options,
                                         ArtifactUse use, bool isHost,
                                         const DeviceCode *device = nullptr) {
  OwningOpRef<ModuleOp> own = makePartModule(module, part);
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  Expected<CodeModule> code =
      translatePart(*own, info, options, use, isHost, device);
  if (!code)
    return code.takeError();
  optimize(*code->module, **machine, options);
  return generateCode(*code->module, **machine,
                      llvm::CodeGenFileType::ObjectFile);
}

/// The kernels' functions, each once.
static SmallVector<StringRef> getDeviceKernels(const ArtifactInfo &info) {
  llvm::SetVector<StringRef> names;
  for (const ArtifactKernel &kernel : info.kernels)
    for (const std::string &phase : kernel.phases)
      names.insert(phase);
  return SmallVector<StringRef>(names.begin(), names.end());
}

Expected<DeviceModule>
mlir::nnc::translateDevicePart(ModuleOp module, const ArtifactInfo &info,
                               const NncTargetOptions &options) {
  if (Error error = checkDevice(module, options))
    return error;
  if (Error error = checkFunctions(module, info))
    return error;
  QuietHandler handler(module.getContext());
  OwningOpRef<ModuleOp> own =
      makePartModule(module, cutForDevice(module, info).device);
  return translateForDevice(*own, getDeviceKernels(info), *options.gpu);
}

/// The one object of a model for a GPU: host functions and tables, with the
/// images of the kernels.
static Expected<std::vector<ObjectBytes>>
compileWithDevice(ModuleOp module, const ArtifactInfo &info,
                  const NncTargetOptions &options, ArtifactUse use) {
  QuietHandler handler(module.getContext());
  DeviceParts parts = cutForDevice(module, info);
  OwningOpRef<ModuleOp> kernels = makePartModule(module, parts.device);
  SmallVector<StringRef> names = getDeviceKernels(info);
  Expected<DeviceCode> device = compileForDevice(*kernels, names, *options.gpu);
  if (!device)
    return device.takeError();
  Expected<ObjectBytes> host = compilePart(module, parts.host, info, options,
                                           use, /*isHost=*/true, &*device);
  if (!host)
    return makeError(llvm::toString(host.takeError()) +
                     (handler.message.empty() ? "" : ": ") + handler.message);
  std::vector<ObjectBytes> objects;
  objects.push_back(std::move(*host));
  return objects;
}

Expected<std::vector<ObjectBytes>>
mlir::nnc::compileObjects(ModuleOp module, const ArtifactInfo &info,
                          const NncTargetOptions &options, ArtifactUse use) {
  if (Error error = checkDevice(module, options))
    return error;
  if (Error error = checkFunctions(module, info))
    return error;
  MLIRContext *context = module.getContext();
  loadTranslations(context);
  if (options.gpu)
    return compileWithDevice(module, info, options, use);
  QuietHandler handler(context);
  SmallVector<CodePart> parts = cutIntoParts(module, info);
  std::vector<ObjectBytes> objects(parts.size());
  std::vector<std::string> messages(parts.size());
  parallelFor(context, 0, parts.size(), [&](size_t i) {
    Expected<ObjectBytes> object =
        compilePart(module, parts[i], info, options, use, /*isHost=*/i == 0);
    if (object)
      objects[i] = std::move(*object);
    else
      messages[i] = llvm::toString(object.takeError());
  });
  for (std::string &message : messages)
    if (!message.empty())
      return makeError(message + (handler.message.empty() ? "" : ": ") +
                       handler.message);
  return objects;
}

static void initializeTargets() {
  static const bool done = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
    return true;
  }();
  (void)done;
}

static llvm::CodeGenOptLevel codegenLevel(int level) {
  return llvm::CodeGenOpt::getLevel(std::clamp(level, 0, 3))
      .value_or(llvm::CodeGenOptLevel::Default);
}

Expected<std::unique_ptr<llvm::TargetMachine>>
mlir::nnc::createTargetMachine(const NncTargetOptions &options) {
  initializeTargets();
  llvm::Triple triple(options.triple);
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError("no code generator for '" + options.triple +
                     "': " + message);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, options.cpu, featureText(options), llvm::TargetOptions(),
      llvm::Reloc::PIC_, llvm::CodeModel::Small,
      codegenLevel(options.optLevel)));
  if (!machine)
    return makeError("no code generator for '" + options.triple + "'");
  return machine;
}

void mlir::nnc::optimize(llvm::Module &module, llvm::TargetMachine &machine,
                         const NncTargetOptions &options) {
  llvm::OptimizationLevel level = getOptimizationLevel(options.optLevel);
  llvm::PipelineTuningOptions tuning;
  // Kernels are loops that the vectorizer takes as they are. Unrolling them
  // costs three quarters of the compile time (yolox-nano: 8 of 11 s) for a
  // fifth of the speed of code that is not tiled yet.
  tuning.LoopVectorization = level.getSpeedupLevel() > 1;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;
  runPipeline(module, machine, level, tuning);
}

Expected<ObjectBytes> mlir::nnc::generateCode(llvm::Module &module,
                                              llvm::TargetMachine &machine,
                                              llvm::CodeGenFileType kind) {
  ObjectBytes bytes;
  llvm::raw_svector_ostream os(bytes);
  if (Error error = writeMachineCode(module, machine, kind, os))
    return error;
  return bytes;
}
