//===----------------------------------------------------------------------===//
// From a module in the LLVM dialect to machine code in memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/CPU/Codegen.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
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

/// Collects what translation reports in place of printing it.
static std::unique_ptr<llvm::Module>
translateQuietly(ModuleOp module, llvm::LLVMContext &context,
                 std::string &message) {
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return failure();
        message += (message.empty() ? "" : "; ") + diagnostic.str();
        return success();
      });
  DialectRegistry registry;
  registerTargetTranslations(registry);
  module.getContext()->appendDialectRegistry(registry);
  return translateModuleToLLVMIR(module, context, "nnc");
}

Expected<CodeModule> mlir::nnc::translate(ModuleOp module,
                                          const ArtifactInfo &info,
                                          const NncTargetOptions &options,
                                          ArtifactUse use) {
  Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  CodeModule code;
  code.context = std::make_unique<llvm::LLVMContext>();
  std::string message;
  code.module = translateQuietly(module, *code.context, message);
  if (!code.module)
    return makeError("translation to LLVM IR failed: " + message);
  code.module->setTargetTriple((*machine)->getTargetTriple());
  code.module->setDataLayout((*machine)->createDataLayout());
  code.module->setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::GlobalObject &object : code.module->global_objects())
    if (!object.isDeclaration()) {
      object.setVisibility(llvm::GlobalValue::DefaultVisibility);
      object.setLinkage(llvm::GlobalValue::InternalLinkage);
    }
  if (Error error = emitTables(*code.module, info, options, use))
    return error;
  setTargetAttributes(*code.module, options);
  llvm::raw_string_ostream os(message);
  if (llvm::verifyModule(*code.module, &os))
    return makeError("the module is not valid LLVM IR: " + message);
  return code;
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
  using llvm::OptimizationLevel;
  static const OptimizationLevel levels[] = {
      OptimizationLevel::O0, OptimizationLevel::O1, OptimizationLevel::O2,
      OptimizationLevel::O3};
  OptimizationLevel level = levels[std::clamp(options.optLevel, 0, 3)];
  llvm::PipelineTuningOptions tuning;
  // Kernels are loops that the vectorizer takes as they are. Unrolling them
  // costs three quarters of the compile time (yolox-nano: 8 of 11 s) for a
  // fifth of the speed of code that is not tiled yet.
  tuning.LoopVectorization = level.getSpeedupLevel() > 1;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  llvm::ModulePassManager passes =
      level == OptimizationLevel::O0
          ? builder.buildO0DefaultPipeline(level)
          : builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
}

Expected<llvm::SmallVector<char, 0>>
mlir::nnc::generateCode(llvm::Module &module, llvm::TargetMachine &machine,
                        llvm::CodeGenFileType kind) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, kind))
    return makeError("the code generator of '" +
                     machine.getTargetTriple().str() +
                     "' does not write this kind of file");
  passes.run(module);
  return bytes;
}
